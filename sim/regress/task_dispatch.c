/* The dispatcher: starting, reports, ends, compensation. The caller's calls change one task; task_dispatch() draws the conclusions.
 *
 *   task_dispatch: each task in turn, the nested ones first: end_overdue, compensate or take_and_start; after any change the pass begins
 *   anew, because a routine that was called may have reported already or accepted tasks of its own.
 */
#include "sim/regress/task_internal.h"

static void become(struct task_manager *manager, struct task *task, enum task_state state)
{
	task->state = (uint8_t)state;
	task_changed(manager, task);
}

static void become_terminal(struct task_manager *manager, struct task *task, enum task_state state, uint64_t now)
{
	task->ended_at = now;
	task->taken = 0;
	if (task->started && !task->parent)
		manager->running--;
	become(manager, task, state);
}

static void end_one(struct task_manager *manager, struct task *task, enum task_state end, uint64_t now)
{
	task->end = (uint8_t)end;
	task->deadline = 0;
	if (task->started)
		become(manager, task, TASK_COMPENSATING);
	else
		become_terminal(manager, task, end, now);
}

void task_begin_end(struct task_manager *manager, struct task *task, enum task_state end, uint64_t now)
{
	for (uint32_t i = manager->count; i-- > 0;) {
		struct task *inner = &manager->tasks[manager->order[i]];
		if (inner->state < TASK_COMPENSATING && task_is_inside(manager, inner, task->number))
			end_one(manager, inner, TASK_CANCELLED, now);
	}
	end_one(manager, task, end, now);
}

static bool has_live_children(const struct task_manager *manager, const struct task *task)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		const struct task *other = &manager->tasks[manager->order[i]];
		if (other->parent == task->number && !task_is_terminal(other))
			return true;
	}
	return false;
}

/* A running task by its number; NULL, and counted, if the report is too late. */
static struct task *reported(struct task_manager *manager, uint32_t number)
{
	struct task *task = task_slot(manager, number);
	if (task && task->state == TASK_RUNNING)
		return task;
	manager->late++;
	return NULL;
}

enum task_status task_progress(struct task_manager *manager, uint32_t number, uint64_t done, uint64_t total)
{
	struct task *task = reported(manager, number);
	if (!task)
		return TASK_LATE;
	uint64_t percent = total == 0 ? 0 : done >= total ? 99 : total < UINT64_MAX / 100 ? done * 100 / total : done / (total / 100 + 1);
	if (percent > 99)
		percent = 99;
	if (percent > task->progress) {
		task->progress = (uint8_t)percent;
		task_changed(manager, task);
	}
	return TASK_OK;
}

enum task_status task_succeed(struct task_manager *manager, uint32_t number, uint64_t now)
{
	const struct task *known = task_find(manager, number);
	if (known && (known->state == TASK_QUEUED || (known->state == TASK_RUNNING && has_live_children(manager, known))))
		return TASK_EARLY;
	struct task *task = reported(manager, number);
	if (!task)
		return TASK_LATE;
	task->progress = 100;
	become_terminal(manager, task, TASK_SUCCEEDED, now);
	return TASK_OK;
}

enum task_status task_fail(struct task_manager *manager, uint32_t number, int32_t error, uint64_t now)
{
	struct task *task = reported(manager, number);
	if (!task)
		return TASK_LATE;
	task->error = error;
	task_begin_end(manager, task, TASK_FAILED, now);
	return TASK_OK;
}

enum task_status task_undone(struct task_manager *manager, uint32_t number, uint64_t now)
{
	struct task *task = task_slot(manager, number);
	if (!task || task->state != TASK_COMPENSATING || !task->undoing) {
		manager->late++;
		return TASK_LATE;
	}
	become_terminal(manager, task, (enum task_state)task->end, now);
	return TASK_OK;
}

enum task_status task_cancel(struct task_manager *manager, uint32_t number, uint64_t now)
{
	struct task *task = task_slot(manager, number);
	if (!task || task->state >= TASK_COMPENSATING)
		return TASK_LATE;
	task_begin_end(manager, task, TASK_CANCELLED, now);
	return TASK_OK;
}

