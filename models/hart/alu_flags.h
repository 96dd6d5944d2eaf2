/* Computation for guest ISAs with flags: N, Z, C and V are bits 31:28 of the flags' register. */
#ifndef ASSAY_MODELS_HART_ALU_FLAGS_H
#define ASSAY_MODELS_HART_ALU_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/convert/bit_mask.h"

enum { FLAG_N = 8, FLAG_Z = 4, FLAG_C = 2, FLAG_V = 1, FLAGS_SHIFT = 28 };

/* Bits of ADDX's imm. */
enum { ADDX_SHIFT = 3, ADDX_WORD = 1 << 6, ADDX_SUBTRACT = 1 << 7 };
enum { ADC_WORD = 1, ADC_FLAGS = 2, ADC_SUBTRACT = 4 };
enum { CSEL_INCREMENT = 1 << 4, CSEL_INVERT = 1 << 5, CSEL_WORD = 1 << 6 };
enum { CCMP_WORD = 1 << 8, CCMP_SUBTRACT = 1 << 9 };
enum { FIELD_WORD = 1 << 12, EXTR_WORD = 1 << 6, MASK_WORD = 1 << 13 };

static inline uint64_t alu_width(uint64_t v, bool word) { return word ? (uint32_t)v : v; }

/* A + B + CARRY; *flags receives N, Z, C, V. */
static inline uint64_t alu_add(uint64_t a, uint64_t b, unsigned carry, bool word, uint64_t *flags)
{
	unsigned top = word ? 31 : 63;
	unsigned __int128 wide = (unsigned __int128)alu_width(a, word) + alu_width(b, word) + carry;
	uint64_t r = alu_width((uint64_t)wide, word);
	uint64_t c = (uint64_t)(wide >> (top + 1)) & 1, v = (~(a ^ b) & (a ^ r)) >> top & 1;

	*flags = ((r >> top) << 3 | (uint64_t)(r == 0) << 2 | c << 1 | v) << FLAGS_SHIFT;
	return r;
}

static inline uint64_t alu_subtract(uint64_t a, uint64_t b, bool word, uint64_t *flags) { return alu_add(a, ~b, 1, word, flags); }

/* N and Z of a logical result. */
static inline uint64_t alu_logical(uint64_t v, bool word, uint64_t *flags)
{
	uint64_t r = alu_width(v, word);

	*flags = ((r >> (word ? 31 : 63)) << 3 | (uint64_t)(r == 0) << 2) << FLAGS_SHIFT;
	return r;
}

static inline bool alu_condition(uint64_t flags, unsigned condition)
{
	unsigned f = (unsigned)(flags >> FLAGS_SHIFT);
	bool same = !(f & FLAG_N) == !(f & FLAG_V), holds;

	switch (condition >> 1) {
	case 0: holds = f & FLAG_Z; break;
	case 1: holds = f & FLAG_C; break;
	case 2: holds = f & FLAG_N; break;
	case 3: holds = f & FLAG_V; break;
	case 4: holds = (f & (FLAG_C | FLAG_Z)) == FLAG_C; break;
	case 5: holds = same; break;
	case 6: holds = same && !(f & FLAG_Z); break;
	default: return true;
	}
	return holds != (condition & 1);
}

static inline uint64_t alu_extend(uint64_t v, unsigned option)
{
	switch (option) {
	case 0: return (uint8_t)v;
	case 1: return (uint16_t)v;
	case 2: return (uint32_t)v;
	case 4: return (uint64_t)(int8_t)v;
	case 5: return (uint64_t)(int16_t)v;
	case 6: return (uint64_t)(int32_t)v;
	default: return v;
	}
}

static inline uint64_t alu_add_extended(uint64_t a, uint64_t b, unsigned imm, uint64_t *flags)
{
	bool subtract = imm & ADDX_SUBTRACT;
	uint64_t e = alu_extend(b, imm & 7) << (imm >> ADDX_SHIFT & 7);

	return alu_add(a, subtract ? ~e : e, subtract, imm & ADDX_WORD, flags);
}

