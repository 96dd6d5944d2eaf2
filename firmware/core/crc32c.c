#include "firmware/core/crc32c.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* reflected */

/* Eight bytes a step: tables[k][b] is the CRC of byte b followed by k zero bytes. */
static uint32_t tables[8][256];

void crc32c_init(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
		tables[0][byte] = crc;
	}
	for (uint32_t byte = 0; byte < 256; byte++)
		for (int k = 1; k < 8; k++)
			tables[k][byte] = tables[0][tables[k - 1][byte] & 0xff] ^ tables[k - 1][byte] >> 8;
}

static uint32_t step(uint32_t crc, uint8_t byte)
{
	return tables[0][(crc ^ byte) & 0xff] ^ crc >> 8;
}

uint32_t crc32c_update(uint32_t crc, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	crc = ~crc;
	/* Aligned words: whatever compiles this need not know that the processor does others, too. */
	for (; length > 0 && (uintptr_t)at % 8 != 0; length--)
		crc = step(crc, *at++);
	for (; length >= 8; length -= 8, at += 8) {
		uint64_t word;

		memcpy(&word, __builtin_assume_aligned(at, 8), sizeof(word));
		word ^= crc;
		crc = tables[7][word & 0xff] ^ tables[6][word >> 8 & 0xff] ^ tables[5][word >> 16 & 0xff] ^
		      tables[4][word >> 24 & 0xff] ^ tables[3][word >> 32 & 0xff] ^ tables[2][word >> 40 & 0xff] ^
		      tables[1][word >> 48 & 0xff] ^ tables[0][word >> 56];
	}
	while (length-- > 0)
		crc = step(crc, *at++);
	return ~crc;
}
