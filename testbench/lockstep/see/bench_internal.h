/* What the files of the bench share among themselves. */
#ifndef ASSAY_LOCKSTEP_SEE_BENCH_INTERNAL_H
#define ASSAY_LOCKSTEP_SEE_BENCH_INTERNAL_H

#include "testbench/lockstep/see/bench.h"

/** Sets bench->in for the coming edge. */
void bench_drive(struct bench *bench);

/** Hands what was transferred in a cycle with pins @p in and @p out to host, NIC memory and register accesses. */
void bench_transfer(struct bench *bench, const struct see_in *in, const struct see_out *out);

#endif
