/* Pages are saved, on any hart: by whoever wants to write to one, and by walkers that take what nobody writes. */
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"

/* An idle hart that helps looks for guests again after so many: a page takes it 1 to 2 us. */
#define AT_ONCE_HELPING 3u
#define SHARE_TICKS 1200u /* 120 us */
#define HELP_TICKS 500u /* without any help of an idle hart for so long there is none */

/* Harts that have guests to run. */
static struct {
    uint64_t next;  /* time of the next turn */
    uint32_t saved; /* first writes since the last one */
} share[MAX_HARTS]; /* each hart its own */

/* Neighbourhoods. hot.next = number * HOT_STEP + page in it: what several harts add to at its end does not reach the next. */
#define HOT_PAGES 32u
#define HOT_STEP (2 * HOT_PAGES)
#define HOT_NONE HOT_PAGES
#define HOT_MAX (SNAPSHOT_MEMORY_MAX / PAGE_BYTES / HOT_PAGES)
#define HOT_WAITING 1024u
#define HOT_TICKS 200u /* 20 us of `virt`'s time */

/* Where somebody wrote twice within a short time, somebody will write again: the pages there go first. */
static struct {
    uint32_t next;                 /* atomic: the next such page */
    uint32_t first, last;          /* atomic: of the neighbourhoods that wait, each once */
    uint32_t waiting[HOT_WAITING]; /* number + 1 */
    uint32_t written[HOT_MAX];     /* time of the last first write, 0: none */
    uint8_t is[HOT_MAX];
} hot;

void walker_setup(void) {
    uint32_t neighbourhoods = session.pages / HOT_PAGES;
    hot.next = HOT_NONE;
    hot.first = hot.last = 0;
    memset(hot.is, 0, neighbourhoods);
    memset(hot.written, 0, neighbourhoods * sizeof hot.written[0]);
    memset(hot.waiting, 0, sizeof hot.waiting);
}

static bool is_hot(uint32_t page) {
    return __atomic_load_n(&hot.is[page / HOT_PAGES], __ATOMIC_RELAXED);
}

static void note_write(uint32_t page) {
    uint32_t number = page / HOT_PAGES, now = (uint32_t)csr_read(time) | 1;
    if (is_hot(page))
        return;
    uint32_t before = __atomic_exchange_n(&hot.written[number], now, __ATOMIC_RELAXED);
    if (!before || now - before > HOT_TICKS || __atomic_load_n(&hot.last, __ATOMIC_RELAXED) >= HOT_WAITING - MAX_HARTS)
        return;
    __atomic_store_n(&hot.is[number], 1, __ATOMIC_RELAXED);
    __atomic_store_n(&hot.waiting[__atomic_fetch_add(&hot.last, 1, __ATOMIC_RELAXED)], number + 1, __ATOMIC_RELEASE);
}

/* ---- for whoever wants to write ---- */

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
    session_count(&session.statistics.waits);
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
        note_write(page);
        share[hart_self()->index].saved++;
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

/* ---- what nobody writes ---- */

/* Where writes go a saved page need not wait for its first one, unless somebody wants to know later what was written. */
static void open_if_hot(uint32_t page) {
    if (!session.request.keep_protected && is_hot(page))
        snapshot_page_open(session.vm, page);
}

bool walker_page_left(uint32_t page) {
    if (!snapshot_page_left(session.vm->pages, page))
        return false;
    open_if_hot(page);
    return true;
}

/* Where writes go the page is copied, and so it is where it will be packed. Its sum comes when there is time; the manager, which would make it, makes it at once. Elsewhere
 * the volume reads the page where it is, and its buffer is for who writes to it meanwhile. */
static void put_page(uint32_t page, uint32_t buffer, const uint8_t *from) {
    struct snapshot_pages *pages = session.vm->pages;
    struct queue_item *item = &session.queue.item[buffer];
    *item = (struct queue_item){.page = page, .reason = PAGE_BY_WALKER};
    if (is_hot(page) || drain_wants_compression()) {
        if (hart_self() == hart_manager())
            queue_set_sum(&session.queue, buffer, snapshot_copy_and_sum(queue_buffer(&session.queue, buffer), from));
        else
            snapshot_copy(queue_buffer(&session.queue, buffer), from);
        snapshot_page_saved(pages, page);
        open_if_hot(page);
    } else {
        uint64_t sum = snapshot_sum(from, PAGE_BYTES);
        item->from_place = item->in_place = true;
        queue_set_sum(&session.queue, buffer, sum);
        snapshot_page_leaves(pages, page, buffer);
        if (drain_at_once(buffer, sum))
            return;
    }
    queue_put(&session.queue, buffer);
}

/* A page that is neither pending nor being copied is in the queue already. @return whether the buffer is used up */
static bool walk_page(uint32_t page, uint32_t buffer) {
    struct snapshot_pages *pages = session.vm->pages;
    if (pages->at_instant[page] != PAGE_PENDING) {
        drain_index_unsaved(page, (enum page_state)pages->at_instant[page]);
        return false;
    }
    if (!snapshot_page_claim(pages, page, PAGE_PENDING))
        return false;
    const uint8_t *from = session.vm->memory + page * PAGE_BYTES;
    if (drain_is_zero(from)) { /* nothing to keep a copy of */
        snapshot_page_saved(pages, page);
        open_if_hot(page);
        drain_index_zero(page, PAGE_BY_WALKER);
        return false;
    }
    put_page(page, buffer, from);
    return true;
}

