/* What a debugger asks of a hart: steps, stops, watchpoints. Each test runs fast and timed. */
#include "testbench/unit/hart/fixture.h"

enum { ADDI_A2_1 = 0x00160613, JUMP_SELF = 0x0000006f };

static void advance(struct hart_core *core, bool timed, unsigned cycles)
{
	if (!timed) {
		hart_run(core, cycles);
		return;
	}
	for (unsigned i = 0; i < cycles; i++)
		hart_step(core);
}

static void check_step(bool timed)
{
	struct board *b = fixture_create(1);
	struct hart_core *core = hart_core_of(b->domain, 0);
	struct hart *h = fixture_hart(b, 0);
	uint64_t address;

	CODE_AT(b, CODE, INSN_NOP, ADDI_A2_1, ADDI_A2_1, INSN_ECALL);
	hart_stop(core);
	EXPECT_EQ(hart_stop_reason(core, &address), HART_STOP_REQUEST);
	advance(core, timed, 50);
	EXPECT_EQ(h->pc, CODE);
	for (unsigned i = 1; i <= 3; i++) {
		hart_step_instruction(core);
		advance(core, timed, 50);
		EXPECT_EQ(hart_stop_reason(core, &address), HART_STOP_STEP);
		EXPECT_EQ(h->pc, CODE + 4 * i);
	}
	EXPECT_EQ(h->x[12], 2u);
	/* A trap is a step, too. */
	hart_step_instruction(core);
	advance(core, timed, 50);
	EXPECT_EQ(h->pc, HANDLER);
	EXPECT_TRUE(hart_is_stopped(core));
	board_destroy(b);
}

TEST(debugger, steps_one_instruction_or_trap_fast) { check_step(false); }
TEST(debugger, steps_one_instruction_or_trap_timed) { check_step(true); }

static void check_watch(bool timed)
{
	struct board *b = fixture_create(1);
	struct hart_core *core = hart_core_of(b->domain, 0);
	struct hart *h = fixture_hart(b, 0);
	uint64_t address = 0;

	CODE_AT(b, CODE, INSN_LD_A0_A1, INSN_SD_A0_A1, ADDI_A2_1, INSN_LD_A0_A1, INSN_SD_A0_A1, ADDI_A2_1, JUMP_SELF);
	h->x[A1] = DATA;
	hart_state_changed(core);
	advance(core, timed, 3); /* the TLB knows the page now */
	EXPECT_EQ(h->x[12], 1u);
	EXPECT_EQ(hart_watchpoint_add(core, DATA + 4, 2, HART_WATCH_WRITE), 0);
	advance(core, timed, 50);
	EXPECT_EQ(hart_stop_reason(core, &address), HART_STOP_WATCH);
	EXPECT_EQ(address, DATA + 4);
	EXPECT_EQ(h->pc, CODE + 20);
	EXPECT_EQ(h->x[12], 1u);
	EXPECT_EQ(hart_watchpoint_remove(core, DATA + 4, 2, HART_WATCH_READ), -1);
	EXPECT_EQ(hart_watchpoint_remove(core, DATA + 4, 2, HART_WATCH_WRITE), 0);
	hart_resume(core);
	advance(core, timed, 50);
	EXPECT_FALSE(hart_is_stopped(core));
	EXPECT_EQ(h->x[12], 2u);
	board_destroy(b);
}

TEST(debugger, watchpoint_stops_after_the_access_fast) { check_watch(false); }
TEST(debugger, watchpoint_stops_after_the_access_timed) { check_watch(true); }

TEST(debugger, a_stop_survives_a_change_of_the_state)
{
	struct board *b = fixture_create(1);
	struct hart_core *core = hart_core_of(b->domain, 0);

	CODE_AT(b, CODE, ADDI_A2_1, JUMP_SELF);
	hart_stop(core);
	fixture_hart(b, 0)->x[12] = 7;
	hart_state_changed(core);
	advance(core, false, 10);
	EXPECT_TRUE(hart_is_stopped(core));
	EXPECT_EQ(fixture_hart(b, 0)->x[12], 7u);
	hart_resume(core);
	advance(core, false, 10);
	EXPECT_EQ(fixture_hart(b, 0)->x[12], 8u);
	board_destroy(b);
}
