/* Random reads and writes through the initiator, checked against a copy of each volume; operations under way never overlap. */
#ifndef ASSAY_TESTBENCH_INTEROP_VERIFIED_IO_H
#define ASSAY_TESTBENCH_INTEROP_VERIFIED_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "testbench/interop/lan.h"

enum { VERIFIED_DEPTH = 32, VERIFIED_BLOCKS_MAX = 256, VERIFIED_VOLUMES_MAX = 16 };

struct verified_operation {
	bool busy;
	bool write;
	unsigned volume;
	uint64_t block;
	uint32_t blocks;
	uint8_t data[VERIFIED_BLOCKS_MAX * 512];
};

struct verified_io {
	unsigned volumes;
	uint64_t blocks;
	/** What each volume must hold. */
	uint8_t *shadow[VERIFIED_VOLUMES_MAX];
	uint64_t random;
	unsigned wanted;
	unsigned started;
	unsigned finished;
	unsigned failed;
	uint64_t bytes;
	struct verified_operation operation[VERIFIED_DEPTH];
};

/** @return a number below @p below of the seeded sequence. */
uint64_t verified_draw(struct verified_io *io, uint64_t below);

/** Starts a stretch of @p operations. */
void verified_begin(struct verified_io *io, unsigned operations);

/** Takes what has finished, checks it, starts more. @return whether the stretch is over. */
bool verified_turn(struct verified_io *io, struct lan *lan);

#endif
