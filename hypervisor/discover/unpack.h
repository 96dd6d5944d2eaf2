/* Undoes the wrapping that kernel files come in: bzImage, EFI zboot, gzip, xz, zstd, lz4. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_UNPACK_H
#define ASSAY_HYPERVISOR_DISCOVER_UNPACK_H

#include <stddef.h>
#include <stdint.h>

enum { UNPACK_LIMIT_BYTES = 512 << 20 }; /* a compressed file that promises more than this is refused */

/** Unpacks @p in until something is left that is not wrapped.
 * @param in,bytes   the file; stays the caller's
 * @param out        a malloc'ed buffer, or NULL when the file was not wrapped at all
 * @return 0; -1 if a wrapping is damaged, truncated or too deep, then *why says so. */
int unpack_kernel(const uint8_t *in, size_t bytes, uint8_t **out, size_t *out_bytes, const char **why);

#endif
