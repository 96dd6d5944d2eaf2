/*
 * The bus attachment unit (rtl/bau/README.md). Where the device tree names the hypervisor's partition, the partition level has split the unit and
 * only the partition's own page, harts and devices are there; else the hypervisor is partition 0 and gives it every device. Each VM with a
 * device has one interrupt table, target = vCPU index, and one page of signal vectors that is mapped into the guest.
 * Without a BAU (stock QEMU) every function does nothing and bau_present() is false.
 *
 * A guest sees: its register page of vCPU i at BAU_GUEST_PAGES_GPA + i * 4096 (ACK, UNBLOCK), the signal vector of vCPU i at
 * BAU_GUEST_SIGNAL_GPA + i * 64; MSI-X messages for vCPU i go to bau_doorbell_base() + i * 16, data = vector number = bit.
 */
#ifndef HYPERVISOR_DRIVERS_BAU_H
#define HYPERVISOR_DRIVERS_BAU_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/vcpu.h"
#include "hypervisor/lib/fdt.h"

#define BAU_GUEST_PAGES_GPA 0x28010000ull
#define BAU_GUEST_SIGNAL_GPA 0x28020000ull

/** Finds the unit, gives it empty tables and turns it on. Boot hart, before any device is used. */
void bau_setup(const struct fdt *fdt);
/** Routes its interrupts to the calling hart, which is the manager. */
void bau_setup_manager(void);
bool bau_present(void);
uint64_t bau_doorbell_base(void);
/** Lets a device of the hypervisor's own reach all memory; it may send no messages. */
void bau_attach_host(uint16_t rid);
/** Confines a device to the VM's memory and routes its messages to the VM's vCPUs. @return false when no memory is left */
bool bau_attach_vm(struct vm *vm, uint16_t rid);
/** Takes the device away; when it returns no access of it is under way. Frees the VM's tables. */
void bau_detach_vm(struct vm *vm, uint16_t rid);
/** The device has gone: nothing of its requester id passes until bau_return_vm(). The VM's tables stay. */
void bau_lose_vm(const struct vm *vm, uint16_t rid);
void bau_return_vm(const struct vm *vm, uint16_t rid);
/** The same for a VM's network function; its vectors are bits BAU_NET_VECTOR and up of the signal vector. */
bool bau_attach_net(struct vm *vm, uint16_t rid);
void bau_detach_net(struct vm *vm, uint16_t rid);
/** Devices forget the translations of a VM: when it returns no access of theirs uses one from before. */
void bau_forget_translations(uint32_t vmid);
/** What its targets' interrupts stand at: word 1 of the interrupt-table entries, and the signal vectors. The VM is paused. */
void bau_save_targets(const struct vm *vm, uint64_t *blocked, uint64_t (*signals)[8]);
void bau_load_targets(struct vm *vm, const uint64_t *blocked, uint64_t (*signals)[8]);
/** Interrupt-table upkeep around the time in which a hart holds a vCPU. */
void bau_schedule_in(struct vcpu *v);
void bau_schedule_out(struct vcpu *v);
/** True when the vCPU's signal vector is not empty. */
bool bau_has_signal(const struct vcpu *v);
/** Chooses the path of the interrupts of the VM's devices, enum mailbox_path; before the VM starts. @return enum mailbox_status */
int bau_set_path(struct vm *vm, uint32_t path);
/** INTx path, at the guest's claim: what has come so far is the guest's now; what comes later raises the line again. */
void bau_take_line(struct vm *vm);
/** Classical and INTx path: the virtual PLIC's line follows the signal vectors. */
void bau_update_line(struct vm *vm);
/** Empties the unit's caches in each round of the manager's loop, until it is switched off; for measurements. */
void bau_keep_cold(bool cold);
/** That round. @return whether there is one: the manager must not sleep */
bool bau_chill(void);
/** Counter @p index of the unit (COUNT_*, in their order), 0 without one. */
uint64_t bau_counter(uint32_t index);
/** Faults recorded so far. */
uint64_t bau_faults(void);

#endif
