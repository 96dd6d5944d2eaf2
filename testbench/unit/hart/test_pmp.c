/* Physical memory protection (privileged 3.7) and the debugger's interface. */
#include "testbench/unit/hart/fixture.h"

enum { R = 1, W = 2, X = 4, TOR = 8, NA4 = 16, NAPOT = 24, LOCK = 128 };

/* Executes a load (or store) at ADDRESS; @return mcause. */
static uint64_t attempt(struct board *b, unsigned priv, bool store, uint64_t address)
{
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, store ? INSN_SD_A0_A1 : INSN_LD_A0_A1);
	fixture_enter(b, priv, false, CODE);
	h->mcause = 0;
	h->x[A1] = address;
	fixture_run(b, 1);
	return h->mcause;
}

static struct board *with_entry(unsigned i, uint64_t address, unsigned cfg)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	/* The open entry moves behind those under test. */
	h->pmpaddr[15] = h->pmpaddr[0];
	h->pmpcfg[15] = h->pmpcfg[0];
	h->pmpcfg[0] = 0;
	h->pmpaddr[i] = address;
	h->pmpcfg[i] = (uint8_t)cfg;
	return b;
}

TEST(pmp, napot_region)
{
	struct board *b = with_entry(1, DATA >> 2 | 0x1ff, NAPOT | R);	/* 4 KiB */

	EXPECT_EQ(attempt(b, HART_S, false, DATA), 0);
	EXPECT_EQ(attempt(b, HART_S, true, DATA), CAUSE_STORE_ACCESS);
	EXPECT_EQ(attempt(b, HART_S, true, DATA + 4096), 0);
	EXPECT_EQ(attempt(b, HART_M, true, DATA), 0);
	board_destroy(b);
}

TEST(pmp, lowest_entry_wins_and_must_cover_the_access)
{
	struct board *b = with_entry(1, DATA >> 2, NA4 | R | W);

	EXPECT_EQ(attempt(b, HART_S, false, DATA), CAUSE_LOAD_ACCESS);	/* 8 bytes over 4 */
	EXPECT_EQ(attempt(b, HART_S, false, DATA + 4), 0);
	EXPECT_EQ(attempt(b, HART_S, false, DATA - 8), 0);
	board_destroy(b);
}

TEST(pmp, top_of_range)
{
	struct board *b = with_entry(2, (DATA + 64) >> 2, TOR);

	fixture_hart(b, 0)->pmpaddr[1] = DATA >> 2;
	EXPECT_EQ(attempt(b, HART_U, false, DATA + 8), CAUSE_LOAD_ACCESS);
	EXPECT_EQ(attempt(b, HART_U, false, DATA + 64), 0);
	EXPECT_EQ(attempt(b, HART_U, false, DATA - 8), 0);
	EXPECT_EQ(attempt(b, HART_U, false, DATA - 4), CAUSE_LOAD_ACCESS);	/* half inside */
	board_destroy(b);
}

TEST(pmp, no_match_is_for_machine_mode_only)
{
	struct board *b = with_entry(15, CODE >> 2 | 0x1ff, NAPOT | X);

	EXPECT_EQ(attempt(b, HART_S, false, DATA), CAUSE_LOAD_ACCESS);
	EXPECT_EQ(attempt(b, HART_M, false, DATA), 0);
	board_destroy(b);
}

TEST(pmp, locked_entry_binds_machine_mode_and_itself)
{
	struct board *b = with_entry(1, DATA >> 2 | 0x1ff, NAPOT | R | LOCK);
	struct hart_core *core = hart_core_of(b->domain, 0);
	uint64_t value;

	EXPECT_EQ(attempt(b, HART_M, true, DATA), CAUSE_STORE_ACCESS);
	hart_csr_write(core, CSR_PMPCFG0, 0);
	hart_csr_write(core, CSR_PMPADDR0 + 1, 0);
	hart_csr_read(core, CSR_PMPCFG0, &value);
	EXPECT_EQ(value >> 8 & 0xff, NAPOT | R | LOCK);
	EXPECT_EQ(fixture_hart(b, 0)->pmpaddr[1], DATA >> 2 | 0x1ff);
	board_destroy(b);
}

TEST(pmp, fetch_and_page_tables)
{
	struct board *b = with_entry(1, CODE >> 2 | 0x1ff, NAPOT | R | W);
	struct hart *h = fixture_hart(b, 0);

	attempt(b, HART_S, false, DATA);
	EXPECT_EQ(h->mcause, CAUSE_FETCH_ACCESS);
	EXPECT_EQ(h->mtval, CODE);
	h->pmpaddr[1] = S_TABLE >> 2 | 0x1ff;
	h->pmpcfg[1] = NAPOT;
	fixture_tree(b, S_TABLE, false);
	h->satp = UINT64_C(8) << 60 | S_TABLE >> 12;
	attempt(b, HART_S, false, DATA);
	EXPECT_EQ(h->mcause, CAUSE_FETCH_ACCESS);	/* the walk may not read the table */
	board_destroy(b);
}

