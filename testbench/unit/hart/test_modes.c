/* Fast and timed mode, cut into any slices, with caches dropped at any time, saved and restored: always the same results. */
#include <stdio.h>
#include <stdlib.h>

#include "testbench/gtest/test.h"
#include "testbench/unit/hart/random_program.h"

enum { LIMIT = RANDOM_PROGRAM_LIMIT };

static void run_timed(struct board *b, uint64_t seed)
{
	(void)seed;
	board_run(b, true, LIMIT, 0);
}

static void run_odd_slices(struct board *b, uint64_t seed)
{
	(void)seed;
	while (!b->finished && b->now < LIMIT)
		board_run(b, false, 1, 1 + (unsigned)((b->now * 7 + seed) % 97));
}

static void run_interpreted(struct board *b, uint64_t seed)
{
	(void)seed;
	hart_domain_set_heat(b->domain, 0);
	board_run(b, false, LIMIT, 1000);
}

/* Host code comes and goes. */
static void run_heating(struct board *b, uint64_t seed)
{
	for (unsigned k = 0; !b->finished && b->now < LIMIT; k++) {
		hart_domain_set_heat(b->domain, (unsigned)(seed + k) % 4);
		board_run(b, false, 5000, 100);
	}
}

static void run_dropping(struct board *b, uint64_t seed)
{
	while (!b->finished && b->now < LIMIT) {
		board_run(b, false, 1, 150 + (unsigned)(seed % 13));
		hart_domain_drop_caches(b->domain);
	}
}

static void run_alternating(struct board *b, uint64_t seed)
{
	for (unsigned k = 0; !b->finished && b->now < LIMIT; k++)
		board_run(b, k & 1, 1 + (seed + k * 31) % 50, 1 + k % 40);
}

/* Timed, with the whole state copied into a new board every few thousand cycles, also within instructions. */
static void run_restoring(struct board *b, uint64_t seed)
{
	static uint8_t ram[RANDOM_PROGRAM_RAM];

	for (unsigned k = 0; !b->finished && b->now < LIMIT; k++) {
		struct hart saved;

		board_run(b, true, 6997 + (seed + k) % 29, 0);
		saved = *hart_state(hart_core_of(b->domain, 0));
		memcpy(ram, b->ram, RANDOM_PROGRAM_RAM);
		memset(b->ram, 0xee, RANDOM_PROGRAM_RAM);
		memset(hart_state(hart_core_of(b->domain, 0)), 0, sizeof(saved));
		hart_domain_drop_caches(b->domain);
		memcpy(b->ram, ram, RANDOM_PROGRAM_RAM);
		*hart_state(hart_core_of(b->domain, 0)) = saved;
		hart_domain_drop_caches(b->domain);
	}
}

TEST(hart_modes, timed_equals_fast) { random_program_each_kind("timed", run_timed); }
TEST(hart_modes, interpreted_equals_translated) { random_program_each_kind("interpreted", run_interpreted); }
TEST(hart_modes, translation_may_begin_and_end_any_time) { random_program_each_kind("changing heat", run_heating); }
TEST(hart_modes, any_slices_equal) { random_program_each_kind("odd slices", run_odd_slices); }
TEST(hart_modes, dropped_caches_are_invisible) { random_program_each_kind("dropped caches", run_dropping); }
TEST(hart_modes, modes_may_alternate) { random_program_each_kind("alternating modes", run_alternating); }
TEST(hart_modes, restore_continues) { random_program_each_kind("save and restore", run_restoring); }

/* Counters: every instruction of fast mode is one cycle, in timed mode every native op is one. */
TEST(hart_modes, counters)
{
	struct board *fast = random_program_board(1, 5), *timed = random_program_board(1, 5);
	const struct hart *f = hart_state(hart_core_of(fast->domain, 0)), *t = hart_state(hart_core_of(timed->domain, 0));

	hart_run(hart_core_of(fast->domain, 0), 5000);
	EXPECT_EQ(f->cycles, 5000);
	EXPECT_EQ(f->instructions, 5000);
	while (t->instructions < 5000)
		hart_step(hart_core_of(timed->domain, 0));
	EXPECT_EQ(t->native_ops, f->native_ops);
	EXPECT_EQ(t->cycles, t->native_ops);
	EXPECT_EQ(t->pc, f->pc);
	EXPECT_TRUE(f->native_ops > f->instructions);
	board_destroy(fast);
	board_destroy(timed);
}
