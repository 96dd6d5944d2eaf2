/* Random programs of every kind, privileged and two-stage ones included: a hart behind a CLB ends as a hart in fast mode does. */
#include "testbench/unit/clb/machine.h"
#include "testbench/unit/hart/random_program.h"

static void run_behind_clb(struct board *b, uint64_t seed)
{
	struct machine *m = machine_create(b, rv64_table_image, rv64_table_bytes);
	(void)seed;

	board_run(b, true, RANDOM_PROGRAM_LIMIT, 0);
	EXPECT_LT(0, machine_events(m, CLB_EVENT_CONVERTED));
	EXPECT_LT(0, machine_events(m, CLB_EVENT_HIT));
	machine_destroy(m);
}

TEST(clb_programs, end_as_in_fast_mode)
{
	random_program_each_kind("behind a CLB", run_behind_clb);
}
