/* What a running simulation is doing, for people who wait for it: `assay status` asks every run of this user (or one), by SIGUSR1.
 *
 * A run registers itself in the directory assay-status-<uid> of $TMPDIR (or /tmp): PID holds its command; the answer is written as PID.answer.
 * A regression keeps its state in PID.regress, and is not asked.
 * Asking never changes what the run computes. */
#ifndef ASSAY_SIM_CONSOLE_STATUS_H
#define ASSAY_SIM_CONSOLE_STATUS_H

#include "sim/kernel/board.h"

/** Registers this process and lets @p board answer. @param what one line: what runs. A place that cannot be written means no status. */
void status_serve(struct board *board, const char *what);

/** Says what this process, which is no simulation, is doing: a regression. @param text lines; NULL takes it away. */
void status_publish(const char *text);

/** Takes the registration away. */
void status_end(void);

/** Runs `status [PID]`. @param argv argv[0] is "status".
 * @return exit status: 0; 1 if a run did not answer; 2 for bad usage or no such run (one line on stderr). */
int status_main(int argc, char **argv);

#endif
