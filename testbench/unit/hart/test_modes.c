/* Fast and timed mode, cut into any slices, with caches dropped at any time, saved and restored: always the same results. */
#include <stdio.h>
#include <stdlib.h>

#include "testbench/gtest/test.h"
#include "testbench/unit/hart/random_program.h"

enum { LIMIT = RANDOM_PROGRAM_LIMIT };

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
