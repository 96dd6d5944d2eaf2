/*
 * CRC32C by slicing: table[x][k] is the CRC of the two bytes of x, low byte first, followed by 2k zero bytes. The four values of an x lie
 * side by side, so that a lookup is shift, mask, add and one load with a constant offset: 26 instructions for 8 bytes.
 */
#include "hypervisor/guests/kernel/crc32c.h"

#define POLYNOMIAL 0x82f63b78u
#define SLICES 4u
#define ENTRY_SHIFT 4u /* log2 of an entry's bytes */

typedef uint64_t __attribute__((aligned(1), may_alias)) word_t;

static uint32_t (*table)[SLICES];
static uint32_t byte_table[256];

static uint32_t add_zero_byte(uint32_t crc) {
    return (crc >> 8) ^ byte_table[crc & 0xff];
}

void crc32c_setup(void *memory) {
    uint32_t after[256][2 * SLICES]; /* CRC of byte b and k zero bytes */
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int i = 0; i < 8; i++)
            crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        byte_table[b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++) {
        after[b][0] = byte_table[b];
        for (unsigned k = 1; k < 2 * SLICES; k++)
            after[b][k] = add_zero_byte(after[b][k - 1]);
    }
    table = memory;
    for (uint32_t x = 0; x < 65536; x++)
        for (unsigned k = 0; k < SLICES; k++)
            table[x][k] = after[x & 0xff][2 * k + 1] ^ after[x >> 8][2 * k];
}

/* The value for 16 bits of the word: slice 0 are its last two bytes. */
static inline uint32_t lookup(const uint8_t *base, uint64_t word, unsigned slice) {
    const uint64_t mask = 0xffffull << ENTRY_SHIFT;
    unsigned shift = 16 * (SLICES - 1 - slice);
    uint64_t offset = (shift == 0 ? word << ENTRY_SHIFT : word >> (shift - ENTRY_SHIFT)) & mask;
    return *(const uint32_t *)(base + offset + 4 * slice);
}

uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes) {
    const uint8_t *p = data, *base = (const uint8_t *)table;
    crc = ~crc;
    for (; bytes >= 8; bytes -= 8, p += 8) {
        uint64_t w = *(const word_t *)p ^ crc;
        crc = lookup(base, w, 3) ^ lookup(base, w, 2) ^ lookup(base, w, 1) ^ lookup(base, w, 0);
    }
    for (; bytes; bytes--, p++)
        crc = (crc >> 8) ^ byte_table[(crc ^ *p) & 0xff];
    return ~crc;
}
