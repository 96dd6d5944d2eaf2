/* Random stimulus at the ports of the BAU, one cycle at a time. */
#ifndef ASSAY_TESTBENCH_LOCKSTEP_BAU_STIMULUS_H
#define ASSAY_TESTBENCH_LOCKSTEP_BAU_STIMULUS_H

#include "testbench/lockstep/bau/world.h"

/** The mood of a phase of some thousand cycles; percentages. */
struct stimulus {
	uint32_t cycles_left;
	uint8_t quiet;		/**< nothing new begins */
	uint8_t only;		/**< 0: both partitions act, 1 + p: partition p alone, with what its hypervisor can reach */
	uint8_t traffic, messages, malformed, changes, registers, configuration;
	uint8_t stall_rx, stall_tx, stall_mem, stall_answers, stall_sig, match;
	uint8_t tails[BAU_NUM_PARTITIONS]; /**< of the command queues */
};

/** Chooses a new phase. */
void stimulus_choose(struct stimulus *stimulus, struct rig *rig, struct rng *rng);

/** Prepares the inputs of the next cycle; the caller then calls rig_cycle(). */
void stimulus_drive(struct stimulus *stimulus, struct rig *rig, struct rng *rng);

#endif
