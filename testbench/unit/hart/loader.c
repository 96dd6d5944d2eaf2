/* Files into the test board's memory. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/unit/hart/board.h"

int board_load(struct board *b, uint64_t address, const void *bytes, size_t count)
{
	if (address - BOARD_RAM_BASE < b->ram_bytes && b->ram_bytes - (address - BOARD_RAM_BASE) >= count)
		memcpy(b->ram + (address - BOARD_RAM_BASE), bytes, count);
	else if (address - BOARD_ROM_BASE < BOARD_ROM_BYTES && BOARD_ROM_BYTES - (address - BOARD_ROM_BASE) >= count)
		memcpy(b->rom + (address - BOARD_ROM_BASE), bytes, count);
	else
		return -1;
	hart_domain_drop_caches(b->domain);
	return 0;
}

static unsigned char *read_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	unsigned char *data = NULL;
	long size;

	if (f && !fseek(f, 0, SEEK_END) && (size = ftell(f)) >= 0 && !fseek(f, 0, SEEK_SET) && (data = malloc((size_t)size + 1)) != NULL) {
		*bytes = fread(data, 1, (size_t)size, f);
		data[*bytes] = 0;
	} else {
		fprintf(stderr, "%s: cannot be read\n", path);
	}
	if (f)
		fclose(f);
	return data;
}

long board_load_file(struct board *b, uint64_t address, const char *path)
{
	size_t bytes;
	unsigned char *data = read_file(path, &bytes);
	int status;

	if (!data)
		return -1;
	status = board_load(b, address, data, bytes);
	free(data);
	if (status)
		fprintf(stderr, "%s: does not fit at 0x%llx\n", path, (unsigned long long)address);
	return status ? -1 : (long)bytes;
}

static bool is_elf64(const unsigned char *data, size_t bytes)
{
	return bytes >= sizeof(Elf64_Ehdr) && !memcmp(data, ELFMAG, SELFMAG) && data[EI_CLASS] == ELFCLASS64;
}

static int find_symbol(const unsigned char *data, size_t bytes, const char *name, uint64_t *value)
{
	const Elf64_Ehdr *e = (const void *)data;
	const Elf64_Shdr *s = (const void *)(data + e->e_shoff);

	if (e->e_shoff > bytes || (bytes - e->e_shoff) / sizeof(*s) < e->e_shnum)
		return -1;
	for (unsigned i = 0; i < e->e_shnum; i++) {
		const Elf64_Sym *sym = (const void *)(data + s[i].sh_offset);

		if (s[i].sh_type != SHT_SYMTAB || s[i].sh_link >= e->e_shnum)
			continue;
		for (uint64_t k = 0; k < s[i].sh_size / sizeof(*sym); k++)
			if (!strcmp((const char *)data + s[s[i].sh_link].sh_offset + sym[k].st_name, name)) {
				*value = sym[k].st_value;
				return 0;
			}
	}
	return -1;
}

int board_elf_symbol(const char *path, const char *name, uint64_t *value)
{
	size_t bytes;
	unsigned char *data = read_file(path, &bytes);
	int status = data && is_elf64(data, bytes) ? find_symbol(data, bytes, name, value) : -1;

	free(data);
	return status;
}

int board_load_elf(struct board *b, const char *path, uint64_t *entry)
{
	size_t bytes;
	unsigned char *data = read_file(path, &bytes);
	const Elf64_Ehdr *e = (const void *)data;
	int status = -1;

	if (data && is_elf64(data, bytes)) {
		const Elf64_Phdr *p = (const void *)(data + e->e_phoff);

		status = 0;
		for (unsigned i = 0; i < e->e_phnum && !status; i++)
			if (p[i].p_type == PT_LOAD && p[i].p_filesz)
				status = board_load(b, p[i].p_paddr, data + p[i].p_offset, p[i].p_filesz);
		*entry = e->e_entry;
		if (find_symbol(data, bytes, "tohost", &b->tohost))
			b->tohost = 0;
	}
	if (data && status)
		fprintf(stderr, "%s: not an ELF64 that fits into this board\n", path);
	free(data);
	return status;
}
