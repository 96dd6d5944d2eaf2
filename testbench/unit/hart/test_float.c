/* Floating point: arithmetic against the host's own unit, whose results and flags are the specification's wherever its rules are
 * (x86-64: four rounding modes, tininess after rounding), single cases by clause, and the shortcut against the exact routines. */
#include <fenv.h>
#include <math.h>

#include "models/hart/fp_host.h"
#include "models/hart/fp_soft.h"
#include "testbench/unit/hart/fixture.h"

enum { SAMPLES = 300000 };

static uint64_t seed;

static uint64_t draw(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1du;
}

/* Numbers that meet: exponents at the ends, in the middle and near each other, short and long fractions. */
static uint64_t number(const struct fp_format *f)
{
	static const uint8_t near_[] = {0, 1, 2, 3};
	unsigned fraction_bits = f->precision - 1, top = 2 * (unsigned)f->bias + 1;
	uint64_t fraction = draw() & ((UINT64_C(1) << fraction_bits) - 1), r = draw(), exponent;

	switch (r & 7) {
	case 0: exponent = near_[r >> 8 & 3]; break;
	case 1: exponent = top - near_[r >> 8 & 3]; break;
	case 2: exponent = (r >> 8) % (top + 1); break;
	case 3: exponent = (uint64_t)f->bias / 2 + (r >> 8) % 3; break;
	case 4: exponent = (uint64_t)f->bias + (r >> 8) % (fraction_bits * 2); break;
	default: exponent = (uint64_t)f->bias - 2 + (r >> 8) % 5;
	}
	if (r >> 4 & 1)
		fraction &= ~((UINT64_C(1) << (r >> 16) % fraction_bits) - 1);
	else if (r >> 5 & 1)
		fraction = r >> 6 & 1 ? (UINT64_C(1) << (r >> 16) % fraction_bits) - 1 : 0;
	return (draw() & 1) << (f->bits - 1) | exponent << fraction_bits | fraction;
}

enum operation { ADD, MUL, DIV, SQRT, FMA, CONVERT, TO_L, TO_W, FROM_L, OPERATIONS };
static const char *const names[] = {"add", "mul", "div", "sqrt", "fma", "convert", "to long", "to word", "from long"};

static uint64_t soft(enum operation o, const struct fp_format *f, const uint64_t v[3], unsigned rm, uint64_t *flags)
{
	switch (o) {
	case ADD: return fp_add(f, v[0], v[1], rm, flags);
	case MUL: return fp_mul(f, v[0], v[1], rm, flags);
	case DIV: return fp_div(f, v[0], v[1], rm, flags);
	case SQRT: return fp_sqrt(f, v[0], rm, flags);
	case FMA: return fp_fma(f, v[0], v[1], v[2], rm, flags);
	case CONVERT: return fp_convert(f == &fp_single ? &fp_double : &fp_single, f, v[0], rm, flags);
	case TO_L: return fp_to_integer(f, v[0], FP_L, rm, flags);
	case TO_W: return fp_to_integer(f, v[0], FP_W, rm, flags);
	default: return fp_from_integer(f, v[0], FP_L, rm, flags);
	}
}

static uint64_t host_double(enum operation o, double a, double b, double c, uint64_t raw)
{
	volatile double x = a, y = b, z = c, r;
	volatile float narrow;

	switch (o) {
	case ADD: r = x + y; break;
	case MUL: r = x * y; break;
	case DIV: r = x / y; break;
	case SQRT: r = sqrt(x); break;
	case FMA: r = fma(x, y, z); break;
	case CONVERT: narrow = (float)x; return fp_bits_s(narrow);
	case TO_L: case TO_W: return (uint64_t)llrint(x);
	default: r = (double)(int64_t)raw;
	}
	return fp_bits_d(r);
}

static uint64_t host_single(enum operation o, float a, float b, float c, uint64_t raw)
{
	volatile float x = a, y = b, z = c, r;
	volatile double wide;

	switch (o) {
	case ADD: r = x + y; break;
	case MUL: r = x * y; break;
	case DIV: r = x / y; break;
	case SQRT: r = sqrtf(x); break;
	case FMA: r = fmaf(x, y, z); break;
	case CONVERT: wide = (double)x; return fp_bits_d(wide);
	case TO_L: case TO_W: return (uint64_t)llrintf(x);
	default: r = (float)(int64_t)raw;
	}
	return fp_bits_s(r);
}

