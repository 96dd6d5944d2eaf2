/* A block under verification with one of three backends: the C model, the Verilated RTL, or both in lockstep.
 *
 * In lockstep both are stepped with the same inputs and every output is compared after every edge; the first difference is kept
 * and the block asks for the run to stop. The run itself goes on with the model's outputs.
 */
#ifndef ASSAY_SIM_KERNEL_BLOCK_H
#define ASSAY_SIM_KERNEL_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/pin_journal.h"
#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"

enum block_backend { BLOCK_MODEL, BLOCK_RTL, BLOCK_LOCKSTEP };

/** What the kernel must know of a block; one constant each. */
struct block_type {
	const struct pin_table *pins;
	size_t model_bytes;
	void (*model_reset)(void *model);
	void (*model_step)(void *model, const void *in, void *out);
	void (*model_outputs)(const void *model, void *out);
	bool (*in_quiet)(const void *now, const void *before);
	size_t idle_offset; /**< of the output `idle` in the outputs' image */
	const struct rtl_ops *rtl, *rtl_debug;
};

struct block_mismatch {
	bool found;
	const char *pin;
	uint64_t cycle;
	char model_value[160], rtl_value[160];
};

/** A fault of the RTL, for tests of the testbench itself: at every comparison from a cycle on one bit of an output is wrong. */
struct block_fault {
	const struct pin *pin; /**< NULL: none */
	uint64_t from_cycle;
};

struct block {
	const struct block_type *type;
	enum block_backend backend;
	void *model;
	void *rtl;
	const struct rtl_ops *rtl_ops;
	void *in_before; /**< inputs of the last step */
	uint8_t *rtl_out;
	struct pin_journal *journal; /**< of what the block was given, or NULL */
	bool skip_idle;
	uint64_t cycles_stepped, cycles_compared, cycles_skipped;
	struct block_mismatch mismatch;
	struct block_fault fault;
};

extern const struct block_type block_see, block_bau, block_clb, block_port;

/** Parses "model", "rtl" or "lockstep". @return 0, or -1 for anything else. */
int block_backend_parse(const char *text, enum block_backend *backend);
const char *block_backend_name(enum block_backend backend);

/** Makes bit 0 of the RTL's output @p pin wrong from @p cycle on. @return 0, or -1: not in lockstep, or no such output. */
int block_inject(struct block *block, const char *pin, uint64_t cycle);

/** Creates the backends in their reset state.
 * @param debug use the RTL flavour with assertions and waves
 * @param out receives the outputs after reset
 * @return 0, or -1 if memory is short. */
int block_create(struct block *block, const struct block_type *type, enum block_backend backend, bool debug, void *out);
void block_destroy(struct block *block);

/** Begins to record the inputs of a block that has just been created. @return 0, or -1 if memory is short. */
int block_record(struct block *block);

/** Resets the RTL of a block and brings it to the state of its model, by the steps in @p journal.
 * @param out the model's outputs; of a block without a model they must be those after the last step.
 * @return 0, or -1 if the RTL comes to other outputs. */
int block_catch_up(struct block *block, struct pin_journal *journal, const void *out);

/** Ends a lockstep: the model goes on alone. */
void block_drop_rtl(struct block *block);

/** One clock edge: @p out receives the outputs after it. An idle block with quiet inputs is skipped (block->skip_idle).
 * @return false if lockstep found a difference (block->mismatch). */
bool block_step(struct block *block, const void *in, void *out, uint64_t cycle);

#endif
