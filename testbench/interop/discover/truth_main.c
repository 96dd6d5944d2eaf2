/* Prints the truth about a kernel file, or makes a copy of it whose symbol and type tables are garbage.
 *
 *   truth FILE             one line each:  s ADDRESS TYPE NAME   and   m STRUCT.MEMBER OFFSET
 *   truth --poison FILE O  writes the unpacked kernel to O with kallsyms, BTF, and the ELF sections of unwind data (ORC),
 *                          symbols and debug data overwritten; their names go to standard output
 *   truth --unpack FILE O  writes the unpacked kernel to O
 * Status 0; 1 if the image has neither table; 2 if it cannot be read.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/unpack.h"
#include "testbench/interop/discover/truth.h"

static uint8_t *load(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL, *unpacked;
	const char *why = "cannot be read";
	long n = -1;

	if (f && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) > 0 && fseek(f, 0, SEEK_SET) == 0)
		data = malloc((size_t)n);
	*bytes = (size_t)n;
	if (!data || fread(data, 1, *bytes, f) != *bytes || unpack_kernel(data, *bytes, &unpacked, bytes, &why)) {
		fprintf(stderr, "truth: %s: %s\n", path, why);
		exit(2);
	}
	fclose(f);
	if (!unpacked)
		return data;
	free(data);
	return unpacked;
}

static void print_symbol(void *context, uint64_t address, char type, const char *name)
{
	(void)context;
	printf("s 0x%" PRIx64 " %c %s\n", address, type, name);
}

static void print_member(void *context, const char *type, const char *member, uint32_t offset_bits)
{
	(void)context;
	if (offset_bits % 8 == 0)
		printf("m %s.%s 0x%x\n", type, member, offset_bits / 8);
}

static void poison(uint8_t *file, struct truth_range r, uint32_t state)
{
	for (size_t i = r.start; i < r.end; i++) {
		state = state * 1664525u + 1013904223u;
		file[i] = (uint8_t)(state >> 24);
	}
}

/* ELF sections that discovery must not read either: their names start so. */
static void poison_sections(uint8_t *file, size_t bytes)
{
	static const char *const names[] = { ".orc_", ".BTF_ids", ".symtab", ".strtab", ".debug", ".eh_frame" };
	Elf64_Ehdr h;
	Elf64_Shdr s, strings;

	if (bytes < sizeof(h) || memcmp(file, ELFMAG, SELFMAG) != 0)
		return;
	memcpy(&h, file, sizeof(h));
	if (h.e_shoff > bytes || (size_t)h.e_shnum * sizeof(s) > bytes - h.e_shoff || h.e_shstrndx >= h.e_shnum)
		return;
	memcpy(&strings, file + h.e_shoff + h.e_shstrndx * sizeof(s), sizeof(s));
	for (unsigned i = 0; i < h.e_shnum; i++) {
		const char *name;

		memcpy(&s, file + h.e_shoff + i * sizeof(s), sizeof(s));
		if (s.sh_type == SHT_NOBITS || s.sh_offset > bytes || s.sh_size > bytes - s.sh_offset ||
		    strings.sh_offset + s.sh_name >= bytes)
			continue;
		name = (const char *)file + strings.sh_offset + s.sh_name;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (strncmp(name, names[k], strlen(names[k])) != 0)
				continue;
			printf("poisoned %s, %zu bytes\n", name, (size_t)s.sh_size);
			poison(file, (struct truth_range){ s.sh_offset, s.sh_offset + s.sh_size }, i + 3);
		}
	}
}

static int write_copy(const char *path, const uint8_t *file, size_t bytes)
{
	FILE *f = fopen(path, "wb");
	size_t n = f ? fwrite(file, 1, bytes, f) : 0;

	return f && fclose(f) == 0 && n == bytes ? 0 : 2;
}

int main(int argc, char **argv)
{
	bool poisoning = argc == 4 && strcmp(argv[1], "--poison") == 0;
	bool unpacking = argc == 4 && strcmp(argv[1], "--unpack") == 0;
	struct kallsyms k;
	struct btf b;
	uint8_t *file;
	size_t bytes;

	if (argc != 2 && !poisoning && !unpacking) {
		fprintf(stderr, "usage: truth FILE | truth --poison FILE OUT | truth --unpack FILE OUT\n");
		return 2;
	}
	file = load(argv[argc == 2 ? 1 : 2], &bytes);
	if (unpacking)
		return write_copy(argv[3], file, bytes);
	bool has_k = kallsyms_find(&k, file, bytes), has_b = btf_find(&b, file, bytes);

	if (!has_k && !has_b)
		return 1;
	if (poisoning) {
		poison(file, k.range, 1);
		poison(file, b.range, 2);
		poison_sections(file, bytes);
		printf("poisoned kallsyms, %zu bytes\npoisoned BTF, %zu bytes\n", k.range.end - k.range.start, b.range.end - b.range.start);
		return has_k && has_b ? write_copy(argv[3], file, bytes) : 1;
	}
	if (has_k)
		kallsyms_each(&k, print_symbol, NULL);
	if (has_b)
		btf_each_member(&b, print_member, NULL);
	btf_free(&b);
	free(file);
	return 0;
}
