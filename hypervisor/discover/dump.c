#include "hypervisor/discover/dump.h"

#include <elf.h>
#include <string.h>

static const uint8_t *at(void *context, uint64_t pa, uint64_t bytes)
{
	const struct dump *d = context;

	for (unsigned i = 0; i < d->physical.ranges; i++) {
		uint64_t offset = pa - d->physical.range[i].start, size = d->physical.range[i].bytes;

		if (pa >= d->physical.range[i].start && offset < size && bytes <= size - offset)
			return d->data[i] + offset;
	}
	return NULL;
}

static void add_range(struct dump *d, uint64_t start, const uint8_t *data, uint64_t bytes)
{
	d->data[d->physical.ranges] = data;
	d->physical.range[d->physical.ranges].start = start;
	d->physical.range[d->physical.ranges++].bytes = bytes;
}

static int open_core(struct dump *d, const uint8_t *file, size_t bytes, enum discover_arch *arch, const char **why)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	memcpy(&h, file, sizeof(h));
	*why = "not a core of an x86-64, AArch64 or RV64 machine";
	switch (h.e_ident[EI_CLASS] == ELFCLASS64 ? h.e_machine : EM_NONE) {
	case EM_X86_64: *arch = DISCOVER_X86_64; break;
	case EM_AARCH64: *arch = DISCOVER_AARCH64; break;
	case EM_RISCV: *arch = DISCOVER_RV64; break;
	default: return -1;
	}
	*why = "truncated or damaged core";
	for (unsigned i = 0; i < h.e_phnum && d->physical.ranges < PHYSICAL_MAX_RANGES; i++) {
		uint64_t where = h.e_phoff + (uint64_t)i * sizeof(p);

		if (h.e_phoff > bytes || where + sizeof(p) > bytes)
			return -1;
		memcpy(&p, file + where, sizeof(p));
		if (p.p_type != PT_LOAD || !p.p_filesz)
			continue;
		if (p.p_offset > bytes || p.p_filesz > bytes - p.p_offset || p.p_paddr + p.p_filesz < p.p_paddr)
			return -1;
		add_range(d, p.p_paddr, file + p.p_offset, p.p_filesz);
	}
	return 0;
}

static bool find_in_raw(struct dump *d, const uint8_t *file, size_t bytes)
{
	static const struct {
		enum discover_arch arch;
		uint64_t start;
	} machines[] = {
		{ DISCOVER_X86_64, 0 }, { DISCOVER_RV64, 2ull << 30 }, { DISCOVER_AARCH64, 1ull << 30 },
		{ DISCOVER_RV64, 0 }, { DISCOVER_AARCH64, 0 }, { DISCOVER_AARCH64, 2ull << 30 }, { DISCOVER_RV64, 1ull << 30 },
	};

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		d->physical.ranges = 0;
		add_range(d, machines[i].start, file, bytes);
		if (paging_find(&d->paging, &d->physical, machines[i].arch))
			return true;
	}
	return false;
}

int dump_open(struct dump *d, const uint8_t *file, size_t bytes, struct discover_memory *memory, const char **why)
{
	enum discover_arch arch;
	bool found;

	memset(d, 0, sizeof(*d));
	d->physical.context = d;
	d->physical.at = at;
	if (bytes >= sizeof(Elf64_Ehdr) && memcmp(file, ELFMAG, SELFMAG) == 0) {
		if (open_core(d, file, bytes, &arch, why))
			return -1;
		found = paging_find(&d->paging, &d->physical, arch);
	} else {
		found = find_in_raw(d, file, bytes);
	}
	if (!found) {
		*why = "neither a kernel file nor memory that holds a kernel's page table";
		return -1;
	}
	paging_memory(&d->paging, memory);
	return 0;
}
