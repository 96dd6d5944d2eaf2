/* The truth about a kernel image, from the tables that discovery must not read: kallsyms and BTF.
 *
 * Nothing here is shared with hypervisor/discover except undoing the file's compression.
 */
#ifndef ASSAY_TESTBENCH_INTEROP_DISCOVER_TRUTH_H
#define ASSAY_TESTBENCH_INTEROP_DISCOVER_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a table lies in the unpacked file; for poisoning it. */
struct truth_range {
	size_t start, end;
};

struct kallsyms {
	const uint8_t *file;
	size_t bytes;
	size_t token_table, token_index, markers, names, count_at, offsets, base_at;
	uint32_t count;
	uint64_t base; /* kallsyms_relative_base, 0 where a relocation supplies it */
	bool absolute_percpu;
	struct truth_range range;
};

/** Finds the tables in the unpacked @p file. @return false if there are none. */
bool kallsyms_find(struct kallsyms *k, const uint8_t *file, size_t bytes);

/** Calls @p emit for each symbol, with its address (relative to kallsyms_relative_base if that is 0 in the file). */
void kallsyms_each(const struct kallsyms *k, void (*emit)(void *context, uint64_t address, char type,
							   const char *name), void *context);

struct btf {
	const uint8_t *types, *strings;
	size_t types_bytes, strings_bytes;
	uint32_t count, *type_at; /* offset of each type id; malloc'ed */
	struct truth_range range;
};

bool btf_find(struct btf *b, const uint8_t *file, size_t bytes);
void btf_free(struct btf *b);

/** Calls @p emit for each member, anonymous structs and unions looked through, of the structs that have a name. */
void btf_each_member(const struct btf *b, void (*emit)(void *context, const char *type, const char *member,
							uint32_t offset_bits), void *context);

#endif
