/* The CLB: guest fetch, conversion tables, native cache and conversion lookaside buffer. Cycle-accurate model.
 *
 * rtl/clb/README.md is the specification: its units, states and the timing table. One clb_step() is one clock edge; every output is a
 * register, so the order in which blocks are stepped does not matter. The state is one plain struct without pointers.
 *
 *     struct clb clb;
 *     struct clb_out out;
 *     clb_reset(&clb);
 *     clb_outputs(&clb, &out);
 *     for (;;) clb_step(&clb, &in, &out);
 */
#ifndef ASSAY_MODELS_CLB_CLB_H
#define ASSAY_MODELS_CLB_CLB_H

#include <stdbool.h>
#include <stdint.h>

#include "clb_ports.h"
#include "clb_regs.h"

enum {
	CLB_WAYS = 2,
	CLB_SCRATCH = CLB_LARGE_CHUNKS * CLB_LARGE_SLOTS + CLB_SMALL_CHUNKS * CLB_SMALL_SLOTS, /* slots of what is not kept */
	CLB_SLOTS = CLB_SCRATCH + CLB_SMALL_SLOTS,
	CLB_SPACE_WORDS = 3,
	CLB_LINE_WORDS = 8,
};

enum clb_state {
	CLB_INIT, CLB_REST, CLB_LOOKUP, CLB_BUFFERING, CLB_ASSEMBLING, CLB_EMIT, CLB_PICK, CLB_EVICT, CLB_CHUNK, CLB_COPY,
	CLB_COMMIT, CLB_SCAN,
};

enum clb_assembler_state {
	CLB_A_IDLE, CLB_A_SETUP, CLB_A_HEADER, CLB_A_SPACES, CLB_A_HALF0, CLB_A_FETCH, CLB_A_SPACE, CLB_A_SHAPE, CLB_A_HALF1, CLB_A_BASE,
	CLB_A_FIRST0, CLB_A_FIRST1, CLB_A_SECOND0, CLB_A_SECOND1, CLB_A_TABLE, CLB_A_HEAD, CLB_A_WORD, CLB_A_DIRECTIVE, CLB_A_PLACE, CLB_A_DONE,
};

enum clb_result { CLB_BLOCK, CLB_SINGLE, CLB_BEAT_MISS, CLB_BEAT_NEXT, CLB_BEAT_FAULT, CLB_ABORTED };

enum clb_buffer_state {
	CLB_B_IDLE, CLB_B_HEAD, CLB_B_CHECK, CLB_B_SUM, CLB_B_COMPARE, CLB_B_FILL, CLB_B_WRITE_HEAD, CLB_B_WRITE_OP, CLB_B_WRITE_SIDE, CLB_B_DONE,
};

/* What names a block. */
struct clb_key {
	uint64_t page;
	uint16_t at;
	uint8_t set, mode;
};

/* Side information of a native op, as structure SIDE. */
typedef uint64_t clb_side;

struct clb_entry {
	struct clb_key key;
	uint64_t mask; /* 64-byte lines of the page that it was converted from */
	uint64_t next_page; /* of the second half, if the one instruction is split */
	uint16_t chunk;
	uint8_t count;
	bool valid, large, dirty, split;
};

/* The entry to which the hart last went from another one's block. */
struct clb_chain {
	bool valid;
	uint16_t row;
	uint8_t way;
};

enum { CLB_CHAIN_END, CLB_CHAIN_MISPREDICT, CLB_CHAINS };

struct clb_request {
	struct clb_key key;
	uint64_t next_pa;
	bool next_valid, single;
	struct clb_chain from; /* entry of the block that the hart left */
	uint8_t exit; /* chain that it left by */
};

/* The block being forwarded. */
struct clb_stream {
	bool present, kept; /* kept: row and way hold it */
	uint16_t base;
	uint16_t row;
	uint8_t count, next, way, tag;
	struct clb_chain chain[CLB_CHAINS]; /* of its entry */
};

struct clb_snoop {
	bool pending, all;
	uint64_t line;
	uint8_t cause;
};

/* A forward branch that waits for its target to join the block, and the slot where it did. */
struct clb_pending {
	bool valid, resolved;
	uint16_t target;
	uint8_t slot, index;
};

struct clb_assembly {
	uint64_t word[32];
	clb_side side[32];
	uint64_t mask;
	uint8_t count;
	bool split; /* its one instruction lies in two pages */
	struct clb_pending pending[CLB_PENDING];
};

/* A cache of the tables: two words of 64 bits a line. */
struct clb_table_line {
	bool valid;
	uint64_t tag;
	uint64_t word[2];
};

struct clb_assembler {
	uint8_t state, after_fill, result;
	uint64_t base; /* image whose description is loaded */
	bool loaded, bad;
	uint32_t first, second, templates, directives; /* offsets in the image */
	uint32_t space_offset;
	uint8_t spaces, space, beat;
	uint64_t shape[CLB_SPACES * CLB_SPACE_WORDS];
	uint16_t at;
	uint32_t insn, pieces, index, row;
	bool wide, condition;
	uint8_t flow, ops, op, part, left;
	uint16_t directive;
	uint64_t word;
	uint8_t table; /* cache being filled: 0, 1, 2 */
	struct clb_table_line cache0[CLB_FIRST_LINES], cache1[CLB_SECOND_LINES], cache2[CLB_TEMPLATE_LINES];
	struct {
		bool valid;
		uint64_t line;
		uint64_t word[CLB_LINE_WORDS];
	} fetch[CLB_FETCH_LINES];
	uint8_t fetch_next;
	uint64_t line; /* line that a fill brings */
};

struct clb_buffer {
	uint8_t state, beat, slot;
	bool writing, hit, bad;
	uint64_t head[4];
	uint64_t mask;
	uint32_t sum;
	struct clb_key key;
	uint16_t base;
	uint8_t count;
	uint64_t lines;
};

/* Reads of several words: how many are still to be asked for and to be answered. */
struct clb_burst {
	uint8_t to_issue, to_come;
	uint64_t addr;
	bool space;
};

struct clb {
	struct clb_out out; /* the output registers */
	uint8_t state;
	uint16_t counter; /* of INIT, COPY and SCAN */
	struct clb_request request;
	struct clb_stream stream;
	struct clb_snoop snoop;
	struct clb_assembly assembly;
	struct clb_assembler assembler;
	struct clb_buffer buffer;
	struct clb_burst burst;
	struct clb_entry entry[CLB_ROWS][CLB_WAYS];
	struct clb_chain chain[CLB_ROWS][CLB_WAYS][CLB_CHAINS];
	bool recent[CLB_ROWS]; /* way used last */
	uint64_t word[CLB_SLOTS];
	clb_side side[CLB_SLOTS];
	struct { uint16_t row; uint8_t way; } owner[2][CLB_SMALL_CHUNKS]; /* entry that a chunk was given to; [1]: large */
	uint16_t next_chunk[2];
	uint16_t row, evict_row;
	uint8_t way, evict_way; /* install */
	bool second_eviction, reuse, large, dirty;
	uint16_t chunk;
	uint32_t version[CLB_VERSIONS];
	uint8_t prediction[CLB_PREDICTIONS];
	bool use_buffer;
	uint64_t buffer_register;
	uint64_t table[4];
	uint32_t epoch;
	uint32_t counter_of[CLB_EVENTS], killed[4];
};

void clb_reset(struct clb *clb);
void clb_step(struct clb *clb, const struct clb_in *in, struct clb_out *out);
void clb_outputs(const struct clb *clb, struct clb_out *out);

#endif
