/* What PMP must refuse, and what the firmware must. */
#include "hypervisor/arch/sbi.h"
#include "testbench/system/rogue/rogue.h"

#define CAUSE_LOAD_ACCESS 5u
#define CAUSE_STORE_ACCESS 7u
#define PLIC 0xc000000ull
#define PLIC_SOURCES 96u

/* Not ours: the victim's halves of what is shared, and what is the firmware's alone. */
static const struct {
    uint64_t base, bytes;
} forbidden[] = {
    {VICTIM_RAM, VICTIM_BYTES},        /* memory, the firmware's too */
    {VICTIM_RAM, 0x80000},             /* the firmware */
    {0x2000000, 0x10000},              /* CLINT */
    {0x4000000, 0x2000},               /* BAU: global page and the victim's */
    {0x4006000, 0x20},                 /* notification of its harts */
    {0x4008000, 0x200},                /* its receivers */
    {0x4040000, 0x2000},               /* its guest pages */
    {0xc002000, 0x200},                /* PLIC: its enables */
    {0xc1ff000, 0x1000},               /* the source filter */
    {0xc200000, 0x4000},               /* its claims */
    {0x10000000, 0x100},               /* its UART */
    {0x100000, 0x1000},                /* the finisher */
    {0x30008000, 0x10000},             /* configuration space of the PF and of its VFs */
    {0x40000000, 0x4000},              /* BAR0 of the PF */
    {0x60000000, 0x20000},             /* and of its VFs */
};

static uint64_t access(struct rogue *r, uint64_t address, bool *is_store) {
    uint64_t value = rogue_random(r);
    unsigned kind = (unsigned)rogue_below(r, 7);
    *is_store = kind >= 3;
    switch (kind) {
    case 0: return rogue_load_8(address, &value);
    case 1: return rogue_load_32(address & ~3ull, &value);
    case 2: return rogue_load_64(address & ~7ull, &value);
    case 3: return rogue_store_8(address, &value);
    case 4: return rogue_store_32(address & ~3ull, &value);
    case 5: return rogue_store_64(address & ~7ull, &value);
    default: return rogue_swap(address & ~7ull, &value);
    }
}

static void reach_forbidden(struct rogue *r) {
    unsigned i = (unsigned)rogue_below(r, sizeof forbidden / sizeof forbidden[0]);
    uint64_t address = forbidden[i].base + rogue_below(r, forbidden[i].bytes);
    bool is_store;
    uint64_t cause = access(r, address, &is_store);
    if (cause == (is_store ? CAUSE_STORE_ACCESS : CAUSE_LOAD_ACCESS)) {
        r->refused++;
        return;
    }
    r->leaks++;
    rogue_say("rogue leak: %s 0x%lx cause %lu", is_store ? "store" : "load", address, cause);
}

/* The interrupt controller's registers that both partitions have: the victim's sources cannot be taken or silenced by them. */
static void reach_plic(struct rogue *r) {
    uint64_t context = 2 * r->hart + 1, value = rogue_below(r, 8), all = ~0ull, none = 0, source = 0;
    rogue_store_32(PLIC + 4 * rogue_below(r, PLIC_SOURCES), &value);
    rogue_store_32(PLIC + 0x200000 + context * 0x1000, &none);
    rogue_store_32(PLIC + 0x2000 + context * 0x80 + 4 * rogue_below(r, 3), &all);
    rogue_load_32(PLIC + 0x200004 + context * 0x1000, &source);
    if (source)
        rogue_store_32(PLIC + 0x200004 + context * 0x1000, &source);
    bool is_ours = source == 0 || source == 12 || source == 36 || source == 37 ||
                   (source >= 40 + r->first_hart && source < 40 + r->first_hart + r->harts);
    if (is_ours)
        return;
    r->leaks++;
    rogue_say("rogue leak: interrupt %lu", source);
}

void rogue_reach(struct rogue *r) {
    if (rogue_below(r, 4))
        reach_forbidden(r);
    else
        reach_plic(r);
}

static void expect_refusal(struct rogue *r, struct sbi_result result, const char *what) {
    if (result.error) {
        r->refused++;
        return;
    }
    r->leaks++;
    rogue_say("rogue leak: %s", what);
}

/* IPIs and fences to foreign harts are dropped by the firmware without an error: the victim shows whether they came. */
void rogue_call(struct rogue *r) {
    uint64_t victim = rogue_below(r, r->first_hart);
    switch (rogue_below(r, 5)) {
    case 0: expect_refusal(r, sbi_hart_start(victim, rogue_victim(r, 4), 0), "start of a foreign hart"); break;
    case 1: expect_refusal(r, sbi_call(SBI_HSM, 2, victim, 0, 0, 0, 0), "state of a foreign hart"); break;
    case 2: sbi_send_ipi((1ull << r->first_hart) - 1, 0); break;
    case 3: sbi_call(SBI_RFENCE, rogue_below(r, 7), (1ull << r->first_hart) - 1, 0, rogue_random(r), rogue_random(r), rogue_random(r)); break;
    default: expect_refusal(r, sbi_hart_start(r->hart, rogue_victim(r, 4), 0), "start at a foreign address"); break;
    }
}
