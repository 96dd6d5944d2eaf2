/* Names what a kernel does not export, from its memory alone.
 *
 * find exports -> for each target of the rules: trace the functions its witnesses name, match, and compare
 * testimony -> a value, or "unknown" with the reason. No symbol table but the kernel's own exports is read.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_DISCOVER_H
#define ASSAY_HYPERVISOR_DISCOVER_DISCOVER_H

#include "hypervisor/discover/match.h"
#include "hypervisor/discover/rule.h"

enum { DISCOVER_BANNER_BYTES = 160, DISCOVER_ARENA_BYTES = 8 << 20 };

struct testimony {
	const char *why;   /* NULL: it testifies */
	const char *function;
	int64_t value;
	uint64_t address;  /* of the decisive instruction, 0 if there is none */
};

struct finding {
	const struct target *target;
	bool known;
	int64_t value;	   /* address, per-CPU offset, or offset in a structure */
	const char *why;   /* reason when unknown */
	unsigned agreeing, contradicting;
	struct testimony testimony[RULE_MAX_WITNESSES];
};

struct discover {
	const struct discover_memory *memory;
	const struct disassembler_ops *ops;
	const struct rules *rules;
	struct discover_exports exports;
	struct trace *trace;
	char banner[DISCOVER_BANNER_BYTES]; /* "Linux version ...", empty if not found */
	uint64_t banner_at;
	struct finding finding[RULES_MAX_TARGETS];
	unsigned findings;
	uint64_t fingerprint; /* of what stays as it is while the kernel runs */
};

enum discover_status { DISCOVER_OK = 0, DISCOVER_NO_EXPORTS = -1, DISCOVER_NO_MEMORY = -2 };

/** Runs every rule that applies to the architecture of @p memory.
 * @param d      result; refers to all other arguments afterwards
 * @param arena  at least DISCOVER_ARENA_BYTES
 * @return DISCOVER_OK; DISCOVER_NO_EXPORTS if no export table was found (not a Linux kernel, or damaged);
 *         DISCOVER_NO_MEMORY if the arena is too small. */
enum discover_status discover_run(struct discover *d, const struct discover_memory *memory,
				  const struct disassembler_ops *ops, const struct rules *rules,
				  struct discover_arena *arena);

/** @return whether the memory still holds the kernel that discover_run() saw, at the same place: after a reboot it does not, and all
 * findings are void. */
bool discover_is_current(const struct discover *d);

/** @return the value of a known target. */
bool discover_value(const struct discover *d, const char *name, int64_t *value);

/** @return the finding for @p name, NULL if no rule is called that. */
const struct finding *discover_find(const struct discover *d, const char *name);

/** Resolves a name as rules do: known target, else export. For struct matcher; @p context is a struct discover. */
bool discover_resolve(void *context, const char *name, int64_t *value);

#endif
