#include "sim/fabric/frames.h"

void frames_reset(struct frames *frames)
{
	frames->sequence = 0;
	frames->events = 0;
	frames->free_count = FRAMES_COUNT;
	for (unsigned i = 0; i < FRAMES_COUNT; i++)
		frames->free_list[i] = (uint16_t)(FRAMES_COUNT - 1 - i);
}

uint16_t frames_take(struct frames *frames, size_t length)
{
	uint16_t frame;

	if (frames->free_count == 0 || length > FABRIC_FRAME_MAX)
		return FRAMES_NONE;
	frame = frames->free_list[--frames->free_count];
	frames->references[frame] = 1;
	frames->length[frame] = (uint16_t)length;
	return frame;
}

void frames_drop(struct frames *frames, uint16_t frame)
{
	if (--frames->references[frame] == 0)
		frames->free_list[frames->free_count++] = frame;
}

static bool earlier(const struct frame_event *a, const struct frame_event *b)
{
	return a->cycle != b->cycle ? a->cycle < b->cycle : a->sequence < b->sequence;
}

bool frames_post(struct frames *frames, enum frame_event_kind kind, uint8_t port, uint16_t frame, uint64_t cycle)
{
	struct frame_event event = {.cycle = cycle, .sequence = frames->sequence++, .frame = frame, .kind = kind, .port = port};
	uint32_t at = frames->events;

	if (at == FRAMES_EVENTS_MAX) {
		frames_drop(frames, frame);
		return false;
	}
	frames->events++;
	while (at > 0 && earlier(&event, &frames->heap[(at - 1) / 2])) {
		frames->heap[at] = frames->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	frames->heap[at] = event;
	return true;
}

uint64_t frames_next(const struct frames *frames)
{
	return frames->events ? frames->heap[0].cycle : FABRIC_NEVER;
}

struct frame_event frames_pop(struct frames *frames)
{
	struct frame_event first = frames->heap[0], last = frames->heap[--frames->events];
	uint32_t at = 0;

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= frames->events)
			break;
		if (child + 1 < frames->events && earlier(&frames->heap[child + 1], &frames->heap[child]))
			child++;
		if (!earlier(&frames->heap[child], &last))
			break;
		frames->heap[at] = frames->heap[child];
		at = child;
	}
	frames->heap[at] = last;
	return first;
}
