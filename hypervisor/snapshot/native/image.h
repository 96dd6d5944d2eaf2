/*
 * Reading a snapshot volume from outside: a file, or anything that reads() like one. Nothing is believed before format.c has judged it; every
 * failure is one line that names the place.
 */
#ifndef HYPERVISOR_SNAPSHOT_NATIVE_IMAGE_H
#define HYPERVISOR_SNAPSHOT_NATIVE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/snapshot/format.h"

enum { IMAGE_ERROR_BYTES = 256 };

struct snapshot_source {
	void *ctx;
	uint64_t bytes;
	/** @return 0, or -1 when the bytes cannot be read. */
	int (*read)(void *ctx, uint64_t offset, void *to, size_t bytes);
};

struct snapshot_image {
	struct snapshot_source source;
	uint64_t blocks;
	struct snapshot_header slot[SNAPSHOT_SLOTS]; /**< id 0: no snapshot there */
	const char *fault[SNAPSHOT_SLOTS];	     /**< why a slot that is not empty holds no snapshot, NULL for an empty or good one */
	char error[IMAGE_ERROR_BYTES];
};

/** The content of one snapshot, its ancestors' pages included. */
struct snapshot_content {
	const struct snapshot_header *header;
	uint8_t *memory; /**< header->memory_bytes; absent pages are 0 */
	uint8_t *absent; /**< a byte a page: 1 absent */
	uint8_t *state;
};

/** Reads the directory. @return 0, or -1 with image->error. */
int snapshot_image_open(struct snapshot_image *image, const struct snapshot_source *source);

/** @return the header of snapshot @p id, or NULL. */
const struct snapshot_header *snapshot_image_find(const struct snapshot_image *image, uint64_t id);

/** Reads and verifies all of snapshot @p id: index, state, every page, and those of its ancestors that it needs.
 * @return 0 with *content to be freed by snapshot_image_free(), or -1 with image->error. */
int snapshot_image_load(struct snapshot_image *image, uint64_t id, struct snapshot_content *content);
void snapshot_image_free(struct snapshot_content *content);

/** A file as source. @return 0, or -1 with one line in @p error. */
int snapshot_image_file_open(struct snapshot_source *source, const char *path, char *error, size_t error_size);
void snapshot_image_file_close(struct snapshot_source *source);

#endif
