/* The pieces of a board's state that a checkpoint copies as they lie: the one list. Whoever adds state to a struct that is not in it adds it here. */
#ifndef ASSAY_SIM_KERNEL_CHECKPOINT_PARTS_H
#define ASSAY_SIM_KERNEL_CHECKPOINT_PARTS_H

#include "models/hart/stream.h"
#include "sim/kernel/board.h"
#include "sim/kernel/checkpoint_file.h"

enum { CHECKPOINT_PARTS_MAX = 160 };

struct checkpoint_part {
	char name[CHECKPOINT_NAME_BYTES];
	void *bytes;
	size_t size;
};

struct checkpoint_parts {
	unsigned count;
	struct checkpoint_part part[CHECKPOINT_PARTS_MAX];
	struct hart_stream_state stream[HOST_MAX_HARTS + 1]; /**< copies of what is inside of harts; the NIC's last */
};

/** Lists the parts of a settled board. */
void checkpoint_list_parts(struct board *board, struct checkpoint_parts *parts);

/** The parts have been written: whatever was derived from them is made anew. */
void checkpoint_take_parts(struct board *board, struct checkpoint_parts *parts);

#endif
