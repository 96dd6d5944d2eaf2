#ifndef ASSAY_SIM_REGRESS_TASK_TCL_H
#define ASSAY_SIM_REGRESS_TASK_TCL_H

#include <tcl.h>

#include "sim/regress/task.h"

/** Adds the commands tasks::* to @p interp; see task_tcl.c. */
void task_tcl_add(Tcl_Interp *interp);

#endif
