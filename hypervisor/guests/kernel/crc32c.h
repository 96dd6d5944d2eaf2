/* CRC32C (Castagnoli), eight bytes at a time by tables. */
#ifndef HYPERVISOR_GUESTS_KERNEL_CRC32C_H
#define HYPERVISOR_GUESTS_KERNEL_CRC32C_H

#include <stdint.h>

/** Fills the tables; call once. */
void crc32c_setup(void);
/** CRC of more data: start with 0, feed the result back. Any alignment. */
uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes);

#endif
