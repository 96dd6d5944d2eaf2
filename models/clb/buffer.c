/* The conversion buffer: converted blocks in memory behind the CLB. A block is found there only as long as none of the guest lines that it
 * was converted from has been written: each line has a version, and the slot keeps the sum of its lines' versions. */
#include <string.h>

#include "models/clb/unit.h"

static void finish(struct clb_buffer *b, bool hit)
{
	b->hit = hit;
	b->state = CLB_B_DONE;
}

static void start_probe(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;

	b->writing = b->bad = false;
	b->key = c->request.key;
	b->beat = 0;
	clb_start_burst(w, CLB_SPACE_CONVERSION, clb_buffer_address(c, &b->key), 4);
	b->state = CLB_B_HEAD;
}

static void start_write(struct clb *c)
{
	struct clb_buffer *b = &c->buffer;
	const struct clb_entry *e = &c->entry[c->evict_row][c->evict_way];

	b->writing = true;
	b->key = e->key;
	b->mask = b->lines = e->mask;
	b->sum = 0;
	b->base = (uint16_t)clb_chunk_base(e->large, e->chunk);
	b->count = e->count;
	b->beat = b->slot = 0;
	b->state = CLB_B_SUM;
}

static uint64_t encoded(const struct clb_key *k)
{
	return FIELD_PREP(CLB_SLOT_PAGE, k->page) | FIELD_PREP(CLB_SLOT_AT, k->at) | FIELD_PREP(CLB_SLOT_SET, k->set) |
	       FIELD_PREP(CLB_SLOT_MODE, k->mode) | FIELD_PREP(CLB_SLOT_VALID, 1);
}

static void read_head(struct clb_buffer *b, const struct clb_wires *w)
{
	if (!w->beat)
		return;
	b->head[b->beat++ & 3] = w->in->mem_rsp_data;
	b->bad |= w->in->mem_rsp_err;
	if (w->last)
		b->state = CLB_B_CHECK;
}

static void check(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;
	unsigned count = (unsigned)FIELD_GET(CLB_SLOT_COUNT, b->head[1]);

	if (b->bad)
		clb_event(w, CLB_EVENT_FAULT);
	if (b->bad || b->head[0] != encoded(&b->key) || FIELD_GET(CLB_SLOT_EPOCH, b->head[1]) != c->epoch || count == 0 || count > CLB_BLOCK_SLOTS) {
		finish(b, false);
		return;
	}
	b->count = (uint8_t)count;
	b->mask = b->lines = b->head[2];
	b->sum = 0;
	b->state = CLB_B_SUM;
}

/* One line a cycle, the lowest first. */
static void sum(struct clb *c)
{
	struct clb_buffer *b = &c->buffer;

	if (b->lines == 0) {
		b->state = b->writing ? CLB_B_WRITE_HEAD : CLB_B_COMPARE;
		return;
	}
	b->sum += c->version[clb_version_index(b->key.page << 6 | (unsigned)__builtin_ctzll(b->lines))];
	b->lines &= b->lines - 1;
}

static void compare(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;

	if (b->sum != FIELD_GET(CLB_SLOT_SUM, b->head[3])) {
		clb_event(w, CLB_EVENT_BUFFER_STALE);
		finish(b, false);
		return;
	}
	clb_start_burst(w, CLB_SPACE_CONVERSION, clb_buffer_address(c, &b->key) + 32, 2u * b->count);
	b->beat = 0;
	b->state = CLB_B_FILL;
}

static void read_ops(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;
	unsigned slot = b->beat / 2u & 31;

	if (!w->beat)
		return;
	if (b->beat & 1)
		c->assembly.side[slot] = w->in->mem_rsp_data & 0x1ffffffffff;
	else
		c->assembly.word[slot] = w->in->mem_rsp_data;
	b->beat++;
	b->bad |= w->in->mem_rsp_err;
	if (!w->last)
		return;
	c->assembly.count = b->count;
	c->assembly.split = false;
	c->assembly.mask = b->mask;
	memset(c->assembly.pending, 0, sizeof c->assembly.pending);
	clb_event(w, b->bad ? CLB_EVENT_FAULT : CLB_EVENT_BUFFER_HIT);
	finish(b, !b->bad);
}

static void put(struct clb_wires *w, uint64_t addr, uint64_t data)
{
	w->write = true;
	w->write_addr = clb_address(addr);
	w->write_data = data;
}

static void write_head(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;
	const uint64_t head[4] = {
		encoded(&b->key), FIELD_PREP(CLB_SLOT_EPOCH, c->epoch) | FIELD_PREP(CLB_SLOT_COUNT, b->count), b->mask, b->sum,
	};
	put(w, clb_buffer_address(c, &b->key) + b->beat * 8u, head[b->beat]);
	if (++b->beat == 4)
		b->state = CLB_B_WRITE_OP;
}

static void write_op(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;

	put(w, clb_buffer_address(c, &b->key) + 32 + b->slot * 16u, c->word[b->base + b->slot]);
	b->state = CLB_B_WRITE_SIDE;
}

static void write_side(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;

	put(w, clb_buffer_address(c, &b->key) + 40 + b->slot * 16u, c->side[b->base + b->slot]);
	b->state = CLB_B_WRITE_OP;
	if (++b->slot == b->count)
		finish(b, false);
}

void clb_buffer_step(struct clb *c, struct clb_wires *w)
{
	struct clb_buffer *b = &c->buffer;

	switch (b->state) {
	case CLB_B_IDLE:
		if (w->start_probe)
			start_probe(c, w);
		else
			start_write(c);
		break;
	case CLB_B_HEAD: read_head(b, w); break;
	case CLB_B_CHECK: check(c, w); break;
	case CLB_B_SUM: sum(c); break;
	case CLB_B_COMPARE: compare(c, w); break;
	case CLB_B_FILL: read_ops(c, w); break;
	case CLB_B_WRITE_HEAD:
		if (w->mem_free)
			write_head(c, w);
		break;
	case CLB_B_WRITE_OP:
		if (w->mem_free)
			write_op(c, w);
		break;
	case CLB_B_WRITE_SIDE:
		if (w->mem_free)
			write_side(c, w);
		break;
	default: b->state = CLB_B_IDLE; break;
	}
}
