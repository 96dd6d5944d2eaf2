/* Arithmetic: operands are unpacked, computed with a sticky lowest bit, rounded and packed by fp_round(). */
#include "models/hart/fp_soft.h"

#include "models/hart/fp_number.h"

typedef unsigned __int128 wide;

const struct fp_format fp_single = {.bits = 32, .precision = 24, .bias = 127};
const struct fp_format fp_double = {.bits = 64, .precision = 53, .bias = 1023};

struct fp_number fp_unpack(const struct fp_format *f, uint64_t a)
{
	unsigned fraction_bits = f->precision - 1;
	uint64_t fraction = a & ((UINT64_C(1) << fraction_bits) - 1);
	int exponent = (int)(a >> fraction_bits & (2 * (uint64_t)f->bias + 1));
	struct fp_number n = {.sign = a >> (f->bits - 1) & 1, .exponent = exponent - f->bias};

	if (exponent == 2 * f->bias + 1) {
		n.kind = !fraction ? FP_INFINITE : fraction >> (fraction_bits - 1) ? FP_QUIET : FP_SIGNALING;
	} else if (exponent) {
		n.kind = FP_FINITE;
		n.significand = (fraction | UINT64_C(1) << fraction_bits) << (64 - f->precision);
	} else if (fraction) {
		int zeros = __builtin_clzll(fraction);

		n.kind = FP_FINITE;
		n.significand = fraction << zeros;
		n.exponent = 1 - f->bias - (zeros - (64 - (int)f->precision));
	} else {
		n.kind = FP_ZERO;
	}
	return n;
}

uint64_t fp_pack(const struct fp_format *f, bool sign, unsigned exponent, uint64_t fraction)
{
	return (uint64_t)sign << (f->bits - 1) | (uint64_t)exponent << (f->precision - 1) | fraction;
}

uint64_t fp_nan(const struct fp_format *f) { return fp_pack(f, false, 2 * (unsigned)f->bias + 1, UINT64_C(1) << (f->precision - 2)); }
uint64_t fp_infinity(const struct fp_format *f, bool sign) { return fp_pack(f, sign, 2 * (unsigned)f->bias + 1, 0); }
uint64_t fp_zero(const struct fp_format *f, bool sign) { return fp_pack(f, sign, 0, 0); }

static uint64_t jam(uint64_t m, unsigned shift)
{
	if (shift == 0)
		return m;
	return shift > 63 ? m != 0 : m >> shift | (m << (64 - shift) != 0);
}

static wide wide_jam(wide m, unsigned shift)
{
	if (shift == 0)
		return m;
	return shift > 127 ? m != 0 : m >> shift | (m << (128 - shift) != 0);
}

/* Whether the magnitude M, of which the low SHIFT bits go, is rounded away from zero. */
bool fp_rounds_up(uint64_t m, unsigned shift, bool sign, unsigned rounding)
{
	uint64_t rest = m << (64 - shift), half = UINT64_C(1) << 63;

	switch (rounding) {
	case FP_RNE:
		return rest > half || (rest == half && m >> shift & 1);
	case FP_RMM:
		return rest >= half;
	case FP_RDN:
		return sign && rest;
	case FP_RUP:
		return !sign && rest;
	default:
		return false;
	}
}

static uint64_t overflow(const struct fp_format *f, bool sign, unsigned rounding, uint64_t *flags)
{
	bool infinite = rounding == FP_RNE || rounding == FP_RMM || rounding == (sign ? FP_RDN : FP_RUP);

	*flags |= FP_OF | FP_NX;
	return infinite ? fp_infinity(f, sign) : fp_infinity(f, sign) - 1;
}

