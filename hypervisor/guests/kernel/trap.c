/* Traps of the guest kernel: interrupts, and exceptions that a probe expects. Any other exception ends the VM with a message. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"

volatile uint64_t timer_interrupts, software_interrupts;

static external_handler *on_external;
static volatile bool probing;
static volatile uint64_t probe_cause, probe_fault_value;

void trap_entry(void);
uint64_t trap_handle(uint64_t cause, uint64_t pc, uint64_t value, uint64_t caller);

void trap_interrupt(uint64_t number) {
    if (number == IRQ_STI) {
        timer_interrupts++;
        sbi_set_timer(UINT64_MAX);
    } else if (number == IRQ_SSI) {
        csr_clear(sip, IRQ_BIT(IRQ_SSI));
        software_interrupts++;
    } else if (number == IRQ_SEI && on_external) {
        on_external();
    }
}

uint64_t trap_handle(uint64_t cause, uint64_t pc, uint64_t value, uint64_t caller) {
    if (cause & CAUSE_INTERRUPT) {
        trap_interrupt(cause & 63);
        return pc;
    }
    if (!probing) {
        print("guest exception cause=%lu pc=0x%lx value=0x%lx", cause, pc, value);
        shutdown(true);
    }
    probe_cause = cause;
    probe_fault_value = value;
    return cause == CAUSE_FETCH_ACCESS || cause == 12 ? caller : pc + 4;
}

void trap_setup(external_handler *external) {
    on_external = external;
    csr_set(sie, IRQ_BIT(IRQ_SSI) | IRQ_BIT(IRQ_STI) | IRQ_BIT(IRQ_SEI));
    csr_set(sstatus, SSTATUS_SIE);
}

void timer_after(uint64_t ticks) {
    sbi_set_timer(csr_read(time) + ticks);
}

void probe_begin(void) {
    probe_cause = 0;
    probe_fault_value = 0;
    probing = true;
}

uint64_t probe_end(void) {
    probing = false;
    return probe_cause;
}

/* Uncompressed instructions, since the handler skips 4 bytes. */
uint64_t probe_load(uint64_t address) {
    probe_begin();
    __asm__ volatile(".option push\n.option norvc\nld t0, 0(%0)\n.option pop" ::"r"(address) : "t0", "memory");
    return probe_end();
}

uint64_t probe_store(uint64_t address) {
    probe_begin();
    __asm__ volatile(".option push\n.option norvc\nsd zero, 0(%0)\n.option pop" ::"r"(address) : "memory");
    return probe_end();
}

uint64_t probe_call(uint64_t address) {
    probe_begin();
    __asm__ volatile("jalr %0" ::"r"(address) : "ra", "memory");
    return probe_end();
}

uint64_t probe_value(void) {
    return probe_fault_value;
}