static bool is_walked(void) {
    return __atomic_load_n(&session.walked, __ATOMIC_ACQUIRE) >= session.pages;
}

/* The next neighbourhood. Of two that two harts begin at the same time one is passed over: the walker comes to it later. */
static void next_hot(void) {
    uint32_t first = __atomic_load_n(&hot.first, __ATOMIC_ACQUIRE);
    uint32_t number = first < HOT_WAITING ? __atomic_load_n(&hot.waiting[first], __ATOMIC_ACQUIRE) : 0;
    if (number && __atomic_compare_exchange_n(&hot.first, &first, first + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        __atomic_store_n(&hot.next, (number - 1) * HOT_STEP, __ATOMIC_RELEASE);
}

/* @return a page near one that was written, or else the next of all */
static uint32_t next_page(void) {
    if (__atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP >= HOT_PAGES)
        next_hot();
    while (__atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP < HOT_PAGES) {
        uint32_t next = __atomic_fetch_add(&hot.next, 1, __ATOMIC_ACQ_REL), page = next / HOT_STEP * HOT_PAGES + next % HOT_STEP;
        if (next % HOT_STEP < HOT_PAGES && __atomic_load_n(&session.vm->pages->state[page], __ATOMIC_RELAXED) == PAGE_PENDING)
            return page;
    }
    return __atomic_fetch_add(&session.walked, 1, __ATOMIC_ACQ_REL);
}

static bool is_hot_waiting(void) {
    return __atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP < HOT_PAGES ||
           __atomic_load_n(&hot.first, __ATOMIC_RELAXED) != __atomic_load_n(&hot.last, __ATOMIC_RELAXED);
}

/* A quarter of the buffers is for those who must wait; less where they will want to write next, unless packing takes its time. */
static uint32_t kept_from_walkers(void) {
    uint32_t pages = session.queue.capacity - session.reserve;
    return session.reserve + (is_hot_waiting() && !drain_wants_compression() ? pages / 8 : pages / 4);
}

/* A buffer is there before a page is claimed, so that nobody who writes to the page waits for one. */
bool walker_walk(uint32_t most) {
    uint32_t buffer = QUEUE_NONE, pages = session.pages, done = 0, kept = kept_from_walkers();
    while (done < most && !is_walked()) {
        if (buffer == QUEUE_NONE && (buffer = queue_reserve(&session.queue, kept)) == QUEUE_NONE)
            break;
        uint32_t page = next_page();
        if (page < pages && walk_page(page, buffer))
            buffer = QUEUE_NONE;
        done++;
    }
    if (buffer != QUEUE_NONE)
        queue_release(&session.queue, buffer);
    return done != 0;
}

/* Nothing can be walked before a buffer is free: then the drain is helped. */
static void sum_one(void) {
    uint32_t buffer = queue_claim_sum(&session.queue);
    if (buffer != QUEUE_NONE)
        queue_set_sum(&session.queue, buffer, snapshot_sum(queue_buffer(&session.queue, buffer), PAGE_BYTES));
}

static bool walk_as_helper(uint32_t most) {
    bool active = false;
    __atomic_fetch_add(&session.helpers, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&session.stopping, __ATOMIC_SEQ_CST) && !is_walked()) {
        if (!walker_walk(most))
            sum_one();
        active = true;
    }
    __atomic_fetch_sub(&session.helpers, 1, __ATOMIC_SEQ_CST);
    return active;
}

static bool is_over(void) {
    return __atomic_load_n(&session.walked, __ATOMIC_RELAXED) >= __atomic_load_n(&session.pages, __ATOMIC_RELAXED);
}

bool snapshot_session_help(void) {
    if (is_over())
        return false;
    __atomic_store_n(&session.last_help, csr_read(time), __ATOMIC_RELAXED);
    return walk_as_helper(AT_ONCE_HELPING);
}

/* ---- harts that have guests to run ---- */

static bool is_behind(uint64_t now) {
    return __atomic_load_n(&session.writer.in_flight, __ATOMIC_RELAXED) < WRITER_IN_FLIGHT &&
           now - __atomic_load_n(&session.last_help, __ATOMIC_RELAXED) > HELP_TICKS;
}

/* What its guests' first writes took already counts. */
void snapshot_session_share(void) {
    uint32_t self = hart_self()->index, saved = share[self].saved, most = session.request.share_pages;
    if (is_over() || !most)
        return;
    uint64_t now = csr_read(time);
    if (now >= share[self].next) {
        share[self].next = now + SHARE_TICKS;
        share[self].saved = 0;
        if (is_behind(now) && saved < most)
            walk_as_helper(most - saved);
    }
    hart_timer_before(share[self].next);
}

void walker_stop(void) {
    __atomic_store_n(&session.stopping, true, __ATOMIC_SEQ_CST);
    __atomic_store_n(&session.walked, SESSION_NOT_YET, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&session.helpers, __ATOMIC_SEQ_CST))
        ;
}
