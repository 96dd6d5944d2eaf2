/* Platform-level interrupt controller (RISC-V PLIC 1.0), laid out as in QEMU's `virt` machine.
 *
 * Sources are levels. A gateway forwards a high line once, waits for completion, and pends again at completion if the line is
 * still high, so that no level interrupt is lost when two harts share a source.
 *
 * Beyond the standard: the source filter, a word a source at PLIC_FILTER_BASE with a bit a context. A context whose bit is 0 cannot enable the
 * source, and a hart none of whose contexts has its bit set cannot change its priority: so partitions can share the unit. At reset all bits
 * are set. The page is for the partition level, which keeps it to itself by PMP.
 */
#ifndef ASSAY_MODELS_BOARD_PLIC_H
#define ASSAY_MODELS_BOARD_PLIC_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PLIC_SOURCES = 96, /**< 1 to 95; source 0 does not exist */
	PLIC_WORDS = PLIC_SOURCES / 32,
	PLIC_MAX_CONTEXTS = 16, /**< two a hart: machine, then supervisor */
	PLIC_MAX_PRIORITY = 7,
	PLIC_SIZE_BYTES = 0x600000,
	PLIC_ENABLE_BASE = 0x2000,
	PLIC_ENABLE_STRIDE = 0x80,
	PLIC_FILTER_BASE = 0x1ff000, /**< in the part of the enable space that no context has */
	PLIC_CONTEXT_BASE = 0x200000,
	PLIC_CONTEXT_STRIDE = 0x1000,
};

struct plic {
	uint32_t contexts;
	uint32_t level[PLIC_WORDS];   /**< lines as they are now */
	uint32_t pending[PLIC_WORDS];
	uint32_t claimed[PLIC_WORDS]; /**< forwarded and not yet completed */
	uint8_t priority[PLIC_SOURCES];
	uint32_t enable[PLIC_MAX_CONTEXTS][PLIC_WORDS];
	uint8_t threshold[PLIC_MAX_CONTEXTS];
	uint16_t filter[PLIC_SOURCES]; /**< bit per context: may enable the source */
	uint32_t asserted; /**< bit per context: its interrupt line; derived, kept current */
};

void plic_reset(struct plic *plic, uint32_t contexts);

/** Sets the line of @p source (1 to PLIC_SOURCES - 1). */
void plic_set_level(struct plic *plic, unsigned source, bool level);

/** 32-bit accesses only; a claim is a load with a side effect. @return 0, or -1 for an offset or size without a register. */
int plic_load(struct plic *plic, uint64_t offset, unsigned size, uint64_t *value);
/** @param hart whose store it is */
int plic_store(struct plic *plic, unsigned hart, uint64_t offset, unsigned size, uint64_t value);

/** @return whether the interrupt line of @p context is high. */
static inline bool plic_line(const struct plic *plic, unsigned context)
{
	return plic->asserted >> context & 1;
}

#endif
