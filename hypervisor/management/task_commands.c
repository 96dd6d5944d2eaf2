/* The mailbox's operations on tasks, and the answer of the others to a VM that belongs to one. */
#include "hypervisor/core/vm.h"
#include "hypervisor/management/checksum.h"
#include "hypervisor/management/task_commands.h"
#include "hypervisor/tasks.h"

bool task_commands_refuse(struct mailbox_call *call, uint64_t resource) {
    char text[TASK_TEXT_BYTES + 8];
    if (!tasks_refuse(resource, text, sizeof text))
        return false;
    mailbox_say(call, "%s", text);
    return true;
}

static void list_one(struct mailbox_call *call, const struct task *task) {
    mailbox_say(call, "task %u %s state=%s progress=%u", task->number, task->name,
                task->state == TASK_TIMED_OUT ? "timed-out" : task_state_name((enum task_state)task->state), task->progress);
    if (task->error)
        mailbox_say(call, " error=%d", task->error);
    if (task->state == TASK_SUCCEEDED)
        mailbox_say(call, " result=0x%lx", task->result);
    mailbox_say(call, "\n");
}

int op_task_list(struct mailbox_call *call) {
    const struct task_manager *manager = tasks_manager();
    for (uint32_t i = 0; i < manager->count; i++)
        list_one(call, &manager->tasks[manager->order[i]]);
    call->reply->value[0] = manager->count;
    return MAILBOX_OK;
}

int op_task_cancel(struct mailbox_call *call) {
    uint64_t number = call->request->argument[0];
    if (number <= UINT32_MAX && task_cancel(tasks_manager(), (uint32_t)number, 0) == TASK_OK)
        return MAILBOX_OK;
    mailbox_say(call, "no task %lu that could be cancelled", number);
    return MAILBOX_BAD_STATE;
}

int op_vm_checksum(struct mailbox_call *call) {
    uint32_t number = 0;
    const struct vm *vm = vm_by_index(call->request->argument[0]);
    if (!vm) {
        mailbox_say(call, "no VM %lu", call->request->argument[0]);
        return MAILBOX_NO_SUCH_VM;
    }
    int status = checksum_start(vm, &number);
    if (status == MAILBOX_BUSY)
        task_commands_refuse(call, tasks_resource(TASKS_VM, vm->index));
    else if (status != MAILBOX_OK)
        mailbox_say(call, "%s", status == MAILBOX_BAD_STATE ? "the VM runs" : "too many tasks");
    call->reply->value[0] = number;
    return status;
}
