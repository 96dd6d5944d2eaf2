#include "hypervisor/guests/kernel/plic.h"

#include "hypervisor/guests/kernel/kernel.h"

#define ENABLE 0x2000u
#define ENABLE_STRIDE 0x80u
#define CONTEXT 0x200000u
#define CONTEXT_STRIDE 0x1000u
#define CLAIM 4u

static uint64_t plic;

static volatile uint32_t *word(uint64_t offset) {
    return (volatile uint32_t *)(plic + offset);
}

static uint64_t context(void) {
    return CONTEXT + boot_hart_id * CONTEXT_STRIDE;
}

bool plic_setup(void) {
    uint64_t bytes;
    if (!fdt_reg(&tree, fdt_find_compatible(&tree, FDT_NONE, "riscv,plic0"), 0, &plic, &bytes))
        return false;
    *word(context()) = 0;
    return true;
}

void plic_enable(uint32_t source) {
    *word(4 * source) = 1;
    *word(ENABLE + boot_hart_id * ENABLE_STRIDE) |= 1u << source;
}

uint32_t plic_claim(void) {
    return *word(context() + CLAIM);
}

void plic_complete(uint32_t source) {
    *word(context() + CLAIM) = source;
}
