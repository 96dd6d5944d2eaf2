/* The file of a checkpoint: named sections, compressed and checksummed (checkpoint.h has the format). */
#ifndef ASSAY_SIM_KERNEL_CHECKPOINT_FILE_H
#define ASSAY_SIM_KERNEL_CHECKPOINT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CHECKPOINT_NAME_BYTES = 24, CHECKPOINT_SECTIONS_MAX = 256 };

struct checkpoint_section {
	char name[CHECKPOINT_NAME_BYTES];
	uint8_t *bytes;
	size_t size;
};

/** A file that was read whole. */
struct checkpoint_file {
	unsigned sections;
	struct checkpoint_section section[CHECKPOINT_SECTIONS_MAX];
};

/** Begins a file: header. @return NULL if it cannot be written. */
FILE *checkpoint_file_begin(const char *path);

/** Appends a section. @return 0 or -1. */
int checkpoint_file_put(FILE *file, const char *name, const void *bytes, size_t size);

/** Reads and checks all of @p path. @return 0, or -1 with one line in @p error; then nothing is held. */
int checkpoint_file_read(struct checkpoint_file *file, const char *path, char *error, size_t error_size);
void checkpoint_file_free(struct checkpoint_file *file);

/** @return the section of that name, NULL if there is none. */
const struct checkpoint_section *checkpoint_file_find(const struct checkpoint_file *file, const char *name);

#endif
