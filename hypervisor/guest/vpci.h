/*
 * The PCIe bus of a VM: an ECAM for bus 0 with 00:01.0, a passed-through VF, and 00:02.0, a passed-through network function, if the VM has them. Their headers are ours
 * (a VF has no ids and no BARs of its own); capabilities are the function's, with writes let through only where they cannot harm anybody else. BAR0 is mapped by
 * the G-stage, so that doorbells and the MSI-X table cost no exit.
 */
#ifndef HYPERVISOR_GUEST_VPCI_H
#define HYPERVISOR_GUEST_VPCI_H

#include <stdbool.h>
#include <stdint.h>

#define VPCI_ECAM_BASE 0x30000000ull
#define VPCI_ECAM_BYTES 0x100000ull /* one bus */
#define VPCI_MMIO_BASE 0x40000000ull
#define VPCI_MMIO_BYTES 0x10000000ull

struct vm;

/** All VFs have gone: each VM that has one sees it vanish. */
void vpci_lose_vfs(void);
/** There are VFs again: each VM whose VF is among them sees it come, reset. */
void vpci_return_vfs(void);

/** Gives the VM an empty bus. @return false when no memory is left */
bool vpci_create(struct vm *vm);
void vpci_destroy(struct vm *vm);
/** Passes VF @p vf to a VM that has not started. @return enum mailbox_status */
int vpci_attach(struct vm *vm, uint32_t vf);
/** Chooses how the interrupts of the VM's functions come, enum mailbox_path; before the VM starts. @return enum mailbox_status */
int vpci_set_path(struct vm *vm, uint32_t path);
struct snapshot_device;

/** Takes the state of a held VF of a paused VM. @return enum mailbox_status */
int vpci_save(struct vm *vm, struct snapshot_device *to);
/** Resets the VM's functions and holds the VF: nothing of their life so far reaches memory any more. The VM is paused. @return enum mailbox_status */
int vpci_quiet(struct vm *vm);
/** Gives the VF, quiet until now, a state, and lets it go; the VM's memory and tables are in place. @return enum mailbox_status */
int vpci_load(struct vm *vm, const struct snapshot_device *from);
/** Passes network function @p function (0-based) to a VM that has not started. @return enum mailbox_status */
int vpci_attach_net(struct vm *vm, uint32_t function);
uint16_t vpci_vf_rid(const struct vm *vm);
uint16_t vpci_net_rid(const struct vm *vm);
/** INTx path: whether the guest has disabled the VF's. */
bool vpci_vf_line_is_off(const struct vm *vm);
/** Handler of the host's lines that network functions share. */
void vpci_serve_lines(uint32_t source);
/** Resets the VM's functions and takes them back. */
void vpci_detach(struct vm *vm);

#endif
