/* What the bench steps: the model alone (device_model.c), or the model with the RTL beside it (device_lockstep.c). */
#ifndef ASSAY_TESTBENCH_UNIT_SEE_DEVICE_H
#define ASSAY_TESTBENCH_UNIT_SEE_DEVICE_H

#include "models/see/see.h"

/** The RTL runs too, some fifty times slower: long random tests do fewer rounds. */
extern const bool device_has_rtl;

void device_reset(struct see *see);

/** One clock edge. Outputs of the RTL that differ from the model's fail the running test, once. */
void device_step(struct see *see, const struct see_in *in, struct see_out *out);

#endif
