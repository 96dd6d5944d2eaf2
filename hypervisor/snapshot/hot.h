/* Neighbourhoods where somebody wrote twice within a short time: somebody will write there again, so their pages go first. Any hart. */
#ifndef HYPERVISOR_SNAPSHOT_HOT_H
#define HYPERVISOR_SNAPSHOT_HOT_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/snapshot/format.h"

#define HOT_PAGES 32u
#define HOT_STEP (2 * HOT_PAGES)
#define HOT_MAX (SNAPSHOT_MEMORY_MAX / SNAPSHOT_BLOCK_BYTES / HOT_PAGES)
#define HOT_WAITING 1024u
#define HOT_NOTHING UINT32_MAX

/* next = number * HOT_STEP + page in it: what several harts add to at its end does not reach the next. */
struct hot {
    uint32_t next;                 /* atomic: the next such page */
    uint32_t first, last;          /* atomic: of the neighbourhoods that wait, each once */
    uint32_t waiting[HOT_WAITING]; /* number + 1 */
    uint32_t written[HOT_MAX];     /* time of the last first write, 0: none */
    uint8_t is[HOT_MAX];
};

extern struct hot hot;

void hot_setup(uint32_t pages);
/** A first write. */
void hot_note_write(uint32_t page);
/** The next page of a neighbourhood, or HOT_NOTHING; only when hot_is_waiting(). */
uint32_t hot_next(void);

static inline bool hot_is(uint32_t page) {
    return __atomic_load_n(&hot.is[page / HOT_PAGES], __ATOMIC_RELAXED);
}

static inline bool hot_is_waiting(void) {
    return __atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP < HOT_PAGES ||
           __atomic_load_n(&hot.first, __ATOMIC_RELAXED) != __atomic_load_n(&hot.last, __ATOMIC_RELAXED);
}

#endif
