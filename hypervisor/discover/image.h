/* A kernel file (vmlinux, Image in any wrapping) as guest memory. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_IMAGE_H
#define ASSAY_HYPERVISOR_DISCOVER_IMAGE_H

#include "hypervisor/discover/memory.h"

enum { IMAGE_MAX_SEGMENTS = 32 };

struct image_segment {
	uint64_t start, end;	  /* virtual addresses; end covers zero-filled memory */
	const uint8_t *data;
	size_t data_bytes;
};

struct image {
	uint8_t *owned; /* unpacked file, NULL if the caller's bytes are used in place */
	struct image_segment segment[IMAGE_MAX_SEGMENTS];
	unsigned segments;
	uint8_t edge[DISCOVER_PAGE_BYTES]; /* a page that is only partly in the file */
	const char *format;
};

/** Makes memory of a kernel file as the boot loader and the kernel's own relocation code would.
 * @param file,bytes  the file; must outlive @p image. An Image for AArch64 is relocated in place.
 * @param memory      filled in on success; reads through @p image
 * @param why         a reason on failure
 * @return 0; 1 when the file is no kernel file (it may be a dump); -1 when it is damaged. */
int image_open(struct image *image, uint8_t *file, size_t bytes, struct discover_memory *memory, const char **why);

void image_close(struct image *image);

/** Builds memory over the segments that @p image already has; used by image_open() and by tests. */
void image_memory(struct image *image, enum discover_arch arch, struct discover_memory *memory);

#endif
