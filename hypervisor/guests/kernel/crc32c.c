/*
 * CRC32C by slicing-by-8: entry b holds, for k = 0..7, the CRC of byte b followed by k zero bytes. The eight values of a byte lie side by
 * side, so that a lookup is shift, mask, add and one load with a constant offset: the simulated processor pays for every instruction.
 */
#include "hypervisor/guests/kernel/crc32c.h"

#define POLYNOMIAL 0x82f63b78u

typedef uint64_t __attribute__((aligned(1), may_alias)) word_t;

static uint32_t table[256][8];

void crc32c_setup(void) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int i = 0; i < 8; i++)
            crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        table[b][0] = crc;
    }
    for (uint32_t b = 0; b < 256; b++)
        for (int k = 1; k < 8; k++)
            table[b][k] = (table[b][k - 1] >> 8) ^ table[table[b][k - 1] & 0xff][0];
}

/* The value k of the entry for byte 7 - k of the word. */
static inline uint32_t lookup(uint64_t word, unsigned k) {
    const uint64_t mask = 0xff * sizeof table[0];
    unsigned shift = 8 * (7 - k);
    uint64_t offset = (shift < 5 ? word << 5 : word >> (shift - 5)) & mask;
    return *(const uint32_t *)((const uint8_t *)table + offset + 4 * k);
}

uint32_t crc32c(uint32_t crc, const void *data, uint64_t bytes) {
    const uint8_t *p = data;
    crc = ~crc;
    for (; bytes >= 8; bytes -= 8, p += 8) {
        uint64_t w = *(const word_t *)p ^ crc;
        crc = lookup(w, 7) ^ lookup(w, 6) ^ lookup(w, 5) ^ lookup(w, 4) ^ lookup(w, 3) ^ lookup(w, 2) ^ lookup(w, 1) ^ lookup(w, 0);
    }
    for (; bytes; bytes--, p++)
        crc = (crc >> 8) ^ table[(crc ^ *p) & 0xff][0];
    return ~crc;
}
