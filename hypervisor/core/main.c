/* From the firmware's entry to the scheduler's loop. */
#include "hypervisor/arch/hart.h"
#include "hypervisor/arch/isa.h"
#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/drivers/pf.h"
#include "hypervisor/drivers/uart.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/management/management.h"

#define TREE_MAX_BYTES 0x10000u

struct hart *boot_main(uint64_t boot_id, const void *tree);
void hart_main(void);

static uint8_t tree_copy[TREE_MAX_BYTES] __attribute__((aligned(8)));

/* The blob lies in memory that the pools take, so a copy is kept. */
static void open_tree(struct fdt *fdt, const void *tree) {
    if (!fdt_open(fdt, tree) || fdt->total_bytes > TREE_MAX_BYTES)
        panic("no device tree of at most %u bytes at 0x%lx", TREE_MAX_BYTES, (uint64_t)tree);
    memcpy(tree_copy, tree, fdt->total_bytes);
    if (!fdt_open(fdt, tree_copy))
        panic("device tree at 0x%lx changed", (uint64_t)tree);
}

static struct hart *hart_by_id(uint64_t id) {
    uint32_t i = 0;
    while (harts[i].id != id)
        i++;
    return &harts[i];
}

struct hart *boot_main(uint64_t boot_id, const void *tree) {
    struct fdt fdt;
    open_tree(&fdt, tree);
    uart_setup(&fdt);
    if (!hart_discover(&fdt, boot_id))
        panic("a hart lacks the hypervisor extension, or hart %lu is not in the device tree", boot_id);
    if (!memory_setup(&fdt))
        panic("no memory behind the hypervisor's image");
    vcpu_setup();
    irq_setup(&fdt);
    pci_setup(&fdt);
    pf_setup(&fdt);
    bau_setup(&fdt);
    event_port_setup(&fdt);
    management_setup(&fdt);
    log_line("assay hypervisor: %u harts, %lu MiB for guests, sstc %s", hart_count, memory_free_bytes() >> 20,
             isa_has("sstc") ? "yes" : "no");
    return hart_by_id(boot_id);
}

static bool all_online(void) {
    for (uint32_t i = 0; i < hart_count; i++)
        if (!__atomic_load_n(&harts[i].online, __ATOMIC_ACQUIRE))
            return false;
    return true;
}

/* The first hart that gets here is the boot hart; it starts the others. */
void hart_main(void) {
    static bool others_started;
    bool first = !others_started;
    others_started = true;
    hart_setup();
    irq_setup_hart();
    if (first) {
        unsigned refused = hart_start_others();
        if (refused)
            panic("%u harts did not start", refused);
    }
    if (hart_self() == hart_manager()) {
        while (!all_online())
            ;
        log_line("management on hart %lu", hart_self()->id);
        management_start();
    }
    scheduler_loop();
}
