/* The model alone behind the front ends. */
#include "testbench/unit/clb/machine.h"

static void reset(struct machine *m, unsigned hart)
{
	clb_reset(&m->clb[hart]);
	clb_outputs(&m->clb[hart], &m->front[hart].state.out);
}

static void step(struct machine *m, unsigned hart)
{
	struct front_end_state *s = &m->front[hart].state;

	clb_step(&m->clb[hart], &s->in, &s->out);
}

const struct machine_block machine_block = {reset, step};
