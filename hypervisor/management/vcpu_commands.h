/* The mailbox's operations on vCPUs and on the machine, for the table in commands.c. */
#ifndef HYPERVISOR_MANAGEMENT_VCPU_COMMANDS_H
#define HYPERVISOR_MANAGEMENT_VCPU_COMMANDS_H

#include "hypervisor/management/management.h"

int op_vcpu_migrate(struct mailbox_call *call);
int op_vcpu_pin(struct mailbox_call *call);
int op_vcpu_list(struct mailbox_call *call);
int op_vm_path(struct mailbox_call *call);
int op_bau_cold(struct mailbox_call *call);
int op_machine(struct mailbox_call *call);

#endif
