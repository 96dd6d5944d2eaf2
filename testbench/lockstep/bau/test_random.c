#include "testbench/gtest/test.h"
#include "testbench/lockstep/bau/stimulus.h"

#include <stdio.h>
#include <stdlib.h>

static struct rig rig;

static uint64_t cycles_wanted(void)
{
	const char *text = getenv("ASSAY_BAU_CYCLES");
	return text ? strtoull(text, NULL, 0) : 2000000;
}

static const struct {
	uint32_t base, words;
} ranges[] = {{0, 4}, {BAU_PT_CONTROL, 18}, {BAU_COUNT_MESSAGES, BAU_NUM_COUNTERS + 2}, {BAU_PARTITION_PAGE, 20},
	{BAU_PARTITION_PAGE + BAU_PARTITION_STRIDE, 20}, {BAU_NOTIFY_PAGE, 18}};
enum { RANGES = sizeof ranges / sizeof ranges[0] };

/** Reads every register: what was stored, counted and moved in this world is compared too. */
static void read_all_registers(void)
{
	for (unsigned i = 0; i < RANGES; i++) {
		for (unsigned word = 0; word < ranges[i].words && !pair_differs(); word++)
			rig_read(&rig, ranges[i].base + 8 * word);
	}
}

/* Any value in any register, in any order; addresses lead nowhere. What a register makes of a value does not depend on the block being used. */
TEST(bau_lockstep, every_register_keeps_its_value)
{
	struct rng rng;
	rng_seed(&rng, test_seed() + 1);
	for (unsigned round = 0; round < 40 && !pair_differs(); round++) {
		rig_reset(&rig, 3);
		for (unsigned n = 0; n < 200 && !pair_differs(); n++) {
			unsigned i = rng_below(&rng, RANGES);
			rig_write(&rig, ranges[i].base + 8 * rng_below(&rng, ranges[i].words), rng_next(&rng));
		}
		read_all_registers();
	}
}

/** @return the causes of the faults, bit CAUSE_*. Every other world is cut off by the reset of the next one. */
static uint64_t run_world(struct rng *rng, uint64_t cycles)
{
	struct stimulus stimulus = {0};
	uint64_t causes = 0;
	rig_reset(&rig, 40);
	for (unsigned i = rng_below(rng, 4); i > 0; i--) /* nobody asks: after a reset nothing is under way */
		rig_cycle(&rig);
	read_all_registers();
	world_create(&rig, rng);
	stimulus_choose(&stimulus, &rig, rng);
	for (uint64_t i = 0; i < cycles && !pair_differs(); i++) {
		stimulus_drive(&stimulus, &rig, rng);
		rig_cycle(&rig);
		causes |= (uint64_t)rig.out.fault_valid << rig.out.fault_value;
	}
	if (rng_below(rng, 2))
		return causes;
	rig.stall_rx = rig.stall_tx = rig.stall_mem = rig.stall_answers = rig.stall_sig = 0;
	rig.in.reg_rsp_ready = 1;
	while (rig.in.reg_valid && !rig.reg_taken && !pair_differs())
		rig_cycle(&rig);
	rig.in.reg_valid = 0;
	read_all_registers();
	return causes;
}

/** The random run is worth nothing if it does not get everywhere. */
static void expect_everything_happened(const uint64_t *counts, uint64_t causes)
{
	for (unsigned k = 0; k < BAU_NUM_COUNTERS; k++) {
		if (counts[k] < 10)
			test_fail(__FILE__, __LINE__, "counter %u moved %llu times only", k, (unsigned long long)counts[k]);
	}
	for (unsigned cause = BAU_CAUSE_REQUESTER; cause <= BAU_CAUSE_HOLD_FULL; cause++) {
		if (!(causes >> cause & 1))
			test_fail(__FILE__, __LINE__, "no fault had cause %u", cause);
	}
}

TEST(bau_lockstep, random_stimulus_keeps_model_and_rtl_equal)
{
	const uint64_t world_cycles = 50000;
	uint64_t counts[BAU_NUM_COUNTERS] = {0}, causes = 0, before = pair_compared_cycles();
	struct rng rng;
	rng_seed(&rng, test_seed());
	for (uint64_t done = 0; done < cycles_wanted() && !test_has_failed(); done += world_cycles) {
		causes |= run_world(&rng, world_cycles);
		for (unsigned k = 0; k < BAU_NUM_COUNTERS; k++)
			counts[k] += rig.bau.registers.count[k];
	}
	if (test_has_failed())
		return;
	expect_everything_happened(counts, causes);
	printf("%llu cycles compared, seed %llu: %llu messages, %llu direct, %llu broadcasts, %llu reads, %llu writes, %llu faults, %llu held\n",
		(unsigned long long)(pair_compared_cycles() - before), (unsigned long long)test_seed(), (unsigned long long)counts[0],
		(unsigned long long)counts[1], (unsigned long long)counts[3], (unsigned long long)counts[13],
		(unsigned long long)counts[14], (unsigned long long)counts[7], (unsigned long long)counts[16]);
}
