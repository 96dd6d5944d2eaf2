/* Hot neighbourhoods: found by their first writes, handed out page by page. */
#include "hypervisor/snapshot/hot.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define HOT_NONE HOT_PAGES
#define HOT_TICKS 200u /* 20 us of `virt`'s time */

struct hot hot;

void hot_setup(uint32_t pages) {
    uint32_t neighbourhoods = pages / HOT_PAGES;
    hot.next = HOT_NONE;
    hot.first = hot.last = 0;
    memset(hot.is, 0, neighbourhoods);
    memset(hot.written, 0, neighbourhoods * sizeof hot.written[0]);
    memset(hot.waiting, 0, sizeof hot.waiting);
}

void hot_note_write(uint32_t page) {
    uint32_t number = page / HOT_PAGES, now = (uint32_t)csr_read(time) | 1;
    if (hot_is(page))
        return;
    uint32_t before = __atomic_exchange_n(&hot.written[number], now, __ATOMIC_RELAXED);
    if (!before || now - before > HOT_TICKS || __atomic_load_n(&hot.last, __ATOMIC_RELAXED) >= HOT_WAITING - MAX_HARTS)
        return;
    __atomic_store_n(&hot.is[number], 1, __ATOMIC_RELAXED);
    __atomic_store_n(&hot.waiting[__atomic_fetch_add(&hot.last, 1, __ATOMIC_RELAXED)], number + 1, __ATOMIC_RELEASE);
}

/* The next neighbourhood. Of two that two harts begin at the same time one is passed over: the walker comes to it later. */
static void next_neighbourhood(void) {
    uint32_t first = __atomic_load_n(&hot.first, __ATOMIC_ACQUIRE);
    uint32_t number = first < HOT_WAITING ? __atomic_load_n(&hot.waiting[first], __ATOMIC_ACQUIRE) : 0;
    if (number && __atomic_compare_exchange_n(&hot.first, &first, first + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        __atomic_store_n(&hot.next, (number - 1) * HOT_STEP, __ATOMIC_RELEASE);
}

uint32_t hot_next(void) {
    if (__atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP >= HOT_PAGES)
        next_neighbourhood();
    if (__atomic_load_n(&hot.next, __ATOMIC_RELAXED) % HOT_STEP >= HOT_PAGES)
        return HOT_NOTHING;
    uint32_t next = __atomic_fetch_add(&hot.next, 1, __ATOMIC_ACQ_REL);
    return next % HOT_STEP < HOT_PAGES ? next / HOT_STEP * HOT_PAGES + next % HOT_STEP : HOT_NOTHING;
}
