/* Directed interrupts (rtl/bau/README.md, "What the guest's handler does"). */
#include "hypervisor/guests/kernel/directed.h"

#include "bau_regs.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/plic.h"

#define SIGNAL_WORDS (BAU_NUM_VECTORS / 64)

static volatile uint64_t *registers; /* of this vCPU */
static uint64_t *signals;
static uint64_t doorbell;
static bool classical; /* the messages come through the virtual PLIC */

static bool read_pair(int node, const char *name, uint64_t *value) {
    uint32_t high, low;
    if (!fdt_cell(&tree, node, name, 0, &high) || !fdt_cell(&tree, node, name, 1, &low))
        return false;
    *value = (uint64_t)high << 32 | low;
    return true;
}

/* The tree names a line of the PLIC if the messages come through it. @return false when there is a line and no PLIC */
static bool setup_classical(int node) {
    uint32_t source;
    classical = fdt_cell(&tree, node, "interrupts", 0, &source);
    if (!classical)
        return true;
    if (!plic_setup())
        return false;
    plic_enable(source);
    return true;
}

bool directed_setup(void) {
    uint64_t page, bytes, vectors;
    int node = fdt_find_compatible(&tree, FDT_NONE, "assay,bau-guest");
    if (node == FDT_NONE || !fdt_reg(&tree, node, 0, &page, &bytes) || !read_pair(node, "assay,signal-vectors", &vectors) ||
        !read_pair(node, "assay,msi-doorbell", &doorbell))
        return false;
    if (!setup_classical(node))
        return false;
    registers = (volatile uint64_t *)(page + boot_hart_id * PAGE_BYTES);
    signals = (uint64_t *)(vectors + boot_hart_id * (BAU_NUM_VECTORS / 8));
    return true;
}

uint64_t directed_message_address(uint32_t target) {
    return doorbell + target * BAU_DOORBELL_SPACING;
}

static void serve_vectors(void (*handle)(uint32_t vector)) {
    for (uint32_t word = 0; word < SIGNAL_WORDS; word++) {
        if (!__atomic_load_n(&signals[word], __ATOMIC_RELAXED))
            continue;
        uint64_t bits = __atomic_exchange_n(&signals[word], 0, __ATOMIC_ACQ_REL);
        for (uint32_t bit = 0; bits; bit++, bits >>= 1)
            if (bits & 1)
                handle(word * 64 + bit);
    }
}

static void serve_classical(void (*handle)(uint32_t vector)) {
    uint32_t source = plic_claim();
    if (!source)
        return;
    serve_vectors(handle);
    plic_complete(source);
}

void directed_serve(void (*handle)(uint32_t vector)) {
    if (classical) {
        serve_classical(handle);
        return;
    }
    registers[BAU_ACK / 8] = 1;
    serve_vectors(handle);
    __asm__ volatile("fence rw, o" ::: "memory");
    registers[BAU_UNBLOCK / 8] = 1;
}
