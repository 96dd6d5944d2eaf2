/* Comparisons, minimum and maximum, classes, and conversions. */
#include "models/hart/fp_number.h"

uint64_t fp_negate(const struct fp_format *f, uint64_t a) { return a ^ UINT64_C(1) << (f->bits - 1); }

/* Raw bits in the order of their values: -0 right below +0. */
static int64_t ordered(const struct fp_format *f, uint64_t a)
{
	int64_t magnitude = (int64_t)(a & ~(UINT64_C(1) << (f->bits - 1)));

	return a >> (f->bits - 1) & 1 ? -magnitude - 1 : magnitude;
}

static uint64_t choose(const struct fp_format *f, uint64_t a, uint64_t b, bool want_less, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b);

	if (x.kind == FP_SIGNALING || y.kind == FP_SIGNALING)
		*flags |= FP_NV;
	if (fp_is_nan(x))
		return fp_is_nan(y) ? fp_nan(f) : b;
	if (fp_is_nan(y))
		return a;
	return (ordered(f, a) < ordered(f, b)) == want_less ? a : b;
}

uint64_t fp_min(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags) { return choose(f, a, b, true, flags); }
uint64_t fp_max(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags) { return choose(f, a, b, false, flags); }

enum { LESS = -1, EQUAL = 0, GREATER = 1, UNORDERED = 2 };

static int compare(const struct fp_format *f, uint64_t a, uint64_t b, bool quiet, uint64_t *flags)
{
	struct fp_number x = fp_unpack(f, a), y = fp_unpack(f, b);

	if (fp_is_nan(x) || fp_is_nan(y)) {
		if (!quiet || x.kind == FP_SIGNALING || y.kind == FP_SIGNALING)
			*flags |= FP_NV;
		return UNORDERED;
	}
	if (x.kind == FP_ZERO && y.kind == FP_ZERO)
		return EQUAL;
	if (a == b)
		return EQUAL;
	return ordered(f, a) < ordered(f, b) ? LESS : GREATER;
}

bool fp_eq(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags) { return compare(f, a, b, true, flags) == EQUAL; }
bool fp_lt(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags) { return compare(f, a, b, false, flags) == LESS; }

bool fp_le(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags)
{
	int order = compare(f, a, b, false, flags);

	return order == LESS || order == EQUAL;
}

unsigned fp_classify(const struct fp_format *f, uint64_t a)
{
	struct fp_number n = fp_unpack(f, a);

	switch (n.kind) {
	case FP_INFINITE:
		return n.sign ? 1u << 0 : 1u << 7;
	case FP_FINITE:
		if (n.exponent < 1 - f->bias)
			return n.sign ? 1u << 2 : 1u << 5;
		return n.sign ? 1u << 1 : 1u << 6;
	case FP_ZERO:
		return n.sign ? 1u << 3 : 1u << 4;
	case FP_SIGNALING:
		return 1u << 8;
	default:
		return 1u << 9;
	}
}

uint64_t fp_convert(const struct fp_format *to, const struct fp_format *from, uint64_t a, unsigned rounding, uint64_t *flags)
{
	struct fp_number n = fp_unpack(from, a);

	switch (n.kind) {
	case FP_ZERO:
		return fp_zero(to, n.sign);
	case FP_INFINITE:
		return fp_infinity(to, n.sign);
	case FP_FINITE:
		return fp_round(to, n, rounding, flags);
	default:
		*flags |= n.kind == FP_SIGNALING ? FP_NV : 0u;
		return fp_nan(to);
	}
}

static uint64_t sign_extended(uint64_t a) { return (uint64_t)(int64_t)(int32_t)a; }

/* The range of a kind, as magnitudes: below zero, above zero. */
static const struct { uint64_t below, above; } range[] = {
	[FP_W] = {UINT64_C(1) << 31, INT32_MAX}, [FP_WU] = {0, UINT32_MAX},
	[FP_L] = {UINT64_C(1) << 63, INT64_MAX}, [FP_LU] = {0, UINT64_MAX},
};

static uint64_t saturated(enum fp_integer kind, bool sign, uint64_t *flags)
{
	uint64_t value = sign ? -range[kind].below : range[kind].above;

	*flags |= FP_NV;
	return kind <= FP_WU ? sign_extended(value) : value;
}

uint64_t fp_to_integer(const struct fp_format *f, uint64_t a, enum fp_integer kind, unsigned rounding, uint64_t *flags)
{
	struct fp_number n = fp_unpack(f, a);
	uint64_t magnitude, rest = 0;

	if (n.kind == FP_ZERO)
		return 0;
	if (n.kind != FP_FINITE)
		return saturated(kind, n.kind == FP_INFINITE && n.sign, flags);
	if (n.exponent > 63)
		return saturated(kind, n.sign, flags);
	if (n.exponent == 63) {
		magnitude = n.significand;
	} else if (n.exponent >= 0) {
		unsigned shift = 63 - (unsigned)n.exponent;

		rest = n.significand << (64 - shift);
		magnitude = (n.significand >> shift) + fp_rounds_up(n.significand, shift, n.sign, rounding);
	} else {
		/* Below one: a half is bit 62 of a word whose units are bit 63. */
		uint64_t m = n.exponent == -1 ? n.significand >> 1 | (n.significand & 1) : 1;

		rest = 1;
		magnitude = fp_rounds_up(m, 63, n.sign, rounding);
	}
	if (magnitude > (n.sign ? range[kind].below : range[kind].above))
		return saturated(kind, n.sign, flags);
	if (rest)
		*flags |= FP_NX;
	magnitude = n.sign ? -magnitude : magnitude;
	return kind <= FP_WU ? sign_extended(magnitude) : magnitude;
}

uint64_t fp_from_integer(const struct fp_format *f, uint64_t a, enum fp_integer kind, unsigned rounding, uint64_t *flags)
{
	bool sign;
	int zeros;

	if (kind == FP_W)
		a = sign_extended(a);
	else if (kind == FP_WU)
		a = (uint32_t)a;
	sign = (kind == FP_W || kind == FP_L) && a >> 63;
	a = sign ? -a : a;
	if (!a)
		return fp_zero(f, false);
	zeros = __builtin_clzll(a);
	return fp_round(f, (struct fp_number){.kind = FP_FINITE, .sign = sign, .exponent = 63 - zeros, .significand = a << zeros}, rounding, flags);
}
