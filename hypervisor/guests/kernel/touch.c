/* Workload `touch`: uses what is not its own. Every attempt must end in its own exception or in an SBI error, and the run goes on. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/guests/kernel/touch.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

static unsigned attempts, wrong;

void touch_expect(const char *what, uint64_t seen, uint64_t wanted) {
    attempts++;
    if (seen == wanted)
        return;
    wrong++;
    print("touch error: %s gives 0x%lx, not 0x%lx", what, seen, wanted);
}

static void touch_memory(uint64_t address) {
    touch_expect("load", probe_load(address), CAUSE_LOAD_ACCESS);
    touch_expect("address of a load", probe_value(), address);
    touch_expect("store", probe_store(address), CAUSE_STORE_ACCESS);
    touch_expect("address of a store", probe_value(), address);
    touch_expect("fetch", probe_call(address), CAUSE_FETCH_ACCESS);
    touch_expect("address of a fetch", probe_value(), address);
}

/* Holes of the VM's map where the host has its own devices and memory. */
static void touch_holes(void) {
    static const uint64_t holes[] = {
        0x02000000, /* CLINT */
        0x04000000, /* BAU registers */
        0x28000000, /* BAU doorbells */
        0x100000,   /* test finisher */
        0x8ff00000, /* host memory behind the VM's */
        0xc0000000,
    };
    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++)
        touch_memory(holes[i]);
}

/* A table of the guest's own translation where nothing of its is: the walk fails, and that is the access's own fault (`tables=1`;
 * QEMU 7.2 calls every such fault a load's). */
static void touch_tables(void) {
    static const uint64_t places[] = {0x04000000, 0x0c000000 /* its PLIC */, 0xc0000000};
    const unsigned gigabyte = 100;
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        root_table[gigabyte] = places[i] >> 12 << 10 | 1;
        __asm__ volatile("sfence.vma" ::: "memory");
        touch_memory((uint64_t)gigabyte << 30);
    }
    root_table[gigabyte] = 0;
    __asm__ volatile("sfence.vma" ::: "memory");
}

/* Moves one block; the answer is the NVMe status, or ~0 when nothing came. */
static uint64_t move_block(enum nvme_io_opcode opcode, void *data) {
    nvme_submit(0, opcode, 0, 1, data, NULL);
    return nvme_wait_polled() ? nvme_request_status(0) : UINT64_MAX;
}

static bool fails(uint64_t status) {
    return status != 0 && status != UINT64_MAX;
}

/* The VM's own device is made to reach for others: by DMA, then by interrupt messages. */
static void touch_by_device(void) {
    static uint8_t block[4096] __attribute__((aligned(4096))); /* the longest */
    static const uint64_t foreign[] = {0x80000000ull + (1ull << 30), 0x8ff00000, 0x04000000, 1ull << 45};
    if (!nvme_uses_interrupts())
        return;
    for (unsigned i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        touch_expect("DMA from what is not ours fails", fails(move_block(NVME_WRITE, (void *)foreign[i])), true);
        /* PCIe writes are posted: only the BAU knows that they went nowhere. */
        touch_expect("DMA to what is not ours ends", move_block(NVME_READ, (void *)foreign[i]) != UINT64_MAX, true);
    }
    nvme_aim_message(directed_message_address(200), 1);
    touch_expect("read while its message has a bad target", move_block(NVME_READ, block), 0);
    nvme_aim_message(directed_message_address(0), 600);
    touch_expect("read while its message has a bad vector", move_block(NVME_READ, block), 0);
    nvme_aim_message(directed_message_address(0) + 0x1000, 1);
    touch_expect("read while its message goes to another partition", move_block(NVME_READ, block), 0);
    nvme_aim_message(0, 0);
    nvme_submit(0, NVME_READ, 0, 1, block, NULL);
    touch_expect("read with its own message again", nvme_wait() == 1 && !nvme_request_status(0) && !nvme_lost_interrupts(), true);
}

unsigned workload_touch(void) {
    touch_holes();
    if (string_option(bootargs, "tables", 0))
        touch_tables();
    touch_devices();
    touch_privileged();
    touch_sbi();
    touch_suspend();
    if (string_option(bootargs, "device", 0) && nvme_start())
        touch_by_device();
    print("touch attempts=%u errors=%u", attempts, wrong);
    return wrong;
}
