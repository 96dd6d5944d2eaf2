/* Pages are saved by whoever wants to write to one, on any hart. */
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/snapshot/hot.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"

static uint32_t buffer_when(const uint32_t *turn, uint32_t number, uint32_t keep) {
    uint32_t buffer = QUEUE_NONE;
    while (buffer == QUEUE_NONE && !__atomic_load_n(&session.stopping, __ATOMIC_ACQUIRE)) {
        if (__atomic_load_n(turn, __ATOMIC_ACQUIRE) == number)
            buffer = queue_reserve(&session.queue, keep);
        if (buffer == QUEUE_NONE && hart_self() == hart_manager())
            snapshot_session_poll();
    }
    return buffer;
}

/* A guest that waits takes a number: else one whose tries fall behind those of another might wait as long as that one finds pages to write. */
static uint32_t wait_in_turn(void) {
    uint32_t number = __atomic_fetch_add(&session.waiting_last, 1, __ATOMIC_ACQ_REL);
    uint32_t buffer = buffer_when(&session.waiting_first, number, session.reserve);
    __atomic_fetch_add(&session.waiting_first, 1, __ATOMIC_ACQ_REL);
    return buffer;
}

static bool is_anybody_waiting(void) {
    return __atomic_load_n(&session.waiting_first, __ATOMIC_RELAXED) != __atomic_load_n(&session.waiting_last, __ATOMIC_RELAXED);
}

/* A fault waits for a buffer when the queue is full; the drain does not depend on the guest, so it will come. A device waits for nobody. */
static uint32_t wait_for_buffer(enum page_reason reason) {
    bool device = reason == PAGE_BY_DEVICE;
    uint32_t keep = device ? 0 : session.reserve, buffer = !device && is_anybody_waiting() ? QUEUE_NONE : queue_reserve(&session.queue, keep);
    if (buffer != QUEUE_NONE)
        return buffer;
    uint64_t start = csr_read(cycle);
    buffer = device ? buffer_when(&keep, keep, keep) : wait_in_turn();
    uint64_t waited = csr_read(cycle) - start;
    session_count(&session.statistics.waits, 1);
    __atomic_fetch_add(&session.statistics.wait_cycles, waited, __ATOMIC_RELAXED);
    if (waited > session.statistics.wait_most)
        session.statistics.wait_most = waited;
    return buffer;
}

static void save_page(const struct vm *vm, uint32_t page, enum page_reason reason) {
    uint32_t buffer = wait_for_buffer(reason);
    if (buffer == QUEUE_NONE)
        return;
    if (reason == PAGE_BY_WRITE) {
        hot_note_write(page);
        session.first_writes[hart_self()->index]++;
    }
    snapshot_copy(queue_buffer(&session.queue, buffer), vm->memory + page * PAGE_BYTES);
    session.queue.item[buffer] = (struct queue_item){.page = page, .reason = (uint8_t)reason};
    queue_put(&session.queue, buffer);
    event_emit(EVENT_SW_PAGE_COPIED, (uint16_t)vm->index, page, queue_used(&session.queue));
}

/* The page has a buffer, which nobody has needed until now. */
static void keep_leaving(const struct vm *vm, uint32_t page) {
    uint32_t buffer = vm->pages->buffer[page];
    snapshot_copy(queue_buffer(&session.queue, buffer), vm->memory + page * PAGE_BYTES);
    __atomic_store_n(&session.queue.item[buffer].in_place, false, __ATOMIC_RELEASE);
    event_emit(EVENT_SW_PAGE_COPIED, (uint16_t)vm->index, page, queue_used(&session.queue));
}

void snapshot_session_save(struct vm *vm, uint32_t page, enum page_state was, enum page_reason reason) {
    __atomic_fetch_add(&session.savers, 1, __ATOMIC_SEQ_CST);
    if (vm == session.vm && !__atomic_load_n(&session.stopping, __ATOMIC_SEQ_CST)) {
        if (was == PAGE_LEAVING)
            keep_leaving(vm, page);
        else
            save_page(vm, page, reason);
    }
    __atomic_fetch_sub(&session.savers, 1, __ATOMIC_SEQ_CST);
}
