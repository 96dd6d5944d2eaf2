/* `--coverage PREFIX`: notes what the hypervisor and the NIC's firmware execute, into PREFIX.hypervisor.executed and PREFIX.firmware.executed, and
 * writes the event log to PREFIX.events. */
#ifndef ASSAY_SIM_CONSOLE_COVERAGE_H
#define ASSAY_SIM_CONSOLE_COVERAGE_H

#include "sim/console/console.h"

/** Begins, if the options ask for it. @return TCL_OK, or TCL_ERROR with the interpreter's result set. */
int coverage_begin(struct console *console);

/** Writes the files. @return TCL_OK, or TCL_ERROR after one line on stderr. */
int coverage_finish(struct console *console);

#endif
