/* AArch64: the kernel's tables hang on a register of their own and map the upper half only, the image at a random place of that
 * half's upper half (the lower one is the direct map). Pages are of 4, 16 or 64 KiB. Nothing else that is mapped there is as long
 * and lies in one piece in physical memory, so the longest such run is the image; its boot header was given back at boot. */
#include "hypervisor/discover/paging.h"

#include <string.h>

#define LEAST_IMAGE_BYTES (1ull << 20)
#define MOST_IMAGE_BYTES (256ull << 20)

enum { MOST_VISITS = 1 << 24 }; /* of entries, over all tables that look like a root of one shape */

struct shape {
	unsigned granule, va_bits;
};

/* In the order of trying: where a later shape is right, the earlier ones find nothing, but a table below a root of 48 bits can pass for a root of 39. */
static const struct shape shapes[] = { { 12, 48 }, { 12, 52 }, { 14, 47 }, { 14, 48 }, { 14, 52 },
				       { 16, 42 }, { 16, 48 }, { 16, 52 }, { 12, 39 } };

struct run {
	uint64_t va, pa, bytes;
};

struct search {
	struct run now, longest;
	unsigned visits;
};

static void take_leaf(struct search *s, uint64_t va, uint64_t pa, uint64_t bytes)
{
	if (va != s->now.va + s->now.bytes || pa != s->now.pa + s->now.bytes)
		s->now = (struct run){ va, pa, 0 };
	s->now.bytes += bytes;
	if (s->now.bytes > s->longest.bytes)
		s->longest = s->now;
}

static bool in_memory(const struct paging *p, uint64_t pa, uint64_t bytes)
{
	const struct discover_physical *m = p->memory;

	return m->at(m->context, pa, 8) && m->at(m->context, pa + bytes - 8, 8);
}

static void search(struct search *s, const struct paging *p, uint64_t table, uint64_t va, unsigned shift, unsigned from,
		   unsigned to)
{
	unsigned bits = p->granule - 3;
	uint64_t pa;

	for (unsigned i = from; i < to && ++s->visits < MOST_VISITS; i++) {
		uint64_t at = va + ((uint64_t)i << shift);

		switch (paging_entry(p, table, i, shift, &pa)) {
		case PAGING_INVALID: break;
		case PAGING_LEAF:
			if (in_memory(p, pa, 1ull << shift))
				take_leaf(s, at, pa, 1ull << shift);
			break;
		case PAGING_TABLE: search(s, p, pa, at, shift - bits, 0, 1u << bits); break;
		}
	}
}

/* Every entry of a root is empty, or leads to a table in memory; some of the upper half do. */
static bool looks_like_a_root(const struct paging *p, uint64_t table, unsigned shift, unsigned from, unsigned to)
{
	const uint8_t *entries = p->memory->at(p->memory->context, table, 8ull * to);
	unsigned tables = 0;

	for (unsigned i = from; entries && i < to; i++) {
		uint64_t entry, pa;

		memcpy(&entry, entries + 8ull * i, 8);
		if (!entry)
			continue;
		if (paging_entry(p, table, i, shift, &pa) != PAGING_TABLE || !p->memory->at(p->memory->context, pa, 8))
			return false;
		tables++;
	}
	return tables > 0;
}

static struct run image_under(const struct paging *p, uint64_t table, const struct shape *shape, unsigned *visits)
{
	unsigned shift = p->granule + (p->granule - 3) * (p->levels - 1), entries = 1u << p->top_bits;
	/* The root of 52 bits of address still has the image where 48 bits see it. */
	unsigned va_bits = shape->va_bits > 48 ? 48 : shape->va_bits;
	uint64_t low = 0 - (1ull << (va_bits - 1));
	unsigned from = (unsigned)(low >> shift) & (entries - 1);
	struct search s = { .visits = *visits };

	if (looks_like_a_root(p, table, shift, from, entries))
		search(&s, p, table, 0 - (1ull << (shift + p->top_bits)), shift, from, entries);
	*visits = s.visits;
	return s.longest;
}

/* The run is the image's text and read-only data; the rest of it follows at the same distance from physical memory. */
static void take_image(struct paging *p, uint64_t root, const struct run *run)
{
	uint64_t pa;

	p->root = root;
	p->start = run->va;
	for (uint64_t at = 0; at < MOST_IMAGE_BYTES; at += 1ull << p->granule)
		if (paging_translate(p, run->va + at, &pa) && pa == run->pa + at)
			p->end = run->va + at + (1ull << p->granule);
}

/* The kernel's own root is a variable of the kernel, so it is in the image, and maps itself there. Tables that are read with the wrong
 * shape lead to long runs too, but not to that. */
static bool maps_itself(struct paging *p, uint64_t root, const struct run *run)
{
	uint64_t pa;

	p->root = root;
	return root >= run->pa && root - run->pa < MOST_IMAGE_BYTES && paging_translate(p, run->va + (root - run->pa), &pa) && pa == root;
}

static void set_shape(struct paging *p, const struct shape *shape)
{
	unsigned bits = shape->granule - 3, indexed = shape->va_bits - shape->granule;

	p->granule = shape->granule;
	p->levels = (indexed + bits - 1) / bits;
	p->top_bits = indexed - bits * (p->levels - 1);
}

static bool scan(struct paging *p, const struct shape *shape)
{
	uint64_t step = 1ull << shape->granule, root = 0;
	struct run best = { 0 };
	unsigned visits = 0;

	set_shape(p, shape);
	for (unsigned i = 0; i < p->memory->ranges; i++) {
		uint64_t end = p->memory->range[i].start + p->memory->range[i].bytes;

		for (uint64_t pa = (p->memory->range[i].start + step - 1) & ~(step - 1); pa + step <= end; pa += step) {
			struct run run = image_under(p, pa, shape, &visits);

			if (run.bytes <= best.bytes || !maps_itself(p, pa, &run))
				continue;
			best = run;
			root = pa;
		}
	}
	if (best.bytes < LEAST_IMAGE_BYTES)
		return false;
	take_image(p, root, &best);
	return p->end > p->start;
}

bool paging_find_a64(struct paging *p)
{
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (scan(p, &shapes[i]))
			return true;
	return false;
}
