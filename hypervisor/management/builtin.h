/*
 * What runs when no mailbox is there (stock QEMU): `vms=N` VMs (default 2) with the built-in guest kernel and the host's own
 * /chosen/bootargs (default "workload=hello"), `vcpus=N` each; when all have ended, the machine is shut down.
 */
#ifndef HYPERVISOR_MANAGEMENT_BUILTIN_H
#define HYPERVISOR_MANAGEMENT_BUILTIN_H

#include "hypervisor/lib/fdt.h"

void builtin_setup(const struct fdt *fdt);
void builtin_start(void);
void builtin_poll(void);

#endif
