/* Division as the M extension defines it: no trap, defined results for zero and overflow. */
#ifndef ASSAY_MODELS_HART_ALU_H
#define ASSAY_MODELS_HART_ALU_H

#include <stdint.h>

static inline int64_t alu_div(int64_t a, int64_t b)
{
	if (b == 0)
		return -1;
	return b == -1 ? (int64_t)-(uint64_t)a : a / b;
}

static inline int64_t alu_rem(int64_t a, int64_t b)
{
	if (b == 0)
		return a;
	return b == -1 ? 0 : a % b;
}

#endif
