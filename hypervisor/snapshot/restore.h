/* Restoring: everything is read and judged into memory of its own first; only then does the VM change. */
#ifndef HYPERVISOR_SNAPSHOT_RESTORE_H
#define HYPERVISOR_SNAPSHOT_RESTORE_H

#include <stdint.h>

struct vm;

/**
 * Makes @p vm what snapshot @p id holds, and lets it run. It may run, be stopped or never have run. Manager.
 * @return enum mailbox_status; on an error the VM is as before and @p error says why
 */
int restore_vm(struct vm *vm, uint64_t id, const char **error);

#endif
