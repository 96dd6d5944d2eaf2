/* Model and RTL of the CLB in lockstep in the rig: every output is compared after every edge, and an idle block must not change. */
#include <stdio.h>
#include <string.h>

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/unit/clb/rig.h"

extern const struct rtl_ops clb_rtl_ops;

static void *rtl;

static void compare(struct rig *r, const struct clb_out *other)
{
	const struct pin *pin;
	char model_value[40], rtl_value[40];

	if (memcmp(&r->out, other, sizeof *other) == 0 || r->differs)
		return;
	pin = pins_first_difference(&clb_pins, &r->out, other);
	r->differs = true;
	pin_format(pin, &r->out, model_value, sizeof model_value);
	pin_format(pin, other, rtl_value, sizeof rtl_value);
	test_fail(__FILE__, __LINE__, "lockstep: block clb, port %s, cycle %llu: model %s, rtl %s\n  reproduce: ASSAY_SEED=%llu test/clb_lockstep",
		pin->name, (unsigned long long)r->cycle, model_value, rtl_value, (unsigned long long)test_seed());
}

static void reset(struct rig *r)
{
	struct clb_out other;

	clb_reset(&r->clb);
	clb_outputs(&r->clb, &r->out);
	if (rtl)
		clb_rtl_ops.destroy(rtl);
	rtl = clb_rtl_ops.create("lockstep.clb.rtl");
	clb_rtl_ops.reset(rtl, &other);
	compare(r, &other);
}

/* The RTL's memories keep what they hold. */
static void reset_again(struct rig *r)
{
	struct clb_out other;

	clb_reset(&r->clb);
	clb_outputs(&r->clb, &r->out);
	clb_rtl_ops.reset(rtl, &other);
	compare(r, &other);
}

static void step(struct rig *r)
{
	static struct clb_in before;
	struct clb_out other, was = r->out;
	bool quiet = was.idle && !r->in.op_ready && clb_in_quiet(&r->in, &before);

	clb_step(&r->clb, &r->in, &r->out);
	clb_rtl_ops.step(rtl, &r->in, &other);
	compare(r, &other);
	if (quiet && memcmp(&was, &r->out, sizeof was) != 0 && !r->differs) {
		r->differs = true;
		test_fail(__FILE__, __LINE__, "clb says idle, but changes in cycle %llu; seed %llu", (unsigned long long)r->cycle, (unsigned long long)test_seed());
	}
	before = r->in;
}

const struct rig_block rig_block = {reset, reset_again, step};
