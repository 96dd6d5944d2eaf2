/* What the harts of this machine implement, as their nodes in the device tree say. */
#ifndef HYPERVISOR_ARCH_ISA_H
#define HYPERVISOR_ARCH_ISA_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

/** Adds a hart: `riscv,isa-extensions`, or where there is none the older `riscv,isa`. What not every hart has, none has.
 * @return false when the node says nothing of its ISA */
bool isa_add_hart(const struct fdt *fdt, int node);
/** True when every hart implements @p extension: "h", "sstc". */
bool isa_has(const char *extension);
/** Of the cache-block instructions, in bytes; 0: the tree does not say. */
uint32_t isa_cbom_block_bytes(void);
uint32_t isa_cboz_block_bytes(void);
/** The largest translation mode as the tree names it: "riscv,sv57". */
const char *isa_mmu_type(void);

#endif
