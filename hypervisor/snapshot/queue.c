/* Page buffers: a stack of free ones, a ring of filled ones. */
#include "hypervisor/snapshot/queue.h"

void queue_setup(struct page_queue *q, uint8_t *buffers, uint32_t capacity) {
    q->lock.held = 0;
    q->capacity = q->free_count = capacity;
    q->ready_head = q->ready_count = q->sum_ahead = q->most_used = 0;
    q->buffers = buffers;
    for (uint32_t i = 0; i < capacity; i++)
        q->free[i] = (uint16_t)i;
}

static void note_used(struct page_queue *q) {
    uint32_t used = q->capacity - q->free_count;
    if (used > q->most_used)
        q->most_used = used;
}

uint32_t queue_reserve(struct page_queue *q, uint32_t keep) {
    uint32_t buffer = QUEUE_NONE;
    lock_take(&q->lock);
    if (q->free_count > keep)
        buffer = q->free[--q->free_count];
    note_used(q);
    lock_release(&q->lock);
    return buffer;
}

uint32_t queue_reserve_some(struct page_queue *q, uint32_t keep, uint32_t *buffers, uint32_t most) {
    lock_take(&q->lock);
    uint32_t left = q->free_count > keep ? (q->free_count - keep + 1) / 2 : 0, count = left < most ? left : most;
    for (uint32_t i = 0; i < count; i++)
        buffers[i] = q->free[--q->free_count];
    note_used(q);
    lock_release(&q->lock);
    return count;
}

void queue_put(struct page_queue *q, uint32_t buffer) {
    lock_take(&q->lock);
    uint32_t at = q->ready_head + q->ready_count++;
    q->ready[at >= q->capacity ? at - q->capacity : at] = (uint16_t)buffer;
    lock_release(&q->lock);
}

uint32_t queue_take(struct page_queue *q) {
    uint32_t buffer = QUEUE_NONE;
    lock_take(&q->lock);
    if (q->ready_count) {
        buffer = q->ready[q->ready_head];
        q->ready_head = q->ready_head + 1 == q->capacity ? 0 : q->ready_head + 1;
        q->ready_count--;
        q->sum_ahead -= q->sum_ahead != 0;
    }
    lock_release(&q->lock);
    return buffer;
}

uint32_t queue_claim_sum(struct page_queue *q) {
    uint32_t found = QUEUE_NONE;
    lock_take(&q->lock);
    while (found == QUEUE_NONE && q->sum_ahead < q->ready_count) {
        uint32_t at = q->ready_head + q->sum_ahead++, buffer = q->ready[at >= q->capacity ? at - q->capacity : at];
        if (q->item[buffer].sum_is == SUM_UNKNOWN) {
            q->item[buffer].sum_is = SUM_UNDER_WAY;
            found = buffer;
        }
    }
    lock_release(&q->lock);
    return found;
}

void queue_set_sum(struct page_queue *q, uint32_t buffer, uint64_t sum) {
    q->item[buffer].sum = sum;
    __atomic_store_n(&q->item[buffer].sum_is, SUM_KNOWN, __ATOMIC_RELEASE);
}

void queue_release(struct page_queue *q, uint32_t buffer) {
    queue_release_all(q, &buffer, 1);
}

void queue_release_all(struct page_queue *q, const uint32_t *buffers, uint32_t count) {
    lock_take(&q->lock);
    for (uint32_t i = 0; i < count; i++)
        q->free[q->free_count++] = (uint16_t)buffers[i];
    lock_release(&q->lock);
}
