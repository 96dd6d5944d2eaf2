/* The model alone in the rig. */
#include "testbench/unit/clb/rig.h"

static void reset(struct rig *r)
{
	clb_reset(&r->clb);
	clb_outputs(&r->clb, &r->out);
}

static void step(struct rig *r)
{
	clb_step(&r->clb, &r->in, &r->out);
}

const struct rig_block rig_block = {reset, reset, step};
