/* INTx of a VM's functions, for stock drivers, by a line of the virtual PLIC each. A VF has no INTx: its messages, all aimed at one target of ours, raise the
 * line (bau_targets.c). A network function has its own, which shares the host's line with other functions: when it comes the function's Interrupt
 * Disable is set, and cleared again when the guest completes, so that no guest can keep the shared line up. */
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vpci_function.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/lib/pci.h"

void vpci_aim_messages(const struct vpci_function *p) {
    volatile uint32_t *entry = (volatile uint32_t *)(p->vf.bar + (pci_read(p->vf.rid, p->msix + 4) & ~7u));
    for (uint32_t vector = 0; vector <= ((pci_read(p->vf.rid, p->msix) >> 16) & 0x7ffu); vector++, entry += 4) {
        entry[0] = (uint32_t)bau_doorbell_base();
        entry[1] = 0;
        entry[2] = vector;
        entry[3] = 0;
    }
    pci_write(p->vf.rid, p->msix, (pci_read(p->vf.rid, p->msix) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
}

static bool is_net(const struct vm *vm, const struct vpci_function *p) {
    return p == &vm->pci->function[VPCI_NET];
}

static void put_command(const struct vpci_function *p, uint32_t master) {
    bool through = p->line && !p->held_back && !(p->command & PCI_COMMAND_INTX_OFF);
    pci_write(p->vf.rid, PCI_COMMAND, master | PCI_COMMAND_MEMORY | (through ? 0 : PCI_COMMAND_INTX_OFF));
}

static bool is_asserted(const struct vpci_function *p) {
    return pci_read(p->vf.rid, PCI_COMMAND) & PCI_STATUS_INTERRUPT;
}

/* The level that the guest sees; what came meanwhile comes at once when INTx is let through again. */
static bool settle_net(struct vpci_function *p, uint32_t master) {
    if (!is_asserted(p))
        p->held_back = false;
    put_command(p, master);
    return p->held_back && !(p->command & PCI_COMMAND_INTX_OFF);
}

void vpci_settle_line(struct vm *vm, struct vpci_function *p, uint32_t master) {
    if (!is_net(vm, p)) {
        pci_write(p->vf.rid, PCI_COMMAND, master | PCI_COMMAND_MEMORY);
        if (p->line)
            bau_update_line(vm);
        return;
    }
    lock_take(&vm->pci->lock);
    bool level = settle_net(p, master);
    lock_release(&vm->pci->lock);
    if (p->line)
        vplic_set(vm, VPLIC_NET_SOURCE, level);
}

bool vpci_vf_line_is_off(const struct vm *vm) {
    return vm->pci->function[VPCI_NVME].command & PCI_COMMAND_INTX_OFF;
}

static void completed(struct vm *vm) {
    struct vpci_function *p = &vm->pci->function[VPCI_NET];
    vpci_settle_line(vm, p, pci_read(p->vf.rid, PCI_COMMAND) & PCI_COMMAND_MASTER);
}

static void wake(struct vm *vm) {
    vm_count(vm, VM_CLASSICAL);
    vplic_set(vm, VPLIC_NET_SOURCE, true);
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (vplic_asserts(&vm->vcpus[i]))
            __atomic_store_n(&vm->vcpus[i].urgent, 1, __ATOMIC_RELEASE);
}

/* Behind the last read the host's line is low, so that its controller asks once. */
static void take(struct vm *vm, struct vpci_function *p) {
    lock_take(&vm->pci->lock);
    uint32_t word = pci_read(p->vf.rid, PCI_COMMAND);
    bool comes = (word & PCI_STATUS_INTERRUPT) && !(word & PCI_COMMAND_INTX_OFF);
    if (comes) {
        p->held_back = true;
        put_command(p, word & PCI_COMMAND_MASTER);
        pci_read(p->vf.rid, PCI_COMMAND);
    }
    lock_release(&vm->pci->lock);
    if (comes)
        wake(vm);
}

void vpci_serve_lines(uint32_t source) {
    (void)source;
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].net)
            take(&vms[i], &vms[i].pci->function[VPCI_NET]);
}

void vpci_show_line(struct vm *vm, struct vpci_function *p) {
    p->line = true;
    p->before_msix = pci_find_before(p->vf.rid, p->msix);
    p->after_msix = (pci_read(p->vf.rid, p->msix) >> 8) & 0xfcu;
    if (!is_net(vm, p)) {
        vpci_aim_messages(p);
        return;
    }
    vplic_watch(vm, VPLIC_NET_SOURCE, NULL, completed);
    vpci_settle_line(vm, p, 0);
}
