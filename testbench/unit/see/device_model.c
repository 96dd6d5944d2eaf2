#include "testbench/unit/see/device.h"

const bool device_has_rtl = false;

void device_reset(struct see *see)
{
	see_reset(see);
}

void device_step(struct see *see, const struct see_in *in, struct see_out *out)
{
	see_step(see, in, out);
}
