#include <string.h>

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/see/device.h"

extern const struct rtl_ops see_rtl_ops;

const bool device_has_rtl = true;

static struct {
	void *rtl;
	uint64_t cycle;
	bool differs;
} twin;

static void compare(const struct see_out *model, const struct see_out *rtl)
{
	const struct pin *pin = twin.differs ? NULL : pins_first_difference(&see_pins, model, rtl);
	char model_value[40], rtl_value[40];
	if (!pin)
		return;
	twin.differs = true;
	pin_format(pin, model, model_value, sizeof(model_value));
	pin_format(pin, rtl, rtl_value, sizeof(rtl_value));
	test_fail(__FILE__, __LINE__, "lockstep: block see, port %s, cycle %llu: model %s, rtl %s; seed %llu", pin->name,
		  (unsigned long long)twin.cycle, model_value, rtl_value, (unsigned long long)test_seed());
}

void device_reset(struct see *see)
{
	struct see_out model, rtl;
	memset(&model, 0, sizeof(model));
	memset(&rtl, 0, sizeof(rtl));
	see_reset(see);
	see_outputs(see, &model);
	if (twin.rtl)
		see_rtl_ops.destroy(twin.rtl);
	twin.rtl = see_rtl_ops.create("lockstep.see.rtl");
	twin.cycle = 0;
	twin.differs = false;
	see_rtl_ops.reset(twin.rtl, &rtl);
	compare(&model, &rtl);
}

void device_step(struct see *see, const struct see_in *in, struct see_out *out)
{
	struct see_out rtl;
	memset(&rtl, 0, sizeof(rtl));
	see_step(see, in, out);
	see_rtl_ops.step(twin.rtl, in, &rtl);
	twin.cycle++;
	compare(out, &rtl);
}
