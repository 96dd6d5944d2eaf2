/* Division as the M extension defines it (no trap, defined results for zero and overflow), and what C has no operator for. */
#ifndef ASSAY_MODELS_HART_ALU_H
#define ASSAY_MODELS_HART_ALU_H

#include <stdint.h>

static inline int64_t alu_div(int64_t a, int64_t b)
{
	if (b == 0)
		return -1;
	return b == -1 ? (int64_t)-(uint64_t)a : a / b;
}

/* Each byte all ones unless it is zero (ORC.B). */
static inline uint64_t alu_or_bytes(uint64_t a)
{
	a |= a >> 4 & 0x0f0f0f0f0f0f0f0f;
	a |= a >> 2 & 0x3333333333333333;
	a |= a >> 1;
	return (a & 0x0101010101010101) * 0xff;
}

static inline int64_t alu_rem(int64_t a, int64_t b)
{
	if (b == 0)
		return a;
	return b == -1 ? 0 : a % b;
}

#endif
