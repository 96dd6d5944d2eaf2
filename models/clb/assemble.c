/* The assembler: fetches guest instructions, has them converted (convert.c) and joins their native ops to a block. */
#include "models/clb/unit.h"

enum { PAGE_HALVES = 2048 };

static void finish(struct clb_assembler *a, unsigned result)
{
	a->result = (uint8_t)result;
	a->state = CLB_A_DONE;
}

void clb_close(struct clb *c, struct clb_wires *w, unsigned result)
{
	if (c->assembly.count == 0 && result == CLB_BEAT_MISS)
		clb_event(w, CLB_EVENT_TABLE_MISS);
	finish(&c->assembler, c->assembly.count ? CLB_BLOCK : result);
}

static bool keeps(const struct clb *c)
{
	return !c->request.single;
}

/* --- description of the table image ----------------------------------------------------------------------------- */

static void setup(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t base = c->table[c->request.key.set];

	if (base == 0) {
		clb_close(c, w, CLB_BEAT_MISS);
	} else if (a->loaded && a->base == base) {
		a->state = CLB_A_HALF0;
	} else {
		clb_event(w, CLB_EVENT_SETUP);
		clb_start_burst(w, CLB_SPACE_CONVERSION, base + 16, 5);
		a->base = base;
		a->loaded = a->bad = false;
		a->beat = 0;
		a->state = CLB_A_HEADER;
	}
}

/* A description that cannot be read, or has no space, leads to the slow path. */
static bool description_fails(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;

	if (!a->bad && a->spaces)
		return false;
	clb_event(w, CLB_EVENT_FAULT);
	clb_close(c, w, CLB_BEAT_MISS);
	return true;
}

static void header(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint32_t low = (uint32_t)w->in->mem_rsp_data, high = (uint32_t)(w->in->mem_rsp_data >> 32);

	if (!w->beat)
		return;
	switch (a->beat) {
	case 0:
		a->spaces = (uint8_t)(low > CLB_SPACES ? CLB_SPACES : low);
		a->space_offset = high;
		break;
	case 1: a->first = high; break;
	case 2: a->second = high; break;
	case 3: a->templates = high; break;
	default: a->directives = high; break;
	}
	a->beat++;
	a->bad |= w->in->mem_rsp_err;
	if (!w->last || description_fails(c, w))
		return;
	clb_start_burst(w, CLB_SPACE_CONVERSION, a->base + a->space_offset, a->spaces * CLB_SPACE_WORDS);
	a->beat = 0;
	a->state = CLB_A_SPACES;
}

static void spaces(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;

	if (!w->beat)
		return;
	a->shape[a->beat++] = w->in->mem_rsp_data;
	a->bad |= w->in->mem_rsp_err;
	if (!w->last || description_fails(c, w))
		return;
	a->loaded = true;
	a->state = CLB_A_HALF0;
}

/* --- guest fetch -------------------------------------------------------------------------------------------------- */

/* The halfword at HALF (a physical address / 2), or a fill that brings its line and comes back to the present state. */
static bool fetch_half(struct clb *c, struct clb_wires *w, uint64_t half, uint32_t *value)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t line = half >> 5;

	for (unsigned i = 0; i < CLB_FETCH_LINES; i++) {
		if (a->fetch[i].valid && a->fetch[i].line == line) {
			*value = (uint16_t)(a->fetch[i].word[half >> 2 & 7] >> (half & 3) * 16);
			return true;
		}
	}
	clb_event(w, CLB_EVENT_FETCH_FILL);
	clb_start_burst(w, CLB_SPACE_GUEST, line << 6, CLB_LINE_WORDS);
	a->fetch[a->fetch_next].valid = false;
	a->line = line;
	a->beat = 0;
	a->bad = false;
	a->after_fill = a->state;
	a->state = CLB_A_FETCH;
	return false;
}

static void fetch(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;

	if (!w->beat)
		return;
	a->fetch[a->fetch_next].word[a->beat++] = w->in->mem_rsp_data;
	a->bad |= w->in->mem_rsp_err;
	if (!w->last)
		return;
	if (a->bad) {
		clb_event(w, CLB_EVENT_FAULT);
		clb_close(c, w, CLB_BEAT_FAULT);
		return;
	}
	a->fetch[a->fetch_next].valid = true;
	a->fetch[a->fetch_next].line = a->line;
	a->fetch_next = (a->fetch_next + 1) & (CLB_FETCH_LINES - 1);
	a->state = a->after_fill;
}

static void first_half(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;

	if (w->pending) {
		finish(a, CLB_ABORTED);
		return;
	}
	if (!fetch_half(c, w, c->request.key.page << 11 | a->at, &a->insn))
		return;
	a->space = 0;
	a->state = CLB_A_SPACE;
}

static void second_half(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	bool apart = c->request.single || a->at == PAGE_HALVES - 1;
	uint64_t half = apart ? c->request.next_pa >> 1 : c->request.key.page << 11 | (a->at + 1u);
	uint32_t value;

	if (apart && (c->assembly.count || !c->request.next_valid)) {
		clb_close(c, w, CLB_BEAT_NEXT);
		return;
	}
	if (!fetch_half(c, w, half, &value))
		return;
	c->assembly.split |= apart;
	a->insn = (a->insn & 0xffff) | value << 16;
	a->state = CLB_A_BASE;
}

/* --- block assembly ----------------------------------------------------------------------------------------------- */

