/* Seeded faults of a link: frames that are lost, doubled, damaged or late. */
#ifndef ASSAY_SIM_FABRIC_FAULT_H
#define ASSAY_SIM_FABRIC_FAULT_H

#include <stddef.h>
#include <stdint.h>

/** Probabilities in parts per million; all zero: a perfect link. */
struct fault_config {
	uint32_t drop_ppm;
	uint32_t duplicate_ppm;
	/** One bit flips behind the Ethernet header (as if the FCS had been made right again). */
	uint32_t corrupt_ppm;
	uint32_t delay_ppm;
	/** A delayed frame comes 1 to this many cycles late, hence maybe after later ones. */
	uint64_t delay_cycles;
};

struct fault {
	struct fault_config config;
	uint64_t random;
	uint64_t dropped;
	uint64_t duplicated;
	uint64_t corrupted;
	uint64_t delayed;
};

/** What shall happen to a frame. */
struct fault_verdict {
	int drop;
	int duplicate;
	/** Bit to flip, counted from the frame's first byte; negative: none. */
	long flip_bit;
	uint64_t delay_cycles;
};

/** Starts the link's sequence of faults. @param seed any value. */
void fault_reset(struct fault *fault, uint64_t seed);

/** Decides on the next frame; with a perfect link the random sequence does not advance. */
struct fault_verdict fault_judge(struct fault *fault, size_t length);

#endif
