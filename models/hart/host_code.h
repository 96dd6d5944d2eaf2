/* Host code: hot blocks of native ops translated to machine code of the host, for the fast executor.
 *
 * Host code does what is usual: computation, loads and stores that hit the TLB, branches, the way from block to block. At anything
 * else it returns with the op that it did not do, and the executor goes on from there; so nothing that a run computes depends on
 * which blocks are translated. There is a translator for x86-64 hosts; elsewhere nothing is translated. */
#ifndef ASSAY_MODELS_HART_HOST_CODE_H
#define ASSAY_MODELS_HART_HOST_CODE_H

#include "models/hart/core.h"

/* How often a block is entered before it is translated. */
enum { HOST_CODE_HEAT = 50 };

/* Why host code returned. */
enum host_exit {
	HOST_EXIT_OP,		/* op of the block has not been done */
	HOST_EXIT_ENTER,	/* the block has not been entered */
	HOST_EXIT_LINK,		/* op has left its block to pc; its link is empty */
	HOST_EXIT_FIND,		/* the block was left to pc through a register */
};

/* What goes in and out. */
struct host_frame {
	int64_t left;
	uint64_t pc;
	struct block *block;
	const struct xop *op;
	uint64_t parts;		/* grows by the parts of instructions done */
};

/* A domain's translated code; NULL if the host cannot have any. */
struct host_code *host_code_create(void);
void host_code_destroy(struct host_code *code);
/* Forgets all translations; no block may be entered again that has one. */
void host_code_reset(struct host_code *code);

/* What block->code must be before it is translated: entering it returns HOST_EXIT_ENTER at once. */
const void *host_code_stub(const struct host_code *code);

/* Translates the block as far as it goes: sets block->code. @return whether it did; false also if there is no room. */
bool host_code_translate(struct host_code *code, struct block *block);

/* Executes the block, and those that follow it, from its beginning. */
enum host_exit host_code_run(const struct host_code *code, struct hart_core *c, struct host_frame *frame);

#endif
