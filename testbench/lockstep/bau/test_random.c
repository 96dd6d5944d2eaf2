#include "testbench/gtest/test.h"
#include "testbench/lockstep/bau/stimulus.h"

#include <stdio.h>
#include <stdlib.h>

static struct rig rig;

static uint64_t cycles_wanted(void)
{
	const char *text = getenv("ASSAY_BAU_CYCLES");
	return text ? strtoull(text, NULL, 0) : 1000000;
}

static void run_world(struct rng *rng, uint64_t cycles)
{
	struct stimulus stimulus = {0};
	rig_reset(&rig, 40);
	world_create(&rig, rng);
	stimulus_choose(&stimulus, &rig, rng);
	for (uint64_t i = 0; i < cycles && !pair_differs(); i++) {
		stimulus_drive(&stimulus, &rig, rng);
		rig_cycle(&rig);
	}
}

/** The random run is worth nothing if it does not get everywhere. */
static void expect_everything_happened(const uint64_t *counts)
{
	for (unsigned k = 0; k < BAU_NUM_COUNTERS; k++) {
		if (counts[k] < 10)
			test_fail(__FILE__, __LINE__, "counter %u moved %llu times only", k, (unsigned long long)counts[k]);
	}
}

TEST(bau_lockstep, random_stimulus_keeps_model_and_rtl_equal)
{
	const uint64_t world_cycles = 50000;
	uint64_t counts[BAU_NUM_COUNTERS] = {0}, causes = 0, before = pair_compared_cycles();
	struct rng rng;
	rng_seed(&rng, test_seed());
	for (uint64_t done = 0; done < cycles_wanted() && !test_has_failed(); done += world_cycles) {
		run_world(&rng, world_cycles);
		for (unsigned k = 0; k < BAU_NUM_COUNTERS; k++)
			counts[k] += rig.bau.registers.count[k];
		for (uint32_t i = 0; i < rig.logged && i < RIG_EVENTS; i++)
			causes |= rig.log[i].event.code == BAU_EVENT_FAULT ? 1ull << rig.log[i].event.value : 0;
	}
	if (test_has_failed())
		return;
	expect_everything_happened(counts);
	for (unsigned cause = BAU_CAUSE_REQUESTER; cause <= BAU_CAUSE_COMMAND; cause++) {
		if (!(causes >> cause & 1))
			printf("cause %u was not among the last faults of any world\n", cause);
	}
	printf("%llu cycles compared, seed %llu: %llu messages, %llu direct, %llu broadcasts, %llu reads, %llu writes, %llu faults\n",
		(unsigned long long)(pair_compared_cycles() - before), (unsigned long long)test_seed(), (unsigned long long)counts[0],
		(unsigned long long)counts[1], (unsigned long long)counts[3], (unsigned long long)counts[13],
		(unsigned long long)counts[14], (unsigned long long)counts[7]);
}
