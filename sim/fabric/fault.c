#include "sim/fabric/fault.h"

#include <string.h>

enum { MILLION = 1000000, HEADER_BITS = 14 * 8 };

/* xorshift64*: state never 0. */
static uint64_t draw(struct fault *fault)
{
	uint64_t x = fault->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	fault->random = x;
	return x * 0x2545f4914f6cdd1dull;
}

void fault_reset(struct fault *fault, uint64_t seed)
{
	memset(fault, 0, sizeof(*fault));
	fault->random = seed * 0x9e3779b97f4a7c15ull | 1;
}

static int happens(struct fault *fault, uint32_t ppm)
{
	return ppm != 0 && (draw(fault) >> 32) % MILLION < ppm;
}

struct fault_verdict fault_judge(struct fault *fault, size_t length)
{
	struct fault_verdict verdict = {.flip_bit = -1};

	if (happens(fault, fault->config.drop_ppm)) {
		verdict.drop = 1;
		fault->dropped++;
		return verdict;
	}
	if (happens(fault, fault->config.duplicate_ppm)) {
		verdict.duplicate = 1;
		fault->duplicated++;
	}
	if (length * 8 > HEADER_BITS && happens(fault, fault->config.corrupt_ppm)) {
		verdict.flip_bit = HEADER_BITS + (long)((draw(fault) >> 16) % (length * 8 - HEADER_BITS));
		fault->corrupted++;
	}
	if (fault->config.delay_cycles && happens(fault, fault->config.delay_ppm)) {
		verdict.delay_cycles = 1 + (draw(fault) >> 16) % fault->config.delay_cycles;
		fault->delayed++;
	}
	return verdict;
}
