#include "sim/kernel/checkpoint_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "sim/kernel/hash.h"

enum { HEADER_BYTES = 64, VERSION = 1, LEVEL = 1 };

static const char MAGIC[8] = {'A', 'S', 'S', 'A', 'Y', 'C', 'K', 'P'};
static const uint64_t SIZE_MAX_BYTES = UINT64_C(1) << 36;

struct header {
	char magic[8];
	uint32_t version;
	uint8_t reserved[HEADER_BYTES - 12];
};

struct section_header {
	char name[CHECKPOINT_NAME_BYTES];
	uint64_t size, packed, hash;
};

_Static_assert(sizeof(struct header) == HEADER_BYTES, "header");
_Static_assert(sizeof(struct section_header) == 48, "section header");

FILE *checkpoint_file_begin(const char *path)
{
	struct header header = {.version = VERSION};
	FILE *file = fopen(path, "wb");

	memcpy(header.magic, MAGIC, sizeof MAGIC);
	if (file && fwrite(&header, sizeof header, 1, file) != 1) {
		fclose(file);
		return NULL;
	}
	return file;
}

int checkpoint_file_put(FILE *file, const char *name, const void *bytes, size_t size)
{
	struct section_header header = {.size = size, .hash = XXH3_64bits(bytes, size)};
	size_t room = ZSTD_compressBound(size);
	void *packed = malloc(room);
	size_t length = packed ? ZSTD_compress(packed, room, bytes, size, LEVEL) : 0;

	snprintf(header.name, sizeof header.name, "%s", name);
	header.packed = length;
	bool good = packed && !ZSTD_isError(length) && fwrite(&header, sizeof header, 1, file) == 1 && fwrite(packed, 1, length, file) == length;
	free(packed);
	return good ? 0 : -1;
}

/* @return what is wrong, NULL if nothing is. */
static const char *read_section(struct checkpoint_section *section, const struct section_header *header, FILE *file)
{
	if (header->size > SIZE_MAX_BYTES || header->packed > ZSTD_compressBound(header->size) || !memchr(header->name, 0, sizeof header->name))
		return "is damaged";
	void *packed = malloc(header->packed + 1);
	*section = (struct checkpoint_section){.size = header->size, .bytes = malloc(header->size + 1)};
	memcpy(section->name, header->name, sizeof section->name);
	const char *wrong = packed && section->bytes ? NULL : "needs more memory than there is";
	if (!wrong && fread(packed, 1, header->packed, file) != header->packed)
		wrong = "ends too early";
	if (!wrong && (ZSTD_decompress(section->bytes, header->size, packed, header->packed) != header->size ||
			      XXH3_64bits(section->bytes, header->size) != header->hash))
		wrong = "is damaged";
	free(packed);
	return wrong;
}

static const char *read_all(struct checkpoint_file *read, FILE *file)
{
	struct header header;
	struct section_header section;
	const char *wrong = NULL;
	size_t got;

	if (fread(&header, sizeof header, 1, file) != 1 || memcmp(header.magic, MAGIC, sizeof MAGIC) != 0)
		return "is not a checkpoint";
	if (header.version != VERSION)
		return "has a version that this program does not know";
	while (!wrong && (got = fread(&section, 1, sizeof section, file)) > 0) {
		if (got != sizeof section || read->sections == CHECKPOINT_SECTIONS_MAX)
			return "ends too early";
		wrong = read_section(&read->section[read->sections++], &section, file);
	}
	return wrong;
}

int checkpoint_file_read(struct checkpoint_file *read, const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "rb");
	const char *wrong = "cannot be read";

	*read = (struct checkpoint_file){0};
	if (file) {
		wrong = read_all(read, file);
		fclose(file);
	}
	/* The last section says that the writer had come to the end. */
	if (!wrong && !checkpoint_file_find(read, "end"))
		wrong = "ends too early";
	if (!wrong)
		return 0;
	snprintf(error, error_size, "checkpoint %s: %s", path, wrong);
	checkpoint_file_free(read);
	return -1;
}

void checkpoint_file_free(struct checkpoint_file *file)
{
	for (unsigned i = 0; i < file->sections; i++)
		free(file->section[i].bytes);
	file->sections = 0;
}

const struct checkpoint_section *checkpoint_file_find(const struct checkpoint_file *file, const char *name)
{
	for (unsigned i = 0; i < file->sections; i++) {
		if (strcmp(file->section[i].name, name) == 0)
			return &file->section[i];
	}
	return NULL;
}
