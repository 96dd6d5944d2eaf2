/* The exported symbol table of a Linux kernel, recovered from its bytes.
 *
 * An entry of __ksymtab is a value and a name, since 5.4 also a namespace. They are 32-bit offsets from the
 * field itself (layouts of 8 and 12 bytes) or absolute pointers (16 and 24 bytes). No header tells where the
 * table is, so every aligned position of the image is tried: a run of dozens of entries that all name
 * identifiers in the image cannot be an accident.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_EXPORTS_H
#define ASSAY_HYPERVISOR_DISCOVER_EXPORTS_H

#include "hypervisor/discover/memory.h"

struct discover_export {
	uint64_t value; /* address; on x86-64 a small number for a per-CPU variable */
	uint64_t name;	/* address of its string */
	uint32_t hash;
};

struct discover_exports {
	struct discover_export *entry;
	size_t count, capacity;
	uint32_t *by_name;  /* open hash: index + 1, 0 = free */
	uint32_t *by_value; /* indices sorted by value */
	size_t slots;
	unsigned stride_bytes; /* 8, 12 (relative), 16, 24 (absolute); 0 = no table found */
	uint64_t table;	       /* address of the first entry */
	uint64_t image_start, image_end;
};

/** Finds the table.
 * @return 0; -1 when no table was found, -2 when the arena is too small. */
int discover_exports_find(const struct discover_memory *memory, struct discover_arena *arena,
			  struct discover_exports *out);

/** @return whether @p name is exported; then *value is its value. */
bool discover_exports_lookup(const struct discover_memory *memory, const struct discover_exports *exports,
			     const char *name, uint64_t *value);

/** Names the export whose value is exactly @p value. @return false if there is none. */
bool discover_exports_name(const struct discover_memory *memory, const struct discover_exports *exports,
			   uint64_t value, char *out, size_t bytes);

/** @return whether some export has exactly @p value. */
bool discover_exports_is_value(const struct discover_exports *exports, uint64_t value);

#endif
