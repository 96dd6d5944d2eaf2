/* Many targets at once on one fabric, each with its file, its volume of the initiator, and what it must hold. */
#ifndef ASSAY_TESTBENCH_INTEROP_MANY_TARGETS_H
#define ASSAY_TESTBENCH_INTEROP_MANY_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/fabric/target.h"
#include "testbench/interop/verified_io.h"

enum { MANY_TARGETS_MAX = 16, MANY_TARGETS_BLOCKS = 2048 };

extern struct verified_io many_targets_io;

/**
 * Adds a target at 10.0.0.(10 + n):4420 with NQN nqn.2026-11.assay:targetN, and volume n, all of random content.
 * @param volume what follows the volume's NQN and nsid in the configuration
 * @param discovery the target whose discovery controller names this one, or -1: the volume names it itself
 */
void many_targets_add(const struct target_config *options, const char *volume, int discovery);

/** A target that serves no volume, but for its discovery controller; they come last. */
void many_targets_without_volume(const struct target_config *options);

/** @param kato keep-alive time-out, ms. @return whether all volumes are ready. */
bool many_targets_start(unsigned kato);

/** @return whether so many verified operations have been done, without an error, within @p cycles. */
bool many_targets_run(unsigned operations, uint64_t cycles);

/** Lets time pass without I/O. */
void many_targets_idle(uint64_t cycles);

const struct target_stats *many_targets_stats(unsigned n);

/** Losses and delays on every line from now on. */
void many_targets_disturb(void);

#endif
