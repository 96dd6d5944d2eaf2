/* The virtual PLIC as this vCPU sees it (RISC-V PLIC specification 1.0.0): one context a vCPU, in order. */
#ifndef HYPERVISOR_GUESTS_KERNEL_PLIC_H
#define HYPERVISOR_GUESTS_KERNEL_PLIC_H

#include <stdbool.h>
#include <stdint.h>

/** Finds it in the device tree and lets every priority through. @return false when there is none */
bool plic_setup(void);
/** Lets @p source, 1 to 31, interrupt this vCPU. */
void plic_enable(uint32_t source);
/** @return the source that interrupts, 0 if none does (any more) */
uint32_t plic_claim(void);
void plic_complete(uint32_t source);

#endif
