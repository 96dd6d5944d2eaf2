/* The kernel's own "Linux version ..." line. */
#ifndef ASSAY_HYPERVISOR_DISCOVER_BANNER_H
#define ASSAY_HYPERVISOR_DISCOVER_BANNER_H

#include "hypervisor/discover/memory.h"

/** Copies the banner, cut to @p bytes, into @p out; an empty string if there is none. @return its address, 0 if there is none. */
uint64_t banner_find(const struct discover_memory *memory, char *out, size_t bytes);

#endif
