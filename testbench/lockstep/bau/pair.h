/* What the lockstep pair (the rig_block of this program) has compared. */
#ifndef ASSAY_TESTBENCH_LOCKSTEP_BAU_PAIR_H
#define ASSAY_TESTBENCH_LOCKSTEP_BAU_PAIR_H

#include "testbench/unit/bau/rig.h"

/** @return cycles compared since the start of the program. */
uint64_t pair_compared_cycles(void);

/** @return whether a difference was found since the last rig_reset(); it has been recorded as a failure of the running test. */
bool pair_differs(void);

#endif
