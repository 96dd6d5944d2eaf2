/* Sv48 and Sv57 with their x4 forms, Svnapot, Svpbmt, Zicbom, Zicboz, Svinval, by clause (privileged 1.12: 4.4, 4.5, 5, 8.5; CMO 1.0). */
#include "testbench/unit/hart/fixture.h"

enum { MODE_SV39 = 8, MODE_SV48 = 9, MODE_SV57 = 10, PAGE = 4096, NAPOT_FIRST = 16, INDEX_BITS = 9, TOP_SHIFT39 = 39 };
enum { INSN_CBO_ZERO = 0x0045a00f, INSN_CBO_INVAL = 0x0005a00f, INSN_CBO_CLEAN = 0x0015a00f, INSN_CBO_FLUSH = 0x0025a00f,
	INSN_SINVAL = 0x16000073, INSN_SFENCE_W_INVAL = 0x18000073, INSN_SFENCE_INVAL_IR = 0x18100073, INSN_HINVAL_GVMA = 0x66000073 };

/* Upper levels over a tree of three: tables from here on, the root last. */
#define UPPER (BOARD_RAM_BASE + 0x40000)

static uint64_t atp(unsigned mode, uint64_t root) { return (uint64_t)mode << 60 | root >> 12; }

/* The tree at LOW seen through MODE's further levels at entry INDEX of each, and at entry 0. @return the root. */
static uint64_t deepen(struct board *b, unsigned mode, uint64_t low, uint64_t at, unsigned index)
{
	for (unsigned level = MODE_SV39; level < mode; level++, at += 0x4000) {
		fixture_put64(b, at, low >> 12 << 10 | PTE_V);
		fixture_put64(b, at + 8 * index, low >> 12 << 10 | PTE_V);
		low = at;
	}
	return low;
}

static struct board *deep(unsigned mode, unsigned index, uint64_t va)
{
	struct board *b = fixture_create(1);

	fixture_tree(b, S_TABLE, false);
	fixture_hart(b, 0)->satp = atp(mode, deepen(b, mode, S_TABLE, UPPER, index));
	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_A);
	fixture_put64(b, DATA + 8, 0x1122334455667788);
	fixture_hart(b, 0)->x[A1] = va;
	CODE_AT(b, CODE, INSN_LD_A0_A1, INSN_NOP);
	fixture_enter(b, HART_S, false, CODE);
	return b;
}

TEST(sv48_sv57, load_through_every_level)
{
	for (unsigned mode = MODE_SV39; mode <= MODE_SV57; mode++) {
		struct board *b = deep(mode, 3, WINDOW + 8);

		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, 0);
		EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0x1122334455667788);
		board_destroy(b);
	}
}

TEST(sv48_sv57, upper_half_is_sign_extended)
{
	for (unsigned mode = MODE_SV48; mode <= MODE_SV57; mode++) {
		unsigned top = TOP_SHIFT39 + INDEX_BITS * (mode - MODE_SV39) - 1;
		/* The last entry of each further level. */
		uint64_t high = UINT64_MAX << TOP_SHIFT39 | WINDOW | 8;
		struct board *b = deep(mode, 511, high);

		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, 0);
		EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0x1122334455667788);
		fixture_hart(b, 0)->x[A1] = high & ~(UINT64_MAX << top << 1);
		fixture_enter(b, HART_S, false, CODE);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
		board_destroy(b);
	}
}

/* A leaf at the fourth level maps 512 GiB and must be aligned to that. */
TEST(sv48_sv57, terapages)
{
	for (unsigned aligned = 0; aligned < 2; aligned++) {
		struct board *b = deep(MODE_SV48, 3, BOARD_RAM_BASE + 0x10008);

		fixture_put64(b, UPPER, (aligned ? 0 : UINT64_C(1) << 30 >> 12 << 10) | (PTE_FULL & ~PTE_U));
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, aligned ? 0 : CAUSE_FETCH_PAGE);
		board_destroy(b);
	}
}

