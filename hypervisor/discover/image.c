#include "hypervisor/discover/image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/unpack.h"

/* An Image does not say where it wants to run; it is position independent, so any kernel address will do. */
#define A64_LINK_BASE 0xffff800008000000ull
#define RV64_LINK_BASE 0xffffffff80000000ull
#define LINK_BASE_ALIGN (128ull << 20)

static const uint8_t zero_page[DISCOVER_PAGE_BYTES];

static const uint8_t *image_page(void *context, uint64_t va)
{
	struct image *image = context;

	for (unsigned i = 0; i < image->segments; i++) {
		const struct image_segment *s = &image->segment[i];
		uint64_t offset = va - s->start;

		if (va < s->start || va >= s->end)
			continue;
		if (offset >= s->data_bytes)
			return zero_page;
		if (s->data_bytes - offset >= DISCOVER_PAGE_BYTES)
			return s->data + offset;
		memset(image->edge, 0, sizeof(image->edge));
		memcpy(image->edge, s->data + offset, s->data_bytes - offset);
		return image->edge;
	}
	return NULL;
}

/* Per-CPU templates are linked at 0 on x86-64: they are memory, but not part of the image's address range. */
static bool image_range(void *context, uint64_t from, uint64_t *start, uint64_t *end)
{
	const struct image *image = context;
	const struct image_segment *best = NULL;

	for (unsigned i = 0; i < image->segments; i++) {
		const struct image_segment *s = &image->segment[i];

		if ((s->start >> 63) && s->end > from && (!best || s->start < best->start))
			best = s;
	}
	if (!best)
		return false;
	*start = best->start > from ? best->start : from;
	*end = best->start + ((best->data_bytes + 4095) & ~(uint64_t)4095);
	if (*end > best->end || *end <= *start)
		*end = best->end;
	return true;
}

void image_memory(struct image *image, enum discover_arch arch, struct discover_memory *memory)
{
	*memory = (struct discover_memory){ image, arch, image_page, image_range };
}

static int open_elf(struct image *image, const uint8_t *file, size_t bytes, struct discover_memory *memory,
		    const char **why)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	memcpy(&h, file, sizeof(h));
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_ident[EI_DATA] != ELFDATA2LSB || h.e_type == ET_CORE)
		return 1;
	*why = "ELF program headers lie outside the file";
	for (unsigned i = 0; i < h.e_phnum && image->segments < IMAGE_MAX_SEGMENTS; i++) {
		uint64_t at = h.e_phoff + (uint64_t)i * sizeof(p);

		if (h.e_phoff > bytes || at + sizeof(p) > bytes)
			return -1;
		memcpy(&p, file + at, sizeof(p));
		if (p.p_type != PT_LOAD || !p.p_memsz)
			continue;
		if (p.p_offset > bytes || p.p_filesz > bytes - p.p_offset || p.p_memsz > UNPACK_LIMIT_BYTES ||
		    p.p_vaddr % DISCOVER_PAGE_BYTES || p.p_vaddr + p.p_memsz < p.p_vaddr)
			return -1;
		image->segment[image->segments++] = (struct image_segment){
			.start = p.p_vaddr,
			.end = (p.p_vaddr + p.p_memsz + 4095) & ~4095ull,
			.data = file + p.p_offset,
			.data_bytes = p.p_filesz < p.p_memsz ? p.p_filesz : p.p_memsz,
		};
	}
	image->format = "ELF";
	*why = "not an ELF file of a known machine";
	switch (h.e_machine) {
	case EM_X86_64: image_memory(image, DISCOVER_X86_64, memory); break;
	case EM_AARCH64: image_memory(image, DISCOVER_AARCH64, memory); break;
	case EM_RISCV: image_memory(image, DISCOVER_RV64, memory); break;
	default: return -1;
	}
	return image->segments ? 0 : -1;
}

static bool is_relative(const uint8_t *file, size_t at, uint64_t type)
{
	Elf64_Rela r;

	memcpy(&r, file + at, sizeof(r));
	return r.r_info == type && r.r_offset >> 63 == 1;
}

/* An image whose pointers are in place (linked to an address, or with its relocations packed as RELR) tells by them where it
 * was linked: most of its words that look like kernel addresses lie in the image. */
