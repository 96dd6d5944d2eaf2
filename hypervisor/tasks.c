/* The hypervisor's one task manager, its kinds, and the events that its journal emits. */
#include "hypervisor/tasks.h"

#include "hypervisor/core/log.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/lib/format.h"

static struct task_manager manager;
static struct task tasks[TASKS_CAPACITY];
static uint32_t order[TASKS_CAPACITY];
static uint8_t dirty[TASKS_CAPACITY];
static struct task_routine routines[TASKS_KINDS];
static void (*polls[TASKS_KINDS])(struct task *task);

/* The VM that a task is about, for the event log; 0 if about none. */
static uint16_t vm_of(const struct task *task) {
    for (uint32_t i = 0; i < task->resource_count; i++)
        if (task->resources[i] >> 32 == TASKS_VM)
            return (uint16_t)task->resources[i];
    return 0;
}

static uint64_t eight_characters(const char *name) {
    uint64_t word = 0;
    for (uint32_t i = 0; i < 8 && name[i]; i++)
        word |= (uint64_t)(uint8_t)name[i] << (8 * i);
    return word;
}

static void journal(void *context, const struct task *task) {
    (void)context;
    if (task->state == TASK_RUNNING && task->progress == 0)
        event_emit(EVENT_SW_TASK_BEGIN, vm_of(task), task->number, eight_characters(routines[task->routine].name));
    else if (task->state == TASK_RUNNING)
        event_emit(EVENT_SW_TASK_PROGRESS, vm_of(task), task->number, task->progress);
    else if (task_is_terminal(task) && task->started) {
        uint64_t outcome = task->state == TASK_SUCCEEDED ? 0 : task->error ? (uint64_t)(int64_t)task->error : task->state;
        event_emit(EVENT_SW_TASK_END, vm_of(task), task->number, outcome);
        log_line("task %u %s: %s", task->number, task->name, task_state_name((enum task_state)task->state));
    }
}

struct task_manager *tasks_manager(void) {
    if (!manager.tasks) {
        task_manager_init(&manager, tasks, order, dirty, TASKS_CAPACITY, routines, 0, NULL);
        manager.journal = journal;
    }
    return &manager;
}

uint32_t tasks_register(const struct tasks_kind *kind) {
    struct task_manager *m = tasks_manager();
    CHECK(m->routine_count < TASKS_KINDS);
    routines[m->routine_count] = kind->routine;
    polls[m->routine_count] = kind->poll;
    return m->routine_count++;
}

void tasks_poll(uint64_t now) {
    struct task_manager *m = tasks_manager();
    if (m->count == 0)
        return;
    task_dispatch(m, now);
    for (uint32_t i = 0; i < m->count; i++) {
        struct task *task = &tasks[order[i]];
        if ((task->state == TASK_RUNNING || task->undoing) && !task_is_terminal(task) && polls[task->routine])
            polls[task->routine](task);
    }
}

void tasks_cancel(uint64_t resource, uint64_t now) {
    const struct task *blocker = task_blocker(tasks_manager(), resource);
    if (!blocker)
        return;
    task_cancel(tasks_manager(), blocker->number, now);
    tasks_poll(now);
}

bool tasks_alive(void) {
    for (uint32_t i = 0; i < manager.count; i++)
        if (!task_is_terminal(&tasks[order[i]]))
            return true;
    return false;
}

bool tasks_refuse(uint64_t resource, char *text, size_t size) {
    char description[TASK_TEXT_BYTES];
    const struct task *blocker = task_blocker(tasks_manager(), resource);
    if (!blocker)
        return false;
    task_describe(blocker, description, sizeof description);
    format_text(text, size, "busy: %s", description);
    return true;
}
