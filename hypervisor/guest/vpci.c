/* The PCIe bus of a VM. */
#include "hypervisor/guest/vpci.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/drivers/pf.h"

#define DEVICE_RID 0x8u /* 00:01.0 in the guest */
#define NVME_CLASS_REVISION (PCI_CLASS_NVME << 8 | 1u)

struct vpci {
    bool present;
    struct pf_function vf;
    uint32_t bar;     /* as the guest wrote it */
    uint32_t command; /* memory space enable; bus master is the VF's own */
    uint64_t mapped;  /* where BAR0 is mapped now, 0: nowhere */
    uint32_t msix, express, capabilities; /* offsets in the VF's configuration space */
};

_Static_assert(sizeof(struct vpci) <= PAGE_BYTES, "lives in one page");

static uint32_t header_read(const struct vpci *p, uint32_t offset) {
    switch (offset) {
    case PCI_ID: return p->vf.id;
    case PCI_COMMAND:
        return (pci_read(p->vf.rid, PCI_COMMAND) & ~PCI_COMMAND_MEMORY) | p->command | PCI_STATUS_CAPABILITIES;
    case PCI_CLASS: return NVME_CLASS_REVISION;
    case PCI_BAR0: return p->bar;
    case PCI_SUBSYSTEM: return p->vf.id;
    case PCI_CAPABILITIES: return p->capabilities;
    default: return 0;
    }
}

static uint32_t config_read(const struct vpci *p, uint32_t offset) {
    if (offset < PCI_HEADER_BYTES)
        return header_read(p, offset);
    return offset < PCI_EXTENDED ? pci_read(p->vf.rid, offset) : 0;
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
static void update_mapping(struct vm *vm) {
    struct vpci *p = vm->pci;
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

static void header_write(struct vm *vm, uint32_t offset, uint32_t value) {
    struct vpci *p = vm->pci;
    if (offset == PCI_BAR0) {
        p->bar = value & ~((uint32_t)p->vf.bar_bytes - 1u);
    } else if (offset == PCI_COMMAND) {
        p->command = value & PCI_COMMAND_MEMORY;
        pci_write(p->vf.rid, PCI_COMMAND, value & PCI_COMMAND_MASTER);
    }
    update_mapping(vm);
}

/* Guests may steer MSI-X and reset the function; everything else of the capabilities is read-only for them. */
static void config_write(struct vm *vm, uint32_t offset, uint32_t value) {
    const struct vpci *p = vm->pci;
    if (offset < PCI_HEADER_BYTES) {
        header_write(vm, offset, value);
    } else if (p->msix && offset == p->msix) {
        uint32_t allowed = PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL;
        pci_write(p->vf.rid, offset, (pci_read(p->vf.rid, offset) & ~allowed) | (value & allowed));
    } else if (p->express && offset == p->express + PCI_EXPRESS_DEVCTL && (value & PCI_EXPRESS_FLR)) {
        pci_reset_function(p->vf.rid);
        bau_hold_drop(p->vf.rid);
    }
}

static bool is_ours(const struct vm *vm, uint64_t offset) {
    return vm->pci->present && offset >> 12 == DEVICE_RID;
}

static uint64_t ecam_read(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width) {
    (void)v;
    if (!is_ours(vm, offset) || width > 4)
        return UINT64_MAX;
    uint32_t word = config_read(vm->pci, (uint32_t)offset & (PCI_CONFIG_BYTES - 4));
    return word >> (8 * (offset & 3));
}

static void ecam_write(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value) {
    (void)v;
    if (!is_ours(vm, offset) || width > 4)
        return;
    uint32_t at = (uint32_t)offset & (PCI_CONFIG_BYTES - 4), shift = 8 * (uint32_t)(offset & 3);
    uint32_t mask = (uint32_t)((1ull << (8 * width)) - 1) << shift;
    uint32_t word = (config_read(vm->pci, at) & ~mask) | ((uint32_t)value << shift & mask);
    config_write(vm, at, word);
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

int vpci_attach(struct vm *vm, uint32_t vf) {
    struct vpci *p = vm->pci;
    if (vm->state != MAILBOX_VM_CREATED || vm->vf || vf_is_taken(vf))
        return MAILBOX_BAD_STATE;
    if (!bau_present() || !pf_get_vf(vf, &p->vf))
        return MAILBOX_NO_DEVICE;
    if (!bau_attach_vm(vm, p->vf.rid))
        return MAILBOX_NO_MEMORY;
    p->bar = (uint32_t)VPCI_MMIO_BASE;
    p->capabilities = pci_read(p->vf.rid, PCI_CAPABILITIES) & 0xffu;
    p->msix = pci_find_capability(p->vf.rid, PCI_CAP_MSIX);
    p->express = pci_find_capability(p->vf.rid, PCI_CAP_EXPRESS);
    p->present = true;
    vm->vf = vf;
    return MAILBOX_OK;
}

int vpci_set_path(struct vm *vm, uint32_t path) {
    if (!vm->vf)
        return MAILBOX_BAD_STATE;
    return path > MAILBOX_PATH_MISMATCH ? MAILBOX_BAD_ARGUMENT : bau_set_path(vm, vm->pci->vf.rid, path);
}

void vpci_detach(struct vm *vm) {
    struct vpci *p = vm->pci;
    if (!vm->vf)
        return;
    pci_write(p->vf.rid, PCI_COMMAND, 0);
    pci_reset_function(p->vf.rid);
    bau_detach_vm(vm, p->vf.rid);
    p->present = false;
    vm->vf = 0;
}