static uint64_t host_flags(void)
{
	int e = fetestexcept(FE_ALL_EXCEPT);

	return (e & FE_INEXACT ? FP_NX : 0u) | (e & FE_UNDERFLOW ? FP_UF : 0u) | (e & FE_OVERFLOW ? FP_OF : 0u) |
		(e & FE_DIVBYZERO ? FP_DZ : 0u) | (e & FE_INVALID ? FP_NV : 0u);
}

static bool is_nan(const struct fp_format *f, uint64_t a) { return fp_classify(f, a) >> 8; }

/* What the host leaves to itself: which NaN, integers out of range, and fma(infinity, 0, quiet NaN). */
static bool host_decides_alike(enum operation o, const struct fp_format *f, const uint64_t v[3], uint64_t flags)
{
	if (o == TO_W || ((o == TO_L) && flags & FP_NV))
		return false;
	return !(o == FMA && is_nan(f, v[2]));
}

static void against_host(enum operation o, const struct fp_format *f)
{
	static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
	const struct fp_format *result = o == CONVERT ? f == &fp_single ? &fp_double : &fp_single : f;
	unsigned wrong = 0;

	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t v[3] = {number(f), number(f), number(f)}, flags = 0, want_flags, got, want;
		unsigned rm = (unsigned)(draw() >> 32) & 3;

		if (o == FROM_L)
			v[0] = draw() >> (draw() & 63);
		got = soft(o, f, v, rm, &flags);
		feclearexcept(FE_ALL_EXCEPT);
		fesetround(modes[rm]);
		want = f == &fp_double ? host_double(o, fp_d(v[0]), fp_d(v[1]), fp_d(v[2]), v[0]) : host_single(o, fp_s(v[0]), fp_s(v[1]), fp_s(v[2]), v[0]);
		want_flags = host_flags();
		fesetround(FE_TONEAREST);
		if (o != TO_L && o != TO_W && is_nan(result, want))
			want = result == &fp_double ? 0x7ff8000000000000 : 0x7fc00000;
		if (host_decides_alike(o, f, v, flags) && (got != want || flags != want_flags) && wrong++ < 5)
			test_fail(__FILE__, __LINE__, "%s.%u(%llx, %llx, %llx) mode %u: %llx flags %llx, host %llx flags %llx", names[o], f->bits,
				(unsigned long long)v[0], (unsigned long long)v[1], (unsigned long long)v[2], rm, (unsigned long long)got,
				(unsigned long long)flags, (unsigned long long)want, (unsigned long long)want_flags);
	}
}

#if defined(__x86_64__)
TEST(float_soft, equals_the_host)
{
	seed = test_seed() * 0x9e3779b97f4a7c15u + 1;
	for (unsigned o = 0; o < OPERATIONS; o++) {
		against_host((enum operation)o, &fp_single);
		against_host((enum operation)o, &fp_double);
	}
}
#endif

/* Nearest with ties away: never farther than half a unit, ties to the greater magnitude; from the truncated and the exact sums. */
TEST(float_soft, ties_go_away_in_the_fifth_mode)
{
	static const struct { uint64_t a, b, want; } ties[] = {
		{0x3ff0000000000000, 0x3ca0000000000000, 0x3ff0000000000001},	/* 1 + 2^-53 */
		{0xbff0000000000000, 0xbca0000000000000, 0xbff0000000000001},
		{0x3ff0000000000001, 0x3ca0000000000000, 0x3ff0000000000002},
		{0x3ff0000000000000, 0x3c9fffffffffffff, 0x3ff0000000000000},	/* just below the tie */
	};
	uint64_t flags = 0;

	for (unsigned i = 0; i < sizeof(ties) / sizeof(ties[0]); i++)
		EXPECT_EQ(fp_add(&fp_double, ties[i].a, ties[i].b, FP_RMM, &flags), ties[i].want);
	EXPECT_EQ(fp_to_integer(&fp_double, 0x4004000000000000, FP_L, FP_RMM, &flags), 3);	/* 2.5 */
	EXPECT_EQ(fp_to_integer(&fp_double, 0x3fe0000000000000, FP_L, FP_RMM, &flags), 1);	/* 0.5 */
	EXPECT_EQ(fp_to_integer(&fp_double, 0x3fdfffffffffffff, FP_L, FP_RMM, &flags), 0);
	EXPECT_EQ(fp_from_integer(&fp_single, 0x1000001, FP_L, FP_RMM, &flags), 0x4b800001);
}

