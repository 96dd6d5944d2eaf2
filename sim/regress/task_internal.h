/* Shared by the files of the task state machine. */
#ifndef ASSAY_SIM_REGRESS_TASK_INTERNAL_H
#define ASSAY_SIM_REGRESS_TASK_INTERNAL_H

#include "sim/regress/task.h"

/** @return the task @p number for writing, or NULL. */
struct task *task_slot(struct task_manager *manager, uint32_t number);

/** Tells the journal, then the subscribers. */
void task_changed(struct task_manager *manager, struct task *task);

/** Begins the end @p end of a task that is queued or running: terminal at once if nothing was started, else compensation. */
void task_begin_end(struct task_manager *manager, struct task *task, enum task_state end, uint64_t now);

/** @return whether @p ancestor is @p task's parent, its parent's parent, ... */
bool task_is_inside(const struct task_manager *manager, const struct task *task, uint32_t ancestor);

/** @return whether @p task holds or awaits @p resource as its own. */
bool task_wants(const struct task *task, uint64_t resource);

/** A new slot with the request bound to it, queued; NULL if all slots are taken. The request was checked. */
struct task *task_bind(struct task_manager *manager, const struct task_request *request, uint64_t now);

#endif
