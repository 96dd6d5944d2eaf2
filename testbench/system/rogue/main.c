/* The rogue: boot, its harts, the choice of attacks. Boot arguments: seed=, actions= (a hart, from when the NIC's functions are there),
 * hammer= (so many accesses of the BAU's registers by each hart instead, all at once). */
#include "testbench/system/rogue/rogue.h"

#include "hypervisor/arch/sbi.h"
#include "hypervisor/lib/fdt.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define STACK_BYTES 16384u
#define UARTS 0x10000000ull
#define UART_BYTES 0x100u /* a partition's comes after the other's */
#define UART_LINE_STATUS 5u
#define LINE_STATUS_TX_EMPTY 0x20u
#define MAX_HARTS 8u
#define TREE_BYTES 0x10000u

extern uint8_t rogue_stacks[];
void rogue_hart_entry(void);
void rogue_boot(uint64_t hart, const void *tree);
void rogue_main(uint64_t hart);
void rogue_crashed(uint64_t cause, uint64_t pc, uint64_t value);

static struct rogue rogues[MAX_HARTS];
static uint8_t tree_copy[TREE_BYTES] __attribute__((aligned(8)));
static uint32_t uart_lock, device_lock, ended;
static uint64_t wanted, hammers, uart_base = UARTS + UART_BYTES;
static uint32_t ready;

static void take(uint32_t *lock) {
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        ;
}

static void release(uint32_t *lock) {
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static void put(char c) {
    volatile uint8_t *uart = (volatile uint8_t *)uart_base;
    while (!(uart[UART_LINE_STATUS] & LINE_STATUS_TX_EMPTY))
        ;
    uart[0] = (uint8_t)c;
}

void rogue_say(const char *format, ...) {
    char text[160];
    va_list arguments;
    va_start(arguments, format);
    format_arguments(text, sizeof text, format, arguments);
    va_end(arguments);
    take(&uart_lock);
    for (const char *p = text; *p; p++)
        put(*p);
    put('\n');
    release(&uart_lock);
}

void rogue_crashed(uint64_t cause, uint64_t pc, uint64_t value) {
    rogue_say("rogue crashed: cause 0x%lx pc 0x%lx value 0x%lx", cause, pc, value);
    for (;;)
        __asm__ volatile("wfi");
}

uint64_t rogue_random(struct rogue *r) {
    r->random = r->random * 6364136223846793005ull + 1442695040888963407ull;
    uint64_t x = r->random ^ r->random >> 29;
    return x * 0xbf58476d1ce4e5b9ull ^ x >> 32;
}

uint64_t rogue_below(struct rogue *r, uint64_t limit) {
    return rogue_random(r) % limit;
}

uint64_t rogue_victim(struct rogue *r, uint64_t alignment) {
    return VICTIM_RAM + (rogue_below(r, VICTIM_BYTES) & ~(alignment - 1));
}

static void attack(struct rogue *r) {
    switch (rogue_below(r, 8)) {
    case 0:
    case 1:
    case 2: rogue_reach(r); break;
    case 3: rogue_call(r); break;
    case 4:
    case 5:
    case 6:
        take(&device_lock);
        rogue_bau(r);
        release(&device_lock);
        break;
    default:
        take(&device_lock);
        rogue_device(r);
        release(&device_lock);
        break;
    }
    r->actions += rogue_has_device();
}

static void report(const struct rogue *first) {
    struct rogue sum = {0};
    for (uint64_t i = 0; i < first->harts; i++) {
        sum.actions += rogues[first->first_hart + i].actions;
        sum.refused += rogues[first->first_hart + i].refused;
        sum.leaks += rogues[first->first_hart + i].leaks;
    }
    rogue_say("rogue done actions=%lu refused=%lu leaks=%lu", sum.actions, sum.refused, sum.leaks);
}

static void hammer(struct rogue *r) {
    __atomic_add_fetch(&ready, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < r->harts)
        ;
    rogue_hammer(r, hammers);
    rogue_say("hammer hart=%lu accesses=%lu longest=%lu elapsed=%lu", r->hart, hammers, r->longest, r->elapsed);
}

/* The last of the harts to end asks for a reset of the machine, which is not its to have. */
void rogue_main(uint64_t hart) {
    struct rogue *r = &rogues[hart];
    if (hammers) {
        hammer(r);
        return;
    }
    while (r->actions < wanted)
        attack(r);
    if (__atomic_add_fetch(&ended, 1, __ATOMIC_ACQ_REL) < r->harts)
        return;
    report(r);
    sbi_call(SBI_SRST, 0, 0, 0, 0, 0, 0);
    sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0, 0, 0);
}

static void count_harts(const struct fdt *fdt, uint64_t *first, uint64_t *count) {
    uint32_t id;
    *first = UINT64_MAX;
    *count = 0;
    int node = fdt_first_child(fdt, fdt_find_path(fdt, "/cpus"));
    for (; node != FDT_NONE; node = fdt_next_sibling(fdt, node))
        if (fdt_cell(fdt, node, "reg", 0, &id)) {
            *first = id < *first ? id : *first;
            ++*count;
        }
}

void rogue_boot(uint64_t hart, const void *tree) {
    struct fdt fdt;
    uint64_t first, count;
    memcpy(tree_copy, tree, TREE_BYTES);
    if (!fdt_open(&fdt, tree_copy))
        rogue_crashed(0, 0, (uint64_t)tree);
    const char *text = fdt_text(&fdt, fdt_find_path(&fdt, "/chosen"), "bootargs");
    uint64_t seed = string_option(text ? text : "", "seed", 1);
    wanted = string_option(text ? text : "", "actions", 2000);
    hammers = string_option(text ? text : "", "hammer", 0);
    count_harts(&fdt, &first, &count);
    if (first == 0)
        uart_base = UARTS;
    for (uint64_t i = first; i < first + count; i++)
        rogues[i] = (struct rogue){.random = seed * 1000003 + i, .hart = i, .first_hart = first, .harts = count};
    pci_setup(&fdt);
    rogue_say("rogue on harts %lu to %lu, seed %lu", first, first + count - 1, seed);
    rogue_bau_setup();
    for (uint64_t i = first; i < first + count; i++)
        if (i != hart && sbi_hart_start(i, (uint64_t)rogue_hart_entry, (uint64_t)rogue_stacks + (i - first + 1) * STACK_BYTES).error)
            rogue_say("rogue: hart %lu does not start", i);
    rogue_main(hart);
}
