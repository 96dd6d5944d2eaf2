/* Physical memory of a machine: a dump of it, or the guest-physical memory of a running VM. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_PHYSICAL_H
#define ASSAY_HYPERVISOR_DISCOVER_PHYSICAL_H

#include <stdint.h>

enum { PHYSICAL_MAX_RANGES = 64 };

struct discover_physical {
	void *context;
	/** @return @p bytes readable bytes at @p pa, which do not cross a multiple of 64 KiB; NULL if they are not there.
	 * The pointer stays valid as long as the memory does. */
	const uint8_t *(*at)(void *context, uint64_t pa, uint64_t bytes);
	struct {
		uint64_t start, bytes;
	} range[PHYSICAL_MAX_RANGES]; /* where something may be */
	unsigned ranges;
};

#endif
