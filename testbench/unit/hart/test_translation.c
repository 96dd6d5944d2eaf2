/* Sv39, Sv39x4 and their combination, clause by clause (privileged 1.12: 4.3, 4.4, 8.2, 8.4, 8.5, 8.6). */
#include "testbench/unit/hart/fixture.h"

enum { SATP39 = 8, PAGE = 4096, HLV_D = 0x6c05c573, HLVX_WU = 0x6835c573, HSV_D = 0x6ea5c073 };

static uint64_t atp(uint64_t root) { return (uint64_t)SATP39 << 60 | root >> 12; }

/* A board whose hart 0 is about to execute INSN with a1 = VA in the given mode, one-stage. */
static struct board *one_stage(unsigned priv, uint32_t insn, uint64_t va)
{
	struct board *b = fixture_create(1);

	fixture_tree(b, S_TABLE, priv == HART_U);
	fixture_hart(b, 0)->satp = atp(S_TABLE);
	fixture_hart(b, 0)->x[A1] = va;
	CODE_AT(b, CODE, insn, INSN_NOP);
	fixture_enter(b, priv, false, CODE);
	return b;
}

static struct board *two_stage(unsigned priv, uint32_t insn, uint64_t va)
{
	struct board *b = fixture_create(1);

	fixture_tree(b, VS_TABLE, priv == HART_U);
	fixture_tree(b, G_TABLE, true);
	fixture_hart(b, 0)->vsatp = atp(VS_TABLE);
	fixture_hart(b, 0)->hgatp = atp(G_TABLE);
	fixture_hart(b, 0)->x[A1] = va;
	CODE_AT(b, CODE, insn, INSN_NOP);
	fixture_enter(b, priv, true, CODE);
	return b;
}

static void expect_trap(const struct board *b, uint64_t cause, uint64_t tval)
{
	const struct hart *h = hart_state(hart_core_of(b->domain, 0));

	EXPECT_EQ(h->priv, HART_M);
	EXPECT_EQ(h->mcause, cause);
	EXPECT_EQ(h->mtval, tval);
	EXPECT_EQ(h->mepc, CODE);
}

TEST(sv39, load_through_a_page)
{
	struct board *b = one_stage(HART_S, INSN_LD_A0_A1, WINDOW + 8);

	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_A);
	fixture_put64(b, DATA + 8, 0x1122334455667788);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0x1122334455667788);
	board_destroy(b);
}

TEST(sv39, rights_and_malformed_entries)
{
	static const struct {
		unsigned priv;
		uint32_t insn;
		uint64_t flags, status, cause;
	} cases[] = {
		{HART_S, INSN_LD_A0_A1, 0, 0, CAUSE_LOAD_PAGE},
		{HART_S, INSN_SD_A0_A1, PTE_V | PTE_R | PTE_A | PTE_D, 0, CAUSE_STORE_PAGE},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_W | PTE_A, 0, CAUSE_LOAD_PAGE},			/* W without R */
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_X | PTE_A, 0, CAUSE_LOAD_PAGE},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_X | PTE_A, MSTATUS_MXR, 0},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_U | PTE_A, 0, CAUSE_LOAD_PAGE},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_U | PTE_A, MSTATUS_SUM, 0},
		{HART_U, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_A, 0, CAUSE_LOAD_PAGE},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_A | BIT(54), 0, CAUSE_LOAD_PAGE},
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_A | PTE_PBMT, 0, CAUSE_LOAD_PAGE},	/* a reserved type (Svpbmt) */
		{HART_S, INSN_LD_A0_A1, PTE_V | PTE_R | PTE_A | BIT(63), 0, CAUSE_LOAD_PAGE},	/* a reserved size (Svnapot) */
		{HART_S, INSN_LD_A0_A1, PTE_V, 0, CAUSE_LOAD_PAGE},				/* a pointer at the last level */
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct board *b = one_stage(cases[i].priv, cases[i].insn, WINDOW);

		fixture_map(b, S_TABLE, 0, DATA, cases[i].flags);
		fixture_hart(b, 0)->mstatus |= cases[i].status;
		fixture_run(b, 1);
		if (cases[i].cause)
			expect_trap(b, cases[i].cause, WINDOW);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, cases[i].cause);
		board_destroy(b);
	}
}

TEST(sv39, address_must_be_sign_extended)
{
	struct board *b = one_stage(HART_S, INSN_LD_A0_A1, WINDOW | BIT(40));

	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_PAGE, WINDOW | BIT(40));
	board_destroy(b);
}

TEST(sv39, misaligned_superpage)
{
	struct board *b = one_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	fixture_put64(b, S_TABLE + 0x1000, (DATA | PAGE) >> 12 << 10 | PTE_V | PTE_R | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_PAGE, WINDOW);
	board_destroy(b);
}

