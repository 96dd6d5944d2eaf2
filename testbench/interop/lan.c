#include "testbench/interop/lan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINK_CYCLES = 500 };

static void mix(struct lan *lan, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < length; i++)
		lan->hash = (lan->hash ^ p[i]) * 0x100000001b3ull;
}

static void from_initiator(void *ctx, const uint8_t *frame, size_t length)
{
	struct lan *lan = ctx;
	uint64_t start = lan->now > lan->line_free ? lan->now : lan->line_free, last_bit = start + line_cycles(25000, length, 0);

	lan->line_free = start + line_cycles(25000, length, 1);
	mix(lan, &last_bit, sizeof(last_bit));
	mix(lan, frame, length);
	fabric_receive(lan->fabric, 0, frame, length, last_bit + LINK_CYCLES);
}

static void from_fabric(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct lan *lan = ctx;
	struct lan_frame *slot = &lan->frame[(lan->first + lan->count) % LAN_FRAMES];

	if (port != 0 || lan->count == LAN_FRAMES)
		abort();
	lan->count++;
	slot->cycle = cycle + LINK_CYCLES;
	slot->length = (uint16_t)length;
	memcpy(slot->bytes, frame, length);
	mix(lan, &cycle, sizeof(cycle));
	mix(lan, frame, length);
}

static void on_done(void *ctx, unsigned tag, uint16_t status)
{
	struct lan *lan = ctx;

	lan->status[tag] = status;
}

static void on_log(void *ctx, const char *line)
{
	struct lan *lan = ctx;

	if (lan->print)
		fputs(line, stderr);
}

int lan_world_start(struct lan *lan, struct fabric *fabric, const char *configuration)
{
	struct initiator_ops ops = {.send = from_initiator, .done = on_done, .log = on_log, .ctx = lan};

	lan->fabric = fabric;
	lan->hash = 0xcbf29ce484222325ull;
	lan->print = getenv("ASSAY_FIRMWARE_LOG") != NULL;
	fabric_set_output(fabric, from_fabric, lan);
	return initiator_start(configuration, &ops, lan->now);
}

static void deliver(struct lan *lan)
{
	while (lan->count && lan->frame[lan->first].cycle <= lan->now) {
		struct lan_frame *frame = &lan->frame[lan->first];

		lan->first = (lan->first + 1) % LAN_FRAMES;
		lan->count--;
		initiator_receive(frame->bytes, frame->length, lan->now);
	}
}

bool lan_world_run(struct lan *lan, bool (*done)(struct lan *lan), uint64_t cycles)
{
	uint64_t end = lan->now + cycles;

	lan->initiator_next = initiator_run(lan->now);
	while (!done(lan)) {
		uint64_t next = fabric_next_event(lan->fabric);

		if (lan->count && lan->frame[lan->first].cycle < next)
			next = lan->frame[lan->first].cycle;
		if (lan->initiator_next < next)
			next = lan->initiator_next;
		if (next > end)
			return false;
		lan->now = next > lan->now ? next : lan->now;
		fabric_advance(lan->fabric, lan->now);
		deliver(lan);
		lan->initiator_next = initiator_run(lan->now);
		if (lan->initiator_next <= lan->now) /* its clock ticks every 100 cycles */
			lan->initiator_next = lan->now + 100;
	}
	return true;
}

static bool never(struct lan *lan)
{
	(void)lan;
	return false;
}

void lan_world_wait(struct lan *lan, uint64_t cycles)
{
	uint64_t end = lan->now + cycles;

	lan_world_run(lan, never, cycles);
	lan->now = end;
	fabric_advance(lan->fabric, end);
	deliver(lan);
}