static inline uint64_t alu_adc(uint64_t a, uint64_t b, unsigned imm, uint64_t *flags)
{
	uint64_t made, r = alu_add(a, imm & ADC_SUBTRACT ? ~b : b, (unsigned)(*flags >> FLAGS_SHIFT) >> 1 & 1, imm & ADC_WORD, &made);

	if (imm & ADC_FLAGS)
		*flags = made;
	return r;
}

static inline uint64_t alu_select(uint64_t a, uint64_t b, unsigned imm, uint64_t flags)
{
	if (!alu_condition(flags, imm & 15))
		a = (imm & CSEL_INVERT ? ~b : b) + (imm & CSEL_INCREMENT ? 1 : 0);
	return alu_width(a, imm & CSEL_WORD);
}

/* The flags after a conditional comparison. */
static inline uint64_t alu_conditional_compare(uint64_t a, uint64_t b, unsigned imm, uint64_t flags)
{
	if (!alu_condition(flags, imm >> 4 & 15))
		return (uint64_t)(imm & 15) << FLAGS_SHIFT;
	if (imm & CCMP_SUBTRACT)
		alu_subtract(a, b, imm & CCMP_WORD, &flags);
	else
		alu_add(a, b, 0, imm & CCMP_WORD, &flags);
	return flags;
}

/* The bit field of A; SIGNED extends it, else the bits outside come from OTHER. */
static inline uint64_t alu_field(uint64_t a, uint64_t other, unsigned imm, bool is_signed)
{
	unsigned width = imm & FIELD_WORD ? 32 : 64, r = imm & (width - 1), s = imm >> 6 & (width - 1);
	unsigned from = s >= r ? r : 0, bits = s - from + 1, at = s >= r ? 0 : width - r;
	uint64_t ones = UINT64_MAX >> (64 - bits), v = a >> from & ones;

	if (is_signed && v >> (bits - 1)) {
		v |= ~ones;
		other = 0;
		ones = UINT64_MAX;
	}
	return alu_width((v << at) | (other & ~(ones << at)), imm & FIELD_WORD);
}

static inline uint64_t alu_extract(uint64_t high, uint64_t low, unsigned imm)
{
	unsigned lsb = imm & 63;

	if (imm & EXTR_WORD)
		return (uint32_t)(((high << 32) | (uint32_t)low) >> (lsb & 31));
	return lsb ? low >> lsb | high << (64 - lsb) : low;
}

static inline uint64_t alu_divide(uint64_t a, uint64_t b, bool word, bool is_signed)
{
	int64_t x = word ? (int32_t)a : (int64_t)a, y = word ? (int32_t)b : (int64_t)b;

	a = alu_width(a, word);
	b = alu_width(b, word);
	if (b == 0)
		return 0;
	if (!is_signed)
		return a / b;
	return alu_width(y == -1 ? (uint64_t)0 - (uint64_t)x : (uint64_t)(x / y), word);
}

static inline uint64_t alu_leading_signs(uint64_t a, bool word)
{
	return word ? (uint64_t)__builtin_clrsb((int32_t)a) : (uint64_t)__builtin_clrsbll((int64_t)a);
}

static inline uint64_t alu_reverse_bits(uint64_t a)
{
	a = (a >> 1 & 0x5555555555555555) | (a & 0x5555555555555555) << 1;
	a = (a >> 2 & 0x3333333333333333) | (a & 0x3333333333333333) << 2;
	a = (a >> 4 & 0x0f0f0f0f0f0f0f0f) | (a & 0x0f0f0f0f0f0f0f0f) << 4;
	return __builtin_bswap64(a);
}

static inline uint64_t alu_reverse_halves(uint64_t a) { return (a >> 8 & 0x00ff00ff00ff00ff) | (a & 0x00ff00ff00ff00ff) << 8; }

static inline uint64_t alu_crc32(uint64_t crc, uint64_t data, unsigned imm)
{
	uint32_t polynomial = imm & 4 ? 0x82f63b78 : 0xedb88320, c = (uint32_t)crc;

	for (unsigned bits = 8u << (imm & 3); bits; bits--, data >>= 1)
		c = c >> 1 ^ ((c ^ (uint32_t)data) & 1 ? polynomial : 0);
	return c;
}

#endif
