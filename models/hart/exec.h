/* Between the two executors. */
#ifndef ASSAY_MODELS_HART_EXEC_H
#define ASSAY_MODELS_HART_EXEC_H

#include "models/hart/core.h"

/* Executes one native op. */
void exec_op(struct hart_core *c);

/* The same without breakpoints and tracing, which need the op. */
bool exec_attend_pending(struct hart_core *c);

/* Attends to what c->attention names before an op executes; @return whether an op may execute in this cycle. */
bool exec_attend(struct hart_core *c);

#endif
