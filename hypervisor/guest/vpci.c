/* The PCIe bus of a VM. */
#include "hypervisor/guest/vpci.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/drivers/net.h"
#include "hypervisor/guest/vpci_function.h"
#include "hypervisor/lib/pci.h"

#define FIRST_RID 0x8u /* 00:01.0 in the guest; the other function is 00:02.0 */
#define NET_WINDOW 0x100000u /* where its BAR0 lies at first, from the start of the window */
#define GUEST_COMMAND (PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_OFF) /* bits that are the guest's own, not the function's */
#define NVME_CLASS_REVISION (PCI_CLASS_NVME << 8 | 1u)

_Static_assert(sizeof(struct vpci) <= PAGE_BYTES, "lives in one page");

static uint32_t header_read(const struct vpci_function *p, uint32_t offset) {
    switch (offset) {
    case PCI_ID: return p->vf.id;
    case PCI_COMMAND:
        return (pci_read(p->vf.rid, PCI_COMMAND) & ~GUEST_COMMAND) | p->command | PCI_STATUS_CAPABILITIES;
    case PCI_CLASS: return p->class_revision;
    case PCI_BAR0: return p->bar;
    case PCI_SUBSYSTEM: return p->vf.id;
    case PCI_CAPABILITIES: return p->line && p->before_msix == PCI_CAPABILITIES ? p->after_msix : p->capabilities;
    case PCI_INTERRUPT: return p->line ? PCI_INTERRUPT_PIN_A | p->line_number : 0;
    default: return 0;
    }
}

static uint32_t config_read(const struct vpci_function *p, uint32_t offset) {
    if (p->gone)
        return UINT32_MAX;
    if (offset < PCI_HEADER_BYTES)
        return header_read(p, offset);
    uint32_t word = offset < PCI_EXTENDED ? pci_read(p->vf.rid, offset) : 0;
    if (p->line && offset == p->before_msix)
        word = (word & ~0xff00u) | p->after_msix << 8;
    return word;
}

static bool in_window(uint64_t address, uint64_t bytes) {
    return address >= VPCI_MMIO_BASE && bytes <= VPCI_MMIO_BYTES && address - VPCI_MMIO_BASE <= VPCI_MMIO_BYTES - bytes;
}

static bool map_pages(struct vm *vm, uint64_t guest, uint64_t host, uint64_t bytes, unsigned access) {
    for (uint64_t at = 0; at < bytes; at += PAGE_BYTES)
        if (!gstage_set_page(&vm->gstage, GPA(guest + at), host + at, access))
            return false;
    return true;
}

/* BAR0 is visible where the guest put it, if that is inside its window and memory space is enabled. */
void vpci_update_mapping(struct vm *vm, struct vpci_function *p) {
    uint64_t wanted = (p->command & PCI_COMMAND_MEMORY) && in_window(p->bar, p->vf.bar_bytes) ? p->bar : 0;
    if (wanted == p->mapped)
        return;
    lock_take(&vm->lock);
    if (p->mapped)
        map_pages(vm, p->mapped, 0, p->vf.bar_bytes, 0);
    p->mapped = wanted && map_pages(vm, wanted, p->vf.bar, p->vf.bar_bytes, GSTAGE_DEVICE) ? wanted : 0;
    lock_release(&vm->lock);
    gstage_shootdown(vm->vmid);
}

static void header_write(struct vm *vm, struct vpci_function *p, uint32_t offset, uint32_t value) {
    if (offset == PCI_BAR0) {
        p->bar = value & ~((uint32_t)p->vf.bar_bytes - 1u);
    } else if (offset == PCI_INTERRUPT) {
        p->line_number = value & 0xffu;
    } else if (offset == PCI_COMMAND) {
        p->command = value & GUEST_COMMAND;
        vpci_settle_line(vm, p, value & PCI_COMMAND_MASTER);
    }
    vpci_update_mapping(vm, p);
}

/* A reset clears the BAR and the memory space enable of a function that is no VF; those are ours, and stay. */
void vpci_reset(struct vm *vm, struct vpci_function *p) {
    pci_reset_function(p->vf.rid);
    pci_write(p->vf.rid, PCI_BAR0, (uint32_t)p->vf.bar);
    p->command &= ~PCI_COMMAND_INTX_OFF;
    vpci_settle_line(vm, p, 0);
    bau_hold_drop(p->vf.rid);
    if (p->line && p == &vm->pci->function[VPCI_NVME])
        vpci_aim_messages(p);
}

/* Guests may steer MSI-X and reset the function; everything else of the capabilities is read-only for them. */
static void config_write(struct vm *vm, struct vpci_function *p, uint32_t offset, uint32_t value) {
    if (p->gone)
        return;
    if (offset < PCI_HEADER_BYTES) {
        header_write(vm, p, offset, value);
    } else if (p->msix && offset == p->msix && !p->line) {
        uint32_t allowed = PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL;
        pci_write(p->vf.rid, offset, (pci_read(p->vf.rid, offset) & ~allowed) | (value & allowed));
    } else if (p->express && offset == p->express + PCI_EXPRESS_DEVCTL && (value & PCI_EXPRESS_FLR)) {
        vpci_reset(vm, p);
    }
}

static struct vpci_function *function_at(struct vm *vm, uint64_t offset) {
    uint64_t rid = offset >> 12, number = rid / 8 - 1;
    if (rid < FIRST_RID || rid % 8 || number >= VPCI_FUNCTIONS || !vm->pci->function[number].present)
        return NULL;
    return &vm->pci->function[number];
}

static uint64_t ecam_read(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width) {
    struct vpci_function *p = function_at(vm, offset);
    (void)v;
    if (!p || width > 4)
        return UINT64_MAX;
    uint32_t word = config_read(p, (uint32_t)offset & (PCI_CONFIG_BYTES - 4));
    return word >> (8 * (offset & 3));
}