void task_set_worker(struct task_manager *manager, uint32_t number, uint32_t worker)
{
	struct task *task = task_slot(manager, number);
	if (!task || task_is_terminal(task))
		return;
	task->worker = worker;
	task_changed(manager, task);
}

uint32_t task_worker_died(struct task_manager *manager, uint32_t worker, uint64_t now)
{
	uint32_t lost = 0;
	for (uint32_t i = 0; i < manager->count; i++) {
		struct task *task = &manager->tasks[manager->order[i]];
		if (task->state == TASK_RUNNING && task->worker == worker) {
			task_begin_end(manager, task, TASK_LOST, now);
			lost++;
		}
	}
	return lost;
}

static bool is_overdue(const struct task *task, uint64_t now)
{
	return task->deadline != 0 && now >= task->deadline;
}

static bool end_overdue(struct task_manager *manager, struct task *task, uint64_t now)
{
	if (!is_overdue(task, now))
		return false;
	if (task->state == TASK_RUNNING)
		task_begin_end(manager, task, TASK_TIMED_OUT, now);
	else
		become_terminal(manager, task, (enum task_state)task->end, now);
	return true;
}

static bool compensate(struct task_manager *manager, struct task *task, uint64_t now)
{
	const struct task_routine *routine = &manager->routines[task->routine];
	if (task->undoing || has_live_children(manager, task))
		return false;
	if (!routine->undo) {
		become_terminal(manager, task, (enum task_state)task->end, now);
		return true;
	}
	task->undoing = 1;
	task->deadline = routine->undo_timeout ? now + routine->undo_timeout : 0;
	task_changed(manager, task);
	routine->undo(manager->context, task);
	return true;
}

/* A nested task takes what is free in order, and keeps it. @return whether all resources are its own now. */
static bool take_in_order(struct task_manager *manager, struct task *task)
{
	while (task->taken < task->resource_count) {
		if (!(task->inherited >> task->taken & 1) && task_blocker(manager, task->resources[task->taken]))
			return false;
		task->taken++;
	}
	return true;
}

/* Whether somebody older waits for  resource, neither being nested. */
static bool is_claimed(const struct task_manager *manager, const struct task *task, uint64_t resource)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		const struct task *older = &manager->tasks[manager->order[i]];
		if (older == task)
			return false;
		if (older->state == TASK_QUEUED && !older->parent && task_wants(older, resource))
			return true;
	}
	return false;
}

/* Holding some while waiting for a worker could starve a nested task of the worker's holder: all or nothing. */
static bool take_at_once(struct task_manager *manager, struct task *task)
{
	if (manager->workers && manager->running >= manager->workers)
		return false;
	for (uint32_t i = 0; i < task->resource_count; i++) {
		if (task_blocker(manager, task->resources[i]) || is_claimed(manager, task, task->resources[i]))
			return false;
	}
	task->taken = task->resource_count;
	manager->running++;
	return true;
}

static bool take_and_start(struct task_manager *manager, struct task *task, uint64_t now)
{
	if (!(task->parent ? take_in_order(manager, task) : take_at_once(manager, task)))
		return false;
	uint32_t number = task->number;
	task->started = 1;
	task->started_at = now;
	task->deadline = task->timeout ? now + task->timeout : 0;
	become(manager, task, TASK_RUNNING);
	int error = manager->routines[task->routine].start(manager->context, task);
	if (error != 0)
		task_fail(manager, number, error, now);
	return true;
}

static bool advance(struct task_manager *manager, struct task *task, uint64_t now)
{
	switch (task->state) {
	case TASK_QUEUED:
		return take_and_start(manager, task, now);
	case TASK_RUNNING:
		return end_overdue(manager, task, now);
	case TASK_COMPENSATING:
		return end_overdue(manager, task, now) || compensate(manager, task, now);
	default:
		return false;
	}
}

bool task_dispatch(struct task_manager *manager, uint64_t now)
{
	bool changed = false, again;
	do {
		again = false;
		for (uint32_t nested = 2; nested-- > 0;) {
			for (uint32_t i = 0; i < manager->count && !again; i++) {
				struct task *task = &manager->tasks[manager->order[i]];
				again = (task->parent != 0) == nested && advance(manager, task, now);
			}
		}
		changed |= again;
	} while (again);
	return changed;
}