TEST(pmp, reserved_combination_is_not_written)
{
	struct board *b = fixture_create(1);
	struct hart_core *core = hart_core_of(b->domain, 0);
	uint64_t value;

	hart_csr_write(core, CSR_PMPCFG0, 0x1f);
	hart_csr_write(core, CSR_PMPCFG0, NAPOT | W);
	hart_csr_read(core, CSR_PMPCFG0, &value);
	EXPECT_EQ(value, 0x1f);
	EXPECT_EQ(hart_csr_read(core, CSR_PMPCFG0 + 1, &value), -1);
	board_destroy(b);
}

TEST(debugger, breakpoint_stops_before_the_instruction)
{
	struct board *b = fixture_create(1);
	struct hart_core *core = hart_core_of(b->domain, 0);
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, INSN_NOP, INSN_NOP, 0x00100513 /* li a0, 1 */, INSN_NOP);
	EXPECT_EQ(hart_breakpoint_add(core, CODE + 8), 0);
	EXPECT_EQ(hart_run(core, 100), 2);
	EXPECT_TRUE(hart_is_stopped(core));
	EXPECT_EQ(h->pc, CODE + 8);
	EXPECT_EQ(hart_run(core, 100), 0);
	hart_resume(core);
	EXPECT_EQ(hart_run(core, 2), 2);
	EXPECT_EQ(h->x[A0], 1);
	EXPECT_EQ(h->pc, CODE + 16);
	EXPECT_EQ(hart_breakpoint_remove(core, CODE + 8), 0);
	EXPECT_EQ(hart_breakpoint_remove(core, CODE + 8), -1);
	board_destroy(b);
}

static void count_watch(void *ctx, unsigned hart, uint64_t va)
{
	*(unsigned *)ctx += hart == 0 && va == CODE + 4;
}

/* A loop of three: the watched instruction executes as often as the others, timed or fast, and the state is as without. */
TEST(debugger, a_watch_reports_each_execution_and_changes_nothing)
{
	unsigned seen = 0;
	uint64_t pc[2], a0[2];

	for (unsigned watching = 0; watching < 2; watching++) {
		struct board *b = fixture_create(1);
		struct hart_core *core = hart_core_of(b->domain, 0);

		CODE_AT(b, CODE, INSN_NOP, 0x00150513 /* addi a0, a0, 1 */, 0xff9ff06f /* j CODE */, INSN_NOP);
		hart_domain_set_watch(b->domain, count_watch, &seen);
		if (watching)
			EXPECT_EQ(hart_watch_add(core, CODE + 4), 0);
		EXPECT_EQ(hart_run(core, 301), 301);
		for (unsigned i = 0; i < 300; i++)
			hart_step(core);
		pc[watching] = fixture_hart(b, 0)->pc;
		a0[watching] = fixture_hart(b, 0)->x[A0];
		if (watching)
			EXPECT_EQ(hart_watch_remove(core, CODE + 4), 0);
		EXPECT_EQ(hart_watch_remove(core, CODE + 4), -1);
		board_destroy(b);
	}
	EXPECT_EQ(pc[0], pc[1]);
	EXPECT_EQ(a0[0], a0[1]);
	EXPECT_EQ(seen, a0[1]);
}

TEST(debugger, translates_without_side_effects)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);
	uint64_t pa;

	fixture_tree(b, S_TABLE, false);
	fixture_map(b, S_TABLE, 2, DATA, PTE_V | PTE_R);
	h->satp = UINT64_C(8) << 60 | S_TABLE >> 12;
	fixture_enter(b, HART_S, false, CODE);
	hart_state_changed(hart_core_of(b->domain, 0));
	EXPECT_EQ(hart_translate_debug(hart_core_of(b->domain, 0), WINDOW + 2 * 4096 + 5, &pa), 0);
	EXPECT_EQ(pa, DATA + 5);
	EXPECT_EQ(hart_translate_debug(hart_core_of(b->domain, 0), WINDOW, &pa), -1);
	EXPECT_EQ(fixture_get64(b, fixture_pte_address(S_TABLE, 2)) & PTE_A, 0);
	EXPECT_EQ(h->mcause, 0);
	board_destroy(b);
}
