/* The PCIe bus of a VM. */
#include "hypervisor/guest/vpci.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "firmware/nvme/function_state_wire.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/nvme_wire.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/snapshot/format.h"
#include "hypervisor/drivers/net.h"
#include "hypervisor/drivers/pf.h"

#define MSIX_TABLE 0x2000u /* in BAR0, as the capability says */
#define MSIX_PENDING 0x3000u
#define ENABLE_TICKS 100000000u /* 10 s: commands of the life before end first */
#define FIRST_RID 0x8u /* 00:01.0 in the guest; the other function is 00:02.0 */
#define NET_WINDOW 0x100000u /* where its BAR0 lies at first, from the start of the window */
#define NVME_CLASS_REVISION (PCI_CLASS_NVME << 8 | 1u)

enum { VPCI_NVME, VPCI_NET, VPCI_FUNCTIONS };

struct vpci_function {
    bool present;
    bool gone; /* its VF is not there now: configuration space reads all ones, and so does BAR0, whose mapping stays */
    struct pf_function vf;
    uint32_t class_revision;
    uint32_t bar;     /* as the guest wrote it */
    uint32_t command; /* memory space enable; bus master is the VF's own */
    uint64_t mapped;  /* where BAR0 is mapped now, 0: nowhere */
    uint32_t msix, express, capabilities; /* offsets in the VF's configuration space */
    bool line;            /* the guest sees INTx instead of MSI-X */
    uint32_t line_number; /* scratch byte of the guest */
    uint32_t before_msix, after_msix; /* neighbours in the list of capabilities: MSI-X is hidden from it */
};

struct vpci {
    struct vpci_function function[VPCI_FUNCTIONS];
};

_Static_assert(sizeof(struct vpci) <= PAGE_BYTES, "lives in one page");

