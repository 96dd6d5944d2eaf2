/* Walkers save what nobody writes, on any hart. */
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/snapshot/hot.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"

/* An idle hart that helps looks for guests again after so many: a page takes it 1 to 2 us. */
#define AT_ONCE_HELPING 3u
#define SHARE_TICKS 1200u /* 120 us */
#define SHARE_REST 3u /* periods */
#define HELP_TICKS 500u /* without any help of an idle hart for so long there is none */

/* Harts that have guests to run. */
static struct {
    uint64_t next;         /* time of the next turn */
    uint32_t periods;      /* from the last one to it */
    uint32_t first_writes; /* of its guests, until the last one */
} share[MAX_HARTS]; /* each hart its own */

void walker_setup(void) {
    hot_setup(session.pages);
    for (uint32_t i = 0; i < MAX_HARTS; i++) {
        share[i].next = csr_read(time) + SHARE_TICKS;
        share[i].periods = 1;
        share[i].first_writes = session.first_writes[i];
    }
}

/* ---- a run: pages that a hart walks in one go. What they need, and what is counted, is looked after once for all of them ---- */

#define RUN_MOST 16u

struct run {
    struct snapshot_pages *pages;
    const uint8_t *memory;
    uint32_t buffers; /* free ones */
    uint32_t buffer[RUN_MOST];
    uint32_t zero, stored; /* pages; what went into the queue is counted when it leaves it */
    bool packs;
    bool drains; /* the manager's: a page goes into the segment at once, if it has room */
};

/* Where writes go a saved page need not wait for its first one, unless somebody wants to know later what was written. */
static inline void open_if_hot(uint32_t page) {
    if (hot_is(page) && !session.request.keep_protected)
        snapshot_page_open(session.vm, page);
}

uint32_t walker_pages_left(const uint32_t *buffers, uint32_t in_place) {
    struct snapshot_pages *pages = session.vm->pages;
    uint32_t torn = 0;
    for (uint32_t i = 0; i < WRITER_SEGMENT_BLOCKS; i++) {
        if (!(in_place >> i & 1))
            continue;
        uint32_t page = session.queue.item[buffers[i]].page;
        if (snapshot_page_left(pages, page))
            open_if_hot(page);
        else
            torn |= 1u << i;
    }
    return torn;
}

/* Where writes go the page is copied, and so it is where it will be packed. Its sum comes when there is time; the manager, which would make it, makes it at once. */
static void copy(const struct run *run, uint32_t page, uint32_t buffer, const uint8_t *from) {
    struct queue_item *item = &session.queue.item[buffer];
    *item = (struct queue_item){.page = page, .reason = PAGE_BY_WALKER};
    if (run->drains)
        queue_set_sum(&session.queue, buffer, snapshot_copy_and_sum(queue_buffer(&session.queue, buffer), from));
    else
        snapshot_copy(queue_buffer(&session.queue, buffer), from);
    snapshot_page_saved(run->pages, page);
    open_if_hot(page);
}

/* Elsewhere the volume reads the page where it is, and its buffer is for who writes to it meanwhile. */
static inline void leave_in_place(const struct run *run, uint32_t page, uint32_t buffer, const uint8_t *from) {
    session.queue.item[buffer] = (struct queue_item){
        .page = page, .reason = PAGE_BY_WALKER, .sum_is = SUM_KNOWN, .from_place = true, .in_place = true, .sum = snapshot_sum(from, PAGE_BYTES)};
    snapshot_page_leaves(run->pages, page, buffer);
}

static void save_page(struct run *run, uint32_t page, const uint8_t *from) {
    uint32_t buffer = run->buffer[--run->buffers];
    if (run->packs || hot_is(page))
        copy(run, page, buffer, from);
    else
        leave_in_place(run, page, buffer, from);
    if (!run->drains || run->packs || !writer_has_room(&session.writer, false)) {
        queue_put(&session.queue, buffer);
        return;
    }
    struct snapshot_index_entry *entry = &run->pages->index[page];
    writer_add_raw(&session.writer, buffer, entry);
    entry->sum = session.queue.item[buffer].sum;
    event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, page, PAGE_BYTES);
    run->stored++;
}