TEST(sv39, hardware_sets_accessed_and_dirty)
{
	struct board *b = one_stage(HART_S, INSN_SD_A0_A1, WINDOW);

	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_W);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_get64(b, fixture_pte_address(S_TABLE, 0)) & 0xff, PTE_V | PTE_R | PTE_W | PTE_A | PTE_D);
	board_destroy(b);
}

TEST(sv39, without_adue_software_sets_them)
{
	struct board *b = one_stage(HART_S, INSN_SD_A0_A1, WINDOW);

	fixture_hart(b, 0)->menvcfg &= ~ENVCFG_ADUE;
	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_W | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_STORE_PAGE, WINDOW);
	EXPECT_EQ(fixture_get64(b, fixture_pte_address(S_TABLE, 0)) & PTE_D, 0);
	board_destroy(b);
}

TEST(sv39, a_table_outside_memory_is_an_access_fault)
{
	struct board *b = one_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	fixture_put64(b, S_TABLE + 8, UINT64_C(0x20000000) >> 12 << 10 | PTE_V);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_ACCESS, WINDOW);
	board_destroy(b);
}

TEST(sv39, changed_entry_acts_without_fence)
{
	struct board *b = one_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	CODE_AT(b, CODE, INSN_LD_A0_A1, INSN_LD_A0_A1);
	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_A);
	fixture_put64(b, DATA + PAGE, 77);
	fixture_run(b, 1);
	fixture_map(b, S_TABLE, 0, DATA + PAGE, PTE_V | PTE_R | PTE_A);
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 77);
	board_destroy(b);
}

TEST(sv39, second_page_of_a_crossing_access_faults_with_its_address)
{
	struct board *b = one_stage(HART_S, INSN_SD_A0_A1, WINDOW + PAGE - 4);

	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_R | PTE_W | PTE_A | PTE_D);
	fixture_put64(b, DATA + PAGE - 8, 5);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_STORE_PAGE, WINDOW + PAGE);
	EXPECT_EQ(fixture_hart(b, 0)->mtinst >> 15 & 31, 4);	/* how far into the access */
	EXPECT_EQ(fixture_get64(b, DATA + PAGE - 8), 5);	/* nothing was written */
	board_destroy(b);
}

TEST(sv39, fetch_of_an_instruction_across_pages)
{
	struct board *b = one_stage(HART_S, INSN_NOP, 0);
	uint32_t insn = 0x02a00513;	/* addi a0, x0, 42 */

	fixture_map(b, S_TABLE, 0, DATA, PTE_V | PTE_X | PTE_A);
	fixture_map(b, S_TABLE, 1, DATA + 2 * PAGE, PTE_V | PTE_X | PTE_A);
	memcpy(b->ram + (DATA - BOARD_RAM_BASE) + PAGE - 2, &insn, 2);
	memcpy(b->ram + (DATA - BOARD_RAM_BASE) + 2 * PAGE, (char *)&insn + 2, 2);
	fixture_enter(b, HART_S, false, WINDOW + PAGE - 2);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 42);
	EXPECT_EQ(fixture_hart(b, 0)->pc, WINDOW + PAGE + 2);
	fixture_map(b, S_TABLE, 1, DATA + 2 * PAGE, 0);
	fixture_enter(b, HART_S, false, WINDOW + PAGE - 2);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_FETCH_PAGE);
	EXPECT_EQ(fixture_hart(b, 0)->mtval, WINDOW + PAGE);
	EXPECT_EQ(fixture_hart(b, 0)->mepc, WINDOW + PAGE - 2);
	board_destroy(b);
}

TEST(two_stage, both_stages_translate)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW + 16);

	fixture_map(b, VS_TABLE, 0, WINDOW + 3 * PAGE, PTE_V | PTE_R | PTE_A);
	fixture_map(b, G_TABLE, 3, DATA, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_put64(b, DATA + 16, 0xabcdef);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0xabcdef);
	board_destroy(b);
}

TEST(two_stage, guest_page_fault_reports_the_guest_physical_address)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW + 0x123 * 8);

	fixture_map(b, VS_TABLE, 0, WINDOW + 3 * PAGE, PTE_V | PTE_R | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_GUEST, WINDOW + 0x123 * 8);
	EXPECT_EQ(fixture_hart(b, 0)->mtval2, (WINDOW + 3 * PAGE + 0x123 * 8) >> 2);
	EXPECT_TRUE(fixture_hart(b, 0)->mstatus & MSTATUS_GVA);
	EXPECT_TRUE(fixture_hart(b, 0)->mstatus & MSTATUS_MPV);
	EXPECT_EQ(fixture_hart(b, 0)->mtinst, INSN_LD_A0_A1 & ~(31u << 15));
	board_destroy(b);
}

