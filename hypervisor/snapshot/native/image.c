#include "hypervisor/snapshot/native/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/sum.h"

__attribute__((format(printf, 2, 3))) static int refuse(struct snapshot_image *image, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(image->error, sizeof image->error, format, arguments);
	va_end(arguments);
	return -1;
}

static int read_blocks(struct snapshot_image *image, uint64_t block, void *to, uint64_t bytes, const char *what)
{
	if (block > image->blocks || snapshot_blocks(bytes) > image->blocks - block)
		return refuse(image, "%s at block %llu: beyond the end of the image", what, (unsigned long long)block);
	if (image->source.read(image->source.ctx, block * SNAPSHOT_BLOCK_BYTES, to, (size_t)bytes) != 0)
		return refuse(image, "%s at block %llu: cannot be read", what, (unsigned long long)block);
	return 0;
}

int snapshot_image_open(struct snapshot_image *image, const struct snapshot_source *source)
{
	struct snapshot_volume volume;

	memset(image, 0, sizeof *image);
	image->source = *source;
	image->blocks = source->bytes / SNAPSHOT_BLOCK_BYTES;
	if (image->blocks < SNAPSHOT_FIRST_BLOCK)
		return refuse(image, "has %llu bytes, a snapshot volume has at least %u", (unsigned long long)source->bytes, SNAPSHOT_FIRST_BLOCK * SNAPSHOT_BLOCK_BYTES);
	if (read_blocks(image, 0, &volume, sizeof volume, "volume header") != 0)
		return -1;
	const char *fault = snapshot_volume_fault(&volume, image->blocks);
	if (fault)
		return refuse(image, "%s", fault);
	if (read_blocks(image, 1, image->slot, sizeof image->slot, "directory") != 0)
		return -1;
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		bool empty = snapshot_block_is_zero(&image->slot[i]);
		image->fault[i] = empty ? NULL : snapshot_header_fault(&image->slot[i], image->blocks);
		if (empty || image->fault[i])
			image->slot[i].id = 0;
	}
	return 0;
}

const struct snapshot_header *snapshot_image_find(const struct snapshot_image *image, uint64_t id)
{
	for (unsigned i = 0; id && i < SNAPSHOT_SLOTS; i++) {
		if (image->slot[i].id == id)
			return &image->slot[i];
	}
	return NULL;
}

static struct snapshot_index_entry *read_index(struct snapshot_image *image, const struct snapshot_header *h)
{
	uint64_t bytes = snapshot_pages(h) * sizeof(struct snapshot_index_entry);
	struct snapshot_index_entry *index = malloc(bytes);
	if (!index) {
		refuse(image, "snapshot %llu: out of memory", (unsigned long long)h->id);
		return NULL;
	}
	const char *fault = read_blocks(image, h->index_block, index, bytes, "index") != 0 ? image->error : snapshot_index_fault(h, index);
	if (!fault)
		return index;
	if (fault != image->error)
		refuse(image, "snapshot %llu %s", (unsigned long long)h->id, fault);
	free(index);
	return NULL;
}

static int load_page(struct snapshot_image *image, const struct snapshot_header *h, const struct snapshot_index_entry *entry, uint64_t page, uint8_t *to)
{
	uint8_t stored[SNAPSHOT_BLOCK_BYTES];
	uint64_t at = h->first_block * SNAPSHOT_BLOCK_BYTES + (uint64_t)entry->unit * SNAPSHOT_UNIT_BYTES;

	if (image->source.read(image->source.ctx, at, stored, entry->length) != 0)
		return refuse(image, "snapshot %llu: page %llu at byte %llu: cannot be read", (unsigned long long)h->id, (unsigned long long)page, (unsigned long long)at);
	if (entry->kind == SNAPSHOT_PAGE_RAW)
		memcpy(to, stored, sizeof stored);
	else if (codec_decompress(stored, entry->length, to, SNAPSHOT_BLOCK_BYTES) != 0)
		return refuse(image, "snapshot %llu: page %llu at byte %llu: does not unpack", (unsigned long long)h->id, (unsigned long long)page, (unsigned long long)at);
	if (snapshot_sum(to, SNAPSHOT_BLOCK_BYTES) != entry->sum)
		return refuse(image, "snapshot %llu: page %llu at byte %llu: damaged", (unsigned long long)h->id, (unsigned long long)page, (unsigned long long)at);
	return 0;
}

