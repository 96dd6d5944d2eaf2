/* The CLB alone: memory behind its port, and somebody who asks at its other ports. The block is the model here, model and RTL in lockstep in
 * testbench/lockstep/clb. */
#ifndef ASSAY_TESTBENCH_UNIT_CLB_RIG_H
#define ASSAY_TESTBENCH_UNIT_CLB_RIG_H

#include "models/board/memory_port.h"
#include "models/clb/clb.h"
#include "testbench/gtest/test.h"

enum {
	RIG_GUEST_BYTES = 1 << 18, RIG_CONVERSION_BYTES = 1 << 20, RIG_TABLES = 0x1000, RIG_TABLES2 = 0x20000, RIG_BUFFER = 0x80000,
	RIG_BUFFER_SLOTS = 1024, RIG_LATENCY = 20, RIG_PATIENCE = 5000,
};
#define RIG_GUEST_BASE UINT64_C(0x80000000)

struct rig {
	struct clb_in in;
	struct clb_out out;
	struct clb clb;
	struct memory_port memory;
	uint8_t *guest, *conversion;
	uint64_t cycle, events[CLB_EVENTS], killed[4];
	uint8_t tag;
	unsigned latency;
	unsigned errors;	/* one in so many reads is answered with an error; 0: none */
	unsigned flips;		/* one in so many reads of conversion memory has a wrong bit; 0: none */
	bool mirror;		/* memories answer at every address */
	uint64_t random;
	bool differs;		/* lockstep found a difference */
};

struct rig_request {
	uint64_t pa, next_pa;
	uint8_t mode, isa, kind, index;
	bool next_valid, single, mispredict;
};

/** Which block; linked in. */
struct rig_block {
	void (*reset)(struct rig *r);
	void (*reset_again)(struct rig *r);	/* of a block that has been running */
	void (*step)(struct rig *r);
};
extern const struct rig_block rig_block;

/** A CLB that has left INIT, with the RV64 image as tables of all sets but TABLE3 and the conversion buffer in use if @p buffer. */
struct rig *rig_create(bool buffer);
void rig_destroy(struct rig *r);

/** Resets the block in the middle of things and waits until it has left INIT; nothing is configured. */
void rig_reset(struct rig *r);
/** Tables and conversion buffer as after rig_create(). */
void rig_configure(struct rig *r, bool buffer);

/** One clock: memory answers, then the edge. Readies of op, mem and reg_rsp are up unless the caller clears them before. */
void rig_step(struct rig *r);

uint64_t rig_read(struct rig *r, unsigned addr);
void rig_write(struct rig *r, unsigned addr, uint64_t data);

/** Offers a request until it is taken. @return cycle in which it was at the port. */
uint64_t rig_ask(struct rig *r, const struct rig_request *q);
/** Waits for the next op of the present request. @return cycle in which it is at the port, or 0 after RIG_PATIENCE cycles. */
uint64_t rig_op(struct rig *r, struct clb_out *op);
/** Asks and takes ops until the last one of the block. @return how many. */
unsigned rig_block_of(struct rig *r, const struct rig_request *q, struct clb_out *ops);
void rig_snoop(struct rig *r, uint64_t pa, unsigned cause);
void rig_resolve(struct rig *r, unsigned at, bool taken, bool predicted);

/** Writes 32-bit instructions at a guest address. */
void rig_code(struct rig *r, uint64_t pa, const uint32_t *insn, unsigned count);
#define RIG_CODE(r, pa, ...) rig_code(r, pa, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

uint64_t rig_random(struct rig *r);

#endif
