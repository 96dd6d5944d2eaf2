/* Table images that no description gave: well-formed, with random spaces, entries, templates and directives. */
#ifndef ASSAY_TESTBENCH_UNIT_CLB_RANDOM_IMAGE_H
#define ASSAY_TESTBENCH_UNIT_CLB_RANDOM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Writes an image into @p bytes bytes at @p at (at least 256 KiB, 16-byte aligned). The checksum and the names are left out.
 * @param far the sections lie at far multiples of 1 MiB beyond, for a memory that is mirrored */
void random_image(uint8_t *at, size_t bytes, uint64_t seed, bool far);

#endif