/* The second stage's root has 2048 entries in every mode. */
TEST(sv48_sv57, second_stage_with_wide_roots)
{
	for (unsigned mode = MODE_SV48; mode <= MODE_SV57; mode++) {
		struct board *b = fixture_create(1);
		unsigned shift = TOP_SHIFT39 + INDEX_BITS * (mode - MODE_SV48);
		uint64_t gpa = UINT64_C(0x400) << shift | WINDOW;

		fixture_tree(b, G_TABLE, true);
		fixture_hart(b, 0)->hgatp = atp(mode, deepen(b, mode, G_TABLE, UPPER, mode == MODE_SV48 ? 0x400 : 0));
		if (mode == MODE_SV57)
			fixture_put64(b, (UPPER + 0x4000) + 8 * 0x400, UPPER >> 12 << 10 | PTE_V);
		fixture_map(b, G_TABLE, 0, DATA, PTE_FULL);
		fixture_put64(b, DATA, 0x5a5a);
		fixture_hart(b, 0)->x[A1] = gpa;
		CODE_AT(b, CODE, INSN_LD_A0_A1, INSN_NOP);
		fixture_enter(b, HART_S, true, CODE);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, 0);
		EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0x5a5a);
		fixture_hart(b, 0)->x[A1] = gpa | UINT64_C(1) << (shift + 11);	/* beyond the guest-physical space */
		fixture_enter(b, HART_S, true, CODE);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_GUEST);
		board_destroy(b);
	}
}

static struct board *napot(uint64_t target, uint64_t va)
{
	struct board *b = deep(MODE_SV39, 0, va);

	for (unsigned page = NAPOT_FIRST; page < 2 * NAPOT_FIRST; page++)
		fixture_map(b, S_TABLE, page, target, PTE_N | PTE_V | PTE_R | PTE_A);
	return b;
}

TEST(svnapot, sixteen_pages_from_one_entry)
{
	for (unsigned page = 0; page < NAPOT_FIRST; page++) {
		struct board *b = napot(DATA + 8 * PAGE, WINDOW + (NAPOT_FIRST + page) * PAGE + 24);

		fixture_put64(b, DATA + page * PAGE + 24, page + 77);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, 0);
		EXPECT_EQ(fixture_hart(b, 0)->x[A0], page + 77);
		board_destroy(b);
	}
}

TEST(svnapot, other_sizes_and_levels_are_reserved)
{
	static const uint64_t low[] = {0, 1, 4, 9, 12};

	for (unsigned i = 0; i < sizeof(low) / sizeof(low[0]); i++) {
		struct board *b = napot(DATA + low[i] * PAGE, WINDOW + NAPOT_FIRST * PAGE);

		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
		board_destroy(b);
	}
	struct board *b = deep(MODE_SV39, 0, WINDOW);
	fixture_put64(b, S_TABLE + 0x1000, (DATA | 0x8000) >> 12 << 10 | PTE_N | PTE_V | PTE_R | PTE_A);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
	board_destroy(b);
}

static const uint64_t PBMT_NC = PTE_PBMT / 3, PBMT_IO = 2 * (PTE_PBMT / 3);

/* Privileged 4.3.1, Svpbmt: types 0 to 2 are all the same here, 3 is reserved, and so is each where PBMTE is 0. */
TEST(svpbmt, types_of_the_first_stage)
{
	const struct {
		uint64_t type, envcfg, cause;
	} cases[] = {
		{0, 0, 0}, {PBMT_NC, ENVCFG_PBMTE, 0}, {PBMT_IO, ENVCFG_PBMTE, 0}, {PTE_PBMT, ENVCFG_PBMTE, CAUSE_LOAD_PAGE},
		{PBMT_NC, 0, CAUSE_LOAD_PAGE}, {PBMT_IO, 0, CAUSE_LOAD_PAGE},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = deep(MODE_SV39, 0, WINDOW);

		fixture_hart(b, 0)->menvcfg = cases[i].envcfg;
		fixture_map(b, S_TABLE, 0, DATA, cases[i].type | PTE_V | PTE_R | PTE_A);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, cases[i].cause);
		board_destroy(b);
	}
}

TEST(svpbmt, is_for_leaves_only)
{
	struct board *b = deep(MODE_SV39, 0, WINDOW);
	uint64_t root_entry = fixture_get64(b, S_TABLE + 8);

	fixture_put64(b, S_TABLE + 8, root_entry | PBMT_NC);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
	board_destroy(b);
}

