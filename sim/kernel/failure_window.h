/* The failure window: what led to a failure, in waves and events, without a second run of the whole.
 *
 * The run itself writes no waves. Every so many cycles it forks; the child sleeps, and holds the whole simulation as it was. When the
 * run fails, the child that is old enough wakes, runs to the failure again (the simulation is deterministic, what came from outside
 * is replayed from its recording) and writes waves and events of its last cycles. The files are
 *   PREFIX.fst      pins of every block and backend, RTL internals
 *   PREFIX.events   the event log of the window
 *   PREFIX.trace    instructions of every hart in the window: cycle, hart, pc, bytes, privilege
 */
#ifndef ASSAY_SIM_KERNEL_FAILURE_WINDOW_H
#define ASSAY_SIM_KERNEL_FAILURE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct board;

enum { FAILURE_WINDOW_EVERY_CYCLES = 5000000, FAILURE_WINDOW_CYCLES = 50000, FAILURE_CHILDREN = 2 };

struct failure_child {
	pid_t pid;	/**< 0 if there is none */
	int wake;	/**< pipe that takes the cycle to stop at */
	uint64_t cycle; /**< at which it was forked */
};

/** Where the instructions of a domain are written. */
struct failure_trace {
	FILE *file;
	const char *name;
	const uint64_t *cycle;
};

struct failure_window {
	uint64_t every_cycles; /**< between forks, 0: no failure window */
	uint64_t next_fork;
	struct failure_child child[FAILURE_CHILDREN]; /**< youngest first */
	/* In a child that was woken: */
	bool replica, opened;
	uint64_t from, until;
	FILE *trace_file;
	struct failure_trace trace[2];
};

/** Forks if a fork is due at @p now. In a woken child: begins to write, or ends the process, where that is due.
 * @return the next cycle at which it wants to be called, UINT64_MAX if the board has no failure window. */
uint64_t failure_window_pass(struct board *board, uint64_t now);

/** The run has failed by the present cycle: lets the child write the files. (A child that gets here has seen the failure: it ends.)
 * @return 0, or -1 if there is no window or it could not be written; one line about it is on stderr either way. */
int failure_window_write(struct board *board);

/** Ends the children. */
void failure_window_end(struct board *board);

#endif
