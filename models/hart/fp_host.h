/* The shortcut of floating-point arithmetic: the host's own, rounded to nearest even, where it cannot differ from fp_soft.h.
 *
 * Each function answers false if it could: a result that is not an ordinary number, or one so small that underflow or the
 * test for exactness might be wrong. Operands of ordinary results are ordinary, so no other exception than "inexact" is possible;
 * whether it occurred is found by error-free transformations, and not at all if the flag is set already. The host's status
 * register plays no part. Sums need no lower bound: what underflows there is exact. */
#ifndef ASSAY_MODELS_HART_FP_HOST_H
#define ASSAY_MODELS_HART_FP_HOST_H

#include <math.h>
#include <string.h>

#include "models/hart/fp_soft.h"

/* Biased exponents within which a product's or quotient's rounding error is a normal number, too. */
enum { FP_D_LEAST = 120, FP_D_MOST = 0x7fd, FP_S_LEAST = 2, FP_S_MOST = 0xfd };

static inline double fp_d(uint64_t a) { double d; memcpy(&d, &a, 8); return d; }
static inline float fp_s(uint64_t a) { uint32_t w = (uint32_t)a; float s; memcpy(&s, &w, 4); return s; }
static inline uint64_t fp_bits_d(double d) { uint64_t a; memcpy(&a, &d, 8); return a; }
static inline uint32_t fp_bits_s(float s) { uint32_t w; memcpy(&w, &s, 4); return w; }

static inline bool fp_between(uint64_t exponent, unsigned least, unsigned most) { return exponent - least <= most - least; }
static inline uint64_t fp_exponent_d(double d) { return fp_bits_d(d) >> 52 & 0x7ff; }
static inline uint32_t fp_exponent_s(float s) { return fp_bits_s(s) >> 23 & 0xff; }

#define FP_BOX (UINT64_C(0xffffffff) << 32)
static inline bool fp_boxed(uint64_t a) { return a >> 32 == UINT32_MAX; }

/* Knuth's TwoSum: the rounding error of a sum is exact in six operations. */
#define FP_SUM_INEXACT(type, a, b, sum) \
	({ type part_ = (sum) - (a); (((a) - ((sum) - part_)) + ((b) - part_)) != 0; })

static inline bool fp_host_add_d(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	double x = fp_d(a), y = fp_d(b), r = x + y;

	if (!fp_between(fp_exponent_d(r), 0, FP_D_MOST))
		return false;
	if (!(*flags & FP_NX) && FP_SUM_INEXACT(double, x, y, r))
		*flags |= FP_NX;
	*out = fp_bits_d(r);
	return true;
}

static inline bool fp_host_add_s(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	float x = fp_s(a), y = fp_s(b), r = x + y;

	if (!fp_boxed(a & b) || !fp_between(fp_exponent_s(r), 0, FP_S_MOST))
		return false;
	if (!(*flags & FP_NX) && FP_SUM_INEXACT(float, x, y, r))
		*flags |= FP_NX;
	*out = FP_BOX | fp_bits_s(r);
	return true;
}

static inline bool fp_host_mul_d(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	double x = fp_d(a), y = fp_d(b), r = x * y;

	if (!fp_between(fp_exponent_d(r), FP_D_LEAST, FP_D_MOST))
		return false;
	if (!(*flags & FP_NX) && fma(x, y, -r) != 0)
		*flags |= FP_NX;
	*out = fp_bits_d(r);
	return true;
}

static inline bool fp_host_mul_s(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	float x = fp_s(a), y = fp_s(b), r = x * y;

	if (!fp_boxed(a & b) || !fp_between(fp_exponent_s(r), FP_S_LEAST, FP_S_MOST))
		return false;
	if (!(*flags & FP_NX) && (double)x * (double)y != (double)r)
		*flags |= FP_NX;
	*out = FP_BOX | fp_bits_s(r);
	return true;
}

static inline bool fp_host_div_d(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	double x = fp_d(a), y = fp_d(b), r = x / y;

	if (!fp_between(fp_exponent_d(r), FP_D_LEAST, FP_D_MOST) || fp_exponent_d(x) < FP_D_LEAST)
		return false;
	if (!(*flags & FP_NX) && fma(r, y, -x) != 0)
		*flags |= FP_NX;
	*out = fp_bits_d(r);
	return true;
}

static inline bool fp_host_div_s(uint64_t a, uint64_t b, uint64_t *out, uint64_t *flags)
{
	float x = fp_s(a), y = fp_s(b), r = x / y;

	if (!fp_boxed(a & b) || !fp_between(fp_exponent_s(r), FP_S_LEAST, FP_S_MOST))
		return false;
	if (!(*flags & FP_NX) && (double)r * (double)y != (double)x)
		*flags |= FP_NX;
	*out = FP_BOX | fp_bits_s(r);
	return true;
}

static inline bool fp_host_sqrt_d(uint64_t a, uint64_t *out, uint64_t *flags)
{
	double x = fp_d(a), r;

	if (a >> 63 || !fp_between(fp_exponent_d(x), FP_D_LEAST, FP_D_MOST))
		return false;
	r = sqrt(x);
	if (!(*flags & FP_NX) && fma(r, r, -x) != 0)
		*flags |= FP_NX;
	*out = fp_bits_d(r);
	return true;
}

static inline bool fp_host_sqrt_s(uint64_t a, uint64_t *out, uint64_t *flags)
{
	float x = fp_s(a), r;

	if (!fp_boxed(a) || a >> 31 & 1 || !fp_between(fp_exponent_s(x), FP_S_LEAST, FP_S_MOST))
		return false;
	r = sqrtf(x);
	if (!(*flags & FP_NX) && (double)r * (double)r != (double)x)
		*flags |= FP_NX;
	*out = FP_BOX | fp_bits_s(r);
	return true;
}

static inline bool fp_host_ordered_d(uint64_t a, uint64_t b) { return !isunordered(fp_d(a), fp_d(b)); }
static inline bool fp_host_ordered_s(uint64_t a, uint64_t b) { return fp_boxed(a & b) && !isunordered(fp_s(a), fp_s(b)); }

/* Only with "inexact" set already: its own exactness is not cheap to tell. */
static inline bool fp_host_fma_d(uint64_t a, uint64_t b, uint64_t c, uint64_t *out, const uint64_t *flags)
{
	double r;

	if (!(*flags & FP_NX))
		return false;
	r = fma(fp_d(a), fp_d(b), fp_d(c));
	if (!fp_between(fp_exponent_d(r), FP_D_LEAST, FP_D_MOST))
		return false;
	*out = fp_bits_d(r);
	return true;
}

static inline bool fp_host_fma_s(uint64_t a, uint64_t b, uint64_t c, uint64_t *out, const uint64_t *flags)
{
	float r;

	if (!(*flags & FP_NX) || !fp_boxed(a & b & c))
		return false;
	r = fmaf(fp_s(a), fp_s(b), fp_s(c));
	if (!fp_between(fp_exponent_s(r), FP_S_LEAST, FP_S_MOST))
		return false;
	*out = FP_BOX | fp_bits_s(r);
	return true;
}

#endif
