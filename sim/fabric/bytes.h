/* Loads and stores of wire integers at any alignment. */
#ifndef ASSAY_SIM_FABRIC_BYTES_H
#define ASSAY_SIM_FABRIC_BYTES_H

#include <stdint.h>

static inline uint64_t load_le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

static inline void store_le(uint8_t *p, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static inline uint16_t load_le16(const uint8_t *p) { return (uint16_t)load_le(p, 2); }
static inline uint32_t load_le32(const uint8_t *p) { return (uint32_t)load_le(p, 4); }
static inline uint64_t load_le64(const uint8_t *p) { return load_le(p, 8); }
static inline void store_le16(uint8_t *p, uint16_t value) { store_le(p, 2, value); }
static inline void store_le32(uint8_t *p, uint32_t value) { store_le(p, 4, value); }
static inline void store_le64(uint8_t *p, uint64_t value) { store_le(p, 8, value); }

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void store_be32(uint8_t *p, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

#endif
