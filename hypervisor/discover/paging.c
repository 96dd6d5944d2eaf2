#include "hypervisor/discover/paging.h"

#include <string.h>

#define X86_ADDRESS 0x000ffffffffff000ull
#define A64_ADDRESS 0x0000fffffffff000ull

enum { RV_VALID = 1, RV_LEAF = 0xe, X86_PRESENT = 1, X86_LARGE = 0x80, A64_VALID = 1, A64_TABLE = 2 };

enum paging_entry paging_entry(const struct paging *p, uint64_t table, unsigned index, unsigned shift, uint64_t *pa)
{
	const uint8_t *at = p->memory->at(p->memory->context, table + 8ull * index, 8);
	bool last = shift == p->granule;
	uint64_t entry;

	if (!at)
		return PAGING_INVALID;
	memcpy(&entry, at, 8);
	if (!(entry & 1)) /* the valid bit of all of them */
		return PAGING_INVALID;
	switch (p->arch) {
	case DISCOVER_X86_64:
		*pa = entry & X86_ADDRESS;
		return last || (shift <= 30 && (entry & X86_LARGE)) ? PAGING_LEAF : PAGING_TABLE;
	case DISCOVER_RV64:
		*pa = (entry >> 10 & ((1ull << 44) - 1)) << 12;
		if (entry & RV_LEAF)
			return PAGING_LEAF;
		return last ? PAGING_INVALID : PAGING_TABLE;
	case DISCOVER_AARCH64:
		*pa = entry & A64_ADDRESS & ~((1ull << p->granule) - 1);
		if (last)
			return entry & A64_TABLE ? PAGING_LEAF : PAGING_INVALID;
		return entry & A64_TABLE ? PAGING_TABLE : PAGING_LEAF;
	}
	return PAGING_INVALID;
}

bool paging_translate(const struct paging *p, uint64_t va, uint64_t *pa)
{
	unsigned bits = p->granule - 3, shift = p->granule + bits * (p->levels - 1), width = p->top_bits;
	uint64_t table = p->root;

	for (;; shift -= bits, width = bits) {
		uint64_t mask = (1ull << shift) - 1;

		switch (paging_entry(p, table, (unsigned)(va >> shift) & ((1u << width) - 1), shift, &table)) {
		case PAGING_INVALID: return false;
		case PAGING_LEAF: *pa = (table & ~mask) | (va & mask); return true;
		case PAGING_TABLE: break;
		}
		if (shift == p->granule)
			return false;
	}
}

bool paging_find(struct paging *p, const struct discover_physical *memory, enum discover_arch arch)
{
	memset(p, 0, sizeof(*p));
	p->memory = memory;
	p->arch = arch;
	return arch == DISCOVER_AARCH64 ? paging_find_a64(p) : paging_find_high(p);
}

static const uint8_t *page(void *context, uint64_t va)
{
	const struct paging *p = context;
	uint64_t pa;

	return paging_translate(p, va, &pa) ? p->memory->at(p->memory->context, pa, DISCOVER_PAGE_BYTES) : NULL;
}

static bool range(void *context, uint64_t from, uint64_t *start, uint64_t *end)
{
	const struct paging *p = context;
	uint64_t va = from < p->start ? p->start : from & ~(uint64_t)(DISCOVER_PAGE_BYTES - 1);

	while (va < p->end && !page(context, va))
		va += DISCOVER_PAGE_BYTES;
	if (va >= p->end)
		return false;
	*start = va;
	while (va < p->end && page(context, va))
		va += DISCOVER_PAGE_BYTES;
	*end = va;
	return true;
}

void paging_memory(struct paging *p, struct discover_memory *memory)
{
	*memory = (struct discover_memory){ p, p->arch, page, range };
}
