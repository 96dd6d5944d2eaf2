/* Frames on their way through the fabric, and the order in which they move.
 *
 * A fixed pool of reference-counted frame buffers and a heap of events ordered by cycle, then by the order of posting.
 */
#ifndef ASSAY_SIM_FABRIC_FRAMES_H
#define ASSAY_SIM_FABRIC_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FABRIC_NEVER UINT64_MAX

enum {
	/** Largest frame in bytes: header, VLAN tag, 9000 bytes and some slack; no FCS. */
	FABRIC_FRAME_MAX = 9216,
	FRAMES_COUNT = 4096,
	FRAMES_EVENTS_MAX = 4 * FRAMES_COUNT,
	FRAMES_NONE = 0xffff,
};

enum frame_event_kind {
	/** The frame's last bit has come in at the switch, at `port`. */
	FRAME_AT_SWITCH,
	/** The same, later than it should have been. */
	FRAME_LATE,
	/** The frame's last bit has left the switch through `port`. */
	FRAME_LEAVES,
};

struct frame_event {
	uint64_t cycle;
	uint64_t sequence;
	uint16_t frame;
	uint8_t kind;
	uint8_t port;
};

struct frames {
	uint64_t sequence;
	uint32_t events;
	uint32_t free_count;
	struct frame_event heap[FRAMES_EVENTS_MAX];
	uint16_t free_list[FRAMES_COUNT];
	uint16_t references[FRAMES_COUNT];
	uint16_t length[FRAMES_COUNT];
	uint8_t bytes[FRAMES_COUNT][FABRIC_FRAME_MAX];
};

void frames_reset(struct frames *frames);

/** Takes a buffer with one reference and @p length undefined bytes. @return its index, FRAMES_NONE if the pool is empty. */
uint16_t frames_take(struct frames *frames, size_t length);

/** Drops one reference; the last one returns the buffer. */
void frames_drop(struct frames *frames, uint16_t frame);

/** Posts an event that owns one reference of @p frame (the caller's). @return false, reference dropped, if the heap is full. */
bool frames_post(struct frames *frames, enum frame_event_kind kind, uint8_t port, uint16_t frame, uint64_t cycle);

/** @return the cycle of the first event, FABRIC_NEVER without one. */
uint64_t frames_next(const struct frames *frames);

/** Removes the first event, which must exist; its reference goes to the caller. */
struct frame_event frames_pop(struct frames *frames);

#endif