static uint32_t header_read(const struct vpci_function *p, uint32_t offset) {
    switch (offset) {
    case PCI_ID: return p->vf.id;
    case PCI_COMMAND:
        return (pci_read(p->vf.rid, PCI_COMMAND) & ~PCI_COMMAND_MEMORY) | p->command | PCI_STATUS_CAPABILITIES;
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
static void update_mapping(struct vm *vm, struct vpci_function *p) {
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
        p->command = value & PCI_COMMAND_MEMORY;
        pci_write(p->vf.rid, PCI_COMMAND, (value & PCI_COMMAND_MASTER) | PCI_COMMAND_MEMORY);
    }
    update_mapping(vm, p);
}

/* A reset clears the BAR and the memory space enable of a function that is no VF; those are ours, and stay. */
static void restore_window(const struct vpci_function *p) {
    pci_write(p->vf.rid, PCI_BAR0, (uint32_t)p->vf.bar);
    pci_write(p->vf.rid, PCI_COMMAND, PCI_COMMAND_MEMORY);
}

/* INTx of a VF, which has none: its messages, all aimed at one target of ours, raise a line of the virtual PLIC (bau_targets.c). */
static void aim_messages(const struct vpci_function *p) {
    volatile uint32_t *entry = (volatile uint32_t *)(p->vf.bar + (pci_read(p->vf.rid, p->msix + 4) & ~7u));
    for (uint32_t vector = 0; vector <= ((pci_read(p->vf.rid, p->msix) >> 16) & 0x7ffu); vector++, entry += 4) {
        entry[0] = (uint32_t)bau_doorbell_base();
        entry[1] = 0;
        entry[2] = vector;
        entry[3] = 0;
    }
    pci_write(p->vf.rid, p->msix, (pci_read(p->vf.rid, p->msix) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
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
        pci_reset_function(p->vf.rid);
        restore_window(p);
        bau_hold_drop(p->vf.rid);
        if (p->line)
            aim_messages(p);
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

static void present(struct vpci_function *p, uint64_t bar, uint32_t class_revision) {
    p->bar = (uint32_t)bar;
    p->class_revision = class_revision;
    p->capabilities = pci_read(p->vf.rid, PCI_CAPABILITIES) & 0xffu;
    p->msix = pci_find_capability(p->vf.rid, PCI_CAP_MSIX);
    p->express = pci_find_capability(p->vf.rid, PCI_CAP_EXPRESS);
    p->present = true;
}

int vpci_attach(struct vm *vm, uint32_t vf) {
    struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    if (vm->state != MAILBOX_VM_CREATED || vm->vf || vf_is_taken(vf))
        return MAILBOX_BAD_STATE;
    if (!bau_present() || !pf_get_vf(vf, &p->vf))
        return MAILBOX_NO_DEVICE;
    if (!bau_attach_vm(vm, p->vf.rid))
        return MAILBOX_NO_MEMORY;
    present(p, VPCI_MMIO_BASE, NVME_CLASS_REVISION);
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
            aim_messages(p);
        p->gone = false;
    }
}

int vpci_set_path(struct vm *vm, uint32_t path) {
    if (!vm->vf)
        return MAILBOX_BAD_STATE;
    struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    if (path >= MAILBOX_PATHS || (path == MAILBOX_PATH_INTX && !p->msix))
        return MAILBOX_BAD_ARGUMENT;
    int status = bau_set_path(vm, p->vf.rid, path);
    p->line = status == MAILBOX_OK && path == MAILBOX_PATH_INTX;
    if (p->line) {
        p->before_msix = pci_find_before(p->vf.rid, p->msix);
        p->after_msix = (pci_read(p->vf.rid, p->msix) >> 8) & 0xfcu;
        aim_messages(p);
    }
    return status;
}

static volatile uint64_t *vf_register(const struct vpci_function *p, uint64_t offset) {
    return (volatile uint64_t *)(p->vf.bar + offset);
}

int vpci_save(struct vm *vm, struct snapshot_device *to) {
    const struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    uint16_t error = 0;
    to->bar = p->bar;
    to->command = p->command;
    to->master = pci_read(p->vf.rid, PCI_COMMAND) & PCI_COMMAND_MASTER;
    to->msix_control = p->msix ? pci_read(p->vf.rid, p->msix) : 0;
    int status = pf_get_vf_state(vm->vf, to->function, &error);
    for (uint64_t v = 0; v < SNAPSHOT_VECTORS; v++) {
        to->table[v][0] = *vf_register(p, MSIX_TABLE + 16 * v);
        to->table[v][1] = *vf_register(p, MSIX_TABLE + 16 * v + 8);
    }
    to->pending = *vf_register(p, MSIX_PENDING);
    bau_save_targets(vm, to->blocked, to->signals);
    return status;
}

int vpci_quiet(struct vm *vm) {
    const struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    uint16_t error = 0;
    pci_write(p->vf.rid, PCI_COMMAND, 0);
    pci_reset_function(p->vf.rid);
    bau_hold_drop(p->vf.rid);
    bau_forget_translations(vm->vmid);
    return pf_hold_vf(vm->vf, &error);
}

static void write32(const struct vpci_function *p, uint64_t offset, uint32_t value) {
    *(volatile uint32_t *)(p->vf.bar + offset) = value;
}

/* The host's half of NVMe 1.4, section 7.6.1, with the registers that the guest had written. */
static int enable_controller(const struct vpci_function *p, const struct function_state *state) {
    uint64_t limit = csr_read(time) + ENABLE_TICKS;
    if (!(state->cc & NVME_CC_ENABLE))
        return MAILBOX_OK;
    write32(p, NVME_AQA, state->aqa);
    *vf_register(p, NVME_ASQ) = state->asq;
    *vf_register(p, NVME_ACQ) = state->acq;
    write32(p, NVME_CC, state->cc);
    while (!(*(volatile uint32_t *)(p->vf.bar + NVME_CSTS) & (NVME_CSTS_READY | NVME_CSTS_FATAL)))
        if (csr_read(time) > limit)
            return MAILBOX_TIMEOUT;
    return MAILBOX_OK;
}

/* Messages that were on their way at the instant cannot be told from those that had come: each vector is signalled once more, which a
 * handler takes for nothing if nothing is there. */
static void signal_again(const struct snapshot_device *from, uint64_t signals[SNAPSHOT_TARGETS][8]) {
    for (unsigned v = 0; v < SNAPSHOT_VECTORS; v++) {
        uint64_t target = (from->table[v][0] - bau_doorbell_base()) / 16, bit = from->table[v][1] & 0xffffffffu;
        bool masked = from->table[v][1] >> 32 & 1;
        if (from->table[v][0] >= bau_doorbell_base() && target < SNAPSHOT_TARGETS && bit < 512 && !masked)
            signals[target][bit / 64] |= 1ull << (bit % 64);
    }
}

int vpci_load(struct vm *vm, const struct snapshot_device *from) {
    struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    struct snapshot_device copy = *from;
    const struct function_state *state = (const struct function_state *)copy.function;
    uint16_t error = 0;
    p->bar = from->bar & ~((uint32_t)p->vf.bar_bytes - 1u);
    p->command = from->command & PCI_COMMAND_MEMORY;
    pci_write(p->vf.rid, PCI_COMMAND, from->master & PCI_COMMAND_MASTER);
    if (p->msix)
        pci_write(p->vf.rid, p->msix, from->msix_control & (PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL));
    for (uint64_t v = 0; v < SNAPSHOT_VECTORS; v++) {
        *vf_register(p, MSIX_TABLE + 16 * v) = from->table[v][0];
        *vf_register(p, MSIX_TABLE + 16 * v + 8) = from->table[v][1];
    }
    update_mapping(vm, p);
    int status = enable_controller(p, state);
    if (status == MAILBOX_OK && (state->cc & NVME_CC_ENABLE))
        status = pf_set_vf_state(vm->vf, copy.function, &error);
    signal_again(from, copy.signals);
    bau_load_targets(vm, copy.blocked, copy.signals);
    int released = pf_release_vf(vm->vf, &error);
    return status == MAILBOX_OK ? released : status;
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
    present(p, VPCI_MMIO_BASE + NET_WINDOW, pci_read(p->vf.rid, PCI_CLASS));
    vm->net = function + 1;
    return MAILBOX_OK;
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
