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

bool drain_has_indexed_all(void) {
    return __atomic_load_n(&session.indexed, __ATOMIC_ACQUIRE) == session.pages;
}

static void count_indexed(uint32_t pages) {
    __atomic_fetch_add(&session.indexed, pages, __ATOMIC_RELEASE);
}

void drain_count(enum page_reason reason, uint32_t raw, uint32_t zero) {
    if (!raw && !zero)
        return;
    session_count(&session.statistics.saved[reason], raw + zero);
    session_count(&session.statistics.raw, raw);
    session_count(&session.statistics.zero, zero);
    count_indexed(raw + zero);
}

void drain_index_nothing(uint32_t page, enum snapshot_page_kind kind) {
    *session_entry(page) = (struct snapshot_index_entry){.sum = zero_sum, .kind = (uint8_t)kind};
}

/* What was clean is the parent's still; what was absent is nothing. */
void drain_index_unsaved(uint32_t page, enum page_state at_instant) {
    if (at_instant == PAGE_CLEAN) {
        struct snapshot_index_entry *entry = session_entry(page);
        *entry = (struct snapshot_index_entry){.sum = entry->sum, .kind = SNAPSHOT_PAGE_PARENT};
        session_count(&session.statistics.parent, 1);
    } else {
        drain_index_nothing(page, SNAPSHOT_PAGE_ABSENT);
        session_count(&session.statistics.absent, 1);
    }
    count_indexed(1);
}

/* ---- the queue ---- */

/* Compressing costs the drain time and saves memory: it pays while there is time, and it must be while memory is short. */
bool drain_wants_compression(void) {
    const struct session_request *r = &session.request;
    if (r->compression != COMPRESS_AUTO)
        return r->compression == COMPRESS_ALWAYS;
    return queue_used(&session.queue) * 100u < session.queue.capacity * r->load_percent || memory_free_bytes() < r->low_memory_bytes;
}

/* A page in place was looked at when it was put into the queue. */
static bool is_zero(const struct queue_item *item, const uint8_t *page, bool summed, uint64_t sum) {
    return !item->from_place && (!summed || sum == zero_sum) && snapshot_is_zero(page);
}

/* The page goes into a segment. */
static void store(const struct queue_item *item, uint32_t buffer, bool packed, uint64_t sum) {
    struct snapshot_index_entry *entry = session_entry(item->page);
    if (packed)
        writer_add(&session.writer, buffer, packed, entry);
    else
        writer_add_raw(&session.writer, buffer, entry);
    entry->sum = sum;
    event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item->page, entry->length);
    if (entry->kind == SNAPSHOT_PAGE_RAW) {
        drain_count((enum page_reason)item->reason, 1, 0);
        return;
    }
    session.statistics.packed++;
    session.statistics.packed_bytes += entry->length;
    session_count(&session.statistics.saved[item->reason], 1);
    count_indexed(1);
}

static void drain_page(uint32_t buffer, bool packed) {
    const struct queue_item item = session.queue.item[buffer];
    const uint8_t *page = queue_buffer(&session.queue, buffer);
    uint64_t sum;
    bool summed = queue_get_sum(&session.queue, buffer, &sum);
    if (is_zero(&item, page, summed, sum)) {
        queue_release(&session.queue, buffer);
        event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item.page, 0);
        drain_index_nothing(item.page, SNAPSHOT_PAGE_ZERO);
        drain_count((enum page_reason)item.reason, 0, 1);
        return;
    }
    store(&item, buffer, packed, summed ? sum : snapshot_sum(page, PAGE_BYTES));
}

bool drain_one(void) {
    bool packed = !session.queue.item[queue_first(&session.queue)].from_place && drain_wants_compression();
    if (!writer_has_room(&session.writer, packed))
        return false;
    drain_page(queue_take(&session.queue), packed);
    return true;
}