/* The shortcut either gives the exact routine's result and flags or declines. */
TEST(float_soft, shortcut_equals_the_exact_routines)
{
	unsigned taken = 0;

	seed = test_seed() * 77 + 5;
	for (unsigned i = 0; i < 3 * SAMPLES; i++) {
		const struct fp_format *f = i & 1 ? &fp_double : &fp_single;
		uint64_t v[3] = {number(f), number(f), number(f)}, in[3], got = 0, want, flags = draw() & FP_NX, want_flags = flags, box = 0;
		enum operation o = (enum operation)(draw() >> 20 & 7) % CONVERT;
		bool done = false;

		if (f == &fp_single)
			box = FP_BOX;
		for (unsigned k = 0; k < 3; k++)
			in[k] = v[k] | box;
		switch (o) {
		case ADD: done = box ? fp_host_add_s(in[0], in[1], &got, &flags) : fp_host_add_d(in[0], in[1], &got, &flags); break;
		case MUL: done = box ? fp_host_mul_s(in[0], in[1], &got, &flags) : fp_host_mul_d(in[0], in[1], &got, &flags); break;
		case DIV: done = box ? fp_host_div_s(in[0], in[1], &got, &flags) : fp_host_div_d(in[0], in[1], &got, &flags); break;
		case SQRT: done = box ? fp_host_sqrt_s(in[0], &got, &flags) : fp_host_sqrt_d(in[0], &got, &flags); break;
		default: done = box ? fp_host_fma_s(in[0], in[1], in[2], &got, &flags) : fp_host_fma_d(in[0], in[1], in[2], &got, &flags); break;
		}
		if (!done)
			continue;
		taken++;
		want = soft(o, f, v, FP_RNE, &want_flags) | box;
		if (got != want || flags != want_flags) {
			test_fail(__FILE__, __LINE__, "%s.%u(%llx, %llx, %llx): %llx flags %llx, exact %llx flags %llx", names[o], f->bits,
				(unsigned long long)v[0], (unsigned long long)v[1], (unsigned long long)v[2], (unsigned long long)got,
				(unsigned long long)flags, (unsigned long long)want, (unsigned long long)want_flags);
			return;
		}
	}
	EXPECT_TRUE(taken > SAMPLES / 2);
}

TEST(float_soft, saturates_integers)
{
	static const struct { uint64_t a; enum fp_integer kind; uint64_t want; unsigned flags; } cases[] = {
		{0x41e0000000000000, FP_W, INT32_MAX, FP_NV}, {0xc1e0000000000000, FP_W, (uint64_t)INT32_MIN, 0},
		{0xc1e0000000200000, FP_W, (uint64_t)INT32_MIN, FP_NV}, {0xbff0000000000000, FP_WU, 0, FP_NV},
		{0xbfe0000000000000, FP_WU, 0, FP_NX}, {0x41f0000000000000, FP_WU, UINT64_MAX, FP_NV},
		{0x41efffffffe00000, FP_WU, UINT64_MAX, 0}, {0x7ff8000000000000, FP_L, INT64_MAX, FP_NV},
		{0xfff0000000000000, FP_L, (uint64_t)INT64_MIN, FP_NV}, {0x43e0000000000000, FP_LU, UINT64_C(1) << 63, 0},
		{0x43f0000000000000, FP_LU, UINT64_MAX, FP_NV}, {0x7ff0000000000000, FP_WU, UINT64_MAX, FP_NV},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t flags = 0;

		EXPECT_EQ(fp_to_integer(&fp_double, cases[i].a, cases[i].kind, FP_RTZ, &flags), cases[i].want);
		EXPECT_EQ(flags, cases[i].flags);
	}
}

