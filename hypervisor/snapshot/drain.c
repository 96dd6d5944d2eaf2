/* Pages leave the queue for the volume: zero test, sum, segments; the index. */
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"

static uint64_t zero_sum;

void drain_setup(void) {
    static const uint8_t zero[SNAPSHOT_BLOCK_BYTES] __attribute__((aligned(8)));
    if (!zero_sum)
        zero_sum = snapshot_sum(zero, sizeof zero);
}

/* ---- the index ---- */

void drain_index(uint32_t page, enum snapshot_page_kind kind, uint64_t sum) {
    struct snapshot_index_entry *entry = session_entry(page);
    entry->kind = (uint8_t)kind;
    entry->sum = sum;
    __atomic_fetch_add(&session.indexed, 1, __ATOMIC_RELEASE);
}

bool drain_has_indexed_all(void) {
    return __atomic_load_n(&session.indexed, __ATOMIC_ACQUIRE) == session.pages;
}

static void store_nothing(uint32_t page) {
    session_entry(page)->length = 0;
    session_entry(page)->unit = 0;
}

void drain_index_zero(uint32_t page, enum page_reason reason) {
    session_count(&session.statistics.saved[reason]);
    session_count(&session.statistics.zero);
    store_nothing(page);
    drain_index(page, SNAPSHOT_PAGE_ZERO, zero_sum);
}

/* What was clean is the parent's still; what was absent is nothing. */
void drain_index_unsaved(uint32_t page, enum page_state at_instant) {
    store_nothing(page);
    if (at_instant == PAGE_CLEAN) {
        session_count(&session.statistics.parent);
        drain_index(page, SNAPSHOT_PAGE_PARENT, session_entry(page)->sum);
    } else {
        session_count(&session.statistics.absent);
        drain_index(page, SNAPSHOT_PAGE_ABSENT, zero_sum);
    }
}

/* ---- the queue ---- */

/* Compressing costs the drain time and saves memory: it pays while there is time, and it must be while memory is short. */
bool drain_wants_compression(void) {
    const struct session_request *r = &session.request;
    if (r->compression != COMPRESS_AUTO)
        return r->compression == COMPRESS_ALWAYS;
    return queue_used(&session.queue) * 100u < session.queue.capacity * r->load_percent || memory_free_bytes() < r->low_memory_bytes;
}

bool drain_is_zero(const uint8_t *page) {
    typedef uint64_t __attribute__((may_alias)) word_t;
    const word_t *w = (const word_t *)page;
    for (unsigned i = 0; i < PAGE_BYTES / 8; i += 8)
        if (w[i] | w[i + 1] | w[i + 2] | w[i + 3] | w[i + 4] | w[i + 5] | w[i + 6] | w[i + 7])
            return false;
    return true;
}

/* A page in place was looked at when it was put into the queue. */
static bool is_zero(const struct queue_item *item, const uint8_t *page, bool summed, uint64_t sum) {
    return !item->from_place && (!summed || sum == zero_sum) && drain_is_zero(page);
}

/* The page goes into a segment. */
static void store(uint32_t buffer, bool packed, uint64_t sum) {
    const struct queue_item item = session.queue.item[buffer];
    struct snapshot_index_entry *entry = session_entry(item.page);
    session_count(&session.statistics.saved[item.reason]);
    writer_add(&session.writer, buffer, packed, entry);
    if (entry->kind == SNAPSHOT_PAGE_PACKED) {
        session.statistics.packed++;
        session.statistics.packed_bytes += entry->length;
    } else {
        session.statistics.raw++;
    }
    event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item.page, entry->length);
    drain_index(item.page, (enum snapshot_page_kind)entry->kind, sum);
}

static void drain_page(uint32_t buffer, bool packed) {
    const struct queue_item item = session.queue.item[buffer];
    const uint8_t *page = queue_buffer(&session.queue, buffer);
    uint64_t sum;
    bool summed = queue_get_sum(&session.queue, buffer, &sum);
    if (is_zero(&item, page, summed, sum)) {
        queue_release(&session.queue, buffer);
        event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item.page, 0);
        drain_index_zero(item.page, (enum page_reason)item.reason);
        return;
    }
    store(buffer, packed, summed ? sum : snapshot_sum(page, PAGE_BYTES));
}

bool drain_at_once(uint32_t buffer, uint64_t sum) {
    if (hart_self() != hart_manager() || !writer_has_room(&session.writer, false))
        return false;
    store(buffer, false, sum);
    return true;
}

bool drain_one(void) {
    bool packed = !session.queue.item[queue_first(&session.queue)].from_place && drain_wants_compression();
    if (!writer_has_room(&session.writer, packed))
        return false;
    drain_page(queue_take(&session.queue), packed);
    return true;
}
