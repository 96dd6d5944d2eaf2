/* Which volume a function has: the PF's vendor command C0h. DW10 function, DW11 volume (all ones: detach).
 *
 * The function's volume goes at once, and its host is sent an event if it asks for one. The next volume has the same namespace number, so it does not come
 * before the host has had time to leave the one before: a moment after it has read the Changed Namespace List, or some time after the event.
 * Then what was meant for the volume before has to come to its end, so that nothing of it finds another volume in its place, or
 * reaches a volume that somebody else has by then: commands that the host had rung for are fetched (and refused), those in the ring are taken, those
 * that the storages have are answered. After that the new volume comes, as soon as its storage has been reached once, and the command is answered; with
 * Namespace Not Ready when all that takes too long; with Invalid Field if there is no such volume, or if its storages cannot make one. Of several for one
 * function each waits for the one before.
 */
#include "firmware/nvme/controller.h"

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/nvme/layout.h"
#include "rtl/gen/field.h"

#include <string.h>

#define PATIENCE_MS 10000
/* A host that takes no completions has its queues stand still. It keeps only its own commands from their refusal, not the PF from its answer. */
#define FETCH_PATIENCE_MS 20
/* A host that has been sent the event has so long to read the Changed Namespace List; having read it, so long to leave the namespace alone. */
#define HEAR_MS 10
#define LEAVE_MS 1

/* Where a submission queue stood when the volume went. */
struct place {
	uint16_t head, waiting; /* entries that the host had rung for */
};

static struct attachment {
	bool busy;
	bool begun; /* the volume before has gone */
	bool noted; /* where everything stood after that */
	uint8_t function;
	uint16_t mark; /* in the ring: commands for the volume before that are not marked as gone come before it */
	struct place places[SEE_NUM_QUEUES];
	uint32_t volume;
	uint32_t order;
	uint64_t fetch_ticks, deadline_ticks;
} attachments[SEE_NUM_SLOTS]; /* by the slot of the command */
static uint64_t leave_ticks[SEE_NUM_FUNCTIONS]; /* by then the host has left the namespace that has gone */
static unsigned busy;
static uint32_t orders;

void attach_reset(void)
{
	memset(attachments, 0, sizeof(attachments));
	memset(leave_ticks, 0, sizeof(leave_ticks));
	busy = 0;
}

static void over(unsigned slot, uint16_t status)
{
	attachments[slot].busy = false;
	busy--;
	see_complete(slot, status, 0, 0);
}

/* Entries of a queue from @p from to @p to. */
static uint16_t entries(const struct controller *controller, unsigned qid, uint16_t from, uint16_t to)
{
	uint64_t control = see_queue_read(controller->function, qid, SEE_SQ_CONTROL);

	return (uint16_t)(to >= from ? to - from : to - from + (uint16_t)FIELD_GET(SEE_SQ_CONTROL_SIZE, control));
}

static void note_places(struct attachment *attachment)
{
	const struct controller *controller = controller_of(attachment->function);

	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++) {
		uint64_t state = see_queue_read(controller->function, qid, SEE_SQ_STATE);
		uint16_t head = (uint16_t)FIELD_GET(SEE_SQ_STATE_HEAD, state), tail = (uint16_t)FIELD_GET(SEE_SQ_STATE_TAIL, state);

		attachment->places[qid] = (struct place){head, controller->sqs[qid].valid ? entries(controller, qid, head, tail) : 0};
	}
}

/* Whether what was in the queue has been fetched. */
static bool has_passed(const struct controller *controller, unsigned qid, const struct place *place)
{
	uint64_t state;

	if (place->waiting == 0 || !controller->sqs[qid].valid)
		return true;
	state = see_queue_read(controller->function, qid, SEE_SQ_STATE);
	return FIELD_GET(SEE_SQ_STATE_HEAD, state) == FIELD_GET(SEE_SQ_STATE_TAIL, state) ||
	       entries(controller, qid, place->head, (uint16_t)FIELD_GET(SEE_SQ_STATE_HEAD, state)) >= place->waiting;
}

/* What has been fetched without a volume is refused, or, if the next one comes before it is checked, comes marked as gone. */
static bool has_fetched(struct attachment *attachment)
{
	const struct controller *controller = controller_of(attachment->function);

	if (attachment->fetch_ticks == 0)
		return true;
	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++)
		if (clock_ticks() < attachment->fetch_ticks && !has_passed(controller, qid, &attachment->places[qid]))
			return false;
	attachment->fetch_ticks = 0;
	return true;
}

