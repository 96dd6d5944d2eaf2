/*
 * The virtual PLIC: up to 31 sources, one S-mode context a vCPU, register layout of the RISC-V PLIC specification. It carries the classical
 * path of interrupts: device -> hypervisor -> here -> VSEIP.
 */
#ifndef HYPERVISOR_GUEST_VPLIC_H
#define HYPERVISOR_GUEST_VPLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/vcpu.h"

#define VPLIC_BASE 0x0c000000ull
#define VPLIC_BYTES 0x400000ull
#define VPLIC_SOURCES 31u
#define VPLIC_VF_SOURCE 12u /* the VF's messages, on the classical path */
#define VPLIC_NET_SOURCE 13u /* INTx of the network function */

/** Gives the VM a PLIC. @return false when no memory is left */
bool vplic_create(struct vm *vm);
void vplic_destroy(struct vm *vm);
/** Sets the level of a source; a vCPU whose context enables it is woken. */
void vplic_set(struct vm *vm, unsigned source, bool level);
/** Calls @p claimed after each claim and @p completed before each completion of @p source by the guest takes effect, so that the line can follow its
 * device; NULL: nothing. */
void vplic_watch(struct vm *vm, unsigned source, void (*claimed)(struct vm *vm), void (*completed)(struct vm *vm));
/** Its whole state, which has _bytes(), to be kept and to be given back. @return the bytes */
uint32_t vplic_bytes(void);
uint32_t vplic_save(struct vm *vm, void *to);
void vplic_load(struct vm *vm, const void *from);
/** True when the vCPU's context has something to claim. */
bool vplic_asserts(const struct vcpu *v);

#endif
