/* Program images from files: RV64 ELF or raw. */
#ifndef ASSAY_SIM_KERNEL_IMAGE_H
#define ASSAY_SIM_KERNEL_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/** Copies @p bytes (NULL: zeroes) to physical address @p address. @return 0, or -1 if that is not all memory. */
typedef int (*image_write)(void *ctx, uint64_t address, const void *bytes, uint64_t size);

/** Reads a whole file. @param error receives one line on failure. @return its bytes (free with free()), or NULL. */
void *image_read_file(const char *path, size_t *size, char *error, size_t error_size);

/** Loads the RV64 ELF executable @p path through @p write.
 * @param what names the image in error texts, e.g. "firmware image"
 * @return 0 with *entry set, or -1 with one line in @p error. */
int image_load_elf(const char *what, const char *path, image_write write, void *ctx, uint64_t *entry, char *error, size_t error_size);

/** Loads the raw file @p path to @p address. @return as image_load_elf(). */
int image_load_raw(const char *what, const char *path, uint64_t address, image_write write, void *ctx, char *error, size_t error_size);

#endif
