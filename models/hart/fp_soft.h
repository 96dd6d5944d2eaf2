/* IEEE 754-2008 binary32 and binary64 in integers, as RISC-V wants them (unprivileged 11 and 12): all five rounding modes,
 * tininess detected after rounding, every NaN result the canonical one. Exact on any host; the executors take a shortcut
 * through the host's own arithmetic where that cannot differ (fp_host.h).
 *
 * Values are raw bits; a binary32 lies in the low half of its word. Exceptions are added to *flags, never cleared. */
#ifndef ASSAY_MODELS_HART_FP_SOFT_H
#define ASSAY_MODELS_HART_FP_SOFT_H

#include <stdbool.h>
#include <stdint.h>

/** fflags, as in fcsr. */
enum fp_flag { FP_NX = 1, FP_UF = 2, FP_OF = 4, FP_DZ = 8, FP_NV = 16 };
/** frm, as in fcsr and in instructions. */
enum fp_rounding { FP_RNE, FP_RTZ, FP_RDN, FP_RUP, FP_RMM, FP_DYN = 7 };

/** A binary interchange format. */
struct fp_format {
	unsigned bits;		/**< width */
	unsigned precision;	/**< of the significand, hidden bit included */
	int bias;		/**< also the greatest exponent */
};
extern const struct fp_format fp_single, fp_double;

uint64_t fp_add(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags);
uint64_t fp_mul(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags);
uint64_t fp_div(const struct fp_format *f, uint64_t a, uint64_t b, unsigned rounding, uint64_t *flags);
uint64_t fp_sqrt(const struct fp_format *f, uint64_t a, unsigned rounding, uint64_t *flags);
/** a * b + c, rounded once. */
uint64_t fp_fma(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t c, unsigned rounding, uint64_t *flags);

/** @return @p a with the other sign, also if it is a NaN. */
uint64_t fp_negate(const struct fp_format *f, uint64_t a);
/** IEEE 754-2019 minimumNumber and maximumNumber. */
uint64_t fp_min(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags);
uint64_t fp_max(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags);
/** Quiet equality; ordered comparisons that signal on every NaN. */
bool fp_eq(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags);
bool fp_lt(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags);
bool fp_le(const struct fp_format *f, uint64_t a, uint64_t b, uint64_t *flags);
/** @return one bit of ten, as FCLASS. */
unsigned fp_classify(const struct fp_format *f, uint64_t a);

/** Between the two formats. */
uint64_t fp_convert(const struct fp_format *to, const struct fp_format *from, uint64_t a, unsigned rounding, uint64_t *flags);
/** Kinds of integers, as the rs2 field of FCVT encodes them. */
enum fp_integer { FP_W, FP_WU, FP_L, FP_LU };
/** @return the integer, saturated with FP_NV if out of range; 32-bit ones sign-extended. */
uint64_t fp_to_integer(const struct fp_format *f, uint64_t a, enum fp_integer kind, unsigned rounding, uint64_t *flags);
uint64_t fp_from_integer(const struct fp_format *f, uint64_t a, enum fp_integer kind, unsigned rounding, uint64_t *flags);

#endif
