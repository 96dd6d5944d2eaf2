/* Every hart of the partition uses the BAU's registers without end: reads, and unblocks of entries that change, so that they have to be repeated.
 * What each sees of the others is how long an access takes. */
#include "bau_regs.h"
#include "rtl/gen/field.h"
#include "testbench/system/rogue/rogue.h"

#define BAU 0x4000000ull

static uint8_t entries[2][BAU_ITE_BYTES * 16] __attribute__((aligned(4096)));

static uint64_t cycles(void) {
    uint64_t now;
    __asm__ volatile("rdcycle %0" : "=r"(now));
    return now;
}

static void store(uint64_t address, uint64_t value) {
    *(volatile uint64_t *)address = value;
}

void rogue_hammer(struct rogue *r, uint64_t accesses) {
    bool unblocks = r->hart & 1;
    uint64_t receiver = BAU + BAU_RECEIVER_PAGE + r->hart * BAU_RECEIVER_STRIDE, unblock = BAU + BAU_GUEST_PAGE + r->hart * BAU_GUEST_STRIDE + BAU_UNBLOCK;
    uint64_t status = BAU + BAU_PARTITION_PAGE + (r->first_hart != 0) * BAU_PARTITION_STRIDE + BAU_STATUS;
    store(receiver + BAU_RUNNING, FIELD_PREP(BAU_RUNNING_VALID, 1));
    uint64_t begin = cycles();
    for (uint64_t i = 0; i < accesses; i++) {
        store(receiver + BAU_RUNNING_ITE, (uint64_t)entries[i & 1] + BAU_ITE_BYTES * r->hart);
        uint64_t before = cycles();
        if (unblocks)
            store(unblock, 1);
        else
            (void)*(volatile uint64_t *)status;
        uint64_t taken = cycles() - before;
        r->longest = taken > r->longest ? taken : r->longest;
    }
    r->elapsed = cycles() - begin;
}
