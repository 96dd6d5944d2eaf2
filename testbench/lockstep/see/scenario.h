/* A bench, a firmware and drivers at work: what the random tests share. */
#ifndef ASSAY_LOCKSTEP_SEE_SCENARIO_H
#define ASSAY_LOCKSTEP_SEE_SCENARIO_H

#include "testbench/lockstep/see/driver.h"

struct scenario {
	struct bench bench;
	struct firmware firmware;
	struct driver driver;
	struct rng rng;
	uint32_t mischief_permille; /**< per cycle: the host does something that it should not */
	uint32_t reset_permille;    /**< per 100 cycles: a controller is disabled or reset */
	uint32_t master_permille;   /**< per 100 cycles: a function loses bus mastering for a while, and is reset when it has it again */
	uint64_t resets;
};

/** @return a new scenario with @p functions configured and enabled functions; close it. */
struct scenario *scenario_open(uint64_t seed, uint32_t functions);
void scenario_close(struct scenario *scenario);

/** Random delays and stalls on all ports. */
void scenario_stall(struct scenario *scenario);

/** Random work for @p cycles. */
void scenario_run(struct scenario *scenario, uint64_t cycles);

/** No new work; fails if what is outstanding does not end, or if the block does not become idle. */
void scenario_drain(struct scenario *scenario);

/** The host does one illegal or odd thing. */
void scenario_mischief(struct scenario *scenario);

#endif