uint64_t fp_round(const struct fp_format *f, struct fp_number n, unsigned rounding, uint64_t *flags)
{
	unsigned shift = 64 - f->precision;
	int least = 1 - f->bias;
	uint64_t m = n.significand, kept;
	unsigned exponent;
	bool tiny = false;

	if (n.exponent > f->bias)
		return overflow(f, n.sign, rounding, flags);
	if (n.exponent < least) {
		/* Not tiny if rounding to full precision reaches the least normal number. */
		tiny = n.exponent < least - 1 || m >> shift != UINT64_MAX >> shift || !fp_rounds_up(m, shift, n.sign, rounding);
		m = jam(m, (unsigned)(least - n.exponent));
		exponent = 0;
	} else {
		exponent = (unsigned)(n.exponent + f->bias);
	}
	kept = (m >> shift) + fp_rounds_up(m, shift, n.sign, rounding);
	if (m << (64 - shift))
		*flags |= FP_NX | (tiny ? FP_UF : 0u);
	/* The hidden bit adds one to the exponent, a carry one more. */
	kept += (uint64_t)(exponent ? exponent - 1 : 0) << (f->precision - 1);
	if (kept >= fp_infinity(f, false))
		return overflow(f, n.sign, rounding, flags);
	return fp_pack(f, n.sign, 0, kept);
}

bool fp_is_nan(struct fp_number n) { return n.kind >= FP_QUIET; }

/* The result of an operation with a NaN among its operands. */
static uint64_t nan_of(const struct fp_format *f, bool signaling, uint64_t *flags)
{
	*flags |= signaling ? FP_NV : 0u;
	return fp_nan(f);
}

static uint64_t invalid(const struct fp_format *f, uint64_t *flags) { return nan_of(f, true, flags); }

/* Normalises a sum whose top bit may be anywhere; 0 is an exact zero. */
static uint64_t round_wide(const struct fp_format *f, bool sign, int exponent, wide m, unsigned rounding, uint64_t *flags)
{
	uint64_t high = (uint64_t)(m >> 64);
	int zeros;

	if (!m)
		return fp_zero(f, rounding == FP_RDN);
	zeros = high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)m);
	m <<= zeros;
	return fp_round(f, (struct fp_number){.kind = FP_FINITE, .sign = sign, .exponent = exponent - zeros,
		.significand = (uint64_t)(m >> 64) | ((uint64_t)m != 0)}, rounding, flags);
}

/* A sum of two finite magnitudes, each below 2 ^ 127 with its binary point behind bit 126. */
static uint64_t add_wide(const struct fp_format *f, bool sign_a, int ea, wide a, bool sign_b, int eb, wide b, unsigned rounding, uint64_t *flags)
{
	int exponent = ea > eb ? ea : eb;

	a = wide_jam(a, (unsigned)(exponent - ea));
	b = wide_jam(b, (unsigned)(exponent - eb));
	if (sign_a == sign_b)
		return round_wide(f, sign_a, exponent + 1, a + b, rounding, flags);
	if (a >= b)
		return round_wide(f, sign_a, exponent + 1, a - b, rounding, flags);
	return round_wide(f, sign_b, exponent + 1, b - a, rounding, flags);
}

uint64_t fp_add(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b);

	if (fp_is_nan(x) || fp_is_nan(y))
		return nan_of(f, x.kind == FP_SIGNALING || y.kind == FP_SIGNALING, flags);
	if (x.kind == FP_INFINITE)
		return y.kind == FP_INFINITE && x.sign != y.sign ? invalid(f, flags) : a;
	if (y.kind == FP_INFINITE)
		return b;
	if (x.kind == FP_ZERO && y.kind == FP_ZERO)
		return fp_zero(f, x.sign == y.sign ? x.sign : rounding == FP_RDN);
	if (x.kind == FP_ZERO)
		return b;
	if (y.kind == FP_ZERO)
		return a;
	return add_wide(f, x.sign, x.exponent, (wide)x.significand << 63, y.sign, y.exponent, (wide)y.significand << 63, rounding, flags);
}

