/* A dump of physical memory (raw, or the ELF core of QEMU's dump-guest-memory) as guest memory, x86-64.
 *
 * No register says where the page table is, so it is looked for: a page whose last entry leads, through two more
 * levels (three with LA57), to the 2 MiB mappings of a kernel image. Every process's root has that, and any of them will do.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_DUMP_H
#define ASSAY_HYPERVISOR_DISCOVER_DUMP_H

#include "hypervisor/discover/memory.h"

enum { DUMP_MAX_SEGMENTS = 64 };

struct dump {
	struct {
		uint64_t start; /* physical */
		const uint8_t *data;
		uint64_t bytes;
	} segment[DUMP_MAX_SEGMENTS];
	unsigned segments;
	uint64_t root; /* physical address of the page table */
	unsigned levels; /* 4, or 5 with LA57 */
};

/** Makes memory of a dump.
 * @param file,bytes  the dump; must outlive @p dump
 * @return 0; -1 if it is damaged or no x86-64 kernel's page table is in it, then *why says so. */
int dump_open(struct dump *dump, const uint8_t *file, size_t bytes, struct discover_memory *memory,
	      const char **why);

/** Walks the page table. @return false if @p va is not mapped. */
bool dump_translate(const struct dump *dump, uint64_t va, uint64_t *pa);

#endif
