/*
 * The scheduler: a queue of runnable vCPUs a hart, round robin with a time slice when more than one wants to run. A vCPU stays on the
 * hart to which it was placed.
 */
#ifndef HYPERVISOR_CORE_SCHEDULER_H
#define HYPERVISOR_CORE_SCHEDULER_H

#include "hypervisor/core/vcpu.h"

/** Picks the hart with the fewest vCPUs for a new one. */
void scheduler_place(struct vcpu *v);
/** Gives its place up. */
void scheduler_remove(struct vcpu *v);
/** Runs this hart for ever: interrupts, management (on the manager), guests, sleep. */
void scheduler_loop(void) __attribute__((noreturn));
/** True when this hart has another vCPU that is on, so that one in WFI should give the hart up. */
bool scheduler_contended(const struct vcpu *v);

#endif
