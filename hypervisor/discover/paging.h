/* A kernel's virtual memory in physical memory whose page table nobody names.
 *
 * The table is looked for by what it maps. x86-64 and RV64: the kernel's image has large pages in the last GiBs, and every
 * process's root leads there. AArch64: the image lies anywhere in the upper half, in one piece. The root that maps most is taken;
 * with more levels tables below look like roots too, so deeper is better.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_PAGING_H
#define ASSAY_HYPERVISOR_DISCOVER_PAGING_H

#include "hypervisor/discover/memory.h"
#include "hypervisor/discover/physical.h"

struct paging {
	const struct discover_physical *memory;
	enum discover_arch arch;
	uint64_t root;		   /* physical address */
	unsigned levels, granule;  /* granule: log2 of the page size */
	unsigned top_bits;	   /* bits of an address that index the root */
	uint64_t start, end;	   /* where the image may be */
};

enum paging_entry { PAGING_INVALID, PAGING_TABLE, PAGING_LEAF };

/** Looks for the page table of a kernel of @p arch. @return whether there is one. */
bool paging_find(struct paging *paging, const struct discover_physical *memory, enum discover_arch arch);

/** Walks the page table. @return false if @p va is not mapped. */
bool paging_translate(const struct paging *paging, uint64_t va, uint64_t *pa);

/** Makes @p memory of what the page table maps; it refers to @p paging. */
void paging_memory(struct paging *paging, struct discover_memory *memory);

/* For the parts of the search. */

/** Reads entry @p index of the table at @p table, and says what it is at a level whose entries map 1 << @p shift bytes.
 * @param pa  where it leads to; untouched unless valid */
enum paging_entry paging_entry(const struct paging *paging, uint64_t table, unsigned index, unsigned shift, uint64_t *pa);

bool paging_find_high(struct paging *paging);
bool paging_find_a64(struct paging *paging);

#endif