static void ecam_write(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value) {
    struct vpci_function *p = function_at(vm, offset);
    (void)v;
    if (!p || width > 4)
        return;
    uint32_t at = (uint32_t)offset & (PCI_CONFIG_BYTES - 4), shift = 8 * (uint32_t)(offset & 3);
    uint32_t mask = (uint32_t)((1ull << (8 * width)) - 1) << shift;
    uint32_t word = (config_read(p, at) & ~mask) | ((uint32_t)value << shift & mask);
    config_write(vm, p, at, word);
}

bool vpci_create(struct vm *vm) {
    static const struct vm_device device = {VPCI_ECAM_BASE, VPCI_ECAM_BYTES, ecam_read, ecam_write};
    vm->pci = memory_page_alloc();
    if (!vm->pci)
        return false;
    vm_add_device(vm, &device);
    return true;
}

void vpci_destroy(struct vm *vm) {
    if (vm->pci)
        memory_page_free(vm->pci);
    vm->pci = 0;
}

static bool vf_is_taken(uint32_t vf) {
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].vf == vf)
            return true;
    return false;
}

static void present(struct vm *vm, struct vpci_function *p, uint64_t bar, uint32_t class_revision) {
    p->bar = (uint32_t)bar;
    p->class_revision = class_revision;
    p->capabilities = pci_read(p->vf.rid, PCI_CAPABILITIES) & 0xffu;
    p->msix = pci_find_capability(p->vf.rid, PCI_CAP_MSIX);
    p->express = pci_find_capability(p->vf.rid, PCI_CAP_EXPRESS);
    p->present = true;
    if (vm->path == MAILBOX_PATH_INTX)
        vpci_show_line(vm, p);
}

int vpci_attach(struct vm *vm, uint32_t vf) {
    struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    if (vm->state != MAILBOX_VM_CREATED || vm->vf || vf_is_taken(vf))
        return MAILBOX_BAD_STATE;
    if (!bau_present() || !pf_get_vf(vf, &p->vf))
        return MAILBOX_NO_DEVICE;
    if (!bau_attach_vm(vm, p->vf.rid))
        return MAILBOX_NO_MEMORY;
    present(vm, p, VPCI_MMIO_BASE, NVME_CLASS_REVISION);
    vm->vf = vf;
    return MAILBOX_OK;
}

void vpci_lose_vfs(void) {
    for (uint32_t i = 0; i < MAX_VMS; i++) {
        struct vm *vm = &vms[i];
        if (!vm->in_use || !vm->vf)
            continue;
        struct vpci_function *p = &vm->pci->function[VPCI_NVME];
        p->gone = true;
        bau_lose_vm(vm, p->vf.rid);
    }
}

void vpci_return_vfs(void) {
    for (uint32_t i = 0; i < MAX_VMS; i++) {
        struct vm *vm = &vms[i];
        struct pf_function vf;
        if (!vm->in_use || !vm->vf || !pf_get_vf(vm->vf, &vf))
            continue;
        struct vpci_function *p = &vm->pci->function[VPCI_NVME];
        bau_return_vm(vm, vf.rid);
        if (p->line)
            vpci_aim_messages(p);
        p->gone = false;
    }
}

int vpci_set_path(struct vm *vm, uint32_t path) {
    if (!vm->vf && !vm->net)
        return MAILBOX_BAD_STATE;
    if (path >= MAILBOX_PATHS)
        return MAILBOX_BAD_ARGUMENT;
    int status = bau_set_path(vm, path);
    for (unsigned i = 0; status == MAILBOX_OK && i < VPCI_FUNCTIONS; i++) {
        struct vpci_function *p = &vm->pci->function[i];
        p->line = false;
        if (p->present && path == MAILBOX_PATH_INTX)
            vpci_show_line(vm, p);
    }
    return status;
}

static bool net_is_taken(uint32_t function) {
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].net == function + 1)
            return true;
    return false;
}

int vpci_attach_net(struct vm *vm, uint32_t function) {
    struct vpci_function *p = &vm->pci->function[VPCI_NET];
    if (vm->state != MAILBOX_VM_CREATED || vm->net || net_is_taken(function))
        return MAILBOX_BAD_STATE;
    if (!bau_present() || !net_get_function(function, &p->vf))
        return MAILBOX_NO_DEVICE;
    if (!bau_attach_net(vm, p->vf.rid))
        return MAILBOX_NO_MEMORY;
    vm->net = function + 1;
    irq_enable(pci_line_source(p->vf.rid), vpci_serve_lines);
    present(vm, p, VPCI_MMIO_BASE + NET_WINDOW, pci_read(p->vf.rid, PCI_CLASS));
    return MAILBOX_OK;
}

uint16_t vpci_vf_rid(const struct vm *vm) {
    return vm->pci->function[VPCI_NVME].vf.rid;
}

uint16_t vpci_net_rid(const struct vm *vm) {
    return vm->pci->function[VPCI_NET].vf.rid;
}

static void silence(struct vpci_function *p) {
    pci_write(p->vf.rid, PCI_COMMAND, 0);
    pci_reset_function(p->vf.rid);
    p->present = false;
}

void vpci_detach(struct vm *vm) {
    if (vm->net) {
        silence(&vm->pci->function[VPCI_NET]);
        bau_detach_net(vm, vpci_net_rid(vm));
        vm->net = 0;
    }
    if (vm->vf) {
        struct vpci_function *p = &vm->pci->function[VPCI_NVME];
        if (p->gone)
            p->present = p->gone = false;
        else
            silence(p);
        bau_detach_vm(vm, p->vf.rid);
        vm->vf = 0;
    }
}
