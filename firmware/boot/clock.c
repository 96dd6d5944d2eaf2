#include "firmware/core/clock.h"

#include "firmware/boot/platform.h"

uint64_t clock_ticks(void)
{
	return mmio_read64(PLATFORM_CLINT + 0xbff8ul);
}
