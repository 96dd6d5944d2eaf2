/* The blocks under verification, as the kernel knows them. */
#include "models/bau/bau.h"
#include "models/clb/clb.h"
#include "models/port/classifier.h"
#include "models/see/see.h"
#include "sim/kernel/block.h"

extern const struct rtl_ops see_rtl_ops, see_rtl_debug_ops, bau_rtl_ops, bau_rtl_debug_ops, port_rtl_ops, port_rtl_debug_ops, clb_rtl_ops, clb_rtl_debug_ops;

/* BLOCK_GLUE(block, model): `model` is the name of the model's struct and functions. */
#define BLOCK_GLUE(name, model_name)                                                                        \
	static void name##_reset_glue(void *model) { model_name##_reset(model); }                     \
	static void name##_step_glue(void *model, const void *in, void *out) { model_name##_step(model, in, out); } \
	static void name##_outputs_glue(const void *model, void *out) { model_name##_outputs(model, out); } \
	const struct block_type block_##name = {                                                \
		.pins = &name##_pins,                                                           \
		.model_bytes = sizeof(struct model_name),                                             \
		.model_reset = name##_reset_glue,                                               \
		.model_step = name##_step_glue,                                                 \
		.model_outputs = name##_outputs_glue,                                           \
		.in_quiet = name##_quiet_glue,                                                  \
		.idle_offset = offsetof(struct name##_out, idle),                               \
		.rtl = &name##_rtl_ops,                                                         \
		.rtl_debug = &name##_rtl_debug_ops,                                             \
	}

#define QUIET_GLUE(name)                                                                        \
	static bool name##_quiet_glue(const void *now, const void *before) { return name##_in_quiet(now, before); }

QUIET_GLUE(see)
QUIET_GLUE(bau)
QUIET_GLUE(port)

/* An idle CLB may hold an op that nobody takes. */
static bool clb_quiet_glue(const void *now, const void *before)
{
	const struct clb_in *in = now;
	return !in->op_ready && clb_in_quiet(now, before);
}

BLOCK_GLUE(see, see);
BLOCK_GLUE(bau, bau);
BLOCK_GLUE(clb, clb);
BLOCK_GLUE(port, classifier);
