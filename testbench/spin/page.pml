/*
 * The page protocol of snapshots (hypervisor/snapshot/protect.h, session.c): protect, walker, faults of vCPUs, held writes of a device, queue,
 * drain, cancel. What must hold in every interleaving: each page is saved once, as it was at the instant, and nobody waits for ever.
 *
 * A page has two words, since neither a write nor a copy of it is one step. TLBs remember rights; the instant's shootdown makes them forget.
 * Mutants: NO_SHOOTDOWN, OPEN_FIRST (writable before it is saved), NO_CLAIM (look, then set), DROP_WHEN_FULL, DEAF_WAIT (a waiter that does
 * not see the cancel), NOT_HELD (the device's write goes through). With HELPER a second hart walks, in place of the second vCPU; mutant EARLY_END: the end does not wait for it.
 * With IN_PLACE the walker copies nothing: the storage reads the page where it is, and who writes to it meanwhile keeps its content in the page's buffer; mutant
 * TORN: what the storage has read then counts.
 */
#define PAGES 2
#ifndef WRITES
#define WRITES 2
#endif

mtype = {WRITABLE, PENDING, COPYING, LEAVING, CLEAN};

typedef page_t {
    byte low, high;          /* content: equal unless a write is under way */
    byte golden;             /* content at the instant */
    mtype state;
    bool writable;           /* the G-stage's leaf */
    byte saved;              /* how often it came out of the queue */
    bool queued;
    byte copy_low, copy_high;
    bool in_place;           /* queued with its content where it is */
    bool submitted, read;    /* to the storage; by it */
    byte read_low, read_high;
};

page_t page[PAGES];
bool tlb[2 * PAGES];   /* vCPU 0, vCPU 1 */
bool iotlb[PAGES];
byte room = 1;         /* free buffers of the queue */
bool paused, taken, stopping, complete;
byte walked;           /* the next page for whoever walks */
bool helping, ended;
byte inside;           /* vCPUs in the guest */
bool held;             /* the device's write waits */
byte held_page;

inline copy(p) {
    page[p].copy_low = page[p].low;
    page[p].copy_high = page[p].high
}

/* Somebody wants to write to what the storage reads or is about to read. */
inline keep(p) {
    copy(p);
    page[p].in_place = false;
    page[p].state = CLEAN
}

/* see_saved(): whoever claims the page saves it, the others wait. */
inline see_saved(p, claimed) {
    do
    :: page[p].state == WRITABLE || page[p].state == CLEAN -> break
    :: page[p].state == COPYING -> skip
#ifdef IN_PLACE
    :: atomic { page[p].state == LEAVING -> page[p].state = COPYING };
        keep(p)
#endif
#ifdef NO_CLAIM
    :: page[p].state == PENDING -> page[p].state = COPYING; claimed = true
#else
    :: atomic { page[p].state == PENDING -> page[p].state = COPYING; claimed = true }
#endif
        if
#ifdef DROP_WHEN_FULL
        :: room == 0 -> claimed = false
#endif
        :: atomic { room > 0 -> room--; }
#ifndef DEAF_WAIT
        :: stopping -> claimed = false
#endif
        fi;
        if
        :: claimed -> copy(p); page[p].queued = true; claimed = false
        :: else
        fi;
        page[p].state = CLEAN
    od
}

inline open_page(p) {
    atomic { page[p].state = WRITABLE; page[p].writable = true }
}

inline fault(p, claimed) {
#ifdef OPEN_FIRST
    page[p].writable = true;
#endif
    see_saved(p, claimed);
    open_page(p)
}

inline write_page(p) {
    page[p].low++;
    page[p].high++
}

proctype vcpu(byte me) {
    byte p, n;
    bool claimed, done;
    do
    :: n == WRITES -> break
    :: n < WRITES ->
        if
        :: p = 0
        :: p = 1
        fi;
        done = false;
        do
        :: done -> break
        :: !done ->
            atomic { !paused -> inside++ };
            if
            :: tlb[me * PAGES + p] -> write_page(p); done = true; inside--
            :: !tlb[me * PAGES + p] && page[p].writable -> tlb[me * PAGES + p] = true; inside--
            :: !tlb[me * PAGES + p] && !page[p].writable -> inside--; fault(p, claimed)
            fi
        od;
        n++
    od
}

proctype device() {
    byte p;
    bool done;
    if
    :: p = 0
    :: p = 1
    fi;
    do
    :: done -> break
    :: !done ->
        atomic {
            if
            :: iotlb[p] || page[p].writable -> iotlb[p] = iotlb[p] || page[p].writable; write_page(p); done = true
#ifdef NOT_HELD
            :: !iotlb[p] && !page[p].writable -> write_page(p); done = true
#else
            :: !iotlb[p] && !page[p].writable && !held -> held_page = p; held = true
#endif
            fi
        };
        !held
    od
}

