/*
 * Workload `dirty`: every vCPU writes random words of random pages of a region of its own, at a rate, and keeps a running total in such a way
 * that at any moment the region's words add up to it. So memory of two moments mixed, a lost page or a page from elsewhere shows.
 *
 *   seed= pages= (a vCPU) writes= (each) gap= (instructions between writes) code=1 (rewrites its own code) walk=1 (page tables whose A and D
 *   bits the walk sets) fill=1 (regions are not empty at first) balloon= (pages given back and touched again)
 *   breathe=1 (goes on giving those pages back and touching them again)
 *   fp=1 (each vCPU computes in floating-point registers that nobody else touches)
 *
 * The end's totals depend on the arguments only.
 */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/io_pattern.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/sbi_assay.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define WORDS_PER_PAGE (PAGE_BYTES / 8)
#define MOST_VCPUS 8u
#define CHECK_EVERY 20000u
#define CODE_EVERY 64u
#define WALK_EVERY 128u
#define BREATHE_EVERY 32u
#define WALK_PAGES 64u
#define WALK_BASE 0x1c0000000ull /* a gigabyte of virtual addresses that nothing else uses */
#define ADDI_A0_A0 0x00050513u
#define RET 0x00008067u
#define FP_EVERY 16u
#define PTE_NOT_YET_USED 0xfull /* V R W X, A and D clear */

struct worker {
    uint64_t *region;
    uint64_t total, done, errors, random, code_runs;
    volatile bool finished;
    uint32_t code[16] __attribute__((aligned(4096)));
};

static struct worker workers[MOST_VCPUS];
static uint64_t pages, writes, gap, balloon;
static bool rewrite_code, use_walk, use_fp, breathes;
static uint8_t *given;

/* fp.S */
void fp_begin(uint64_t salt, uint64_t rounding_mode);
void fp_step(void);
uint64_t fp_fold(void);

static uint64_t walk_tables[2][512] __attribute__((aligned(4096)));

static void fail(struct worker *w, const char *what, uint64_t seen, uint64_t expected) {
    if (w->errors++ < 4)
        print("dirty error: vcpu %u: %s is 0x%lx, not 0x%lx after %lu writes", (unsigned)(w - workers), what, seen, expected, w->done);
}

static void check_region(struct worker *w) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < pages * WORDS_PER_PAGE; i++)
        sum += w->region[i];
    if (sum != w->total)
        fail(w, "the region's sum", sum, w->total);
}

/* A function whose code is written anew before each call: a0 + n. */
static void run_fresh_code(struct worker *w) {
    uint64_t n = w->done % 1024;
    w->code[0] = ADDI_A0_A0 | (uint32_t)n << 20;
    w->code[1] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    uint64_t (*function)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)w->code;
    uint64_t seen = function(w->done);
    if (seen != w->done + n)
        fail(w, "the rewritten code's answer", seen, w->done + n);
    w->code_runs++;
}

/* Virtual pages over the worker's region: the first load sets A, the first store sets D, in a table that is memory as any other. */
static void set_walk_up(const struct worker *w) {
    root_table[WALK_BASE >> 30] = (uint64_t)walk_tables[0] >> 2 | 1;
    walk_tables[0][0] = (uint64_t)walk_tables[1] >> 2 | 1;
    for (uint64_t i = 0; i < WALK_PAGES && i < pages; i++)
        walk_tables[1][i] = ((uint64_t)w->region + i * PAGE_BYTES) >> 2 | PTE_NOT_YET_USED;
    __asm__ volatile("sfence.vma" ::: "memory");
}

static void use_walked_page(struct worker *w) {
    uint64_t page = w->done / WALK_EVERY % WALK_PAGES;
    volatile uint64_t *entry = &walk_tables[1][page];
    volatile uint64_t *word = (volatile uint64_t *)(WALK_BASE + page * PAGE_BYTES);
    if (page >= pages)
        return;
    *entry &= ~0xc0ull;
    __asm__ volatile("sfence.vma" ::: "memory");
    uint64_t seen = *word;
    if (!(*entry & 0x40))
        fail(w, "a page-table entry after a load", *entry, *entry | 0x40);
    *word = seen;
    if (!(*entry & 0x80))
        fail(w, "a page-table entry after a store", *entry, *entry | 0x80);
}

static void write_one(struct worker *w) {
    uint64_t value = io_random(&w->random);
    uint64_t *word = &w->region[value % (pages * WORDS_PER_PAGE)];
    w->total += value - *word;
    *word = value;
    w->done++;
}

