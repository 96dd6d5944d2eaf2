#include "hypervisor/discover/dump.h"

#include <elf.h>
#include <string.h>

#define ADDRESS_MASK 0x000ffffffffff000ull
#define LARGE_BYTES (2ull << 20)
#define IMAGE_WINDOW_START 0xffffffff80000000ull
#define IMAGE_WINDOW_BYTES (1ull << 30)

enum { PRESENT = 1, LARGE = 0x80, ENTRIES = 512, IMAGE_LARGE_PAGES = 4 };

static const uint8_t *physical(const struct dump *d, uint64_t pa, uint64_t bytes)
{
	for (unsigned i = 0; i < d->segments; i++) {
		uint64_t offset = pa - d->segment[i].start;

		if (pa >= d->segment[i].start && offset < d->segment[i].bytes && bytes <= d->segment[i].bytes - offset)
			return d->segment[i].data + offset;
	}
	return NULL;
}

static uint64_t entry_at(const struct dump *d, uint64_t table, unsigned index)
{
	const uint8_t *p = physical(d, (table & ADDRESS_MASK) + 8 * index, 8);
	uint64_t entry = 0;

	if (p)
		memcpy(&entry, p, 8);
	return entry;
}

bool dump_translate(const struct dump *d, uint64_t va, uint64_t *pa)
{
	uint64_t entry = d->root;

	for (unsigned shift = 9 * d->levels + 3; shift >= 12; shift -= 9) {
		uint64_t offset_mask = (1ull << shift) - 1;

		entry = entry_at(d, entry, (unsigned)(va >> shift) & (ENTRIES - 1));
		if (!(entry & PRESENT))
			return false;
		if (shift == 12 || (shift <= 30 && (entry & LARGE))) {
			*pa = (entry & ADDRESS_MASK & ~offset_mask) | (va & offset_mask);
			return true;
		}
	}
	return false;
}

/* Counts the kernel image's large pages under a candidate: consecutive entries that map consecutive memory. */
static unsigned image_pages(const struct dump *d, uint64_t root)
{
	uint64_t pud = entry_at(d, root, 511), pmd, previous = 0;
	unsigned count = 0;

	if (!(pud & PRESENT) || !physical(d, pud & ADDRESS_MASK, DISCOVER_PAGE_BYTES))
		return 0;
	pmd = entry_at(d, pud, 510);
	if (!(pmd & PRESENT) || (pmd & LARGE) || !physical(d, pmd & ADDRESS_MASK, DISCOVER_PAGE_BYTES))
		return 0;
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t entry = entry_at(d, pmd, i);
		bool large = (entry & (PRESENT | LARGE)) == (PRESENT | LARGE);

		if (large && previous && (entry & ADDRESS_MASK) == (previous & ADDRESS_MASK) + LARGE_BYTES)
			count++;
		previous = large ? entry : 0;
	}
	return count;
}

/* A root of the kernel's half maps the direct map and vmalloc too; a trampoline's root does not. */
static unsigned kernel_entries(const struct dump *d, uint64_t root)
{
	unsigned count = 0;

	for (unsigned i = ENTRIES / 2; i < ENTRIES; i++)
		count += (entry_at(d, root, i) & PRESENT) != 0;
	return count;
}

/* How many levels a root at pa has; 0 if it is none. */
static unsigned levels_of(const struct dump *d, uint64_t pa)
{
	uint64_t last = entry_at(d, pa, ENTRIES - 1);

	if (!(last & PRESENT) || pa % DISCOVER_PAGE_BYTES)
		return 0;
	if (image_pages(d, pa) >= IMAGE_LARGE_PAGES)
		return 4;
	return image_pages(d, last & ADDRESS_MASK) >= IMAGE_LARGE_PAGES ? 5 : 0;
}

/* With five levels the fourth looks like a root too, but it lacks the direct map: deeper and fuller is better. */
static bool find_root(struct dump *d)
{
	unsigned best = 0;

	for (unsigned i = 0; i < d->segments; i++) {
		for (uint64_t at = 0; at + DISCOVER_PAGE_BYTES <= d->segment[i].bytes; at += DISCOVER_PAGE_BYTES) {
			uint64_t pa = d->segment[i].start + at;
			unsigned levels = levels_of(d, pa), quality;

			if (!levels)
				continue;
			quality = levels * ENTRIES + kernel_entries(d, pa);
			if (quality <= best)
				continue;
			best = quality;
			d->root = pa;
			d->levels = levels;
		}
	}
	return best > 0;
}

static const uint8_t *dump_page(void *context, uint64_t va)
{
	const struct dump *d = context;
	uint64_t pa;

	return dump_translate(d, va, &pa) ? physical(d, pa, DISCOVER_PAGE_BYTES) : NULL;
}

static bool is_mapped(const struct dump *d, uint64_t va)
{
	uint64_t pa;

	return dump_translate(d, va, &pa) && physical(d, pa, DISCOVER_PAGE_BYTES);
}

static bool dump_range(void *context, uint64_t from, uint64_t *start, uint64_t *end)
{
	const struct dump *d = context;
	uint64_t va = from < IMAGE_WINDOW_START ? IMAGE_WINDOW_START : from & ~(uint64_t)(DISCOVER_PAGE_BYTES - 1);
	uint64_t limit = IMAGE_WINDOW_START + IMAGE_WINDOW_BYTES;

	while (va < limit && !is_mapped(d, va))
		va += DISCOVER_PAGE_BYTES;
	if (va >= limit)
		return false;
	*start = va;
	while (va < limit && is_mapped(d, va))
		va += DISCOVER_PAGE_BYTES;
	*end = va;
	return true;
}

static int open_core(struct dump *d, const uint8_t *file, size_t bytes, const char **why)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	memcpy(&h, file, sizeof(h));
	*why = "not a core of an x86-64 machine";
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_machine != EM_X86_64)
		return -1;
	*why = "truncated or damaged core";
	for (unsigned i = 0; i < h.e_phnum && d->segments < DUMP_MAX_SEGMENTS; i++) {
		uint64_t at = h.e_phoff + (uint64_t)i * sizeof(p);

		if (h.e_phoff > bytes || at + sizeof(p) > bytes)
			return -1;
		memcpy(&p, file + at, sizeof(p));
		if (p.p_type != PT_LOAD || !p.p_filesz)
			continue;
		if (p.p_offset > bytes || p.p_filesz > bytes - p.p_offset)
			return -1;
		d->segment[d->segments].start = p.p_paddr;
		d->segment[d->segments].data = file + p.p_offset;
		d->segment[d->segments++].bytes = p.p_filesz;
	}
	return 0;
}

int dump_open(struct dump *d, const uint8_t *file, size_t bytes, struct discover_memory *memory, const char **why)
{
	memset(d, 0, sizeof(*d));
	if (bytes >= sizeof(Elf64_Ehdr) && memcmp(file, ELFMAG, SELFMAG) == 0) {
		if (open_core(d, file, bytes, why))
			return -1;
	} else {
		d->segments = 1;
		d->segment[0].data = file;
		d->segment[0].bytes = bytes;
	}
	if (!find_root(d)) {
		*why = "neither a kernel file nor memory that holds an x86-64 kernel's page table";
		return -1;
	}
	*memory = (struct discover_memory){ d, DISCOVER_X86_64, dump_page, dump_range };
	return 0;
}
