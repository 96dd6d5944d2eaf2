/* The engine's registers. */
#ifndef ASSAY_FIRMWARE_SEE_ACCESS_H
#define ASSAY_FIRMWARE_SEE_ACCESS_H

#include "firmware/boot/platform.h"

#include <stdint.h>

static inline uint64_t see_read(uint32_t offset)
{
	return mmio_read64(PLATFORM_SEE + offset);
}

static inline void see_write(uint32_t offset, uint64_t value)
{
	mmio_write64(PLATFORM_SEE + offset, value);
}

#endif