/* --- the hart ------------------------------------------------------------------------------------------------- */

enum { INSN_FADD_D = 0x02c5f553, INSN_FADD_S = 0x00c5f553, INSN_FSD_FA0 = 0x00a5b027, INSN_FMV_X_D = 0xe2050553, INSN_FLW = 0x0005a507,
	INSN_FADD_D_MODE5 = 0x02c5d553, INSN_READ_FCSR = 0x00302573, FA0 = HART_F0 + 10, FA1 = HART_F0 + 11, FA2 = HART_F0 + 12 };

#define FS(level) ((uint64_t)(level) << MSTATUS_FS_SHIFT)

static struct board *prepare(uint32_t insn, uint64_t fs)
{
	struct board *b = fixture_create(1);

	CODE_AT(b, CODE, insn);
	fixture_hart(b, 0)->mstatus |= fs;
	return b;
}

TEST(float_hart, off_is_illegal)
{
	static const uint32_t insns[] = {INSN_FADD_D, INSN_FSD_FA0, INSN_FMV_X_D, INSN_READ_FCSR, INSN_FLW};

	for (unsigned i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct board *b = prepare(insns[i], FS(0));

		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_ILLEGAL);
		EXPECT_EQ(fixture_hart(b, 0)->mtval, insns[i]);
		board_destroy(b);
	}
}

/* Privileged 8.2.8: in a guest both vsstatus.FS and mstatus.FS count, and both become dirty. */
TEST(float_hart, guest_needs_and_dirties_both)
{
	for (unsigned own = 0; own < 2; own++)
		for (unsigned guest = 0; guest < 2; guest++) {
			struct board *b = prepare(INSN_FADD_D, FS(own));
			struct hart *h = fixture_hart(b, 0);

			h->vsstatus = FS(guest);
			fixture_enter(b, HART_S, true, CODE);
			fixture_run(b, 1);
			EXPECT_EQ(h->mcause, own && guest ? 0 : CAUSE_ILLEGAL);
			EXPECT_EQ(h->mstatus & MSTATUS_FS, own && guest ? FS(3) : FS(own));
			EXPECT_EQ(h->vsstatus & MSTATUS_FS, own && guest ? FS(3) : FS(guest));
			board_destroy(b);
		}
}

TEST(float_hart, only_changes_dirty)
{
	static const struct { uint32_t insn; unsigned fs; } cases[] = {
		{INSN_FADD_D, 3}, {INSN_FSD_FA0, 1}, {INSN_FMV_X_D, 1}, {INSN_READ_FCSR, 1}, {INSN_FLW, 3},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = prepare(cases[i].insn, FS(1));

		fixture_hart(b, 0)->x[A1] = DATA;
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mstatus & MSTATUS_FS, FS(cases[i].fs));
		EXPECT_EQ(fixture_hart(b, 0)->pc, CODE + 4);
		board_destroy(b);
	}
}

TEST(float_hart, unboxed_singles_are_nans)
{
	struct board *b = prepare(INSN_FADD_S, FS(3));
	struct hart *h = fixture_hart(b, 0);

	h->x[FA1] = 0x3f800000;
	h->x[FA2] = 0xffffffff3f800000;
	fixture_run(b, 1);
	EXPECT_EQ(h->x[FA0], 0xffffffff7fc00000);
	EXPECT_EQ(h->fcsr, 0);
	h->x[FA1] = 0xffffffff3f800000;
	h->pc = CODE;
	fixture_run(b, 1);
	EXPECT_EQ(h->x[FA0], 0xffffffff40000000);
	board_destroy(b);
}

TEST(float_hart, reserved_rounding_modes_are_illegal)
{
	struct board *b = prepare(INSN_FADD_D_MODE5, FS(3));
	struct hart *h = fixture_hart(b, 0);

	fixture_run(b, 1);
	EXPECT_EQ(h->mcause, CAUSE_ILLEGAL);
	for (unsigned frm = 0; frm < 8; frm++) {
		h->mcause = 0;
		h->fcsr = frm << FCSR_FRM_SHIFT;
		CODE_AT(b, CODE, INSN_FADD_D);
		h->pc = CODE;
		fixture_run(b, 1);
		EXPECT_EQ(h->mcause, frm > 4 ? CAUSE_ILLEGAL : 0);
	}
	board_destroy(b);
}

