/* A run's limit in simulated cycles, and the file that shows others how far it is. Neither changes what the run computes. */
#ifndef ASSAY_SIM_KERNEL_LIMIT_H
#define ASSAY_SIM_KERNEL_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LIMIT_STEP_CYCLES = 1000000 /**< how often the progress file is written; a multiple of every lookahead */ };

struct limit {
	uint64_t cycles;	     /**< the run fails at this cycle; 0: never */
	const char *progress;	     /**< file that holds the cycle reached, in decimal; NULL: none */
};

/** @return where to stop next on the way from cycle @p now to @p end. */
uint64_t limit_step(const struct limit *limit, uint64_t now, uint64_t end);

/** Writes the progress file. A file that cannot be written shows nothing. */
void limit_show(const struct limit *limit, uint64_t now);

/** From now on the first SIGINT or SIGTERM only asks the run to end, so that reports and waves are completed; the next one ends the process. */
void limit_watch_signals(void);

/** @return whether a signal has asked the run to end */
bool limit_interrupted(void);

#endif
