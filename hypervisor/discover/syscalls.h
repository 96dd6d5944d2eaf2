/* The system call table by its holes.
 *
 * Since Linux 6.6 x86-64 dispatches by a switch, so no exported function leads to the table (it remains for
 * tracing). But system call numbers are ABI: the numbers that are assigned and never implemented all hold
 * sys_ni_syscall, and that pattern of equal pointers occurs once in a kernel.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_SYSCALLS_H
#define ASSAY_HYPERVISOR_DISCOVER_SYSCALLS_H

#include "hypervisor/discover/exports.h"

/** @return NULL and the table's address in *table, else the reason. */
const char *syscalls_find(const struct discover_memory *memory, const struct discover_exports *exports,
			  int64_t *table);

/** Finds what serves a system call.
 * @param table  of the system calls
 * @param name   "sys_getpid", ...; a few that rules use
 * @return whether the name is known and its function lies in the image; then *function is its address. */
bool syscalls_function(const struct discover_memory *memory, const struct discover_exports *exports, uint64_t table,
		       const char *name, int64_t *function);

#endif
