/* A manager with routines that only note what is asked of them. */
#ifndef ASSAY_TESTBENCH_UNIT_REGRESS_TASK_RIG_H
#define ASSAY_TESTBENCH_UNIT_REGRESS_TASK_RIG_H

#include "sim/regress/task.h"
#include "testbench/gtest/test.h"

enum { RIG_SLOTS = 16, RIG_JOURNAL = 4096 };
enum { RIG_PLAIN, RIG_UNDOES, RIG_REPEATS, RIG_REFUSES, RIG_ROUTINES };

struct task_rig {
	struct task_manager manager;
	struct task tasks[RIG_SLOTS];
	uint32_t order[RIG_SLOTS];
	uint8_t dirty[RIG_SLOTS];
	uint32_t started[RIG_JOURNAL], undone[RIG_JOURNAL]; /**< numbers, in the order of the calls */
	uint32_t start_count, undo_count;
	struct task journal[RIG_JOURNAL]; /**< every change */
	uint32_t journal_count;
};

void task_rig_init(struct task_rig *rig);

/** Accepts a FIFO task of @p routine over the resources with a bit in @p resources; a failure ends the test's use of 0. */
uint32_t task_rig_add(struct task_rig *rig, uint32_t routine, uint32_t resources, uint32_t parent);

/** @return the state of task @p number. */
enum task_state task_rig_state(const struct task_rig *rig, uint32_t number);

#endif
