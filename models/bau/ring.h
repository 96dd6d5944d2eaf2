/* First-in first-out buffers between units, in two phases as registers do it: during a step the head, `valid` and `room` are
 * those before the clock edge; what was pushed and popped takes effect in ring_commit() at the end of the step. */
#ifndef ASSAY_MODELS_BAU_RING_H
#define ASSAY_MODELS_BAU_RING_H

#include <stdbool.h>
#include <stdint.h>

struct ring {
	uint8_t head, count;
	uint8_t pushed, popped;
};

static inline bool ring_valid(const struct ring *ring)
{
	return ring->count != 0;
}

/** @return whether a push is possible; @p depth is a power of two, at most 128. */
static inline bool ring_room(const struct ring *ring, unsigned depth)
{
	return ring->count < depth;
}

/** Pushes. @return the index of the entry to fill. */
static inline unsigned ring_push(struct ring *ring, unsigned depth)
{
	ring->pushed = 1;
	return ((unsigned)ring->head + ring->count) & (depth - 1);
}

/** Pops. @return the index of the entry, valid until the end of the step. */
static inline unsigned ring_pop(struct ring *ring)
{
	ring->popped = 1;
	return ring->head;
}

static inline void ring_commit(struct ring *ring, unsigned depth)
{
	ring->head = (uint8_t)((ring->head + ring->popped) & (depth - 1));
	ring->count = (uint8_t)(ring->count + ring->pushed - ring->popped);
	ring->pushed = 0;
	ring->popped = 0;
}

#endif
