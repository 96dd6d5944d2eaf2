/*
 * `vm checksum`: CRC32C over the memory of a VM that does not run, as a task: in slices, so that other VMs and the mailbox are served
 * meanwhile; the VM belongs to the task until it is done.
 */
#ifndef HYPERVISOR_MANAGEMENT_CHECKSUM_H
#define HYPERVISOR_MANAGEMENT_CHECKSUM_H

#include <stdint.h>

struct vm;

/** Accepts the task; its result will be the CRC32C. @return enum mailbox_status: MAILBOX_BAD_STATE if the VM runs, MAILBOX_BUSY, MAILBOX_NO_MEMORY
 * if there are too many tasks. @p number receives the task's number, on MAILBOX_BUSY that of the task in the way */
int checksum_start(const struct vm *vm, uint32_t *number);

#endif
