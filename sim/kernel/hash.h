/* The running hash of what passes between domains (library xxhash). */
#ifndef ASSAY_SIM_KERNEL_HASH_H
#define ASSAY_SIM_KERNEL_HASH_H

#define XXH_INLINE_ALL
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

/** Folds a message and its cycle into @p hash. */
static inline uint64_t hash_message(uint64_t hash, const void *bytes, size_t length, uint64_t cycle)
{
	return XXH3_64bits_withSeed(bytes, length, hash ^ cycle * 0x9e3779b97f4a7c15ull);
}

#endif