/* menvcfg.PBMTE is the second stage's switch, henvcfg.PBMTE the guest's own. */
TEST(svpbmt, each_stage_has_its_switch)
{
	const struct {
		uint64_t menvcfg, henvcfg, guest_type, second_type, cause;
	} cases[] = {
		{ENVCFG_PBMTE, ENVCFG_PBMTE, PBMT_IO, PBMT_NC, 0}, {ENVCFG_PBMTE, 0, 0, PBMT_NC, 0}, {ENVCFG_PBMTE, 0, PBMT_IO, 0, CAUSE_LOAD_PAGE},
		{0, ENVCFG_PBMTE, PBMT_IO, 0, CAUSE_LOAD_PAGE}, {0, ENVCFG_PBMTE, 0, PBMT_IO, CAUSE_LOAD_GUEST},
		{ENVCFG_PBMTE, ENVCFG_PBMTE, 0, PTE_PBMT, CAUSE_LOAD_GUEST},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = fixture_create(1);
		struct hart *h = fixture_hart(b, 0);

		fixture_tree(b, G_TABLE, true);
		fixture_tree(b, S_TABLE, false);
		h->hgatp = atp(MODE_SV39, G_TABLE);
		h->vsatp = atp(MODE_SV39, S_TABLE);
		h->menvcfg = cases[i].menvcfg;
		h->henvcfg = cases[i].henvcfg;
		fixture_map(b, S_TABLE, 0, WINDOW, cases[i].guest_type | PTE_V | PTE_R | PTE_A);
		fixture_map(b, G_TABLE, 0, DATA, cases[i].second_type | PTE_FULL);
		h->x[A1] = WINDOW;
		CODE_AT(b, CODE, INSN_LD_A0_A1, INSN_NOP);
		fixture_enter(b, HART_S, true, CODE);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, cases[i].cause);
		board_destroy(b);
	}
}

/* Zbb: 32 for a word that is zero, whatever lies above it. */
TEST(zbb, counts_of_a_zero_word)
{
	static const struct { uint32_t insn; uint64_t want; } cases[] = {{0x6005951b, 32}, {0x6015951b, 32}, {0x6025951b, 0}, {0x60159513, 40}, {0x60059513, 22}};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = fixture_create(1);

		fixture_hart(b, 0)->x[A1] = UINT64_C(3) << 40;
		CODE_AT(b, CODE, cases[i].insn);
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->x[A0], cases[i].want);
		board_destroy(b);
	}
}

/* --- cache blocks --------------------------------------------------------------------------------------------- */

static struct board *block(uint32_t insn, unsigned priv, bool virt)
{
	struct board *b = fixture_create(1);

	fixture_hart(b, 0)->x[A1] = DATA + 70;
	CODE_AT(b, CODE, insn, INSN_NOP);
	fixture_enter(b, priv, virt, CODE);
	return b;
}

TEST(cache_blocks, zero_clears_the_aligned_block)
{
	struct board *b = block(INSN_CBO_ZERO, HART_M, false);

	for (unsigned i = 0; i < 32; i++)
		fixture_put64(b, DATA + 8 * i, UINT64_MAX);
	fixture_run(b, 1);
	for (unsigned i = 0; i < 32; i++)
		EXPECT_EQ(fixture_get64(b, DATA + 8 * i), i >= 8 && i < 16 ? 0 : UINT64_MAX);
	board_destroy(b);
}

TEST(cache_blocks, zero_faults_as_a_store_at_its_own_address)
{
	struct board *b = deep(MODE_SV39, 0, WINDOW + 70);

	CODE_AT(b, CODE, INSN_CBO_ZERO);
	fixture_hart(b, 0)->menvcfg |= ENVCFG_CBZE;
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_STORE_PAGE);
	EXPECT_EQ(fixture_hart(b, 0)->mtval, WINDOW + 70);
	EXPECT_EQ(fixture_hart(b, 0)->mtinst, 0x0040200f);
	board_destroy(b);
}

/* Management needs the right to load or to store; what is missing is a store fault. */
TEST(cache_blocks, management_needs_some_right)
{
	for (unsigned mapped = 0; mapped < 2; mapped++) {
		struct board *b = deep(MODE_SV39, 0, WINDOW + (mapped ? 0 : PAGE));

		CODE_AT(b, CODE, INSN_CBO_FLUSH);
		fixture_hart(b, 0)->menvcfg |= ENVCFG_CBCFE;
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, mapped ? 0 : CAUSE_STORE_PAGE);
		board_destroy(b);
	}
}