inline take_instant() {
    paused = true;
    inside == 0;
    d_step {
        page[0].state = PENDING; page[0].writable = false;
        page[1].state = PENDING; page[1].writable = false
    };
#ifndef NO_SHOOTDOWN
    d_step {
        tlb[0] = false; tlb[1] = false; tlb[2] = false; tlb[3] = false;
        iotlb[0] = false; iotlb[1] = false
    };
#endif
    d_step {
        page[0].golden = page[0].low; page[1].golden = page[1].low;
        taken = true; paused = false
    }
}

inline drain(p) {
    atomic {
        page[p].queued -> page[p].queued = false; room++;
        page[p].saved++;
        assert(page[p].saved == 1);
        assert(page[p].copy_low == page[p].golden && page[p].copy_high == page[p].golden)
    }
}

inline came_out(p, content_low, content_high) {
    page[p].read = false; room++;
    page[p].saved++;
    assert(page[p].saved == 1);
    assert(content_low == page[p].golden && content_high == page[p].golden)
}

/* The storage has read the page: as it was at the instant, or it was written to meanwhile, and the buffer goes to its place. */
inline finish_read(p) {
    if
    :: atomic { page[p].state == LEAVING -> page[p].state = CLEAN; came_out(p, page[p].read_low, page[p].read_high) }
#ifdef TORN
    :: atomic { page[p].state != LEAVING && page[p].state != COPYING -> came_out(p, page[p].read_low, page[p].read_high) }
#else
    :: atomic { page[p].state != LEAVING && page[p].state != COPYING -> came_out(p, page[p].copy_low, page[p].copy_high) }
#endif
    fi
}

#ifdef IN_PLACE
proctype storage() {
end_storage:
    do
    :: page[0].submitted -> page[0].read_low = page[0].low; page[0].read_high = page[0].high; d_step { page[0].submitted = false; page[0].read = true }
    :: page[1].submitted -> page[1].read_low = page[1].low; page[1].read_high = page[1].high; d_step { page[1].submitted = false; page[1].read = true }
    od
}
#endif

/* A buffer first, then the next page. */
inline walk(p) {
    if
#ifdef IN_PLACE
    :: atomic { page[p].state == PENDING -> page[p].state = COPYING };
        assert(!ended);
        page[p].in_place = true;
        page[p].state = LEAVING;
        page[p].queued = true
#else
    :: atomic { page[p].state == PENDING -> page[p].state = COPYING };
        copy(p);
        assert(!ended);
        page[p].queued = true;
        page[p].state = CLEAN
#ifdef HELPER
        ; open_page(p) /* where writes go it does not wait for the next */
#endif
#endif
    :: atomic { page[p].state != PENDING -> room++ }
    fi
}

#ifdef HELPER
proctype helper() {
    byte p;
    do
    :: stopping -> break
    :: atomic { taken && !stopping && walked < PAGES && room > 0 -> p = walked; walked++; room--; helping = true };
        walk(p);
        helping = false
    od
}
#endif

/* The manager: instant, then walker, drain, held writes in any order; a cancel at any time. A waiting fault of the device drains itself. */
active proctype manager() {
    byte next;
    d_step {
        page[0].writable = true; page[0].state = WRITABLE;
        page[1].writable = true; page[1].state = WRITABLE
    };
    run vcpu(0);
#ifdef HELPER
    run helper();
#else
    run vcpu(1);
#endif
    run device();
#ifdef IN_PLACE
    run storage();
#endif
    take_instant();
    do
#ifdef IN_PLACE
    :: atomic { page[0].queued && page[0].in_place -> page[0].queued = false; page[0].submitted = true }
    :: atomic { page[1].queued && page[1].in_place -> page[1].queued = false; page[1].submitted = true }
    :: page[0].read -> finish_read(0)
    :: page[1].read -> finish_read(1)
    :: atomic { held && page[held_page].state == LEAVING -> page[held_page].state = COPYING };
        keep(held_page)
#endif
    :: page[0].queued && !page[0].in_place -> drain(0)
    :: page[1].queued && !page[1].in_place -> drain(1)
    :: atomic { held && page[held_page].state == PENDING && room > 0 -> page[held_page].state = COPYING; room-- };
        copy(held_page);
        page[held_page].queued = true;
        page[held_page].state = CLEAN
    :: held && (page[held_page].state == CLEAN || page[held_page].state == WRITABLE) ->
        open_page(held_page);
        held = false
    :: atomic { walked < PAGES && room > 0 -> next = walked; walked++; room-- };
        walk(next)
    :: page[0].saved == 1 && page[1].saved == 1 && !stopping -> complete = true; break
#ifdef CANCEL
    :: !stopping && !complete -> stopping = true; break
#endif
    od;
    /* The end, of either kind: everything writable, nobody saves any more; what the device holds goes on. */
    stopping = true;
#ifndef EARLY_END
    !helping;
#endif
    ended = true;
    atomic { page[0].writable = true; page[0].state = (page[0].state == COPYING -> COPYING : WRITABLE) };
    atomic { page[1].writable = true; page[1].state = (page[1].state == COPYING -> COPYING : WRITABLE) };
end_serve:
    do
    :: held && page[held_page].state != COPYING -> open_page(held_page); held = false
    od
}
