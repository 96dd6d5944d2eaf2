/* A dump of physical memory, raw or the ELF core of QEMU's dump-guest-memory, as guest memory.
 *
 * A raw dump does not say where it starts: where memory starts on the machines one meets is tried (0, 1 GiB, 2 GiB).
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_DUMP_H
#define ASSAY_HYPERVISOR_DISCOVER_DUMP_H

#include "hypervisor/discover/paging.h"

struct dump {
	const uint8_t *data[PHYSICAL_MAX_RANGES]; /* of the ranges of physical */
	struct discover_physical physical;
	struct paging paging;
};

/** Makes memory of a dump.
 * @param file,bytes  the dump; must outlive @p dump
 * @return 0; -1 if it is damaged or no kernel's page table is in it, then *why says so. */
int dump_open(struct dump *dump, const uint8_t *file, size_t bytes, struct discover_memory *memory,
	      const char **why);

#endif
