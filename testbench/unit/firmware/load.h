/* Random reads and writes of function 1 through the firmware's whole I/O path, with read-back against a shadow of the volume. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_LOAD_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_LOAD_H

#include "testbench/unit/firmware/world.h"

/** World ready, @p volume attached to function 1. */
void load_begin(enum world_volume volume);

/** @p count operations, then the file is compared with what was written. @param trouble, if any, is called before each operation. */
void load_run(enum world_volume volume, unsigned count, void (*trouble)(unsigned k));

/** As load_run(), for operations that may fail with @p status: what such a write did is not known. @return how many failed. */
unsigned load_run_failing(enum world_volume volume, unsigned count, void (*trouble)(unsigned k), uint16_t status);

#endif
