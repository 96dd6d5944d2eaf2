/* Core-local interruptor: software interrupts and the machine timer, laid out as SiFive's CLINT in QEMU's `virt` machine.
 *
 * mtime is no state of its own: it is the cycle divided by CLINT_CYCLES_PER_TICK (10 MHz at 1 GHz), so skipped cycles cost nothing.
 */
#ifndef ASSAY_MODELS_BOARD_CLINT_H
#define ASSAY_MODELS_BOARD_CLINT_H

#include <stdbool.h>
#include <stdint.h>

enum { CLINT_MAX_HARTS = 8, CLINT_CYCLES_PER_TICK = 100, CLINT_SIZE_BYTES = 0x10000 };

struct clint {
	uint32_t harts;
	uint32_t msip[CLINT_MAX_HARTS];
	uint64_t mtimecmp[CLINT_MAX_HARTS];
};

/** Reset state for @p harts harts: nothing pending, comparators at the end of time. */
void clint_reset(struct clint *clint, uint32_t harts);

/** Reads @p size (1, 2, 4, 8) bytes at @p offset. @return 0, or -1 for an offset without a register. */
int clint_load(const struct clint *clint, uint64_t cycle, uint64_t offset, unsigned size, uint64_t *value);

/** Writes @p size (4 or 8) bytes. mtime itself is read-only here. @return 0, or -1 for an offset or size without a register. */
int clint_store(struct clint *clint, uint64_t offset, unsigned size, uint64_t value);

static inline uint64_t clint_time(uint64_t cycle)
{
	return cycle / CLINT_CYCLES_PER_TICK;
}

/** @return the first cycle at which the time is @p ticks; UINT64_MAX if beyond 64 bits. */
static inline uint64_t clint_cycle_of(uint64_t ticks)
{
	return ticks > UINT64_MAX / CLINT_CYCLES_PER_TICK ? UINT64_MAX : ticks * CLINT_CYCLES_PER_TICK;
}

/** @return whether the machine timer interrupt of @p hart is pending at @p cycle. */
static inline bool clint_timer_pending(const struct clint *clint, uint64_t cycle, unsigned hart)
{
	return clint_time(cycle) >= clint->mtimecmp[hart];
}

/** @return the first cycle at which the timer of @p hart is pending; UINT64_MAX if beyond 64 bits. */
uint64_t clint_timer_cycle(const struct clint *clint, unsigned hart);

#endif