TEST(float_hart, absent_without_the_extension)
{
	struct board *b = board_create(&(struct board_options){.isa = HART_ISA_H});
	struct hart_core *core = hart_core_of(b->domain, 0);
	uint64_t value;

	EXPECT_EQ(hart_csr_read(core, CSR_FCSR, &value), -1);
	hart_csr_write(core, CSR_MSTATUS, UINT64_MAX);
	hart_csr_read(core, CSR_MSTATUS, &value);
	EXPECT_EQ(value & (MSTATUS_FS | MSTATUS_SD), 0);
	board_destroy(b);
}

/* Unprivileged 12.2: a store and a move give the bits as they are. */
TEST(float_hart, stores_keep_the_bits)
{
	struct board *b = prepare(INSN_FSD_FA0, FS(3));
	struct hart *h = fixture_hart(b, 0);

	h->x[FA0] = 0x7ff0000000000001;
	h->x[A1] = DATA;
	fixture_run(b, 1);
	EXPECT_EQ(fixture_get64(b, DATA), 0x7ff0000000000001);
	board_destroy(b);
}

/* --- host code ------------------------------------------------------------------------------------------------ */

static bool pick_instruction(const struct board *b, uint32_t *insn)
{
	static const uint8_t opcode[] = {0x43, 0x47, 0x4b, 0x4f, 0x53, 0x53, 0x53, 0x53};
	static const uint8_t rounding[] = {0, 7, 1, 2};
	struct convert_result r;

	*insn = ((uint32_t)(draw() >> 20) & ~0x707fu) | opcode[draw() >> 40 & 7] | (uint32_t)rounding[draw() >> 40 & 3] << 12;
	convert_instruction(&b->tables, *insn, &r);
	return r.level != CONVERT_MISS;
}

static void fill_registers(struct hart *h)
{
	static const uint64_t integers[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, INT32_MAX, 0xffffffff80000000u, 0x80000000u, UINT32_MAX};

	for (unsigned i = 1; i < 32; i++)
		h->x[i] = draw() & 1 ? integers[(draw() >> 40) % (sizeof(integers) / sizeof(integers[0]))] : draw() >> (draw() & 63);
	for (unsigned i = 0; i < 32; i++)
		h->x[HART_F0 + i] = draw() >> 30 & 1 ? number(&fp_double) : draw() >> 30 & 15 ? FP_BOX | number(&fp_single) : draw();
	h->fcsr = draw() >> 30 & 3 ? FP_NX : 0;
}

/* Three random instructions on random operands, translated and interpreted. */
TEST(float_hart, host_code_equals_the_interpreter)
{
	struct board *b[2] = {prepare(INSN_FADD_D, FS(3)), prepare(INSN_FADD_D, FS(3))};

	seed = test_seed() * 31 + 3;
	for (unsigned k = 0; k < 2; k++)
		hart_domain_set_heat(b[k]->domain, k);
	for (unsigned i = 0; i < 20000 && !test_has_failed(); i++) {
		uint32_t insn[3];
		struct hart *h[2] = {fixture_hart(b[0], 0), fixture_hart(b[1], 0)};

		for (unsigned n = 0; n < 3; n++)
			while (!pick_instruction(b[0], &insn[n]))
				;
		fill_registers(h[0]);
		h[0]->pc = CODE;
		*h[1] = *h[0];
		for (unsigned k = 0; k < 2; k++) {
			CODE_AT(b[k], CODE, insn[0], insn[1], insn[2], 0x6f);
			fixture_run(b[k], 4);
		}
		h[0]->x[63] = h[1]->x[63] = 0;
		if (memcmp(h[0], h[1], sizeof(*h[0])))
			test_fail(__FILE__, __LINE__, "%08x %08x %08x, fcsr %llx and %llx, round %u of seed %llu", insn[0], insn[1], insn[2],
				(unsigned long long)h[0]->fcsr, (unsigned long long)h[1]->fcsr, i, (unsigned long long)test_seed());
	}
	board_destroy(b[0]);
	board_destroy(b[1]);
}
