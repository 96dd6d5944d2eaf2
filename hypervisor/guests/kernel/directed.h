/* Directed interrupts of this guest: register page, signal vector and message address, from the device tree's "assay,bau-guest" node. */
#ifndef HYPERVISOR_GUESTS_KERNEL_DIRECTED_H
#define HYPERVISOR_GUESTS_KERNEL_DIRECTED_H

#include <stdbool.h>
#include <stdint.h>

/** @return false when the VM has no directed interrupts */
bool directed_setup(void);
/** Where a device sends messages for vCPU @p target. */
uint64_t directed_message_address(uint32_t target);
/** To be called for an external interrupt: acknowledges, calls @p handle with each vector that was signalled, unblocks. */
void directed_serve(void (*handle)(uint32_t vector));

#endif