enum { LOADED = 1 };

/* Loads what this generation holds of the pages that are not loaded yet; @p wanted has the sums that the descendants expect. */
static int load_generation(struct snapshot_image *image, const struct snapshot_header *h, struct snapshot_content *content, uint8_t *done, uint64_t *wanted, bool first)
{
	struct snapshot_index_entry *index = read_index(image, h);
	int status = index ? 0 : -1;

	for (uint64_t page = 0; status == 0 && page < snapshot_pages(h); page++) {
		if (done[page])
			continue;
		if (!first && wanted[page] != index[page].sum) {
			status = refuse(image, "snapshot %llu: page %llu is not what its descendant builds on", (unsigned long long)h->id, (unsigned long long)page);
			break;
		}
		wanted[page] = index[page].sum;
		if (index[page].kind == SNAPSHOT_PAGE_PARENT)
			continue;
		done[page] = LOADED;
		content->absent[page] = index[page].kind == SNAPSHOT_PAGE_ABSENT;
		if (index[page].kind == SNAPSHOT_PAGE_RAW || index[page].kind == SNAPSHOT_PAGE_PACKED)
			status = load_page(image, h, &index[page], page, content->memory + page * SNAPSHOT_BLOCK_BYTES);
	}
	free(index);
	return status;
}

static int load_memory(struct snapshot_image *image, struct snapshot_content *content)
{
	const struct snapshot_header *h = content->header;
	uint64_t pages = snapshot_pages(h);
	uint8_t *done = calloc(1, pages);
	uint64_t *wanted = calloc(pages, sizeof *wanted);
	int status = done && wanted ? 0 : refuse(image, "snapshot %llu: out of memory", (unsigned long long)h->id);

	for (unsigned depth = 0; status == 0; depth++) {
		status = load_generation(image, h, content, done, wanted, depth == 0);
		if (status != 0 || !h->parent)
			break;
		uint64_t child = h->id;
		h = snapshot_image_find(image, h->parent);
		if (!h || h->memory_bytes != content->header->memory_bytes || depth == SNAPSHOT_CHAIN_MAX)
			status = refuse(image, "snapshot %llu builds on one that is not there or does not fit", (unsigned long long)child);
	}
	free(done);
	free(wanted);
	return status;
}

static int load_state(struct snapshot_image *image, struct snapshot_content *content)
{
	const struct snapshot_header *h = content->header;
	if (read_blocks(image, h->state_block, content->state, h->state_bytes, "state") != 0)
		return -1;
	const char *fault = snapshot_state_fault(h, content->state);
	return fault ? refuse(image, "snapshot %llu %s", (unsigned long long)h->id, fault) : 0;
}

int snapshot_image_load(struct snapshot_image *image, uint64_t id, struct snapshot_content *content)
{
	memset(content, 0, sizeof *content);
	content->header = snapshot_image_find(image, id);
	if (!content->header)
		return refuse(image, "snapshot %llu is not on the volume", (unsigned long long)id);
	content->memory = calloc(1, content->header->memory_bytes);
	content->absent = calloc(1, snapshot_pages(content->header));
	content->state = calloc(1, snapshot_blocks(content->header->state_bytes) * SNAPSHOT_BLOCK_BYTES + 8);
	int status = content->memory && content->absent && content->state ? 0 : refuse(image, "snapshot %llu: out of memory", (unsigned long long)id);
	if (status == 0)
		status = load_state(image, content);
	if (status == 0)
		status = load_memory(image, content);
	if (status != 0)
		snapshot_image_free(content);
	return status;
}

void snapshot_image_free(struct snapshot_content *content)
{
	free(content->memory);
	free(content->absent);
	free(content->state);
	memset(content, 0, sizeof *content);
}
