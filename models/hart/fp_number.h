/* Between the files of the floating-point routines: an unpacked number, rounding and packing. */
#ifndef ASSAY_MODELS_HART_FP_NUMBER_H
#define ASSAY_MODELS_HART_FP_NUMBER_H

#include "models/hart/fp_soft.h"

enum fp_kind { FP_ZERO, FP_FINITE, FP_INFINITE, FP_QUIET, FP_SIGNALING };

/* A finite number is significand * 2 ^ (exponent - 63), bit 63 of the significand set, bit 0 sticky. */
struct fp_number {
	enum fp_kind kind;
	bool sign;
	int exponent;
	uint64_t significand;
};

struct fp_number fp_unpack(const struct fp_format *f, uint64_t a);
uint64_t fp_pack(const struct fp_format *f, bool sign, unsigned exponent, uint64_t fraction);
uint64_t fp_nan(const struct fp_format *f);
uint64_t fp_infinity(const struct fp_format *f, bool sign);
uint64_t fp_zero(const struct fp_format *f, bool sign);
bool fp_is_nan(struct fp_number n);
/* Whether a magnitude M that loses its low SHIFT bits (1..63) is rounded away from zero. */
bool fp_rounds_up(uint64_t m, unsigned shift, bool sign, unsigned rounding);
uint64_t fp_round(const struct fp_format *f, struct fp_number n, unsigned rounding, uint64_t *flags);

#endif
