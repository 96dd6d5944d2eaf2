#include "sim/kernel/frame_queue.h"

#include <string.h>

void frame_queue_put(struct frame_queue *queue, const uint8_t *frame, size_t length, uint64_t cycle)
{
	if (queue->count == FRAME_QUEUE_FRAMES || length > FRAME_QUEUE_FRAME_BYTES) {
		queue->dropped++;
		return;
	}
	uint32_t slot = (queue->head + queue->count++) % FRAME_QUEUE_FRAMES;
	queue->entry[slot] = (struct frame_queue_entry){.cycle = cycle, .length = (uint32_t)length};
	memcpy(queue->bytes[slot], frame, length);
}

uint64_t frame_queue_next(const struct frame_queue *queue)
{
	return queue->count ? queue->entry[queue->head].cycle : UINT64_MAX;
}

const uint8_t *frame_queue_take(struct frame_queue *queue, size_t *length)
{
	uint32_t slot = queue->head;
	*length = queue->entry[slot].length;
	queue->head = (queue->head + 1) % FRAME_QUEUE_FRAMES;
	queue->count--;
	return queue->bytes[slot];
}
