/* Workload `touch`: uses what is not its own. Every attempt must end in its own exception or in an SBI error, and the run goes on. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

static unsigned attempts, wrong;

static void expect(const char *what, uint64_t seen, uint64_t wanted) {
    attempts++;
    if (seen == wanted)
        return;
    wrong++;
    print("touch error: %s gives 0x%lx, not 0x%lx", what, seen, wanted);
}

static void touch_memory(uint64_t address) {
    expect("load", probe_load(address), CAUSE_LOAD_ACCESS);
    expect("store", probe_store(address), CAUSE_STORE_ACCESS);
    expect("fetch", probe_call(address), CAUSE_FETCH_ACCESS);
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

static void touch_sbi(void) {
    expect("unknown extension", (uint64_t)sbi_call(0x12345, 0, 0, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    expect("hart_start of nobody", (uint64_t)sbi_hart_start(99, 0x80200000, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("hart_start into nothing", (uint64_t)sbi_hart_start(0, 0x10, 0).error, (uint64_t)SBI_INVALID_ADDRESS);
    expect("IPI to nobody", (uint64_t)sbi_call(SBI_IPI, 0, 1, 77, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("fence of a guest's guest", (uint64_t)sbi_call(SBI_RFENCE, 4, 1, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    expect("console from outside", (uint64_t)sbi_call(SBI_DBCN, 0, 100, 0x8ff00000, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("console across the end", (uint64_t)sbi_call(SBI_DBCN, 0, 100, UINT64_MAX - 10, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("reset of no kind", (uint64_t)sbi_call(SBI_SRST, 0, 55, 0, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("reset for no reason", (uint64_t)sbi_call(SBI_SRST, 0, 0, 2, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("counters, which are not offered", (uint64_t)sbi_call(SBI_PMU, 0, 0, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    expect("and the probe says so", (uint64_t)sbi_call(SBI_BASE, 3, SBI_PMU, 0, 0, 0, 0).value, 0);
    expect("IPI to an empty mask", (uint64_t)sbi_call(SBI_IPI, 0, 0, 77, 0, 0, 0).error, SBI_SUCCESS);
    expect("console input to outside", (uint64_t)sbi_call(SBI_DBCN, 1, 100, 0x8ff00000, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
}

#define SUSPEND_TICKS 1000u

static uint64_t set_deadline(void) {
    uint64_t deadline = csr_read(time) + SUSPEND_TICKS;
    sbi_set_timer(deadline);
    return deadline;
}

static uint32_t others_may_stop;

static void wait_for_the_others(uint64_t hart) {
    (void)hart;
    while (!__atomic_load_n(&others_may_stop, __ATOMIC_ACQUIRE))
        ;
}

/* System suspend: only when no other hart is on. */
static void touch_system_suspend(void) {
    expect("system suspend of a reserved kind", suspend_and_restart(SBI_SUSP, 0, 1), (uint64_t)SBI_INVALID_PARAM);
    expect("system suspend to nowhere", (uint64_t)sbi_call(SBI_SUSP, 0, 0, 0x10, 0, 0, 0).error, (uint64_t)SBI_INVALID_ADDRESS);
    expect("system suspend, another function", (uint64_t)sbi_call(SBI_SUSP, 1, 0, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    if (vcpus_start(wait_for_the_others)) {
        expect("system suspend while another hart is on", suspend_and_restart(SBI_SUSP, 0, 0), (uint64_t)SBI_DENIED);
        __atomic_store_n(&others_may_stop, 1, __ATOMIC_RELEASE);
        while (sbi_call(SBI_HSM, 2, boot_hart_id ^ 1, 0, 0, 0, 0).value != 1)
            ;
    }
    uint64_t deadline = set_deadline();
    expect("system suspend", suspend_and_restart(SBI_SUSP, 0, 0), boot_hart_id);
    expect("and the system wakes with the timer", csr_read(time) >= deadline, true);
}

/* Hart suspend: as WFI, but seen by others; a type of no meaning is refused, the kind that forgets the registers needs somewhere to go on. */
static void touch_suspend(void) {
    expect("suspend of no type", (uint64_t)sbi_call(SBI_HSM, 3, 1, 0, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("suspend to nowhere", (uint64_t)sbi_call(SBI_HSM, 3, 0x80000000u, 0x10, 0, 0, 0).error, (uint64_t)SBI_INVALID_ADDRESS);
    csr_set(sie, 1ull << IRQ_STI);
    uint64_t deadline = set_deadline();
    expect("suspend", (uint64_t)sbi_call(SBI_HSM, 3, 0, 0, 0, 0, 0).error, SBI_SUCCESS);
    expect("suspend ends with the timer", csr_read(time) >= deadline, true);
    deadline = set_deadline();
    expect("suspend without registers", suspend_and_restart(SBI_HSM, 3, 0x80000000u), boot_hart_id);
    expect("and it ends with the timer", csr_read(time) >= deadline, true);
    touch_system_suspend();
    sbi_set_timer(UINT64_MAX);
    csr_clear(sie, 1ull << IRQ_STI);
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
        expect("DMA from what is not ours fails", fails(move_block(NVME_WRITE, (void *)foreign[i])), true);
        /* PCIe writes are posted: only the BAU knows that they went nowhere. */
        expect("DMA to what is not ours ends", move_block(NVME_READ, (void *)foreign[i]) != UINT64_MAX, true);
    }
    nvme_aim_message(directed_message_address(200), 1);
    expect("read while its message has a bad target", move_block(NVME_READ, block), 0);
    nvme_aim_message(directed_message_address(0), 600);
    expect("read while its message has a bad vector", move_block(NVME_READ, block), 0);
    nvme_aim_message(directed_message_address(0) + 0x1000, 1);
    expect("read while its message goes to another partition", move_block(NVME_READ, block), 0);
    nvme_aim_message(0, 0);
    nvme_submit(0, NVME_READ, 0, 1, block, NULL);
    expect("read with its own message again", nvme_wait() == 1 && !nvme_request_status(0) && !nvme_lost_interrupts(), true);
}

unsigned workload_touch(void) {
    touch_holes();
    expect("hgatp", probe_hypervisor_csr(), CAUSE_ILLEGAL);
    touch_sbi();
    touch_suspend();
    if (string_option(bootargs, "device", 0) && nvme_start())
        touch_by_device();
    print("touch attempts=%u errors=%u", attempts, wrong);
    return wrong;
}
