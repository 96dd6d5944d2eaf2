/* The stub of GDB's remote protocol for a running board: host harts and NIC processor as threads, all stopped together.
 *
 * Time and lockstep: the board stops as a whole at the end of the piece (250 cycles) in which a hart has met a breakpoint, watchpoint
 * or the end of a step; that hart has executed nothing since, the others have gone on to the end of the piece. Blocks, links and timers
 * know nothing of a debugger: model and RTL see the same inputs, so lockstep holds while one debugs. A run that was stopped is another
 * run than one that was not, since a stopped hart lets cycles pass; a run with a debugger that only looks is the same.
 *
 * Addresses are those of the current thread's present translation, both stages if V = 1; `monitor phys on` makes them physical.
 * Breakpoints and watchpoints hold for the harts of the selected thread's domain (host or NIC). Instructions are never patched.
 */
#ifndef ASSAY_SIM_GDB_GDB_H
#define ASSAY_SIM_GDB_GDB_H

#include "sim/kernel/board.h"

/** Listens on TCP port @p port of the loopback address (0: any; the port is printed), waits for a debugger and serves it until it lets the
 * board run; from then on it is served while the board runs.
 * @return 0, or -1 with one line in @p error. */
int gdb_attach(struct board *board, unsigned port, char *error, size_t error_size);

/** Tells the debugger that the run has ended with exit status @p status, and lets it go. */
void gdb_detach(int status);

#endif
