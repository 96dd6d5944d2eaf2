#include "testbench/gtest/test.h"
#include "testbench/unit/bau/actors.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_CYCLES = 60000 };

static struct rig rig;
static struct actors actors;

/** Rounds of a few messages each; after each round all of them must be handled, with no later message to wake a target by chance. */
static uint64_t rounds_wanted(void)
{
	const char *text = getenv("ASSAY_BAU_ROUNDS");
	return text ? strtoull(text, NULL, 0) : 3000;
}

static void stall(struct rng *rng)
{
	rig.stall_mem = rng_percent(rng, 10);
	rig.stall_sig = rng_percent(rng, 30);
	rig.stall_answers = rng_percent(rng, 10);
}

static void step(void)
{
	stall(&actors.rng);
	actors_cycle(&actors, &rig);
	rig_cycle(&rig);
}

static void run_round(void)
{
	for (unsigned i = 1 + rng_below(&actors.rng, 4); i > 0; i--) {
		actors_send(&actors, &rig);
		for (unsigned gap = rng_below(&actors.rng, 400); gap > 0; gap--)
			step();
	}
	for (unsigned i = 0; i < MOST_CYCLES && actors.handled < actors.sent; i++)
		step();
}

/** Waits until no actor uses the register port: rig_write() is a hart of its own. */
static void let_registers_rest(void)
{
	actors.fast = 1;
	for (unsigned i = 0; i < MOST_CYCLES && (actors.register_owner != ACTOR_NOBODY || rig.in.reg_valid || !rig.out.reg_ready); i++)
		step();
	actors.fast = 0;
}

/** While the device is detached each message is refused with a fault, and no target hears of it. @return the refused ones */
static uint64_t detach_and_attach(void)
{
	uint64_t faults = rig.bau.registers.count[7], set = rig.bau.registers.count[1] + rig.bau.registers.count[3];
	let_registers_rest();
	rig.stall_mem = rig.stall_sig = rig.stall_answers = 0;
	if (rig.in.reg_valid || actors.register_owner != ACTOR_NOBODY)
		return 0;
	actors_attach(&actors, &rig, false);
	set = rig.bau.registers.count[1] + rig.bau.registers.count[3];
	for (unsigned i = 0; i < 3; i++)
		rig_send_message(&rig, RIG_RID, 0, rng_below(&actors.rng, ACTOR_TARGETS), 8 * rng_below(&actors.rng, ACTOR_VECTORS));
	rig_settle(&rig, 10000);
	EXPECT_EQ(rig.bau.registers.count[7], faults + 3);
	EXPECT_EQ(rig.bau.registers.count[1] + rig.bau.registers.count[3], set);
	actors_attach(&actors, &rig, true);
	return 3;
}

TEST(bau_protocol, no_message_is_lost_while_targets_move)
{
	uint64_t refused = 0;
	rig_reset(&rig, 40);
	actors_create(&actors, &rig, test_seed());
	for (uint64_t i = 0; i < rounds_wanted() && actors.handled == actors.sent; i++) {
		if (i % 64 == 0)
			rig.latency_cycles = rng_percent(&actors.rng, 30) ? 40 : 1 + rng_below(&actors.rng, 60);
		run_round();
		if (rng_percent(&actors.rng, 1) && actors.handled == actors.sent)
			refused += detach_and_attach();
	}
	if (actors.handled != actors.sent)
		test_fail(__FILE__, __LINE__, "%llu of %llu messages were handled; seed %llu", (unsigned long long)actors.handled,
			(unsigned long long)actors.sent, (unsigned long long)test_seed());
	EXPECT_EQ(rig.bau.registers.count[7], refused);
	EXPECT_LT(0, refused);
	EXPECT_LT(0, actors.commands);
	printf("%llu messages, seed %llu, longest %llu cycles: %llu direct, %llu mismatches, %llu broadcasts, %llu recorded, %llu unblocks, %llu rescans\n",
		(unsigned long long)actors.sent, (unsigned long long)test_seed(), (unsigned long long)actors.longest_cycles,
		(unsigned long long)rig.bau.registers.count[1], (unsigned long long)rig.bau.registers.count[2],
		(unsigned long long)rig.bau.registers.count[3], (unsigned long long)rig.bau.registers.count[4],
		(unsigned long long)rig.bau.registers.count[5], (unsigned long long)rig.bau.registers.count[6]);
	EXPECT_LT(0, rig.bau.registers.count[1]);
	EXPECT_LT(0, rig.bau.registers.count[2]);
	EXPECT_LT(0, rig.bau.registers.count[6]);
}
