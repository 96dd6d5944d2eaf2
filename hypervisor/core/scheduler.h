/*
 * The scheduler: a queue of vCPUs a hart, round robin with a time slice when more than one wants to run. A hart that has nothing to run
 * takes a waiting vCPU from one that has too much; a pinned vCPU stays. A vCPU that gets an interrupt while it does not run goes before
 * the others for a short turn; such turns take at most half of a hart.
 */
#ifndef HYPERVISOR_CORE_SCHEDULER_H
#define HYPERVISOR_CORE_SCHEDULER_H

#include "hypervisor/core/vcpu.h"

/** Picks the hart with the fewest vCPUs for a new one. */
void scheduler_place(struct vcpu *v);
/** Gives its place up; its VM must not run. Manager hart. */
void scheduler_remove(struct vcpu *v);
/** Runs this hart for ever: interrupts, management (on the manager), guests, sleep. */
void scheduler_loop(void) __attribute__((noreturn));
/** Harts that sleep look for work. */
void scheduler_wake_idle(void);
/** When it returns, every hart that had picked a vCPU before has marked it as running. */
void scheduler_settle(void);
/** True when this hart has another vCPU that is on, so that one in WFI should give the hart up. */
bool scheduler_contended(const struct vcpu *v);
/**
 * Moves a vCPU to another hart at the next moment at which it is not in its guest. Manager hart.
 * @param index of the hart in harts[]
 * @return false when no such hart runs guests
 */
bool scheduler_migrate(struct vcpu *v, uint32_t index);
/**
 * Keeps a vCPU where it is (or goes), or lets it move again.
 * @param alone the hart runs nothing else from now on, as far as others are not pinned to it; until it is unpinned
 */
void scheduler_pin(struct vcpu *v, bool pinned, bool alone);
/** A vCPU has become runnable: its own hart is busy with another, so an idle one may take it. Any hart. */
void scheduler_offer(const struct vcpu *v);

#endif
