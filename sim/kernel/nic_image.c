#include "sim/kernel/nic_image.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware/boot/sign.h"
#include "models/board/memory_map.h"
#include "sim/kernel/image.h"
#include "sys_regs.h"

enum { NOTE_HEADER_BYTES = 16, ROOM = SYS_FLASH_SLOT_BYTES - sizeof(struct image) };

/* The payload while it is put together: from the lowest address that a segment loads to the highest. */
struct gather {
	uint64_t base, end;
	uint8_t *bytes; /* ROOM of them, from IMAGE_LOAD_LOW on */
};

static int gather(void *ctx, uint64_t address, const void *bytes, uint64_t size)
{
	struct gather *g = ctx;
	uint64_t offset = address - IMAGE_LOAD_LOW;

	if (!bytes || size == 0)
		return address - NIC_MEMORY_BASE <= NIC_MEMORY_BYTES && size <= NIC_MEMORY_BASE + NIC_MEMORY_BYTES - address ? 0 : -1;
	if (address < IMAGE_LOAD_LOW || offset > ROOM || size > ROOM - offset)
		return -1;
	memcpy(g->bytes + offset, bytes, size);
	g->base = address < g->base ? address : g->base;
	g->end = address + size > g->end ? address + size : g->end;
	return 0;
}

/* Copies the section NAME, from OFFSET on. @return whether it is there and has so many bytes */
static bool section_bytes(Elf *elf, const char *name, size_t offset, void *to, size_t size)
{
	size_t names, file_size;
	const char *file = elf_rawfile(elf, &file_size);
	GElf_Shdr header;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return false;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
		if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS)
			continue;
		const char *found = elf_strptr(elf, names, header.sh_name);
		if (!found || strcmp(found, name) != 0 || header.sh_size < offset + size || header.sh_offset > file_size || header.sh_size > file_size - header.sh_offset)
			continue;
		memcpy(to, file + header.sh_offset + offset, size);
		return true;
	}
	return false;
}

static bool describe(const char *path, struct image_header *header)
{
	int file = open(path, O_RDONLY);
	Elf *elf = file >= 0 ? elf_begin(file, ELF_C_READ, NULL) : NULL;
	bool found = elf && section_bytes(elf, ".image_info", 0, &header->info, sizeof header->info);

	if (found)
		section_bytes(elf, ".note.gnu.build-id", NOTE_HEADER_BYTES, header->build_id, sizeof header->build_id);
	elf_end(elf);
	if (file >= 0)
		close(file);
	return found;
}

static struct image *refuse(void *image, char *error, size_t error_size, const char *path, const char *why)
{
	snprintf(error, error_size, "firmware image %s: %s", path, why);
	free(image);
	return NULL;
}

static void apply(struct image_header *header, const struct nic_image_options *options)
{
	if (options->security_version >= 0)
		header->info.security_version = (uint32_t)options->security_version;
	if (!options->revision)
		return;
	memset(header->info.revision, ' ', sizeof header->info.revision);
	memcpy(header->info.revision, options->revision, strnlen(options->revision, sizeof header->info.revision));
}

static struct image *from_elf(const char *path, const struct nic_image_options *options, size_t *bytes, char *error, size_t error_size)
{
	struct image *image = calloc(1, SYS_FLASH_SLOT_BYTES);
	struct gather g = {.base = UINT64_MAX, .bytes = image ? image->payload : NULL};
	struct image_header header = {.magic = IMAGE_MAGIC, .format = IMAGE_FORMAT};

	if (!image)
		return refuse(image, error, error_size, path, "out of memory");
	if (image_load_elf("firmware image", path, gather, &g, &header.entry, error, error_size) != 0)
		return free(image), NULL;
	if (g.base == UINT64_MAX || header.entry < g.base || header.entry >= g.end)
		return refuse(image, error, error_size, path, "its entry is not in it");
	if (!describe(path, &header))
		return refuse(image, error, error_size, path, "has no section .image_info");
	header.load_address = g.base;
	header.payload_bytes = (uint32_t)(g.end - g.base);
	apply(&header, options);
	memmove(image->payload, image->payload + (g.base - IMAGE_LOAD_LOW), header.payload_bytes);
	image->header = header;
	image_sign(image, options->seed ? options->seed : image_test_seed);
	*bytes = sizeof *image + header.payload_bytes;
	return image;
}

void *nic_image_read(const char *path, const struct nic_image_options *options, size_t *bytes, char *error, size_t error_size)
{
	char why[256];
	uint8_t *file = image_read_file(path, bytes, why, sizeof why);

	if (!file) {
		snprintf(error, error_size, "firmware image %s", why);
		return NULL;
	}
	if (*bytes < sizeof(struct image) || ((struct image *)(void *)file)->header.magic != IMAGE_MAGIC) {
		free(file);
		return from_elf(path, options, bytes, error, error_size);
	}
	if (*bytes > SYS_FLASH_SLOT_BYTES)
		return refuse(file, error, error_size, path, "larger than a slot");
	return file;
}
