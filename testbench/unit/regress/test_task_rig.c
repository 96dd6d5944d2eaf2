#include "testbench/unit/regress/task_rig.h"

static int start(void *context, struct task *task)
{
	struct task_rig *rig = context;
	rig->started[rig->start_count++ % RIG_JOURNAL] = task->number;
	return task->routine == RIG_REFUSES ? 7 : 0;
}

static void undo(void *context, struct task *task)
{
	struct task_rig *rig = context;
	rig->undone[rig->undo_count++ % RIG_JOURNAL] = task->number;
}

static void journal(void *context, const struct task *task)
{
	struct task_rig *rig = context;
	rig->journal[rig->journal_count++ % RIG_JOURNAL] = *task;
}

void task_rig_init(struct task_rig *rig)
{
	static const struct task_routine routines[RIG_ROUTINES] = {
		[RIG_PLAIN] = {.name = "plain", .start = start},
		[RIG_UNDOES] = {.name = "undoes", .start = start, .undo = undo, .undo_timeout = 50, .attempts = 1},
		[RIG_REPEATS] = {.name = "repeats", .start = start, .attempts = 2},
		[RIG_REFUSES] = {.name = "refuses", .start = start},
	};
	*rig = (struct task_rig){.start_count = 0};
	task_manager_init(&rig->manager, rig->tasks, rig->order, rig->dirty, RIG_SLOTS, routines, RIG_ROUTINES, rig);
	rig->manager.journal = journal;
}

uint32_t task_rig_add(struct task_rig *rig, uint32_t routine, uint32_t resources, uint32_t parent)
{
	struct task_request request = {.name = "job", .routine = routine, .parent = parent};
	uint32_t number = 0;
	for (uint32_t r = 32; r-- > 0;) {
		if (resources >> r & 1)
			request.resources[request.resource_count++] = r;
	}
	EXPECT_EQ(task_accept(&rig->manager, &request, 0, &number), TASK_OK);
	return number;
}

enum task_state task_rig_state(const struct task_rig *rig, uint32_t number)
{
	const struct task *task = task_find(&rig->manager, number);
	return task ? (enum task_state)task->state : TASK_NONE;
}
