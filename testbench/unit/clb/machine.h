/* The hart's test board with a front end and a CLB for each hart. The CLB is the model here, model and RTL in lockstep in testbench/lockstep/clb. */
#ifndef ASSAY_TESTBENCH_UNIT_CLB_MACHINE_H
#define ASSAY_TESTBENCH_UNIT_CLB_MACHINE_H

#include "models/board/front_end.h"
#include "models/clb/clb.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/hart/board.h"

struct machine {
	struct board *board;
	struct front_end front[BOARD_HARTS];
	struct clb clb[BOARD_HARTS];
	uint64_t cycle;
	bool broken; /**< lockstep found a difference: the machine stands still */
	void (*before)(struct machine *m, unsigned hart, void *ctx); /**< called before a hart's cycle, if not NULL */
	void *before_ctx;
};

/** Which block sits behind the front ends; linked in. */
struct machine_block {
	void (*reset)(struct machine *m, unsigned hart);
	void (*step)(struct machine *m, unsigned hart);
};
extern const struct machine_block machine_block;

/** Puts front ends with table image @p image on the board's harts; board_run() in timed mode runs them from then on. */
struct machine *machine_create(struct board *board, const void *image, size_t bytes);
void machine_destroy(struct machine *m);

/** Sum of an event's counts over the harts. */
uint64_t machine_events(const struct machine *m, unsigned event);

#endif
