/* The mailbox's operations on tasks, for the table in commands.c. */
#ifndef HYPERVISOR_MANAGEMENT_TASK_COMMANDS_H
#define HYPERVISOR_MANAGEMENT_TASK_COMMANDS_H

#include "hypervisor/management/management.h"

int op_task_list(struct mailbox_call *call);
int op_task_cancel(struct mailbox_call *call);
int op_vm_checksum(struct mailbox_call *call);

/** If a task has @p resource (hypervisor/tasks.h) to itself, writes "busy: task 7 snapshot vm0 62 %" into the reply.
 * @return whether it has: the operation then answers MAILBOX_BUSY */
bool task_commands_refuse(struct mailbox_call *call, uint64_t resource);

#endif
