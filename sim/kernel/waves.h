/* Waves of a board: the pins of every block and backend, RTL internals, in one FST file over a window of cycles. */
#ifndef ASSAY_SIM_KERNEL_WAVES_H
#define ASSAY_SIM_KERNEL_WAVES_H

#include <stdint.h>

#include "sim/kernel/block.h"
#include "sim/trace/pin_view.h"
#include "sim/trace/rtl_waves.h"

enum { WAVES_BLOCKS = 4 };

struct waves_block {
	const struct block *block;
	const void *in, *out;
	const struct pin_view_ops *ops;
	void *view; /**< of the model's side; NULL if the backend is RTL alone */
};

struct waves {
	struct rtl_waves *file;
	unsigned count;
	struct waves_block block[WAVES_BLOCKS];
};

/** Starts a set of waves without signals. */
void waves_begin(struct waves *waves);

/** Adds a block (debug flavour): RTL under lockstep.<block>.rtl, model under lockstep.<block>.model.
 * @param in,out the images at its ports, read at each dump */
void waves_add(struct waves *waves, const struct block *block, const struct pin_view_ops *ops, const void *in, const void *out);

/** Opens the file once everything is added. @return 0, or -1 if @p path cannot be written. */
int waves_open(struct waves *waves, const char *path);

/** Writes the state of all signals at @p cycle. */
void waves_dump(struct waves *waves, uint64_t cycle);

/** Completes the file and frees everything. */
void waves_end(struct waves *waves);

#endif