clb_side clb_assembled_side(const struct clb *c, unsigned slot)
{
	clb_side side = c->assembly.side[slot];

	for (unsigned i = 0; i < CLB_PENDING; i++) {
		const struct clb_pending *p = &c->assembly.pending[i];

		if (!p->valid || !p->resolved || p->slot != slot)
			continue;
		side = FIELD_SET(CLB_SIDE_OPPOSITE, side, 0);
		side = FIELD_SET(CLB_SIDE_FAR, side, 0);
		side = FIELD_SET(CLB_SIDE_NEAR, side, 1);
		side = FIELD_SET(CLB_SIDE_INDEX, side, p->index);
	}
	return side;
}

/* Branches that wait for the instruction at hand jump to its first slot. */
static void resolve_pending(struct clb *c)
{
	for (unsigned i = 0; i < CLB_PENDING; i++) {
		struct clb_pending *p = &c->assembly.pending[i];

		if (p->valid && !p->resolved && p->target == c->assembler.at) {
			p->resolved = true;
			p->index = c->assembly.count;
		}
	}
}

/* How the block goes on after the instruction at hand. */
struct route {
	uint16_t next, opposite;
	bool stop, far, taken, near;
};

static void wait_for(struct clb *c, uint16_t target)
{
	for (unsigned i = 0; i < CLB_PENDING; i++) {
		if (!c->assembly.pending[i].valid) {
			c->assembly.pending[i] = (struct clb_pending){.valid = true, .target = target, .slot = c->assembly.count};
			return;
		}
	}
}

static void route_branch(struct clb *c, struct route *r, bool in_page, uint16_t target, unsigned fall, bool backward)
{
	struct clb_assembler *a = &c->assembler;
	uint8_t p = c->prediction[clb_prediction_index(c->request.key.page, a->at)];
	unsigned ahead = (unsigned)(target - a->at) & (PAGE_HALVES - 1);

	r->next = (uint16_t)(fall & (PAGE_HALVES - 1));
	r->stop = fall >= PAGE_HALVES;
	if (in_page && keeps(c) && target == c->request.key.at) {
		r->near = true;
		return;
	}
	r->far = true;
	r->opposite = in_page ? target : 0;
	r->taken = p & 1 ? p >> 1 & 1 : backward;
	if (!r->taken) {
		if (in_page && target > a->at && ahead < CLB_NEAR_BYTES / 2 && keeps(c))
			wait_for(c, target);
		return;
	}
	r->opposite = (uint16_t)(r->stop ? 0 : fall);
	r->next = target;
	r->stop = !in_page;
}

static struct route route_of(struct clb *c)
{
	struct clb_assembler *a = &c->assembler;
	struct route r = {0};
	unsigned fall = a->at + (a->wide ? 2u : 1u);
	int64_t offset = (int32_t)(a->word >> 32);
	uint64_t to = (uint64_t)(a->at * 2 + offset);
	bool in_page = to < 2 * PAGE_HALVES;
	uint16_t target = to >> 1 & (PAGE_HALVES - 1);

	switch (a->flow) {
	case 0:
		r.next = (uint16_t)(fall & (PAGE_HALVES - 1));
		r.stop = fall >= PAGE_HALVES;
		break;
	case 1:
		route_branch(c, &r, in_page, target, fall, offset < 0);
		break;
	case 2:
		r.next = target;
		r.stop = !in_page;
		break;
	default:
		r.stop = true;
		break;
	}
	return r;
}

static clb_side side_of(const struct clb_assembler *a, const struct route *r)
{
	return FIELD_PREP(CLB_SIDE_AT, a->at) | FIELD_PREP(CLB_SIDE_NEXT, r->next) | FIELD_PREP(CLB_SIDE_OPPOSITE, r->opposite) |
	       FIELD_PREP(CLB_SIDE_NEAR, r->near) | FIELD_PREP(CLB_SIDE_FAR, r->far) | FIELD_PREP(CLB_SIDE_TAKEN, r->taken);
}

void clb_place_op(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	struct clb_assembly *b = &c->assembly;
	bool final = a->op + 1 >= a->ops;
	struct route r = {.next = a->at};
	(void)w;

	if (a->op == 0)
		resolve_pending(c);
	if (final)
		r = route_of(c);
	b->word[b->count] = a->word;
	b->side[b->count] = side_of(a, &r);
	b->count++;
	a->op++;
	a->part = 0;
	if (!final) {
		a->state = CLB_A_WORD;
		return;
	}
	b->mask |= (uint64_t)1 << (a->at >> 5);
	if (a->wide && a->at != PAGE_HALVES - 1)
		b->mask |= (uint64_t)1 << ((a->at + 1) >> 5);
	a->at = r.next;
	if (!keeps(c))
		finish(a, CLB_SINGLE);
	else if (r.stop || b->count == CLB_BLOCK_SLOTS)
		finish(a, CLB_BLOCK);
	else
		a->state = CLB_A_HALF0;
}

static void start(struct clb *c)
{
	c->assembly.count = 0;
	c->assembly.split = false;
	c->assembly.mask = 0;
	for (unsigned i = 0; i < CLB_PENDING; i++)
		c->assembly.pending[i] = (struct clb_pending){0};
	c->assembler.at = c->request.key.at;
	c->assembler.state = CLB_A_SETUP;
}

void clb_assembler_step(struct clb *c, struct clb_wires *w)
{
	switch (c->assembler.state) {
	case CLB_A_IDLE: start(c); break;
	case CLB_A_SETUP: setup(c, w); break;
	case CLB_A_HEADER: header(c, w); break;
	case CLB_A_SPACES: spaces(c, w); break;
	case CLB_A_HALF0: first_half(c, w); break;
	case CLB_A_FETCH: fetch(c, w); break;
	case CLB_A_HALF1: second_half(c, w); break;
	case CLB_A_DONE: c->assembler.state = CLB_A_IDLE; break;
	default: clb_convert_step(c, w); break;
	}
}
