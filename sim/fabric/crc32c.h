/* CRC32C (Castagnoli, RFC 3720 appendix B.4), the digest of NVMe/TCP. */
#ifndef ASSAY_SIM_FABRIC_CRC32C_H
#define ASSAY_SIM_FABRIC_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/**
 * Continues a CRC32C. crc32c(crc32c(0, a, n), b, m) is the CRC of a followed by b.
 * @param crc what an earlier call returned, 0 to start.
 */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t length);

#endif
