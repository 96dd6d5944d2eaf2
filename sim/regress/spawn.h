#ifndef ASSAY_SIM_REGRESS_SPAWN_H
#define ASSAY_SIM_REGRESS_SPAWN_H

#include <stdbool.h>
#include <tcl.h>

/** Adds the commands spawn::* to @p interp, and calls regress::reap in its event loop whenever a child has ended. */
void spawn_add(Tcl_Interp *interp);

/** Lets the event loop run @p command (which must stay) after signal @p number has come, once for as many as came meanwhile. After spawn_add(). */
void spawn_on_signal(int number, const char *command);

#endif
