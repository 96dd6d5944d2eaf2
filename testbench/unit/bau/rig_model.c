#include "testbench/unit/bau/rig.h"

static void reset(struct rig *rig)
{
	bau_reset(&rig->bau);
}

static void step(struct rig *rig, const struct bau_in *in, struct bau_out *out)
{
	bau_step(&rig->bau, in, out);
}

const struct rig_block rig_block = {reset, step};
