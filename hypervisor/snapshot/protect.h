/*
 * Write protection of a VM's RAM, page by page. All of it is made read-only at the instant of a snapshot; the first write to a page, by a
 * vCPU or by a device, and the walker, race to save it: the one that moves it from PENDING to COPYING does, exactly once.
 *
 *     WRITABLE --protect--> PENDING --save begins--> COPYING --saved--> CLEAN --first write--> WRITABLE
 *     COPYING --summed--> LEAVING (the volume reads it where it is) --read--> CLEAN, or --first write--> COPYING, into a buffer
 *     ABSENT (given back by the guest) --any access--> WRITABLE, zeroed
 *
 * CLEAN pages stay read-only, so that what is WRITABLE later is what changed since: that is what an incremental snapshot needs.
 */
#ifndef HYPERVISOR_SNAPSHOT_PROTECT_H
#define HYPERVISOR_SNAPSHOT_PROTECT_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/gstage.h"
#include "hypervisor/snapshot/format.h"

struct vm;

enum page_state { PAGE_WRITABLE, PAGE_PENDING, PAGE_COPYING, PAGE_LEAVING, PAGE_CLEAN, PAGE_ABSENT };

/* Who wants the page. */
enum page_reason { PAGE_BY_WALKER, PAGE_BY_WRITE, PAGE_BY_DEVICE, PAGE_REASONS };

struct snapshot_pages {
    uint32_t count;
    uint32_t frames;   /* of its memory */
    bool is_protected;
    uint64_t parent;   /* id of the snapshot since which WRITABLE means changed; 0: none */
    uint64_t parent_sum; /* of its header: another volume has other snapshots of that id, and so has this one when it is removed */
    void **tables;     /* split tables that wait for a shootdown; one a 2 MiB */
    struct snapshot_index_entry *index; /* of the last snapshot */
    uint8_t *state;    /* enum page_state, atomic */
    uint16_t *buffer;  /* of the queue, for a page that is LEAVING */
    uint8_t *at_instant; /* the states right after the protection: what the snapshot has to do with each page */
};

/** Gives the VM its page states. @return false when no memory is left */
bool snapshot_pages_create(struct vm *vm);
void snapshot_pages_destroy(struct vm *vm);
/**
 * Makes all RAM read-only, on the harts and for devices. The VM must be paused.
 * @param incremental pages that are CLEAN stay so; otherwise every page becomes PENDING
 */
void snapshot_protect(struct vm *vm, bool incremental);
/** Everything writable again, in 2 MiB leaves where nothing is absent. The VM may run. */
void snapshot_unprotect(struct vm *vm);
/** Makes a saved page writable before anybody asks; without memory for a table it stays as it is. Any hart. */
void snapshot_page_open(struct vm *vm, uint32_t page);
/**
 * Somebody wants to use an address of guest RAM and may not. Saves the page if it must be, and makes it writable.
 * @return false when the address is none of RAM
 */
bool snapshot_write_fault(struct vm *vm, gpa_t guest, enum page_reason reason);
/** Decides about writes of devices to protected pages (drivers/bau_hold.h); set up once, on the manager. */
void snapshot_setup(void);
/** The guest gives a page back: it reads as 0 when touched again. @return false when that is not possible now */
bool snapshot_page_give_back(struct vm *vm, gpa_t guest);

/* ---- What each page that is saved passes through, in line: a call is a tenth of what a page costs beside its sum. ---- */

static inline void snapshot_page_set(struct snapshot_pages *pages, uint64_t page, enum page_state state) {
    __atomic_store_n(&pages->state[page], (uint8_t)state, __ATOMIC_RELEASE);
}

static inline enum page_state snapshot_page_state(const struct snapshot_pages *pages, uint64_t page) {
    return (enum page_state)__atomic_load_n(&pages->state[page], __ATOMIC_ACQUIRE);
}

/* The machine's atomics work on words: the byte is exchanged within its word, again if a neighbour changed meanwhile. */
static inline bool snapshot_page_exchange(struct snapshot_pages *pages, uint32_t page, enum page_state from, enum page_state to) {
    typedef uint32_t __attribute__((may_alias)) word_t;
    word_t *word = (word_t *)(pages->state + (page & ~3u));
    unsigned shift = 8 * (page & 3u);
    uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE), change = ((uint32_t)from ^ (uint32_t)to) << shift;
    while ((seen >> shift & 0xff) == from)
        if (__atomic_compare_exchange_n(word, &seen, seen ^ change, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/** Takes page @p page, which is @p from (PENDING or LEAVING), for saving. @return true when the caller must save it and then call snapshot_page_saved() */
static inline bool snapshot_page_claim(struct snapshot_pages *pages, uint32_t page, enum page_state from) {
    return snapshot_page_exchange(pages, page, from, PAGE_COPYING);
}

static inline void snapshot_page_saved(struct snapshot_pages *pages, uint32_t page) {
    snapshot_page_set(pages, page, PAGE_CLEAN);
}

/** Its content is where it is and has a buffer for the case that somebody claims it before the volume has read it. */
static inline void snapshot_page_leaves(struct snapshot_pages *pages, uint32_t page, uint32_t buffer) {
    pages->buffer[page] = (uint16_t)buffer;
    snapshot_page_set(pages, page, PAGE_LEAVING);
}

/** The volume has read it. @return false when somebody had claimed it; that one has kept its content by now */
static inline bool snapshot_page_left(struct snapshot_pages *pages, uint32_t page) {
    if (snapshot_page_exchange(pages, page, PAGE_LEAVING, PAGE_CLEAN))
        return true;
    while (snapshot_page_state(pages, page) == PAGE_COPYING)
        ;
    return false;
}

#endif
