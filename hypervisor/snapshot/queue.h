/* The RAM queue between whoever saves pages and the drain: a fixed number of page buffers. Any hart puts, the manager takes. */
#ifndef HYPERVISOR_SNAPSHOT_QUEUE_H
#define HYPERVISOR_SNAPSHOT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/lock.h"

#define QUEUE_MAX_PAGES 4096u
#define QUEUE_RESERVE 32u /* beyond them, for devices: what they write waits on the link, and everything behind it */
#define QUEUE_NONE UINT32_MAX
#define QUEUE_BUFFER_BYTES 4096ull

enum queue_sum { SUM_UNKNOWN, SUM_UNDER_WAY, SUM_KNOWN };

struct queue_item {
    uint32_t page;
    uint8_t reason;  /* enum page_reason */
    uint8_t sum_is;  /* enum queue_sum, atomic */
    bool from_place; /* when it was put here its content was in the VM's memory ... */
    bool in_place;   /* ... and is still, not in the buffer; atomic */
    uint64_t sum;
};

struct page_queue {
    struct lock lock;
    uint32_t capacity;
    uint32_t free_count, ready_head, ready_count;
    uint32_t sum_ahead; /* of the filled ones the first so many have their sum, or somebody who makes it */
    uint32_t most_used;
    uint8_t *buffers;
    uint16_t free[QUEUE_MAX_PAGES + QUEUE_RESERVE];  /* stack of free buffers */
    uint16_t ready[QUEUE_MAX_PAGES + QUEUE_RESERVE]; /* ring of filled ones, oldest first */
    struct queue_item item[QUEUE_MAX_PAGES + QUEUE_RESERVE];
};

/** @param buffers @p capacity pages */
void queue_setup(struct page_queue *q, uint8_t *buffers, uint32_t capacity);
/** Takes a free buffer if more than @p keep are free. @return its number, or QUEUE_NONE */
uint32_t queue_reserve(struct page_queue *q, uint32_t keep);
/** Takes up to @p most free buffers, but no more than half of those above @p keep: others want some, too. @return how many */
uint32_t queue_reserve_some(struct page_queue *q, uint32_t keep, uint32_t *buffers, uint32_t most);
/** Hands a buffer, with its item, to the drain. */
void queue_put(struct page_queue *q, uint32_t buffer);
static inline bool queue_has_ready(const struct page_queue *q) {
    return __atomic_load_n(&q->ready_count, __ATOMIC_RELAXED) != 0;
}
/** What queue_take() would return; for the one who takes. */
static inline uint32_t queue_first(const struct page_queue *q) {
    return queue_has_ready(q) ? q->ready[q->ready_head] : QUEUE_NONE;
}
/** The oldest filled buffer whose sum is unknown; the caller makes it, with queue_set_sum(). Any hart. @return QUEUE_NONE when there is none */
uint32_t queue_claim_sum(struct page_queue *q);
void queue_set_sum(struct page_queue *q, uint32_t buffer, uint64_t sum);
/** The sum of a buffer that was taken, if it is known, or somebody makes it. */
static inline bool queue_get_sum(const struct page_queue *q, uint32_t buffer, uint64_t *sum) {
    const struct queue_item *item = &q->item[buffer];
    while (__atomic_load_n(&item->sum_is, __ATOMIC_ACQUIRE) == SUM_UNDER_WAY)
        ;
    *sum = item->sum;
    return item->sum_is == SUM_KNOWN;
}
/** The oldest filled buffer, or QUEUE_NONE. It stays taken until queue_release(). */
uint32_t queue_take(struct page_queue *q);
void queue_release(struct page_queue *q, uint32_t buffer);
void queue_release_all(struct page_queue *q, const uint32_t *buffers, uint32_t count);
static inline uint8_t *queue_buffer(const struct page_queue *q, uint32_t buffer) {
    return q->buffers + buffer * QUEUE_BUFFER_BYTES;
}
/** Buffers that are not free. */
static inline uint32_t queue_used(const struct page_queue *q) {
    return q->capacity - __atomic_load_n(&q->free_count, __ATOMIC_RELAXED);
}

#endif
