/* The state of a VM's VF for snapshots: taken, and given back to a VF that was quiet. */
#include "firmware/nvme/function_state_wire.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vpci_function.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/nvme_wire.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/snapshot/format.h"

#define MSIX_TABLE 0x2000u /* in BAR0, as the capability says */
#define MSIX_PENDING 0x3000u
#define ENABLE_TICKS 100000000u /* 10 s: commands of the life before end first */

static volatile uint64_t *vf_register(const struct vpci_function *p, uint64_t offset) {
    return (volatile uint64_t *)(p->vf.bar + offset);
}

int vpci_save(struct vm *vm, struct snapshot_device *to) {
    const struct vpci_function *p = &vm->pci->function[VPCI_NVME];
    uint16_t error = 0;
    to->bar = p->bar;
    to->command = (uint16_t)p->command;
    to->path = (uint16_t)vm->path;
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
    if (vm->net)
        vpci_reset(vm, &vm->pci->function[VPCI_NET]);
    if (!vm->vf)
        return MAILBOX_OK;
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
    p->command = from->command & (PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_OFF);
    pci_write(p->vf.rid, PCI_COMMAND, from->master & PCI_COMMAND_MASTER);
    if (p->msix)
        pci_write(p->vf.rid, p->msix, from->msix_control & (PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL));
    for (uint64_t v = 0; v < SNAPSHOT_VECTORS; v++) {
        *vf_register(p, MSIX_TABLE + 16 * v) = from->table[v][0];
        *vf_register(p, MSIX_TABLE + 16 * v + 8) = from->table[v][1];
    }
    vpci_update_mapping(vm, p);
    int status = enable_controller(p, state);
    if (status == MAILBOX_OK && (state->cc & NVME_CC_ENABLE))
        status = pf_set_vf_state(vm->vf, copy.function, &error);
    signal_again(from, copy.signals);
    bau_load_targets(vm, copy.blocked, copy.signals);
    int released = pf_release_vf(vm->vf, &error);
    return status == MAILBOX_OK ? released : status;
}