uint64_t fp_mul(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b);
	bool sign = x.sign != y.sign;

	if (fp_is_nan(x) || fp_is_nan(y))
		return nan_of(f, x.kind == FP_SIGNALING || y.kind == FP_SIGNALING, flags);
	if (x.kind == FP_INFINITE || y.kind == FP_INFINITE)
		return x.kind == FP_ZERO || y.kind == FP_ZERO ? invalid(f, flags) : fp_infinity(f, sign);
	if (x.kind == FP_ZERO || y.kind == FP_ZERO)
		return fp_zero(f, sign);
	return round_wide(f, sign, x.exponent + y.exponent + 1, (wide)x.significand * y.significand, rounding, flags);
}

uint64_t fp_fma(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t c, unsigned rounding, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b), z = fp_unpack(f, c);
	bool sign = x.sign != y.sign, zero = x.kind == FP_ZERO || y.kind == FP_ZERO;
	wide product;

	if ((x.kind == FP_INFINITE && y.kind == FP_ZERO) || (x.kind == FP_ZERO && y.kind == FP_INFINITE))
		return invalid(f, flags);	/* also beside a quiet NaN (unprivileged 11.6) */
	if (fp_is_nan(x) || fp_is_nan(y) || fp_is_nan(z))
		return nan_of(f, x.kind == FP_SIGNALING || y.kind == FP_SIGNALING || z.kind == FP_SIGNALING, flags);
	if (x.kind == FP_INFINITE || y.kind == FP_INFINITE)
		return z.kind == FP_INFINITE && z.sign != sign ? invalid(f, flags) : fp_infinity(f, sign);
	if (z.kind == FP_INFINITE)
		return c;
	if (zero)
		return z.kind == FP_ZERO ? fp_zero(f, sign == z.sign ? sign : rounding == FP_RDN) : c;
	/* The product of two significands has its point behind bit 126 and may reach bit 127. */
	product = (wide)x.significand * y.significand;
	if (z.kind == FP_ZERO)
		return round_wide(f, sign, x.exponent + y.exponent + 1, product, rounding, flags);
	return add_wide(f, sign, x.exponent + y.exponent + 1, product >> 1, z.sign, z.exponent, (wide)z.significand << 63, rounding, flags);
}

uint64_t fp_div(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b);
	bool sign = x.sign != y.sign;
	wide dividend;

	if (fp_is_nan(x) || fp_is_nan(y))
		return nan_of(f, x.kind == FP_SIGNALING || y.kind == FP_SIGNALING, flags);
	if (x.kind == y.kind && (x.kind == FP_INFINITE || x.kind == FP_ZERO))
		return invalid(f, flags);
	if (x.kind == FP_INFINITE)
		return fp_infinity(f, sign);
	if (y.kind == FP_INFINITE || x.kind == FP_ZERO)
		return fp_zero(f, sign);
	if (y.kind == FP_ZERO) {
		*flags |= FP_DZ;
		return fp_infinity(f, sign);
	}
	/* The quotient lies between 1/2 and 2, its point behind bit 62. */
	dividend = (wide)x.significand << 62;
	return round_wide(f, sign, x.exponent - y.exponent + 1,
		(dividend / y.significand << 64) | (dividend % y.significand != 0), rounding, flags);
}

/* Integer square root, its lowest bit sticky. */
static uint64_t root_of(wide a)
{
	wide root = 0, rest = a;

	for (wide bit = (wide)1 << 126; bit; bit >>= 2) {
		bool take = rest >= root + bit;

		if (take)
			rest -= root + bit;
		root = (root >> 1) | (take ? bit : 0);
	}
	return (uint64_t)root | (rest != 0);
}

uint64_t fp_sqrt(const struct fp_format *f, uint64_t a, unsigned rounding, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a);
	int odd = x.exponent & 1;

	if (fp_is_nan(x))
		return nan_of(f, x.kind == FP_SIGNALING, flags);
	if (x.kind == FP_ZERO)
		return a;
	if (x.sign)
		return invalid(f, flags);
	if (x.kind == FP_INFINITE)
		return a;
	/* An even exponent below a significand in [1, 4), its point behind bit 124: the root's point is behind bit 62. */
	return round_wide(f, false, (x.exponent - odd) / 2 + 1, (wide)root_of((wide)x.significand << (61 + odd)) << 64, rounding, flags);
}
