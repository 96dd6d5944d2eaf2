/* The mailbox's operations for snapshots (mailbox_wire.h). */
#ifndef HYPERVISOR_MANAGEMENT_SNAPSHOT_COMMANDS_H
#define HYPERVISOR_MANAGEMENT_SNAPSHOT_COMMANDS_H

#include "hypervisor/management/management.h"

int op_snapshot_volume(struct mailbox_call *call);
int op_snapshot_start(struct mailbox_call *call);
int op_snapshot_status(struct mailbox_call *call);
int op_snapshot_bench(struct mailbox_call *call);
int op_snapshot_list(struct mailbox_call *call);
int op_snapshot_remove(struct mailbox_call *call);
int op_vm_restore(struct mailbox_call *call);
int op_restore_status(struct mailbox_call *call);

#endif
