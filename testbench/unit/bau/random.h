/* Seeded random numbers of the tests of the BAU (xorshift64*). */
#ifndef ASSAY_TESTBENCH_UNIT_BAU_RANDOM_H
#define ASSAY_TESTBENCH_UNIT_BAU_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * 0x2545f4914f6cdd1dull;
}

static inline void rng_seed(struct rng *rng, uint64_t seed)
{
	rng->state = seed * 0x9e3779b97f4a7c15ull | 1;
	rng_next(rng);
}

/** @return a number from 0 to @p limit - 1; @p limit is at least 1. */
static inline uint32_t rng_below(struct rng *rng, uint32_t limit)
{
	return (uint32_t)((rng_next(rng) >> 32) * limit >> 32);
}

/** @return true in @p percent of 100 cases. */
static inline bool rng_percent(struct rng *rng, uint32_t percent)
{
	return rng_below(rng, 100) < percent;
}

#endif
