/* Inside the model of the CLB. Each unit's step sees the others as they were before the edge: clb_step() says in which order. */
#ifndef ASSAY_MODELS_CLB_UNIT_H
#define ASSAY_MODELS_CLB_UNIT_H

#include "models/clb/clb.h"

/* What the units tell each other in one cycle. */
struct clb_wires {
	const struct clb_in *in;
	bool start_assembler, start_probe, start_write; /* control -> units */
	bool beat, last;	/* an answer of memory arrives; it is the last one of its burst */
	bool burst;		/* unit -> burst: start */
	bool burst_space;
	uint8_t burst_words;
	uint64_t burst_addr;
	bool mem_free;		/* the register of memory requests takes one in this cycle */
	bool pending;		/* a snoop waited before this edge */
	bool write;		/* buffer -> memory register */
	uint64_t write_addr, write_data;
	uint32_t events;
};

static inline void clb_event(struct clb_wires *w, unsigned event) { w->events |= 1u << event; }

/* Addresses have 56 bits. */
static inline uint64_t clb_address(uint64_t addr) { return addr & (((uint64_t)1 << 56) - 1); }

static inline void clb_start_burst(struct clb_wires *w, bool space, uint64_t addr, unsigned words)
{
	w->burst = true;
	w->burst_space = space;
	w->burst_addr = clb_address(addr);
	w->burst_words = (uint8_t)words;
}

static inline unsigned clb_row(const struct clb_key *k)
{
	return (unsigned)(k->page ^ k->at ^ (k->at >> 10 << 5 | (unsigned)k->set << 3 | k->mode)) & (CLB_ROWS - 1);
}

static inline bool clb_same(const struct clb_key *a, const struct clb_key *b)
{
	return a->page == b->page && a->at == b->at && a->set == b->set && a->mode == b->mode;
}

/* Whether the entry answers a request: a split instruction also depends on its second page. */
static inline bool clb_answers(const struct clb_entry *e, const struct clb_request *r)
{
	return e->valid && clb_same(&e->key, &r->key) && (!e->split || (r->next_valid && e->next_page == r->next_pa >> 12));
}

static inline unsigned clb_version_index(uint64_t line)
{
	uint64_t page = line >> 6;
	return (unsigned)(page ^ page >> 10 ^ (line & 63) << 4) & (CLB_VERSIONS - 1);
}

static inline unsigned clb_prediction_index(uint64_t page, unsigned at)
{
	return (unsigned)(page ^ at ^ at >> 8 << 5) & (CLB_PREDICTIONS - 1);
}

static inline unsigned clb_chunk_base(bool large, unsigned chunk)
{
	return large ? chunk * CLB_LARGE_SLOTS : CLB_LARGE_CHUNKS * CLB_LARGE_SLOTS + chunk * CLB_SMALL_SLOTS;
}

/* Address of a block's slot in the conversion buffer. */
static inline uint64_t clb_buffer_address(const struct clb *c, const struct clb_key *k)
{
	uint64_t hash = k->at ^ k->page << 7 ^ (k->page >> 4 & 0x7f) ^ ((unsigned)k->set << 3 | k->mode);

	return (c->buffer_register & CLB_BUFFER_BASE_MASK) + (hash & c->buffer_register & CLB_BUFFER_MASK_MASK) * CLB_SLOT_BYTES;
}

/* What the control unit does in a cycle without requests, snoops and accesses while it rests. */
void clb_stream_step(struct clb *clb, bool free);
void clb_control_step(struct clb *clb, struct clb_wires *w);
void clb_assembler_step(struct clb *clb, struct clb_wires *w);
void clb_buffer_step(struct clb *clb, struct clb_wires *w);
void clb_registers_step(struct clb *clb, struct clb_wires *w);

/* The side information of assembled slot @p slot, branches resolved. */
clb_side clb_assembled_side(const struct clb *clb, unsigned slot);

/* convert.c: states from SPACE to PLACE. */
void clb_convert_step(struct clb *clb, struct clb_wires *w);
/* assemble.c: the op in the assembler is complete. */
void clb_place_op(struct clb *clb, struct clb_wires *w);
/* The instruction at hand cannot be had: it ends the block before it, or is answered by @p result if it is the first one. */
void clb_close(struct clb *clb, struct clb_wires *w, unsigned result);

#endif
