/* Model and RTL of the BAU in lockstep behind the rig: every output is compared after every edge. */
#include "testbench/lockstep/bau/pair.h"

#include <stdio.h>
#include <string.h>

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/gtest/test.h"

extern const struct rtl_ops bau_rtl_ops;

static struct {
	void *rtl;
	bool differs;
	uint64_t compared_cycles;
	struct bau_in in_before;
} pair;

uint64_t pair_compared_cycles(void)
{
	return pair.compared_cycles;
}

bool pair_differs(void)
{
	return pair.differs;
}

static void report(const struct rig *rig, const struct bau_out *model, const struct bau_out *rtl)
{
	const struct pin *pin = pins_first_difference(&bau_pins, model, rtl);
	char model_value[40], rtl_value[40];
	pin_format(pin, model, model_value, sizeof model_value);
	pin_format(pin, rtl, rtl_value, sizeof rtl_value);
	test_fail(__FILE__, __LINE__,
		"lockstep: block bau, port %s, cycle %llu: model %s, rtl %s\n  seed %llu; reproduce: ASSAY_SEED=%llu test/bau_lockstep",
		pin->name, (unsigned long long)rig->cycle, model_value, rtl_value, (unsigned long long)test_seed(),
		(unsigned long long)test_seed());
}

/** An idle block with quiet inputs must not change: otherwise the kernel could not leave its steps out. */
static void check_idle(const struct rig *rig, const struct bau *before, const struct bau_out *out_before, const struct bau_out *out)
{
	if (memcmp(before, &rig->bau, sizeof *before) != 0 || memcmp(out_before, out, sizeof *out) != 0) {
		test_fail(__FILE__, __LINE__, "bau says idle, but changes in cycle %llu; seed %llu", (unsigned long long)rig->cycle,
			(unsigned long long)test_seed());
		pair.differs = true;
	}
}

/* The same instance from one world to the next: reset must bring it back from whatever it was in the middle of. */
static void reset(struct rig *rig)
{
	struct bau_out model, rtl;
	bau_reset(&rig->bau);
	bau_outputs(&rig->bau, &model);
	if (!pair.rtl)
		pair.rtl = bau_rtl_ops.create("lockstep.bau.rtl");
	pair.differs = false;
	memset(&pair.in_before, 0, sizeof pair.in_before);
	bau_rtl_ops.reset(pair.rtl, &rtl);
	if (memcmp(&model, &rtl, sizeof model) != 0) {
		pair.differs = true;
		report(rig, &model, &rtl);
	}
}

static void step(struct rig *rig, const struct bau_in *in, struct bau_out *out)
{
	static struct bau before;
	struct bau_out rtl, out_before = *out;
	bool quiet = out->idle && bau_in_quiet(in, &pair.in_before);
	if (quiet)
		before = rig->bau;
	bau_step(&rig->bau, in, out);
	bau_rtl_ops.step(pair.rtl, in, &rtl);
	pair.in_before = *in;
	pair.compared_cycles++;
	if (memcmp(out, &rtl, sizeof rtl) != 0 && !pair.differs) {
		pair.differs = true;
		report(rig, out, &rtl);
	}
	if (quiet && !pair.differs)
		check_idle(rig, &before, &out_before, out);
}

const struct rig_block rig_block = {reset, step};
