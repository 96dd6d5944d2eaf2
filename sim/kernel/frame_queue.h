/* Ethernet frames on their way. */
#ifndef ASSAY_SIM_KERNEL_FRAME_QUEUE_H
#define ASSAY_SIM_KERNEL_FRAME_QUEUE_H

#include <stddef.h>
#include <stdint.h>

enum { FRAME_QUEUE_FRAMES = 4096, FRAME_QUEUE_FRAME_BYTES = 9216 };

struct frame_queue_entry {
	uint64_t cycle;
	uint32_t length;
};

struct frame_queue {
	uint32_t head, count;
	uint64_t dropped; /**< arrived with the queue full or too long */
	struct frame_queue_entry entry[FRAME_QUEUE_FRAMES];
	uint8_t bytes[FRAME_QUEUE_FRAMES][FRAME_QUEUE_FRAME_BYTES];
};

/** Appends a frame that arrives at @p cycle; cycles must not fall. A frame without room is dropped and counted. */
void frame_queue_put(struct frame_queue *queue, const uint8_t *frame, size_t length, uint64_t cycle);

/** @return the arrival cycle of the oldest frame, UINT64_MAX if there is none. */
uint64_t frame_queue_next(const struct frame_queue *queue);

/** @return the oldest frame, which must exist; valid until the next put. */
const uint8_t *frame_queue_take(struct frame_queue *queue, size_t *length);

#endif
