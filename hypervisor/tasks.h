/*
 * Long jobs of the hypervisor (snapshot, restore, ...): the board's end of the task state machine (sim/regress/task.h). What a task has to itself
 * answers "busy: task 7 snapshot vm0 62 %" to the mailbox's other operations. Time is the hart's `time` in ticks. Everything here runs on the
 * manager hart; work on other harts leaves its progress in words of its own, which the kind's `poll` looks at.
 */
#ifndef HYPERVISOR_TASKS_H
#define HYPERVISOR_TASKS_H

#include "sim/regress/task.h"

#define TASKS_CAPACITY 16u
#define TASKS_KINDS 8u

/* Resources. The order of the kinds is the order in which nested tasks may take them. */
enum tasks_resource_kind { TASKS_VM = 1, TASKS_FUNCTION = 2, TASKS_VOLUME = 3, TASKS_FIRMWARE = 4 };

static inline uint64_t tasks_resource(enum tasks_resource_kind kind, uint32_t number) {
    return (uint64_t)kind << 32 | number;
}

struct tasks_kind {
    struct task_routine routine;
    /* Called in every round of the management loop while such a task runs or is undone: goes on with the work, reports through
     * tasks_manager(). NULL: others report. */
    void (*poll)(struct task *task);
};

/** Adds a kind of task. @return its number, for task_request.routine. Panics when there are too many: a mistake of the program. */
uint32_t tasks_register(const struct tasks_kind *kind);

/** For task_accept(), task_progress(), task_succeed(), task_fail(), task_undone(), task_cancel(). Never NULL. */
struct task_manager *tasks_manager(void);

/** Starts, ends and polls. @p now in ticks. */
void tasks_poll(uint64_t now);

/** Cancels the task that has @p resource, if one has, and gives it a turn to end. */
void tasks_cancel(uint64_t resource, uint64_t now);
/** @return whether a task has not ended yet: the manager hart must not sleep. */
bool tasks_alive(void);

/** Writes "busy: task 7 snapshot vm0 62 %" if a task has @p resource to itself. @p size at least TASK_TEXT_BYTES + 6.
 * @return whether one has; if not, @p text is untouched */
bool tasks_refuse(uint64_t resource, char *text, size_t size);

#endif