/* Out: a page that is not empty goes back to the host. In, when half of the others have gone: it is touched, and must be empty. */
static void breathe(struct worker *w) {
    uint64_t turn = w->done / BREATHE_EVERY, in = turn % 2, index = (turn / 2 + in * (balloon / 2)) % balloon;
    volatile uint64_t *word = (volatile uint64_t *)(given + index * PAGE_BYTES) + index % WORDS_PER_PAGE;
    if (in && *word != 0)
        fail(w, "a page that came back", *word, 0);
    *word = ~turn;
    if (!in && sbi_call(SBI_ASSAY, SBI_ASSAY_GIVE_BACK, (uint64_t)(given + index * PAGE_BYTES), 0, 0, 0, 0).error)
        fail(w, "giving a page back", 1, 0);
}

static void work(uint64_t hart) {
    struct worker *w = &workers[hart % MOST_VCPUS];
    if (use_fp) {
        csr_set(sstatus, SSTATUS_FS_CLEAN);
        fp_begin(1 + hart, hart % 4);
    }
    while (w->done < writes) {
        write_one(w);
        for (uint64_t i = 0; i < gap; i++)
            __asm__ volatile("");
        if (rewrite_code && w->done % CODE_EVERY == 0)
            run_fresh_code(w);
        if (use_walk && hart == boot_hart_id && w->done % WALK_EVERY == 0)
            use_walked_page(w);
        if (breathes && hart == boot_hart_id && w->done % BREATHE_EVERY == 0)
            breathe(w);
        if (use_fp && w->done % FP_EVERY == 0)
            fp_step();
        if (w->done % CHECK_EVERY == 0)
            check_region(w);
    }
    check_region(w);
    if (use_fp)
        w->total += fp_fold();
    w->finished = true;
}

static bool setup(uint64_t seed) {
    for (unsigned i = 0; i < MOST_VCPUS; i++)
        workers[i].random = io_mix(seed, i, 7);
    for (unsigned i = 0; i < MOST_VCPUS; i++) {
        workers[i].region = memory_take(pages * PAGE_BYTES, PAGE_BYTES);
        if (!workers[i].region)
            return i > boot_hart_id; /* vCPUs that do not start need no memory */
    }
    return true;
}

/* Pages behind all regions go back to the host; one comes again as it is touched, and must be empty. */
static void give_back(struct worker *w) {
    uint8_t *start = given = balloon ? memory_take(balloon * PAGE_BYTES, PAGE_BYTES) : NULL;
    for (uint64_t i = 0; start && i < balloon; i++) {
        start[i * PAGE_BYTES] = (uint8_t)(i + 1);
        if (sbi_call(SBI_ASSAY, SBI_ASSAY_GIVE_BACK, (uint64_t)start + i * PAGE_BYTES, 0, 0, 0, 0).error)
            fail(w, "giving a page back", 1, 0);
    }
    if (start && start[0] != 0)
        fail(w, "a page that came back", start[0], 0);
}

static void fill_region(struct worker *w) {
    for (uint64_t i = 0; w->region && i < pages * WORDS_PER_PAGE; i++)
        w->total += w->region[i] = (i + 1) * 0x9e3779b97f4a7c15ull;
}

static unsigned others; /* vCPUs that were started */

static bool read_arguments(void) {
    pages = string_option(bootargs, "pages", 256);
    writes = string_option(bootargs, "writes", 100000);
    gap = string_option(bootargs, "gap", 50);
    balloon = string_option(bootargs, "balloon", 0);
    rewrite_code = string_option(bootargs, "code", 0);
    use_walk = string_option(bootargs, "walk", 0);
    use_fp = string_option(bootargs, "fp", 0);
    breathes = balloon && string_option(bootargs, "breathe", 0);
    if (setup(string_option(bootargs, "seed", 1)))
        return true;
    print("dirty error: no memory for %lu pages a vcpu", pages);
    return false;
}

void dirty_start_others(void) {
    if (string_option(bootargs, "dirty", 0) && read_arguments())
        others = vcpus_start(work);
}

unsigned dirty_wait(void) {
    unsigned errors = 0;
    for (unsigned i = 1; i <= others; i++) {
        while (!workers[(boot_hart_id + i) % MOST_VCPUS].finished)
            ;
        errors += (unsigned)workers[(boot_hart_id + i) % MOST_VCPUS].errors;
    }
    return errors;
}

unsigned workload_dirty(void) {
    struct worker *first = &workers[boot_hart_id % MOST_VCPUS];
    uint64_t total = 0;
    trap_setup(NULL);
    if (!read_arguments())
        return 1;
    if (use_walk)
        set_walk_up(first);
    give_back(first);
    for (unsigned i = 0; string_option(bootargs, "fill", 0) && i < MOST_VCPUS; i++)
        fill_region(&workers[i]);
    others = vcpus_start(work);
    print("dirty begins vcpus %u", others + 1);
    work(boot_hart_id);
    uint64_t errors = dirty_wait() + first->errors;
    for (unsigned i = 0; i <= others; i++)
        total += workers[i].total;
    print("dirty done vcpus=%u writes=%lu total=%lx errors=%lu", others + 1, writes, total, errors);
    return errors != 0;
}