/* Whom an event tells is given time (also after a restart of the firmware); whom none tells, for he asks for none or leaves no request, learns nothing by it. */
static void begin(struct attachment *attachment)
{
	struct controller *controller = controller_of(attachment->function);
	uint64_t *ticks = &leave_ticks[attachment->function];

	attachment->begun = true;
	if (controller->volume == CONTROLLER_NO_VOLUME && *ticks != 0)
		return;
	namespace_detach(controller);
	*ticks = controller->namespace_changed && async_unread(controller, ASYNC_NAMESPACE_CHANGED) ? clock_ticks() + HEAR_MS * CLOCK_TICKS_PER_MS : 0;
}

/* Whether the host of a namespace that has gone has had time to notice. */
static bool has_left(const struct attachment *attachment)
{
	uint64_t *ticks = &leave_ticks[attachment->function], soon = clock_ticks() + LEAVE_MS * CLOCK_TICKS_PER_MS;

	if (clock_ticks() >= *ticks)
		return true;
	if (!controller_of(attachment->function)->namespace_changed && soon < *ticks)
		*ticks = soon;
	return false;
}

static void note(struct attachment *attachment)
{
	attachment->noted = true;
	note_places(attachment);
	attachment->mark = see_ring_mark();
	attachment->fetch_ticks = clock_ticks() + FETCH_PATIENCE_MS * CLOCK_TICKS_PER_MS;
}

static bool another_is_first(const struct attachment *attachment)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (attachments[slot].busy && attachments[slot].function == attachment->function &&
		    (int32_t)(attachments[slot].order - attachment->order) < 0)
			return true;
	return false;
}

static bool is_settled(struct attachment *attachment)
{
	return has_fetched(attachment) && see_ring_passed(attachment->mark) && !io_pending(attachment->function);
}

static void step(unsigned slot)
{
	struct attachment *attachment = &attachments[slot];

	if (another_is_first(attachment))
		return;
	if (!attachment->begun)
		begin(attachment);
	if (!attachment->noted && attachment->volume != CONTROLLER_NO_VOLUME && !has_left(attachment))
		return;
	if (!attachment->noted)
		note(attachment);
	if (!is_settled(attachment))
		return;
	if (attachment->volume == CONTROLLER_NO_VOLUME) {
		over(slot, NVME_SUCCESS);
	} else if (layout_is_mixed(attachment->volume)) {
		over(slot, NVME_INVALID_FIELD | NVME_STATUS_DNR);
	} else if (layout_info(attachment->volume)->known) {
		namespace_attach(controller_of(attachment->function), attachment->volume);
		over(slot, NVME_SUCCESS);
	}
}

static bool exists(uint32_t volume)
{
	return volume < CONFIG_VOLUMES_MAX && layout_info(volume)->present && !layout_is_mixed(volume);
}

void admin_attach_volume(const struct admin_command *command)
{
	uint32_t function = command->sqe->dw10, volume = command->sqe->dw11;
	unsigned slot = command->descriptor->slot;

	if (function >= SEE_NUM_FUNCTIONS || (volume != CONTROLLER_NO_VOLUME && !exists(volume))) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	attachments[slot] = (struct attachment){
		.busy = true,
		.function = (uint8_t)function,
		.volume = volume,
		.order = orders++,
		.deadline_ticks = clock_ticks() + PATIENCE_MS * CLOCK_TICKS_PER_MS,
	};
	busy++;
	namespace_chosen(function, volume);
	step(slot);
}

bool attach_run(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && busy > 0; slot++) {
		if (attachments[slot].busy)
			step(slot);
		if (attachments[slot].busy && clock_ticks() >= attachments[slot].deadline_ticks)
			over(slot, NVME_NAMESPACE_NOT_READY);
	}
	return busy > 0;
}

/* The PF's reset ends the attachments that it asked for; after a reset a host knows of no namespace. */
void attach_forget(struct controller *controller)
{
	leave_ticks[controller->function] = 0;
	if (controller->function != 0)
		return;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && busy > 0; slot++)
		if (attachments[slot].busy)
			over(slot, NVME_ABORTED_BY_REQUEST);
}
