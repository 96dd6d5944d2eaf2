/* Does a trace show what a witness says? */
#ifndef ASSAY_HYPERVISOR_DISCOVER_MATCH_H
#define ASSAY_HYPERVISOR_DISCOVER_MATCH_H

#include "hypervisor/discover/rule.h"

/** Resolves a name of a rule: a target that is already known, else an exported symbol. */
typedef bool (*match_resolver)(void *context, const char *name, int64_t *value);

struct matcher {
	const struct trace *trace;
	match_resolver resolve;
	void *context;
	int64_t min, max, align; /* what the captured number must satisfy */
	bool has_current;	 /* x86-64: the current task is the per-CPU variable at current_offset */
	int64_t current_offset;
	int64_t captured;
	const char *unresolved;	 /* a name that could not be resolved */
};

struct match {
	int64_t value;
	uint64_t address; /* instruction of the event */
};

/** Applies @p witness (WITNESS_FUNCTION) to the traced function.
 * @return NULL if it testifies (then *out), else the reason why it does not. */
const char *match_witness(struct matcher *m, const struct witness *witness, struct match *out);

#endif
