/* The hart's interrupts and the host's PLIC (RISC-V PLIC specification 1.0.0). */
#include "hypervisor/drivers/irq.h"

#include "hypervisor/arch/hart.h"
#include "hypervisor/core/log.h"
#include "hypervisor/lib/csr.h"

#define PLIC_PRIORITY 0x0u
#define PLIC_ENABLE 0x2000u
#define PLIC_ENABLE_STRIDE 0x80u
#define PLIC_CONTEXT 0x200000u
#define PLIC_CONTEXT_STRIDE 0x1000u
#define PLIC_CLAIM 4u
#define NO_CONTEXT UINT32_MAX
#define MOST_AT_ONCE 16u

static uint64_t plic;
static irq_handler *handlers[IRQ_SOURCES];

static volatile uint32_t *plic_word(uint64_t offset) {
    return (volatile uint32_t *)(plic + offset);
}

static struct hart *hart_of_phandle(uint32_t phandle) {
    for (uint32_t i = 0; i < hart_count; i++)
        if (harts[i].plic_phandle == phandle)
            return &harts[i];
    return NULL;
}

/* interrupts-extended lists (hart's controller, cause) for each context in order. */
void irq_setup(const struct fdt *fdt) {
    uint64_t bytes;
    uint32_t phandle, cause;
    int node = fdt_find_compatible(fdt, FDT_NONE, "riscv,plic0");
    for (uint32_t i = 0; i < hart_count; i++)
        harts[i].plic_context = NO_CONTEXT;
    if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &plic, &bytes))
        return;
    for (uint32_t context = 0; fdt_cell(fdt, node, "interrupts-extended", 2 * context, &phandle); context++) {
        struct hart *h = hart_of_phandle(phandle);
        if (h && fdt_cell(fdt, node, "interrupts-extended", 2 * context + 1, &cause) && cause == IRQ_SEI)
            h->plic_context = context;
    }
}

void irq_setup_hart(void) {
    uint32_t context = hart_self()->plic_context;
    if (context == NO_CONTEXT)
        return;
    for (uint32_t word = 0; word < IRQ_SOURCES / 32; word++)
        *plic_word(PLIC_ENABLE + context * PLIC_ENABLE_STRIDE + 4 * word) = 0;
    *plic_word(PLIC_CONTEXT + context * PLIC_CONTEXT_STRIDE) = 0;
}

void irq_enable(uint32_t source, irq_handler *handler) {
    uint32_t context = hart_self()->plic_context;
    if (context == NO_CONTEXT || !source || source >= IRQ_SOURCES)
        return;
    handlers[source] = handler;
    *plic_word(PLIC_PRIORITY + 4 * source) = 1;
    *plic_word(PLIC_ENABLE + context * PLIC_ENABLE_STRIDE + 4 * (source / 32)) |= 1u << (source % 32);
}

/* Bounded, so that a flood from a guest's device cannot keep the management loop from its turn. */
static void serve_external(void) {
    volatile uint32_t *claim = plic_word(PLIC_CONTEXT + hart_self()->plic_context * PLIC_CONTEXT_STRIDE + PLIC_CLAIM);
    uint32_t source;
    for (unsigned served = 0; served < MOST_AT_ONCE && (source = *claim) != 0; served++) {
        if (source < IRQ_SOURCES && handlers[source])
            handlers[source](source);
        *claim = source;
    }
}

void irq_poll(void) {
    uint64_t pending = csr_read(sip);
    if (pending & IRQ_BIT(IRQ_SSI))
        csr_clear(sip, IRQ_BIT(IRQ_SSI));
    if (pending & IRQ_BIT(IRQ_STI))
        hart_timer_reset();
    if (pending & IRQ_BIT(IRQ_SEI))
        serve_external();
}