static uint64_t base_of_pointers(const uint8_t *file, size_t bytes, uint64_t fallback)
{
	enum { KEYS = 1024, LEAST = 1000 };
	struct {
		uint64_t base, count;
	} key[KEYS] = { { 0, 0 } };
	unsigned best = 0;

	for (size_t at = 0; at + 8 <= bytes; at += 8) {
		uint64_t word, base;
		unsigned i;

		memcpy(&word, file + at, 8);
		base = word & ~(LINK_BASE_ALIGN - 1);
		if (word >> 47 != 0x1ffff || word - base >= bytes)
			continue;
		i = (unsigned)(base / LINK_BASE_ALIGN) % KEYS;
		if (!key[i].count)
			key[i].base = base;
		if (key[i].base == base && ++key[i].count > key[best].count)
			best = i;
	}
	return key[best].count < LEAST ? fallback : key[best].base;
}

/* A position-independent kernel relocates itself when it starts: it adds the load offset to each word that its .rela
 * table names. The table has no header; it is the longest run of R_*_RELATIVE entries. They name link addresses;
 * link bases (KIMAGE_VADDR of every version) are multiples of 128 MiB, and images are smaller than that. */
static uint64_t relocate(uint8_t *file, size_t bytes, uint64_t type, uint64_t fallback)
{
	size_t best = 0, best_count = 0;
	uint64_t low = UINT64_MAX, base;
	Elf64_Rela r;

	for (size_t at = 0; at + sizeof(r) <= bytes; at += 8) {
		size_t n = 0;

		while (at + (n + 1) * sizeof(r) <= bytes && is_relative(file, at + n * sizeof(r), type))
			n++;
		if (n > best_count) {
			best = at;
			best_count = n;
		}
		if (n)
			at += n * sizeof(r) - 8;
	}
	if (best_count < 1000)
		return base_of_pointers(file, bytes, fallback);
	for (size_t i = 0; i < best_count; i++) {
		memcpy(&r, file + best + i * sizeof(r), sizeof(r));
		if (r.r_offset < low)
			low = r.r_offset;
	}
	base = low & ~(LINK_BASE_ALIGN - 1);

	for (size_t i = 0; i < best_count; i++) {
		memcpy(&r, file + best + i * sizeof(r), sizeof(r));
		if (r.r_offset - base <= bytes - 8)
			memcpy(file + (r.r_offset - base), &r.r_addend, 8);
	}
	return base;
}

/* The 64-byte header of Documentation/arch/arm64/booting.rst and .../riscv/boot-image-header.rst */
static int open_flat(struct image *image, uint8_t *file, size_t bytes, enum discover_arch arch,
		     struct discover_memory *memory)
{
	uint64_t image_bytes, base;

	memcpy(&image_bytes, file + 16, 8);
	if (image_bytes < bytes || image_bytes > UNPACK_LIMIT_BYTES)
		image_bytes = bytes;
	if (arch == DISCOVER_AARCH64)
		base = relocate(file, bytes, R_AARCH64_RELATIVE, A64_LINK_BASE);
	else
		base = relocate(file, bytes, R_RISCV_RELATIVE, RV64_LINK_BASE);
	image->segment[0] = (struct image_segment){
		.start = base, .end = base + ((image_bytes + 4095) & ~4095ull), .data = file, .data_bytes = bytes
	};
	image->segments = 1;
	image->format = "Image";
	image_memory(image, arch, memory);
	return 0;
}

int image_open(struct image *image, uint8_t *file, size_t bytes, struct discover_memory *memory, const char **why)
{
	uint8_t *data = file;

	memset(image, 0, sizeof(*image));
	if (unpack_kernel(file, bytes, &image->owned, &bytes, why))
		return -1;
	if (image->owned)
		data = image->owned;
	if (bytes >= sizeof(Elf64_Ehdr) && memcmp(data, ELFMAG, SELFMAG) == 0)
		return open_elf(image, data, bytes, memory, why);
	if (bytes > 64 && memcmp(data + 0x38, "ARM\x64", 4) == 0)
		return open_flat(image, data, bytes, DISCOVER_AARCH64, memory);
	if (bytes > 64 && memcmp(data + 0x38, "RSC\x05", 4) == 0)
		return open_flat(image, data, bytes, DISCOVER_RV64, memory);
	*why = "not a kernel file";
	return 1;
}

void image_close(struct image *image)
{
	free(image->owned);
	image->owned = NULL;
}
