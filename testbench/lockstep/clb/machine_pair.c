/* Model and RTL of the CLB in lockstep behind the front ends: every output is compared after every edge. */
#include <stdio.h>
#include <string.h>

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/unit/clb/machine.h"

extern const struct rtl_ops clb_rtl_ops;

static void *rtl[BOARD_HARTS];

static void report(const struct machine *m, unsigned hart, const struct clb_out *model, const struct clb_out *other)
{
	const struct pin *pin = pins_first_difference(&clb_pins, model, other);
	char model_value[40], rtl_value[40];

	pin_format(pin, model, model_value, sizeof model_value);
	pin_format(pin, other, rtl_value, sizeof rtl_value);
	test_fail(__FILE__, __LINE__, "lockstep: block clb of hart %u, port %s, cycle %llu: model %s, rtl %s\n  reproduce: ASSAY_SEED=%llu test/clb_lockstep",
		hart, pin->name, (unsigned long long)m->cycle, model_value, rtl_value, (unsigned long long)test_seed());
}

static void compare(struct machine *m, unsigned hart, const struct clb_out *other)
{
	const struct clb_out *model = &m->front[hart].state.out;

	if (memcmp(model, other, sizeof *model) == 0 || m->broken)
		return;
	m->broken = true;
	m->board->finished = true;
	report(m, hart, model, other);
}

static void reset(struct machine *m, unsigned hart)
{
	struct clb_out other;

	clb_reset(&m->clb[hart]);
	clb_outputs(&m->clb[hart], &m->front[hart].state.out);
	if (rtl[hart])
		clb_rtl_ops.destroy(rtl[hart]);
	rtl[hart] = clb_rtl_ops.create("lockstep.clb.rtl");
	clb_rtl_ops.reset(rtl[hart], &other);
	compare(m, hart, &other);
}

static void step(struct machine *m, unsigned hart)
{
	struct front_end_state *s = &m->front[hart].state;
	struct clb_out other;

	clb_step(&m->clb[hart], &s->in, &s->out);
	clb_rtl_ops.step(rtl[hart], &s->in, &other);
	compare(m, hart, &other);
}

const struct machine_block machine_block = {reset, step};