/* CMO 3.4: menvcfg below M, then henvcfg in a guest, then senvcfg in user mode. */
TEST(cache_blocks, environment_registers_gate_them)
{
	static const struct { uint32_t insn; uint64_t enable; } kinds[] = {
		{INSN_CBO_ZERO, ENVCFG_CBZE}, {INSN_CBO_CLEAN, ENVCFG_CBCFE}, {INSN_CBO_FLUSH, ENVCFG_CBCFE}, {INSN_CBO_INVAL, ENVCFG_CBIE},
	};
	static const struct { unsigned priv; bool virt, m, h, s; uint64_t cause; } cases[] = {
		{HART_M, false, false, false, false, 0}, {HART_S, false, false, true, true, CAUSE_ILLEGAL}, {HART_S, false, true, false, false, 0},
		{HART_U, false, true, true, false, CAUSE_ILLEGAL}, {HART_U, false, true, false, true, 0},
		{HART_S, true, false, true, true, CAUSE_ILLEGAL}, {HART_S, true, true, false, true, CAUSE_VIRTUAL}, {HART_S, true, true, true, false, 0},
		{HART_U, true, true, true, false, CAUSE_VIRTUAL}, {HART_U, true, true, false, true, CAUSE_VIRTUAL}, {HART_U, true, true, true, true, 0},
	};

	for (unsigned k = 0; k < 4; k++)
		for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct board *b = block(kinds[k].insn, cases[i].priv, cases[i].virt);
			struct hart *h = fixture_hart(b, 0);

			h->menvcfg |= cases[i].m ? kinds[k].enable : 0;
			h->henvcfg |= cases[i].h ? kinds[k].enable : 0;
			h->senvcfg |= cases[i].s ? kinds[k].enable : 0;
			fixture_run(b, 1);
			if (h->mcause != cases[i].cause)
				test_fail(__FILE__, __LINE__, "kind %u, case %u: cause %llu", k, i, (unsigned long long)h->mcause);
			board_destroy(b);
		}
}

/* --- Svinval ---------------------------------------------------------------------------------------------------- */

TEST(svinval, rights)
{
	static const struct { uint32_t insn; unsigned priv; bool virt; uint64_t mstatus, hstatus, cause; } cases[] = {
		{INSN_SINVAL, HART_S, false, 0, 0, 0}, {INSN_SINVAL, HART_S, false, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
		{INSN_SINVAL, HART_U, false, 0, 0, CAUSE_ILLEGAL}, {INSN_SINVAL, HART_S, true, 0, HSTATUS_VTVM, CAUSE_VIRTUAL},
		{INSN_SFENCE_W_INVAL, HART_S, false, MSTATUS_TVM, 0, 0}, {INSN_SFENCE_W_INVAL, HART_U, false, 0, 0, CAUSE_ILLEGAL},
		{INSN_SFENCE_W_INVAL, HART_S, true, 0, HSTATUS_VTVM, 0}, {INSN_SFENCE_W_INVAL, HART_U, true, 0, 0, CAUSE_VIRTUAL},
		{INSN_SFENCE_INVAL_IR, HART_M, false, 0, 0, 0}, {INSN_SFENCE_INVAL_IR, HART_U, true, 0, 0, CAUSE_VIRTUAL},
		{INSN_HINVAL_GVMA, HART_S, false, 0, 0, 0}, {INSN_HINVAL_GVMA, HART_S, false, MSTATUS_TVM, 0, CAUSE_ILLEGAL},
		{INSN_HINVAL_GVMA, HART_S, true, 0, 0, CAUSE_VIRTUAL},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = block(cases[i].insn, cases[i].priv, cases[i].virt);

		fixture_hart(b, 0)->mstatus |= cases[i].mstatus;
		fixture_hart(b, 0)->hstatus |= cases[i].hstatus;
		fixture_run(b, 1);
		if (fixture_hart(b, 0)->mcause != cases[i].cause)
			test_fail(__FILE__, __LINE__, "case %u: cause %llu", i, (unsigned long long)fixture_hart(b, 0)->mcause);
		board_destroy(b);
	}
}