TEST(two_stage, second_stage_needs_user_pages)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_R | PTE_A);
	fixture_map(b, G_TABLE, 0, DATA, PTE_V | PTE_R | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_GUEST, WINDOW);
	board_destroy(b);
}

TEST(two_stage, implicit_read_fault_has_the_pseudoinstruction)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	fixture_put64(b, VS_TABLE + 8, (WINDOW + 5 * PAGE) >> 12 << 10 | PTE_V);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_GUEST, WINDOW);
	EXPECT_EQ(fixture_hart(b, 0)->mtval2, (WINDOW + 5 * PAGE) >> 2);
	EXPECT_EQ(fixture_hart(b, 0)->mtinst, 0x3000);
	board_destroy(b);
}

TEST(two_stage, implicit_write_fault_has_the_pseudoinstruction)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW);
	uint64_t table = WINDOW + 6 * PAGE;

	/* The guest's last table lies in a page that the second stage lets it read only: A cannot be set. */
	fixture_put64(b, VS_TABLE + 0x1000, table >> 12 << 10 | PTE_V);
	fixture_map(b, G_TABLE, 6, DATA, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_put64(b, DATA, WINDOW >> 12 << 10 | PTE_V | PTE_R);
	fixture_map(b, G_TABLE, 0, DATA + PAGE, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_GUEST, WINDOW);
	EXPECT_EQ(fixture_hart(b, 0)->mtval2, table >> 2);
	EXPECT_EQ(fixture_hart(b, 0)->mtinst, 0x3020);
	board_destroy(b);
}

TEST(two_stage, guest_physical_address_beyond_41_bits)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, BIT(41));

	fixture_hart(b, 0)->vsatp = 0;
	fixture_run(b, 1);
	expect_trap(b, CAUSE_LOAD_GUEST, BIT(41));
	board_destroy(b);
}

TEST(two_stage, mxr_of_the_guest_does_not_open_the_second_stage)
{
	for (unsigned machine = 0; machine < 2; machine++) {
		struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW);

		fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_X | PTE_A);
		fixture_map(b, G_TABLE, 0, DATA, PTE_V | PTE_X | PTE_U | PTE_A);
		fixture_hart(b, 0)->vsstatus |= MSTATUS_MXR;
		if (machine)
			fixture_hart(b, 0)->mstatus |= MSTATUS_MXR;
		fixture_run(b, 1);
		EXPECT_EQ(fixture_hart(b, 0)->mcause, machine ? 0 : CAUSE_LOAD_GUEST);
		board_destroy(b);
	}
}

TEST(two_stage, hypervisor_loads_act_as_the_guest)
{
	struct board *b = two_stage(HART_S, HLV_D, WINDOW);

	fixture_enter(b, HART_S, false, CODE);
	fixture_hart(b, 0)->hstatus |= HSTATUS_SPVP;
	fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_map(b, G_TABLE, 0, DATA, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_put64(b, DATA, 31337);
	fixture_run(b, 1);		/* SPVP and a user page without vsstatus.SUM */
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
	EXPECT_TRUE(fixture_hart(b, 0)->mstatus & MSTATUS_GVA);
	EXPECT_FALSE(fixture_hart(b, 0)->mstatus & MSTATUS_MPV);
	fixture_enter(b, HART_S, false, CODE);
	fixture_hart(b, 0)->vsstatus |= MSTATUS_SUM;
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 31337);
	board_destroy(b);
}

TEST(two_stage, hlvx_asks_for_execute_rights_only)
{
	struct board *b = two_stage(HART_S, HLVX_WU, WINDOW);

	fixture_enter(b, HART_S, false, CODE);
	fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_X | PTE_U | PTE_A);
	fixture_map(b, G_TABLE, 0, DATA, PTE_V | PTE_X | PTE_U | PTE_A);
	fixture_put64(b, DATA, 0xfedcba9876543210);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 0x76543210);
	fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_enter(b, HART_S, false, CODE);
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->mcause, CAUSE_LOAD_PAGE);
	board_destroy(b);
}

TEST(two_stage, mprv_with_mpv_reaches_the_guest)
{
	struct board *b = two_stage(HART_S, INSN_LD_A0_A1, WINDOW);

	fixture_map(b, VS_TABLE, 0, WINDOW, PTE_V | PTE_R | PTE_A);
	fixture_map(b, G_TABLE, 0, DATA, PTE_V | PTE_R | PTE_U | PTE_A);
	fixture_put64(b, DATA, 4711);
	fixture_enter(b, HART_M, false, CODE);
	fixture_hart(b, 0)->mstatus |= MSTATUS_MPRV | MSTATUS_MPV | (uint64_t)HART_S << MSTATUS_MPP_SHIFT;
	fixture_run(b, 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 4711);
	board_destroy(b);
}
