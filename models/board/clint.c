#include "models/board/clint.h"

enum { MSIP_BASE = 0x0, MTIMECMP_BASE = 0x4000, MTIME = 0xbff8 };

void clint_reset(struct clint *clint, uint32_t harts)
{
	*clint = (struct clint){.harts = harts};
	for (unsigned i = 0; i < CLINT_MAX_HARTS; i++)
		clint->mtimecmp[i] = UINT64_MAX;
}

static bool in_array(const struct clint *clint, uint64_t offset, uint64_t base, unsigned stride, unsigned *hart)
{
	if (offset < base || offset >= base + (uint64_t)clint->harts * stride)
		return false;
	*hart = (unsigned)((offset - base) / stride);
	return true;
}

static uint64_t part_of(uint64_t word, uint64_t offset, unsigned size)
{
	uint64_t part = word >> (offset % 8 * 8);
	return size == 8 ? part : part & ((1ull << size * 8) - 1);
}

int clint_load(const struct clint *clint, uint64_t cycle, uint64_t offset, unsigned size, uint64_t *value)
{
	unsigned hart;

	if (offset % size != 0)
		return -1;
	if (in_array(clint, offset, MSIP_BASE, 4, &hart) && size == 4)
		*value = clint->msip[hart];
	else if (in_array(clint, offset, MTIMECMP_BASE, 8, &hart))
		*value = part_of(clint->mtimecmp[hart], offset, size);
	else if (offset >= MTIME && offset < MTIME + 8)
		*value = part_of(clint_time(cycle), offset, size);
	else if (offset < CLINT_SIZE_BYTES)
		*value = 0;
	else
		return -1;
	return 0;
}

int clint_store(struct clint *clint, uint64_t offset, unsigned size, uint64_t value)
{
	unsigned hart;

	if ((size != 4 && size != 8) || offset % size != 0 || offset >= CLINT_SIZE_BYTES)
		return -1;
	if (in_array(clint, offset, MSIP_BASE, 4, &hart) && size == 4) {
		clint->msip[hart] = value & 1;
	} else if (in_array(clint, offset, MTIMECMP_BASE, 8, &hart)) {
		unsigned shift = (unsigned)(offset % 8) * 8;
		uint64_t mask = (size == 8 ? UINT64_MAX : 0xffffffffull) << shift;
		clint->mtimecmp[hart] = (clint->mtimecmp[hart] & ~mask) | (value << shift & mask);
	}
	return 0;
}

uint64_t clint_timer_cycle(const struct clint *clint, unsigned hart)
{
	return clint_cycle_of(clint->mtimecmp[hart]);
}
