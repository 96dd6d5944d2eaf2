/* Controllers: their life, keep-alive, asynchronous events. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum { CYCLES_PER_MS = 1000000 };

struct controller *command_controller(struct target *target, const struct command *command)
{
	return &target->controller[command_connection(target, command)->controller];
}

void controller_drop(struct target *target, int number, bool abort)
{
	struct controller *controller = &target->controller[number];

	if (!controller->used)
		return;
	controller->used = false;
	for (unsigned q = 0; q <= TARGET_IO_QUEUES; q++) {
		if (controller->queue[q] != NONE)
			connection_drop(target, controller->queue[q], abort);
	}
}

void controller_touch(struct target *target, int number)
{
	struct controller *controller = &target->controller[number];

	controller->keep_alive_due = UINT64_MAX;
	if (controller->keep_alive_ms && !has_quirk(target, TARGET_NO_KEEP_ALIVE))
		controller->keep_alive_due = target->now + (uint64_t)controller->keep_alive_ms * CYCLES_PER_MS;
}

uint64_t controller_next_due(const struct target *target)
{
	uint64_t next = UINT64_MAX;

	for (int i = 0; i < target->controllers; i++) {
		if (target->controller[i].used && target->controller[i].keep_alive_due < next)
			next = target->controller[i].keep_alive_due;
	}
	return next;
}

/* A host that was silent for its keep-alive timeout is gone: the association ends (NVMe-oF 1.1, 2.2.3). */
void controllers_advance(struct target *target)
{
	for (int i = 0; i < target->controllers; i++) {
		if (target->controller[i].used && target->controller[i].keep_alive_due <= target->now) {
			target->stats.keep_alive_expired++;
			controller_drop(target, i, true);
		}
	}
}

void controller_event(struct target *target, int number, uint32_t event)
{
	struct controller *controller = &target->controller[number];
	uint32_t page = 1u << (event >> 16 & 31);

	if ((controller->event_mask & page) || controller->event_count == EVENTS_MAX)
		return;
	controller->event_mask |= page; /* until the host has read the log page */
	controller->events[controller->event_count++] = event;
	controller_deliver(target, number);
}

static int take_parked(struct controller *controller)
{
	int first = controller->parked[0];

	memmove(controller->parked, controller->parked + 1, sizeof(controller->parked) - sizeof(controller->parked[0]));
	controller->parked[AER_MAX - 1] = NONE;
	return first;
}

void controller_deliver(struct target *target, int number)
{
	struct controller *controller = &target->controller[number];

	while (controller->used && controller->event_count && controller->parked[0] != NONE) {
		int index = take_parked(controller);

		target->command[index].result = controller->events[0];
		controller->event_count--;
		memmove(controller->events, controller->events + 1, controller->event_count * sizeof(controller->events[0]));
		command_complete(target, index, NVME_SUCCESS);
	}
}
