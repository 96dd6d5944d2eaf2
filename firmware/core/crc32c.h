/* CRC32C (Castagnoli, RFC 3720 appendix B.4) in software: the digests of NVMe/TCP. */
#ifndef ASSAY_FIRMWARE_CORE_CRC32C_H
#define ASSAY_FIRMWARE_CORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** Makes the tables; call it once before the first crc32c_update(). */
void crc32c_init(void);

/**
 * Continues a CRC32C: crc32c_update(crc32c_update(0, a, n), b, m) is the CRC of a followed by b.
 * @param crc what an earlier call returned, 0 to start.
 */
uint32_t crc32c_update(uint32_t crc, const void *bytes, size_t length);

#endif
