/* x86-64 and RV64: the image is in the last 2 GiB, in large pages that are neighbours. */
#include "hypervisor/discover/paging.h"

#include <string.h>

#define WINDOW_START 0xffffffff80000000ull
#define WINDOW_BYTES (1ull << 30)
#define LARGE_BYTES (2ull << 20)

enum { ENTRIES = 512, LARGE_SHIFT = 21, X86_NEIGHBOURS = 4, RV_NEIGHBOURS = 2, RV_HEADER_MAGIC_AT = 0x38 };

static bool is_table(const struct paging *p, uint64_t table, unsigned index, unsigned shift, uint64_t *next)
{
	return paging_entry(p, table, index, shift, next) == PAGING_TABLE &&
	       p->memory->at(p->memory->context, *next, DISCOVER_PAGE_BYTES);
}

/* Documentation/riscv/boot-image-header.rst */
static bool starts_an_image(const struct paging *p, uint64_t pa)
{
	const uint8_t *header = p->memory->at(p->memory->context, pa, 64);

	return header && memcmp(header + RV_HEADER_MAGIC_AT, "RSC\x05", 4) == 0;
}

/* Whether the table maps an image: several pages, or the header that RV64 images start with. @p first is its first entry. */
static bool maps_an_image(const struct paging *p, uint64_t table, unsigned *first)
{
	uint64_t previous = 0, pa;
	unsigned neighbours = 0;

	for (unsigned i = 0; i < ENTRIES; i++) {
		bool large = paging_entry(p, table, i, LARGE_SHIFT, &pa) == PAGING_LEAF;

		if (large && p->arch == DISCOVER_RV64 && starts_an_image(p, pa)) {
			*first = i;
			return true;
		}
		if (large && previous && pa == previous + LARGE_BYTES)
			neighbours++;
		previous = large ? pa : 0;
	}
	*first = 0;
	return neighbours >= (p->arch == DISCOVER_X86_64 ? X86_NEIGHBOURS : RV_NEIGHBOURS);
}

/* Whether the page at @p pa is a root of so many levels. */
static bool is_root(const struct paging *p, uint64_t pa, unsigned levels, unsigned *first)
{
	unsigned shift = 12 + 9 * (levels - 1);

	for (; shift > 30; shift -= 9)
		if (!is_table(p, pa, ENTRIES - 1, shift, &pa))
			return false;
	return is_table(p, pa, ENTRIES - 2, shift, &pa) && maps_an_image(p, pa, first);
}

/* A root of the kernel's half maps the direct map and vmalloc too; a trampoline's root does not. */
static unsigned kernel_entries(const struct paging *p, uint64_t root, unsigned levels)
{
	unsigned count = 0;
	uint64_t pa;

	for (unsigned i = ENTRIES / 2; i < ENTRIES; i++)
		count += paging_entry(p, root, i, 12 + 9 * (levels - 1), &pa) != PAGING_INVALID;
	return count;
}

static void consider(struct paging *p, uint64_t pa, unsigned *best)
{
	unsigned first = 0;

	for (unsigned levels = p->arch == DISCOVER_RV64 ? 3 : 4; levels <= 5; levels++) {
		unsigned quality;

		if (!is_root(p, pa, levels, &first))
			continue;
		quality = levels * ENTRIES + kernel_entries(p, pa, levels);
		if (quality <= *best)
			continue;
		*best = quality;
		p->root = pa;
		p->levels = levels;
		p->start = WINDOW_START + first * LARGE_BYTES;
	}
}

bool paging_find_high(struct paging *p)
{
	unsigned best = 0;

	p->granule = 12;
	p->top_bits = 9;
	for (unsigned i = 0; i < p->memory->ranges; i++)
		for (uint64_t at = 0; at + DISCOVER_PAGE_BYTES <= p->memory->range[i].bytes; at += DISCOVER_PAGE_BYTES)
			consider(p, p->memory->range[i].start + at, &best);
	p->end = WINDOW_START + WINDOW_BYTES;
	return best > 0;
}
