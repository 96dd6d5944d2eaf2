/* Random I/O of several functions through all queues: data, statuses and every output in every cycle. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/see/scenario.h"

#include <stdlib.h>

TEST(see_lockstep, clean_io)
{
	struct scenario *s = scenario_open(test_seed(), 4);

	scenario_run(s, 150000);
	scenario_drain(s);
	EXPECT_GT(s->firmware.parts, 5u);
	EXPECT_GT(s->driver.completed, 20u);
	EXPECT_GT(s->driver.interrupts, 50u);
	scenario_close(s);
}

TEST(see_lockstep, stalls_on_every_channel)
{
	struct scenario *s = scenario_open(test_seed() + 1, 5);

	scenario_stall(s);
	s->driver.big_percent = 3;
	scenario_run(s, 250000);
	scenario_drain(s);
	EXPECT_GT(s->driver.completed, 50u);
	scenario_close(s);
}

TEST(see_lockstep, wrong_commands_and_doorbells)
{
	struct scenario *s = scenario_open(test_seed() + 2, 3);

	s->driver.wrong_percent = 40;
	s->mischief_permille = 2;
	s->firmware.behaviour.bad_entry_permille = 100;
	s->firmware.behaviour.probe_permille = 5;
	scenario_run(s, 200000);
	scenario_drain(s);
	EXPECT_GT(s->driver.failed_commands, 50u);
	EXPECT_GT(s->firmware.refused_doorbells, 5u);
	scenario_close(s);
}

TEST(see_lockstep, resets_in_the_middle)
{
	struct scenario *s = scenario_open(test_seed() + 3, 5);

	s->reset_permille = 120;
	s->driver.big_percent = 15;
	s->bench.host.behaviour.stall_percent = 30;
	scenario_run(s, 250000);
	scenario_drain(s);
	EXPECT_GT(s->resets, 5u);
	EXPECT_GT(s->driver.completed, 20u);
	scenario_close(s);
}

TEST(see_lockstep, bus_mastering_ends_in_the_middle)
{
	struct scenario *s = scenario_open(test_seed() + 10, 4);

	s->master_permille = 120;
	s->driver.big_percent = 50;
	s->bench.host.behaviour.stall_percent = 30;
	scenario_run(s, 250000);
	scenario_drain(s);
	EXPECT_GT(s->resets, 5u);
	EXPECT_GT(s->driver.completed, 20u);
	scenario_close(s);
}

TEST(see_lockstep, broken_reads)
{
	struct scenario *s = scenario_open(test_seed() + 4, 4);

	bench_reg_write(&s->bench, SEE_CPL_TIMEOUT, 2);
	s->bench.host.behaviour.poison_permille = 10;
	s->bench.host.behaviour.refuse_permille = 10;
	s->bench.host.behaviour.forget_permille = 3;
	s->bench.host.behaviour.stray_permille = 20;
	s->bench.host.behaviour.cut_permille = 30;
	scenario_run(s, 250000);
	scenario_drain(s);
	EXPECT_GT(s->driver.failed_commands, 10u);
	EXPECT_GT(s->driver.completed, 20u);
	scenario_close(s);
}

TEST(see_lockstep, weighted_queues_and_held_interrupts)
{
	struct scenario *s = scenario_open(test_seed() + 6, 4);

	s->firmware.behaviour.arbitrates = true;
	s->firmware.behaviour.delay_cycles = 1500; /* queues fill up */
	s->reset_permille = 20;
	scenario_run(s, 350000);
	scenario_drain(s);
	EXPECT_GT(s->driver.completed, 50u);
	EXPECT_GT(s->resets, 1u);
	scenario_close(s);
}
