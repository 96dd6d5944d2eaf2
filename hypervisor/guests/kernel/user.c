/* Workload `apps`: runs the programs of the initial RAM disk, a cpio archive, in turn until all have ended. */
#include "hypervisor/guests/kernel/user.h"

#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define PROCESSES_MAX 16u
#define SATP_SV39 (8ull << 60)
#define SATP_ASID_LSB 44u
#define SLICE_TICKS 10000u /* 1 ms */
#define KILLED 128u

uint64_t user_enter(struct user_frame *frame);

static struct process processes[PROCESSES_MAX];
static bool have_a64;

/* The extension's name among those after the first underscore. */
static bool finds_isa_select(void) {
    static const char wanted[] = "xassayisa";
    int node = fdt_first_child(&tree, fdt_find_path(&tree, "/cpus"));
    const char *isa = node == FDT_NONE ? NULL : fdt_text(&tree, node, "riscv,isa");
    for (; isa && *isa; isa++)
        if (*isa == '_' && strncmp(isa + 1, wanted, sizeof wanted - 1) == 0)
            return true;
    return false;
}

static void select(const struct process *p) {
    csr_write(CSR_UISA, p->isa == USER_A64);
    csr_write(CSR_USP, p->sp);
    csr_write(CSR_UFLAGS, p->flags);
    csr_write(CSR_UTHREAD, p->thread);
}

static void keep(struct process *p) {
    p->sp = csr_read(CSR_USP);
    p->flags = csr_read(CSR_UFLAGS);
    p->thread = csr_read(CSR_UTHREAD);
    csr_write(CSR_UISA, 0);
}

/* Runs the process until its next trap. Interrupts are off in the kernel meanwhile: a trap before the process runs would take its frame. */
static uint64_t enter(struct process *p) {
    uint64_t kernel = csr_read(satp);
    csr_clear(sstatus, SSTATUS_SIE | SSTATUS_SPP);
    csr_set(sstatus, SSTATUS_SPIE);
    if (have_a64)
        select(p);
    csr_write(satp, SATP_SV39 | (uint64_t)p->asid << SATP_ASID_LSB | (uint64_t)p->root >> 12);
    uint64_t cause = user_enter(&p->frame);
    csr_write(satp, kernel);
    if (have_a64)
        keep(p);
    return cause;
}

static void kill(struct process *p) {
    user_flush(p);
    print("process %s killed: cause=%lu pc=0x%lx value=0x%lx", p->name, p->frame.cause, p->frame.pc, p->frame.value);
    p->ended = true;
    p->status = KILLED + p->frame.cause;
}

/* Until its slice is over or it has ended. */
static void run_slice(struct process *p) {
    uint64_t before = timer_interrupts;
    p->slices++;
    timer_after(SLICE_TICKS);
    while (!p->ended && timer_interrupts == before) {
        uint64_t cause = enter(p);
        if (cause & CAUSE_INTERRUPT)
            trap_interrupt(cause & 63);
        else if (cause == CAUSE_ECALL_U)
            user_call(p);
        else
            kill(p);
    }
}

static void finish(struct process *p) {
    user_flush(p);
    print("process %s exited %lu", p->name, p->status);
    user_space_destroy(p);
}

/* One cell or two. */
static bool chosen_address(int chosen, const char *name, uint64_t *address) {
    uint32_t word[2];
    if (!fdt_cell(&tree, chosen, name, 0, &word[0]))
        return false;
    *address = fdt_cell(&tree, chosen, name, 1, &word[1]) ? (uint64_t)word[0] << 32 | word[1] : word[0];
    return true;
}

/* The archive in /chosen. @return its bytes; 0 without one */
static uint64_t find_archive(const uint8_t **start) {
    int chosen = fdt_find_path(&tree, "/chosen");
    uint64_t from, to;
    if (!chosen_address(chosen, "linux,initrd-start", &from) || !chosen_address(chosen, "linux,initrd-end", &to))
        return 0;
    *start = (const uint8_t *)from;
    return to > from ? to - from : 0;
}

static unsigned load_all(const uint8_t *archive, uint64_t bytes, unsigned *errors) {
    const uint8_t *at = archive, *data;
    const char *name;
    uint64_t length;
    unsigned count = 0;
    while (count < PROCESSES_MAX && user_next_file(&at, archive + bytes, &name, &data, &length)) {
        struct process *p = &processes[count];
        const char *wrong = length ? user_load(p, name, data, length) : "empty";
        if (!wrong && p->isa == USER_A64 && !have_a64)
            wrong = "of an ISA that this machine lacks";
        if (wrong) {
            print("program %s: %s", name, wrong);
            user_space_destroy(p);
            ++*errors;
            continue;
        }
        p->asid = ++count;
    }
    return count;
}

unsigned workload_apps(void) {
    const uint8_t *archive;
    uint64_t bytes = find_archive(&archive);
    unsigned errors = 0, left;
    if (!bytes) {
        print("apps error: no initial RAM disk");
        return 1;
    }
    memory_end_before((uint64_t)archive);
    have_a64 = finds_isa_select();
    trap_setup(NULL);
    unsigned count = left = load_all(archive, bytes, &errors);
    while (left)
        for (unsigned i = 0; i < count; i++) {
            struct process *p = &processes[i];
            if (p->ended)
                continue;
            run_slice(p);
            if (p->ended) {
                finish(p);
                left--;
            }
        }
    print("apps done processes=%u errors=%u", count, errors);
    return errors;
}
