/* The file: a line of text, "assay-executed 1 CRC BASE BYTES IMAGE" with numbers in hexadecimal, then the bits. */
#include "sim/trace/executed.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const uint64_t LARGEST_BYTES = 64u << 20;

static int fail(char *error, size_t error_size, const char *path, const char *what)
{
	snprintf(error, error_size, "%s: %s", path, what);
	return -1;
}

static size_t bits_bytes(const struct executed *executed)
{
	return (executed->bytes + 15) / 16;
}

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	uint8_t *bytes = NULL;
	if (file && fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
		*size = (size_t)status.st_size;
		bytes = malloc(*size + 1);
		if (bytes && fread(bytes, 1, *size, file) != *size) {
			free(bytes);
			bytes = NULL;
		}
	}
	if (file)
		fclose(file);
	return bytes;
}

static int find_code(struct executed *executed, const uint8_t *elf, size_t size)
{
	const Elf64_Ehdr *header = (const void *)elf;
	uint64_t low = UINT64_MAX, high = 0;
	if (size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff > size || header->e_phnum > (size - header->e_phoff) / sizeof(Elf64_Phdr))
		return -1;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr segment;
		memcpy(&segment, elf + header->e_phoff + i * sizeof segment, sizeof segment);
		if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X))
			continue;
		low = segment.p_vaddr < low ? segment.p_vaddr : low;
		high = segment.p_vaddr + segment.p_filesz > high ? segment.p_vaddr + segment.p_filesz : high;
	}
	if (low >= high || high - low > LARGEST_BYTES)
		return -1;
	executed->base = low;
	executed->bytes = high - low;
	return 0;
}

int executed_begin(struct executed *executed, const char *image, char *error, size_t error_size)
{
	size_t size = 0;
	uint8_t *elf = read_file(image, &size);
	if (!elf)
		return fail(error, error_size, image, "cannot be read");
	snprintf(executed->image, sizeof executed->image, "%s", image);
	executed->crc = (uint32_t)crc32(0, elf, (uInt)size);
	int status = find_code(executed, elf, size);
	free(elf);
	if (status != 0)
		return fail(error, error_size, image, "is no 64-bit ELF with code");
	executed->bits = calloc(1, bits_bytes(executed));
	return executed->bits ? 0 : fail(error, error_size, image, "out of memory");
}

bool executed_is(const void *context, uint64_t address)
{
	const struct executed *executed = context;
	uint64_t at = address - executed->base;
	return at < executed->bytes && (executed->bits[at >> 4] >> (at >> 1 & 7) & 1);
}

int executed_load(struct executed *executed, const char *path, char *error, size_t error_size)
{
	size_t size = 0;
	uint8_t *file = read_file(path, &size);
	unsigned crc;
	unsigned long long base, bytes;
	int begin = 0;
	if (!file)
		return fail(error, error_size, path, "cannot be read");
	file[size] = '\0';
	char *line_end = memchr(file, '\n', size);
	if (line_end)
		*line_end = '\0';
	if (!line_end || sscanf((char *)file, "assay-executed 1 %x %llx %llx %n", &crc, &base, &bytes, &begin) != 3 || begin == 0 || bytes > LARGEST_BYTES ||
	    size - (size_t)(line_end + 1 - (char *)file) != (bytes + 15) / 16) {
		free(file);
		return fail(error, error_size, path, "is no file of executed instructions");
	}
	*executed = (struct executed){.crc = crc, .base = base, .bytes = bytes, .bits = malloc((bytes + 15) / 16)};
	snprintf(executed->image, sizeof executed->image, "%s", (char *)file + begin);
	memcpy(executed->bits, line_end + 1, bits_bytes(executed));
	free(file);
	return 0;
}

int executed_merge(struct executed *executed, const struct executed *other)
{
	if (executed->crc != other->crc || executed->base != other->base || executed->bytes != other->bytes)
		return -1;
	for (size_t i = 0; i < bits_bytes(executed); i++)
		executed->bits[i] |= other->bits[i];
	return 0;
}

static int write_new(const struct executed *executed, const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		return -1;
	fprintf(file, "assay-executed 1 %x %llx %llx %s\n", executed->crc, (unsigned long long)executed->base, (unsigned long long)executed->bytes, executed->image);
	bool whole = fwrite(executed->bits, 1, bits_bytes(executed), file) == bits_bytes(executed);
	return fclose(file) == 0 && whole ? 0 : -1;
}

/* Several runs may end at once: each writes a file of its own name and moves it; what another adds in between is lost, never torn. */
int executed_save(const struct executed *executed, const char *path, char *error, size_t error_size)
{
	char new_path[EXECUTED_PATH_BYTES + 32];
	struct executed before;
	if (executed_load(&before, path, error, error_size) == 0) {
		if (before.crc == executed->crc && before.bytes == executed->bytes) {
			for (size_t i = 0; i < bits_bytes(executed); i++)
				executed->bits[i] |= before.bits[i];
		}
		executed_end(&before);
	}
	snprintf(new_path, sizeof new_path, "%s.new", path);
	if (write_new(executed, new_path) != 0 || rename(new_path, path) != 0)
		return fail(error, error_size, path, strerror(errno));
	return 0;
}

void executed_end(struct executed *executed)
{
	free(executed->bits);
	executed->bits = NULL;
}
