/* The harts: discovery, start, timer, kick. */
#include "hypervisor/arch/hart.h"

#include "hypervisor/arch/isa.h"
#include "hypervisor/arch/sbi.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

struct hart harts[MAX_HARTS];
uint32_t hart_count;

static uint8_t stacks[MAX_HARTS][HART_STACK_BYTES] __attribute__((aligned(16)));

void hart_entry(void);

static bool add_hart(const struct fdt *fdt, int node) {
    uint32_t id = 0, phandle = 0;
    if (!isa_add_hart(fdt, node) || !isa_has("h") || !fdt_cell(fdt, node, "reg", 0, &id))
        return false;
    fdt_cell(fdt, fdt_first_child(fdt, node), "phandle", 0, &phandle);
    struct hart *h = &harts[hart_count];
    h->id = id;
    h->index = hart_count;
    h->plic_phandle = phandle;
    h->stack_top = (uint64_t)(stacks[hart_count] + HART_STACK_BYTES);
    hart_count++;
    return true;
}

/* /cpus lists harts in QEMU's order, which is not ascending; indices follow the ids. */
static void sort_by_id(void) {
    for (uint32_t i = 0; i < hart_count; i++)
        for (uint32_t j = i + 1; j < hart_count; j++)
            if (harts[j].id < harts[i].id) {
                uint64_t id = harts[i].id;
                uint32_t phandle = harts[i].plic_phandle;
                harts[i].id = harts[j].id;
                harts[i].plic_phandle = harts[j].plic_phandle;
                harts[j].id = id;
                harts[j].plic_phandle = phandle;
            }
}

bool hart_discover(const struct fdt *fdt, uint64_t boot_id) {
    int node = fdt_first_child(fdt, fdt_find_path(fdt, "/cpus"));
    for (; node != FDT_NONE && hart_count < MAX_HARTS; node = fdt_next_sibling(fdt, node)) {
        const char *type = fdt_text(fdt, node, "device_type");
        if (type && strcmp(type, "cpu") == 0 && !add_hart(fdt, node))
            return false;
    }
    sort_by_id();
    for (uint32_t i = 0; i < hart_count; i++)
        if (harts[i].id == boot_id)
            return true;
    return false;
}

unsigned hart_start_others(void) {
    unsigned refused = 0;
    __atomic_store_n(&harts_known, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < hart_count; i++)
        if (!harts[i].online && sbi_hart_start(harts[i].id, (uint64_t)hart_entry, (uint64_t)&harts[i]).error)
            refused++;
    return refused;
}

/* Whatever VS-mode can handle itself goes there; ecall from VS, guest page faults and virtual instructions come to us. */
#define DELEGATED_EXCEPTIONS 0xb1ffull
#define DELEGATED_INTERRUPTS (IRQ_BIT(IRQ_VSSI) | IRQ_BIT(IRQ_VSTI) | IRQ_BIT(IRQ_VSEI))

/* Where there are state-enable registers they hide from guests all that they name; senvcfg is the one of it that guests have. */
static void enable_state(void) {
    if (isa_has("smstateen") || isa_has("ssstateen"))
        csr_write(CSR_HSTATEEN0, HSTATEEN0_ENVCFG);
}

void hart_setup(void) {
    enable_state();
    csr_write(hedeleg, DELEGATED_EXCEPTIONS);
    csr_write(hideleg, DELEGATED_INTERRUPTS);
    csr_write(hcounteren, 7);
    csr_write(hvip, 0);
    csr_write(hgatp, 0);
    __asm__ volatile(".option push\n.option arch, +h\nhfence.gvma\nhfence.vvma\n.option pop" ::: "memory");
    hart_timer_reset();
    csr_write(sie, IRQ_BIT(IRQ_SSI) | IRQ_BIT(IRQ_STI) | IRQ_BIT(IRQ_SEI));
    hart_self()->online = true;
}

void hart_kick(const struct hart *h) {
    sbi_send_ipi(1, h->id);
}

struct hart *hart_manager(void) {
    return &harts[hart_count - 1];
}

bool hart_runs_guests(const struct hart *h) {
    return hart_count == 1 || h != hart_manager();
}

void hart_timer_before(uint64_t deadline) {
    struct hart *self = hart_self();
    if (deadline >= self->timer_deadline)
        return;
    self->timer_deadline = deadline;
    sbi_set_timer(deadline);
}

void hart_timer_reset(void) {
    hart_self()->timer_deadline = UINT64_MAX;
    sbi_set_timer(UINT64_MAX);
}
