/* CRC32C (Castagnoli), two bytes a table lookup: the simulated processor pays for every instruction. */
#ifndef HYPERVISOR_GUESTS_KERNEL_CRC32C_H
#define HYPERVISOR_GUESTS_KERNEL_CRC32C_H

#include <stdint.h>

#define CRC32C_TABLE_BYTES (65536u * 16u)

/** Fills the tables. Call once. @param memory CRC32C_TABLE_BYTES, 16-byte aligned, kept */
void crc32c_setup(void *memory);
/** CRC of more data: start with 0, feed the result back. Any alignment. */
uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes);

#endif
