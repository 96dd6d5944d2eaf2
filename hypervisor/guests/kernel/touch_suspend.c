/* Part of workload `touch`: suspending this hart (SBI HSM) and the system (SUSP). */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/touch.h"
#include "hypervisor/lib/csr.h"

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
    touch_expect("system suspend of a reserved kind", suspend_and_restart(SBI_SUSP, 0, 1), (uint64_t)SBI_INVALID_PARAM);
    touch_expect("system suspend to nowhere", (uint64_t)sbi_call(SBI_SUSP, 0, 0, 0x10, 0, 0, 0).error, (uint64_t)SBI_INVALID_ADDRESS);
    touch_expect("system suspend, another function", (uint64_t)sbi_call(SBI_SUSP, 1, 0, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    if (vcpus_start(wait_for_the_others)) {
        touch_expect("system suspend while another hart is on", suspend_and_restart(SBI_SUSP, 0, 0), (uint64_t)SBI_DENIED);
        __atomic_store_n(&others_may_stop, 1, __ATOMIC_RELEASE);
        while (sbi_call(SBI_HSM, 2, boot_hart_id ^ 1, 0, 0, 0, 0).value != 1)
            ;
    }
    uint64_t deadline = set_deadline();
    touch_expect("system suspend", suspend_and_restart(SBI_SUSP, 0, 0), boot_hart_id);
    touch_expect("and the system wakes with the timer", csr_read(time) >= deadline, true);
}

/* An interrupt that is pending already ends it at once, and is still there. */
static void touch_suspend_with_ipi(void) {
    csr_set(sie, IRQ_BIT(IRQ_SSI));
    sbi_send_ipi(1, boot_hart_id);
    touch_expect("suspend without registers, interrupted", suspend_and_restart(SBI_HSM, 3, 0x80000000u), boot_hart_id);
    touch_expect("by what is pending", (csr_read(sip) >> IRQ_SSI) & 1, 1);
    touch_expect("and enabled", csr_read(sie) >> IRQ_SSI & 1, 1);
    csr_clear(sip, IRQ_BIT(IRQ_SSI));
    csr_clear(sie, IRQ_BIT(IRQ_SSI));
}

/* 0 where there is floating point. */
static uint64_t probe_fp(void) {
    csr_set(sstatus, SSTATUS_FS_CLEAN);
    probe_begin();
    __asm__ volatile(".option push\n.option norvc\n.option arch, +d\nfmv.d.x f0, zero\n.option pop");
    return probe_end();
}

/* Hart suspend: as WFI, but seen by others. */
void touch_suspend(void) {
    csr_set(sie, 1ull << IRQ_STI);
    uint64_t had_fp = probe_fp(), deadline = set_deadline();
    touch_expect("suspend", (uint64_t)sbi_call(SBI_HSM, 3, 0, 0, 0, 0, 0).error, SBI_SUCCESS);
    touch_expect("suspend ends with the timer", csr_read(time) >= deadline, true);
    deadline = set_deadline();
    touch_expect("suspend without registers", suspend_and_restart(SBI_HSM, 3, 0x80000000u), boot_hart_id);
    touch_expect("and it ends with the timer", csr_read(time) >= deadline, true);
    touch_expect("floating point after it", probe_fp(), had_fp);
    touch_suspend_with_ipi();
    touch_system_suspend();
    sbi_set_timer(UINT64_MAX);
    csr_clear(sie, 1ull << IRQ_STI);
}

