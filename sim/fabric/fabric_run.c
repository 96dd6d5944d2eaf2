/* Frames through the switch, and the order of all events. */
#include <string.h>

#include "sim/fabric/fabric_internal.h"

void fabric_post(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	uint16_t index = length >= 14 ? frames_take(&fabric->frames, length) : (uint16_t)FRAMES_NONE;

	if (index == FRAMES_NONE) {
		fabric->stats.lost++;
		return;
	}
	memcpy(fabric->frames.bytes[index], frame, length);
	if (!frames_post(&fabric->frames, FRAME_AT_SWITCH, (uint8_t)port, index, cycle))
		fabric->stats.lost++;
}

/* Takes over the caller's reference. */
static void forward(struct fabric *fabric, const struct frame_event *event)
{
	struct frames *frames = &fabric->frames;
	struct switch_output output[SWITCH_PORTS_MAX];
	unsigned count;

	fabric->stats.frames++;
	fabric->stats.bytes += frames->length[event->frame];
	if (fabric->pcap)
		pcap_write(fabric->pcap, frames->bytes[event->frame], frames->length[event->frame], fabric->now);
	count = switch_forward(&fabric->sw, event->port, frames->bytes[event->frame], frames->length[event->frame], fabric->now, output);
	for (unsigned i = 0; i < count; i++) {
		frames->references[event->frame]++;
		if (!frames_post(frames, FRAME_LEAVES, output[i].port, event->frame, output[i].departs))
			fabric->stats.lost++;
	}
	frames_drop(frames, event->frame);
}

/* A frame that was just delayed is not judged again. */
static void enter(struct fabric *fabric, const struct frame_event *event)
{
	struct frames *frames = &fabric->frames;
	struct fault_verdict verdict = fault_judge(&fabric->fault[event->port], frames->length[event->frame]);

	if (verdict.drop) {
		frames_drop(frames, event->frame);
		return;
	}
	if (verdict.flip_bit >= 0)
		frames->bytes[event->frame][verdict.flip_bit / 8] ^= (uint8_t)(1 << verdict.flip_bit % 8);
	if (verdict.duplicate)
		frames->references[event->frame]++;
	if (verdict.delay_cycles) {
		if (!frames_post(frames, FRAME_LATE, event->port, event->frame, fabric->now + verdict.delay_cycles))
			fabric->stats.lost++;
	} else {
		forward(fabric, event);
	}
	if (verdict.duplicate)
		forward(fabric, event);
}

static void leave(struct fabric *fabric, const struct frame_event *event)
{
	struct frames *frames = &fabric->frames;
	const uint8_t *bytes = frames->bytes[event->frame];
	size_t length = frames->length[event->frame];

	if (event->port >= fabric->config.external_ports)
		net_input(event->port - fabric->config.external_ports, bytes, length, fabric->now);
	else if (fabric->outside[event->port])
		outside_send(fabric->outside[event->port], bytes, length);
	else if (fabric->output)
		fabric->output(fabric->output_ctx, event->port, bytes, length, fabric->now);
	frames_drop(frames, event->frame);
}

static void handle(struct fabric *fabric)
{
	struct frame_event event = frames_pop(&fabric->frames);

	if (fabric->down[event.port])
		frames_drop(&fabric->frames, event.frame);
	else if (event.kind == FRAME_AT_SWITCH)
		enter(fabric, &event);
	else if (event.kind == FRAME_LATE)
		forward(fabric, &event);
	else
		leave(fabric, &event);
}

static uint64_t next_of_targets(const struct fabric *fabric)
{
	uint64_t next = FABRIC_NEVER;

	for (unsigned i = 0; i < fabric->config.hosts; i++) {
		uint64_t cycle = target_next_event(fabric->target[i]);

		next = cycle < next ? cycle : next;
	}
	return next;
}

static uint64_t next_of_outside(const struct fabric *fabric)
{
	uint64_t next = FABRIC_NEVER;

	for (unsigned i = 0; i < fabric->config.external_ports; i++) {
		uint64_t cycle = fabric->outside[i] ? outside_next(fabric->outside[i]) : FABRIC_NEVER;

		next = cycle < next ? cycle : next;
	}
	return next;
}

/* Frames from outside enter the switch in the cycle in which they were found. */
static void poll_outside(struct fabric *fabric)
{
	uint8_t frame[FABRIC_FRAME_MAX];
	size_t length;

	for (unsigned i = 0; i < fabric->config.external_ports; i++) {
		if (!fabric->outside[i] || outside_next(fabric->outside[i]) > fabric->now)
			continue;
		outside_poll(fabric->outside[i], fabric->now);
		while ((length = outside_receive(fabric->outside[i], frame)) > 0)
			fabric_post(fabric, i, frame, length, fabric->now);
	}
}

uint64_t fabric_next_event(const struct fabric *fabric)
{
	uint64_t next = frames_next(&fabric->frames), targets = next_of_targets(fabric), net = net_next_event();
	uint64_t outside = next_of_outside(fabric);

	next = targets < next ? targets : next;
	next = net < next ? net : next;
	next = outside < next ? outside : next;
	return next < fabric->now ? fabric->now : next;
}

/* At one cycle: links to the outside, frames, targets, timers; each may post more for the same cycle. */
void fabric_advance(struct fabric *fabric, uint64_t until)
{
	uint64_t next;

	while ((next = fabric_next_event(fabric)) <= until) {
		fabric->now = next;
		if (next_of_outside(fabric) <= next) {
			poll_outside(fabric);
		} else if (frames_next(&fabric->frames) <= next) {
			handle(fabric);
		} else if (next_of_targets(fabric) <= next) {
			for (unsigned i = 0; i < fabric->config.hosts; i++)
				target_advance(fabric->target[i], next);
			net_settle(next);
		} else {
			net_advance(next);
		}
	}
	fabric->now = until > fabric->now ? until : fabric->now;
}
