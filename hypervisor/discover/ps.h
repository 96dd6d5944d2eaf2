/* The process list of a guest, from its memory. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_PS_H
#define ASSAY_HYPERVISOR_DISCOVER_PS_H

#include "hypervisor/discover/discover.h"

enum { PS_COMM_BYTES = 16, PS_MAX_PROCESSES = 65536 };

struct process {
	uint64_t task; /* address of its task_struct */
	int32_t pid, parent;
	bool is_kernel_thread;
	char comm[PS_COMM_BYTES + 1]; /* unprintable bytes are '?' */
};

enum ps_status {
	PS_OK = 0,
	PS_UNKNOWN = -1, /* a target that it needs is unknown */
	PS_BROKEN = -2,	 /* the list leads out of memory or does not end where it began */
};

/** Calls @p each for every process, init's idle task excepted, in the list's order.
 * @param missing  on PS_UNKNOWN the name of the target */
enum ps_status ps_walk(const struct discover *d, void (*each)(void *context, const struct process *process),
		       void *context, const char **missing);

#endif
