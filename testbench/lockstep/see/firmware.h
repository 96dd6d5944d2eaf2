/* A firmware that runs beside the driver: it works the rings, executes commands on volumes in memory, late and out of order. */
#ifndef ASSAY_LOCKSTEP_SEE_FIRMWARE_H
#define ASSAY_LOCKSTEP_SEE_FIRMWARE_H

#include "testbench/lockstep/see/bench.h"

#include "see_regs.h"

enum {
	FIRMWARE_JOBS = 512,
	FIRMWARE_VOLUME_BYTES = 4 << 20, /**< of each function */
	FIRMWARE_SHIFTS = 4,
	FIRMWARE_BUFFERS = BENCH_NIC_BASE,
	FIRMWARE_RING = BENCH_NIC_BASE + 0x900000,
	FIRMWARE_CRING = BENCH_NIC_BASE + 0xa00000,
	FIRMWARE_CRING_LOG2 = 9,
	FIRMWARE_STRIPE_WIDTH = 3, /**< of the second quarter of every volume */
};

struct firmware_behaviour {
	uint32_t delay_cycles;	    /**< longest time over one command */
	bool arbitrates; /**< functions get random weights, queues random priorities, and interrupts are held back */
	uint32_t bad_entry_permille; /**< per answer: a completion ring entry that names nothing right comes before it */
	uint32_t probe_permille;    /**< per cycle: a register somewhere is read */
};

struct firmware_job {
	bool used, pulled;
	uint64_t due_cycle;
	uint8_t slot, function, qid;
	uint32_t life; /**< of the function when the descriptor came */
	uint64_t words[16];
};

/** What the firmware knows of one function. */
struct firmware_function {
	uint32_t life; /**< counts resets */
	uint64_t aqa, asq, acq;
	uint16_t kept_cid; /**< of an asynchronous event request */
	bool keeps_request;
};

struct firmware {
	struct bench *bench;
	struct rng rng;
	struct firmware_behaviour behaviour;
	uint32_t ring_log2;
	uint16_t consumed, answered;
	bool looking; /**< a read of RING_PROD is under way */
	struct firmware_job jobs[FIRMWARE_JOBS];
	uint32_t open;
	struct firmware_function functions[SEE_NUM_FUNCTIONS];
	uint8_t *volumes[SEE_NUM_FUNCTIONS];
	uint8_t shift[SEE_NUM_FUNCTIONS]; /**< a function's blocks have 512 << shift bytes */
	uint32_t done[SEE_NUM_SLOTS]; /**< blocks of the slot's command that came in parts before */
	uint32_t part_blocks;
	uint8_t awaits[SEE_NUM_SLOTS]; /**< function + 1 of a command whose next part has been asked for, while this one is under way; else 0 */
	uint64_t commands, events, refused_doorbells, parts; /**< parts: those that were not the last */
};

/** Boots on @p bench: rings, namespaces of the first @p functions functions, extents; then acts each cycle. */
void firmware_open(struct firmware *firmware, struct bench *bench, uint32_t functions, uint32_t ring_log2);
void firmware_close(struct firmware *firmware);

/** Bytes of a block of the function, and how many its volume has. */
static inline uint32_t firmware_block_bytes(const struct firmware *firmware, uint32_t function)
{
	return 512u << firmware->shift[function];
}

static inline uint32_t firmware_blocks(const struct firmware *firmware, uint32_t function)
{
	return FIRMWARE_VOLUME_BYTES / firmware_block_bytes(firmware, function);
}

/** Queues register writes; several belong together in order. */
void firmware_write(struct firmware *firmware, uint32_t address, uint64_t value);

/** Appends an entry to the completion ring. */
void firmware_answer(struct firmware *firmware, uint64_t word0, uint64_t word1);

/** Executes the command of @p job and answers it. */
void firmware_execute(struct firmware *firmware, struct firmware_job *job);

/** Reacts to an event descriptor. */
void firmware_event(struct firmware *firmware, const uint64_t words[16]);

#endif
