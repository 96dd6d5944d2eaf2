/* Harts that play hypervisor and guests by the protocol of rtl/bau/README.md around the rig: more targets than harts, preemption
 * at any step, sleeping targets, one manager for broadcasts, and one that
 * invalidates the BAU's caches and fences at random moments. They follow the protocol exactly and at random speed, so that a
 * message that is never handled is the BAU's (or the protocol's) loss. */
#ifndef ASSAY_TESTBENCH_UNIT_BAU_ACTORS_H
#define ASSAY_TESTBENCH_UNIT_BAU_ACTORS_H

#include "testbench/unit/bau/random.h"
#include "testbench/unit/bau/rig.h"

enum { ACTOR_HARTS = 3, ACTOR_TARGETS = 7, ACTOR_VECTORS = 64, ACTOR_NOBODY = 255 };

/** What a target's vCPU does when it has a hart; survives preemption. */
struct actor_target {
	uint8_t runnable;
	uint8_t loaded_on;   /**< hart, or ACTOR_NOBODY */
	uint8_t guest_step;  /**< 0: not in the handler */
	uint64_t sent_at[ACTOR_VECTORS]; /**< cycle in which the outstanding message was sent, 0: none */
};

struct actor_hart {
	uint8_t step;	/**< enum in actors.c */
	uint8_t target;
	uint32_t wait_cycles, quantum_cycles;
	uint8_t wants_register, register_done;
	uint32_t register_address;
	uint64_t register_data;
};

struct actors {
	struct rng rng;
	struct actor_hart hart[ACTOR_HARTS + 2]; /**< the last two are the manager and the invalidator */
	struct actor_target target[ACTOR_TARGETS];
	uint8_t register_owner; /**< hart whose access is at the port, or ACTOR_NOBODY */
	uint8_t register_last;	/**< the owner before; the others come first */
	uint64_t summary;	/**< bits that the manager still works on */
	uint64_t sent, handled, longest_cycles, commands;
	uint8_t fast;		/**< 1: no random waits; to come to an end */
};

/** Programs the BAU and memory; nothing runs yet. */
void actors_create(struct actors *actors, struct rig *rig, uint64_t seed);

/** One cycle of all harts; then the caller calls rig_cycle(). */
void actors_cycle(struct actors *actors, struct rig *rig);

/** Sends a message to a random target with a vector that is not outstanding. @return whether there was one. */
bool actors_send(struct actors *actors, struct rig *rig);

/** Takes the device away (entry invalid, INVALIDATE_DTE, fence done) or gives it back. No harts run meanwhile. */
void actors_attach(struct actors *actors, struct rig *rig, bool attached);

#endif
