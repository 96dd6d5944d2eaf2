#ifndef ASSAY_SIM_REGRESS_SPAWN_H
#define ASSAY_SIM_REGRESS_SPAWN_H

#include <stdbool.h>
#include <tcl.h>

/** Adds the commands spawn::* to @p interp, and calls regress::reap in its event loop whenever a child has ended. */
void spawn_add(Tcl_Interp *interp);

/** For an asynchronous handler: lets the event loop of @p interp run @p command, whatever the interpreter is at. @return the handler's @p code. */
int spawn_later(Tcl_Interp *interp, const char *command, int code);

#endif
