/* What the disassemblers build micro-operations with. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_UOP_H
#define ASSAY_HYPERVISOR_DISCOVER_UOP_H

#include "hypervisor/discover/disassembler.h"

/** @return a micro-operation without registers. */
static inline struct uop uop_blank(enum uop_kind kind)
{
	return (struct uop){ .kind = kind, .d = REG_NONE, .a = REG_NONE, .b = REG_NONE, .s = REG_NONE, .scale = 1 };
}

/** Appends @p u. @param zero  the register whose writes are lost; an operation that only writes it is left out */
static inline void uop_emit(struct decoded *out, struct uop u, int8_t zero)
{
	if (u.d == zero)
		u.d = REG_NONE;
	if (u.d == REG_NONE && (u.kind == UOP_ADD || u.kind == UOP_SET || u.kind == UOP_CLOBBER))
		return;
	if (out->count < UOPS_MAX)
		out->uop[out->count++] = u;
}

static inline void uop_clobber(struct decoded *out, int8_t d, int8_t zero)
{
	struct uop u = uop_blank(UOP_CLOBBER);

	u.d = d;
	uop_emit(out, u, zero);
}

#endif
