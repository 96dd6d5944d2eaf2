#include "sim/kernel/image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(char *error, size_t error_size, const char *what, const char *path, const char *why)
{
	snprintf(error, error_size, "%s %s: %s", what, path, why);
	return -1;
}

void *image_read_file(const char *path, size_t *size, char *error, size_t error_size)
{
	struct stat status;
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;

	if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
		snprintf(error, error_size, "%s: %s", path, file ? "not a regular file" : strerror(errno));
	} else {
		*size = (size_t)status.st_size;
		bytes = malloc(*size + 1);
		if (!bytes || fread(bytes, 1, *size, file) != *size) {
			snprintf(error, error_size, "%s: cannot be read", path);
			free(bytes);
			bytes = NULL;
		}
	}
	if (file)
		fclose(file);
	return bytes;
}

static const char *load_segment(Elf *elf, size_t index, image_write write, void *ctx)
{
	GElf_Phdr header;
	size_t size;
	const char *bytes = elf_rawfile(elf, &size);

	if (!gelf_getphdr(elf, (int)index, &header))
		return "broken program header";
	if (header.p_type != PT_LOAD || header.p_memsz == 0)
		return NULL;
	if (header.p_filesz > header.p_memsz || header.p_offset > size || header.p_filesz > size - header.p_offset)
		return "segment beyond the end of the file";
	if (write(ctx, header.p_paddr, bytes + header.p_offset, header.p_filesz) != 0)
		return "segment outside of memory";
	if (write(ctx, header.p_paddr + header.p_filesz, NULL, header.p_memsz - header.p_filesz) != 0)
		return "segment outside of memory";
	return NULL;
}

static const char *load_elf(Elf *elf, image_write write, void *ctx, uint64_t *entry)
{
	GElf_Ehdr header;
	size_t segments;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return "not an ELF file";
	if (header.e_machine != EM_RISCV || gelf_getclass(elf) != ELFCLASS64 || header.e_type != ET_EXEC)
		return "not an RV64 executable";
	if (elf_getphdrnum(elf, &segments) != 0 || segments == 0)
		return "no segments";
	for (size_t i = 0; i < segments; i++) {
		const char *why = load_segment(elf, i, write, ctx);
		if (why)
			return why;
	}
	*entry = header.e_entry;
	return NULL;
}

int image_load_elf(const char *what, const char *path, image_write write, void *ctx, uint64_t *entry, char *error, size_t error_size)
{
	int file = open(path, O_RDONLY);
	if (file < 0)
		return refuse(error, error_size, what, path, strerror(errno));
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(file, ELF_C_READ, NULL);
	const char *why = load_elf(elf, write, ctx, entry);
	elf_end(elf);
	close(file);
	return why ? refuse(error, error_size, what, path, why) : 0;
}

int image_load_raw(const char *what, const char *path, uint64_t address, image_write write, void *ctx, char *error, size_t error_size)
{
	size_t size;
	char why[256];
	void *bytes = image_read_file(path, &size, why, sizeof why);
	int status = 0;

	if (!bytes) {
		snprintf(error, error_size, "%s %s", what, why);
		return -1;
	}
	if (size == 0)
		status = refuse(error, error_size, what, path, "empty");
	else if (write(ctx, address, bytes, size) != 0)
		status = refuse(error, error_size, what, path, "does not fit into memory");
	free(bytes);
	return status;
}
