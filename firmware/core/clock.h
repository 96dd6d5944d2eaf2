/* Time of the NIC's processor. */
#ifndef ASSAY_FIRMWARE_CORE_CLOCK_H
#define ASSAY_FIRMWARE_CORE_CLOCK_H

#include <stdint.h>

#define CLOCK_TICKS_PER_SECOND 10000000ull
#define CLOCK_TICKS_PER_MS (CLOCK_TICKS_PER_SECOND / 1000)

/** @return ticks of 100 ns since reset. */
uint64_t clock_ticks(void);

/** @return milliseconds since reset. */
static inline uint64_t clock_ms(void)
{
	return clock_ticks() / CLOCK_TICKS_PER_MS;
}

#endif