/* A page that is neither pending nor being copied is in the queue already. */
static void walk_page(struct run *run, uint32_t page) {
    if (run->pages->at_instant[page] != PAGE_PENDING) {
        drain_index_unsaved(page, (enum page_state)run->pages->at_instant[page]);
        return;
    }
    if (!snapshot_page_claim(run->pages, page, PAGE_PENDING))
        return;
    const uint8_t *from = run->memory + page * PAGE_BYTES;
    if (!snapshot_is_zero(from)) {
        save_page(run, page, from);
        return;
    }
    snapshot_page_saved(run->pages, page); /* nothing to keep a copy of */
    open_if_hot(page);
    drain_index_nothing(page, SNAPSHOT_PAGE_ZERO);
    run->zero++;
}

static bool is_walked(void) {
    return __atomic_load_n(&session.walked, __ATOMIC_ACQUIRE) >= session.pages;
}

/* @return a page near one that was written, or else the next of all */
static inline uint32_t next_page(void) {
    while (hot_is_waiting()) {
        uint32_t page = hot_next();
        if (page == HOT_NOTHING)
            break;
        if (snapshot_page_state(session.vm->pages, page) == PAGE_PENDING)
            return page;
    }
    return __atomic_fetch_add(&session.walked, 1, __ATOMIC_ACQ_REL);
}

/* A quarter of the buffers is for those who must wait, half where packing takes its time; less where they will want to write next. */
static uint32_t kept_from_walkers(bool packs) {
    uint32_t pages = session.queue.capacity - session.reserve;
    return session.reserve + (packs ? pages / 2 : hot_is_waiting() ? pages / 8 : pages / 4);
}

static void end_run(struct run *run) {
    if (run->buffers)
        queue_release_all(&session.queue, run->buffer, run->buffers);
    drain_count(PAGE_BY_WALKER, run->stored, run->zero);
}

/* Buffers are there before a page is claimed, so that nobody who writes to the page waits for one. What others put into the queue goes first: they walk faster than the
 * manager drains. */
bool walker_walk(uint32_t most) {
    struct run run = {.pages = session.vm->pages, .memory = session.vm->memory, .packs = drain_wants_compression(), .drains = hart_self() == hart_manager()};
    uint32_t pages = session.pages, done = 0;
    run.buffers = queue_reserve_some(&session.queue, kept_from_walkers(run.packs), run.buffer, most < RUN_MOST ? most : RUN_MOST);
    while (done < most && run.buffers && !is_walked()) {
        uint32_t page = next_page();
        if (page < pages)
            walk_page(&run, page);
        done++;
        if (run.drains && queue_has_ready(&session.queue))
            break;
    }
    end_run(&run);
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
static uint32_t pages_of_turn(uint32_t self, uint64_t now) {
    uint32_t all = session.first_writes[self], most = session.request.share_pages;
    uint32_t saved = (all - share[self].first_writes) / share[self].periods;
    share[self].first_writes = all;
    return is_behind(now) && saved < most ? most - saved : 0;
}

/* A turn costs the guest an exit, so a hart that has nothing to do for its share comes less often. */
void snapshot_session_share(void) {
    uint32_t self = hart_self()->index;
    if (is_over() || !session.request.share_pages)
        return;
    uint64_t now = csr_read(time);
    if (now >= share[self].next) {
        uint32_t pages = pages_of_turn(self, now);
        share[self].periods = pages ? 1 : SHARE_REST;
        share[self].next = now + share[self].periods * SHARE_TICKS;
        if (pages)
            walk_as_helper(pages);
    }
    hart_timer_before(share[self].next);
}

void walker_stop(void) {
    __atomic_store_n(&session.stopping, true, __ATOMIC_SEQ_CST);
    __atomic_store_n(&session.walked, SESSION_NOT_YET, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&session.helpers, __ATOMIC_SEQ_CST))
        ;
}
