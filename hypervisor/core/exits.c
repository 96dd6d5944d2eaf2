/* The table of exit handlers. */
#include "hypervisor/core/exits.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/guest/sbi.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/snapshot/protect.h"

int guest_fetch(uint64_t address, uint32_t *instruction);

#define INSTRUCTION_WFI 0x10500073u

typedef void exit_handler(struct vcpu *v);

static void exit_ecall(struct vcpu *v) {
    vm_count(v->vm, VM_EXIT_ECALL);
    v->pc += 4;
    guest_sbi_call(v);
}

/* The guest touched what no device and no memory of its is: its own access fault. */
static void refuse_access(struct vcpu *v, uint64_t cause, uint64_t address) {
    static const uint8_t fault[CAUSES] = {
        [CAUSE_FETCH_GUEST_PAGE] = CAUSE_FETCH_ACCESS,
        [CAUSE_LOAD_GUEST_PAGE] = CAUSE_LOAD_ACCESS,
        [CAUSE_STORE_GUEST_PAGE] = CAUSE_STORE_ACCESS,
    };
    vcpu_inject_exception(v, fault[cause], address);
}

/* RAM is always there for the guest: a fault means that its page is protected, was given back, or that this hart remembers old rights. */
static bool open_memory(struct vcpu *v, uint64_t address) {
    uint32_t page = (uint32_t)((address - VM_RAM_BASE) / 4096);
    if (address - VM_RAM_BASE >= v->vm->memory_bytes)
        return false;
    event_emit(EVENT_SW_PAGE_FAULT, (uint16_t)v->vm->index, page, hart_self()->id);
    snapshot_write_fault(v->vm, GPA(address), PAGE_BY_WRITE);
    gstage_forget(GPA(address), v->vm->vmid);
    vm_count(v->vm, VM_EXIT_PROTECTED);
    event_emit(EVENT_SW_PAGE_OPEN, (uint16_t)v->vm->index, page, hart_self()->id);
    return true;
}

static void touch_device(struct vcpu *v, uint64_t cause, uint64_t address, uint64_t virtual_address) {
    vm_count(v->vm, VM_EXIT_MMIO);
    /* Devices are for kernels: nothing here decodes an application's instruction. */
    if (cause == CAUSE_FETCH_GUEST_PAGE || vcpu_runs_application(v) || !mmio_emulate(v, address, csr_read(htinst)))
        refuse_access(v, cause, virtual_address);
}

static bool exit_guest_page(struct vcpu *v, uint64_t cause) {
    /* Reading the guest's instruction may trap itself, so these are read first. */
    uint64_t virtual_address = csr_read(stval), address = csr_read(htval) << 2 | (virtual_address & 3);
    if (open_memory(v, address))
        return true;
    touch_device(v, cause, address, virtual_address);
    return false;
}

static void exit_virtual_instruction(struct vcpu *v) {
    uint32_t instruction = (uint32_t)csr_read(stval);
    if (!instruction && guest_fetch(v->pc, &instruction))
        return;
    if (instruction != INSTRUCTION_WFI || !(v->sstatus & SSTATUS_SPP)) {
        vcpu_inject_exception(v, CAUSE_ILLEGAL, instruction);
        return;
    }
    vm_count(v->vm, VM_EXIT_WFI);
    v->pc += 4;
    vcpu_wait(v);
}

static exit_handler *const handlers[CAUSES] = {
    [CAUSE_ECALL_VS] = exit_ecall,
    [CAUSE_VIRTUAL_INSTRUCTION] = exit_virtual_instruction,
};

static bool is_guest_page_fault(uint64_t cause) {
    return cause == CAUSE_FETCH_GUEST_PAGE || cause == CAUSE_LOAD_GUEST_PAGE || cause == CAUSE_STORE_GUEST_PAGE;
}

bool exit_dispatch(struct vcpu *v) {
    uint64_t cause = csr_read(scause);
    if (is_guest_page_fault(cause))
        return exit_guest_page(v, cause);
    if (cause & CAUSE_INTERRUPT) {
        vm_count(v->vm, VM_EXIT_INTERRUPT);
    } else if (cause < CAUSES && handlers[cause]) {
        handlers[cause](v);
    } else {
        vm_count(v->vm, VM_EXIT_OTHER);
        vcpu_inject_exception(v, cause, csr_read(stval));
    }
    return false;
}
