/* The control unit: forwards a block's ops, looks blocks up, installs and invalidates them. */
#include "models/clb/unit.h"

#include <string.h>

static void clear_op(struct clb_out *o)
{
	o->op_valid = o->op_kind = o->op_last = o->op_far = o->op_taken = o->op_near = o->op_index = o->op_tag = 0;
	o->op_at = o->op_next = o->op_opposite = 0;
	o->op_word = 0;
}

/* The stream's next op goes to the output register. */
static void forward(struct clb *c)
{
	struct clb_out *o = &c->out;
	struct clb_stream *s = &c->stream;
	clb_side side = c->side[s->base + s->next];

	o->op_valid = 1;
	o->op_word = c->word[s->base + s->next];
	o->op_kind = CLB_OP_NATIVE;
	o->op_at = (uint16_t)FIELD_GET(CLB_SIDE_AT, side);
	o->op_next = (uint16_t)FIELD_GET(CLB_SIDE_NEXT, side);
	o->op_opposite = (uint16_t)FIELD_GET(CLB_SIDE_OPPOSITE, side);
	o->op_index = (uint8_t)FIELD_GET(CLB_SIDE_INDEX, side);
	o->op_near = (uint8_t)FIELD_GET(CLB_SIDE_NEAR, side);
	o->op_far = (uint8_t)FIELD_GET(CLB_SIDE_FAR, side);
	o->op_taken = (uint8_t)FIELD_GET(CLB_SIDE_TAKEN, side);
	o->op_last = s->next + 1 == s->count;
	o->op_tag = s->tag;
	s->next++;
}

static bool may_forward(const struct clb *c)
{
	return c->stream.present && c->stream.next < c->stream.count;
}

/* Counts the outcome of a far branch; a block whose prediction has turned is converted anew at its next lookup. */
static void train(struct clb *c, struct clb_wires *w)
{
	const struct clb_in *in = w->in;
	const struct clb_key *k = &c->request.key;
	uint8_t *p = &c->prediction[clb_prediction_index(k->page, in->resolve_at)];
	unsigned strength = *p >> 2 & 3, turns = *p >> 4;
	bool valid = *p & 1, direction = *p >> 1 & 1, taken = in->resolve_taken;

	if (!valid) {
		direction = in->resolve_predicted;
		strength = taken == direction;
	} else if (direction == taken) {
		strength += strength < 3;
	} else if (strength) {
		strength--;
	} else if (turns < 3) {
		direction = taken;
		turns++;
	}
	*p = (uint8_t)(1 | direction << 1 | strength << 2 | turns << 4);
	if (taken != in->resolve_predicted && direction == taken && c->stream.present && c->stream.kept) {
		c->entry[c->stream.row][c->stream.way].valid = false;
		c->version[clb_version_index(k->page << 6 | k->at >> 5)]++;
		clb_event(w, CLB_EVENT_RETRAINED);
	}
}

static uint8_t set_of(const struct clb_in *in)
{
	switch (in->req_mode) {
	case CLB_MODE_M: return CLB_SET_SYSTEM;
	case CLB_MODE_S:
	case CLB_MODE_VS: return CLB_SET_EMULATION;
	default: return (uint8_t)(CLB_SET_APPLICATION + in->req_isa);
	}
}

/* The block in ROW and WAY becomes the stream. */
static void enter(struct clb *c, unsigned row, unsigned way)
{
	const struct clb_entry *e = &c->entry[row][way];

	c->stream = (struct clb_stream){
		.present = true, .kept = true, .base = (uint16_t)clb_chunk_base(e->large, e->chunk), .count = e->count,
		.row = (uint16_t)row, .way = (uint8_t)way, .tag = c->stream.tag,
	};
	memcpy(c->stream.chain, c->chain[row][way], sizeof c->stream.chain);
	c->recent[row] = way;
}

/* Whether the chain of the present block leads to the block that is asked for. */
static bool chained(const struct clb *c)
{
	const struct clb_stream *s = &c->stream;
	const struct clb_chain *to = &s->chain[c->request.exit];

	return s->present && s->kept && !c->request.single && to->valid && clb_answers(&c->entry[to->row][to->way], &c->request);
}

static void accept(struct clb *c, struct clb_wires *w, bool free)
{
	const struct clb_in *in = w->in;
	struct clb_stream *s = &c->stream;

	if (in->req_mispredict)
		clb_event(w, CLB_EVENT_MISPREDICTED);
	s->tag = in->req_tag;
	if (in->req_kind == CLB_REQ_NEAR && s->present) {
		clb_event(w, CLB_EVENT_NEAR);
		s->next = in->req_index;
		if (free && may_forward(c))
			forward(c);
		return;
	}
	c->request = (struct clb_request){
		.key = {in->req_pa >> 12, in->req_pa >> 1 & 0x7ff, set_of(in), in->req_mode},
		.next_pa = in->req_next_pa, .next_valid = in->req_next_valid, .single = in->req_single,
		.from = {s->present && s->kept, s->row, s->way}, .exit = in->req_mispredict ? CLB_CHAIN_MISPREDICT : CLB_CHAIN_END,
	};
	if (chained(c)) {
		const struct clb_chain to = s->chain[c->request.exit];

		enter(c, to.row, to.way);
		clb_event(w, CLB_EVENT_HIT);
		clb_event(w, CLB_EVENT_CHAINED);
		if (free)
			forward(c);
		return;
	}
	s->present = false;
	c->state = CLB_LOOKUP;
}

void clb_stream_step(struct clb *c, bool free)
{
	if (!free)
		return;
	if (may_forward(c))
		forward(c);
	else if (c->out.op_valid)
		clear_op(&c->out);
}

static void rest(struct clb *c, struct clb_wires *w, bool free)
{
	if (w->pending) {
		c->state = CLB_SCAN;
		c->counter = 0;
		return;
	}
	if (w->in->resolve_valid)
		train(c, w);
	if (w->in->req_valid)
		accept(c, w, free);
	else if (free && may_forward(c))
		forward(c);
}

static void begin_scan(struct clb *c)
{
	c->state = CLB_SCAN;
	c->counter = 0;
}

static void lookup(struct clb *c, struct clb_wires *w, bool free)
{
	unsigned row = clb_row(&c->request.key);

	if (w->pending) {
		begin_scan(c);
		return;
	}
	if (c->request.single) {
		w->start_assembler = true;
		c->state = CLB_ASSEMBLING;
		return;
	}
	for (unsigned way = 0; way < CLB_WAYS; way++) {
		const struct clb_entry *e = &c->entry[row][way];

		if (!clb_answers(e, &c->request))
			continue;
		enter(c, row, way);
		if (c->request.from.valid)
			c->chain[c->request.from.row][c->request.from.way][c->request.exit] = (struct clb_chain){true, (uint16_t)row, (uint8_t)way};
		clb_event(w, CLB_EVENT_HIT);
		if (free)
			forward(c);
		c->state = CLB_REST;
		return;
	}
	clb_event(w, CLB_EVENT_MISS);
	w->start_probe = c->use_buffer;
	w->start_assembler = !c->use_buffer;
	c->state = c->use_buffer ? CLB_BUFFERING : CLB_ASSEMBLING;
}

static void buffering(struct clb *c, struct clb_wires *w)
{
	if (c->buffer.state != CLB_B_DONE)
		return;
	c->dirty = false;
	w->start_assembler = !c->buffer.hit;
	c->state = c->buffer.hit ? CLB_PICK : CLB_ASSEMBLING;
}

static void assembling(struct clb *c, struct clb_wires *w)
{
	if (c->assembler.state != CLB_A_DONE)
		return;
	c->counter = 0;
	c->dirty = true;
	if (w->pending) {
		c->state = CLB_SCAN;
	} else if (c->assembler.result == CLB_BLOCK) {
		clb_event(w, CLB_EVENT_CONVERTED);
		c->state = CLB_PICK;
	} else if (c->assembler.result == CLB_SINGLE) {
		clb_event(w, CLB_EVENT_UNCACHED);
		c->state = CLB_COPY;
	} else {
		c->state = CLB_EMIT;
	}
}

static void emit(struct clb *c, bool free)
{
	static const uint8_t kind[] = {
		[CLB_BEAT_MISS] = CLB_OP_MISS, [CLB_BEAT_NEXT] = CLB_OP_NEXT, [CLB_BEAT_FAULT] = CLB_OP_FAULT,
	};
	if (!free)
		return;
	c->out.op_valid = 1;
	c->out.op_kind = kind[c->assembler.result];
	c->out.op_at = c->request.key.at;
	c->out.op_last = 1;
	c->out.op_tag = c->stream.tag;
	c->state = CLB_REST;
}

/* Chooses the way that the new block takes, and with it perhaps the chunk. */
static void pick(struct clb *c)
{
	const struct clb_entry *e;

	c->row = (uint16_t)clb_row(&c->request.key);
	c->way = !c->entry[c->row][0].valid ? 0 : !c->entry[c->row][1].valid ? 1 : !c->recent[c->row];
	e = &c->entry[c->row][c->way];
	c->large = c->assembly.count > CLB_SMALL_SLOTS;
	c->reuse = e->valid && e->large == c->large;
	c->chunk = e->chunk;
	c->evict_row = c->row;
	c->evict_way = c->way;
	c->second_eviction = false;
	c->state = e->valid ? CLB_EVICT : CLB_CHUNK;
}

static void evict(struct clb *c, struct clb_wires *w)
{
	struct clb_entry *e = &c->entry[c->evict_row][c->evict_way];

	if (e->dirty && c->use_buffer) {
		if (c->buffer.state == CLB_B_IDLE) {
			w->start_write = true;
			return;
		}
		if (c->buffer.state != CLB_B_DONE)
			return;
		clb_event(w, CLB_EVENT_WRITTEN_BACK);
	}
	e->valid = false;
	clb_event(w, CLB_EVENT_EVICTED);
	c->counter = 0;
	c->state = c->second_eviction ? CLB_COPY : CLB_CHUNK;
}

/* Takes the next chunk of the size in turn; whoever holds it goes. */
static void take_chunk(struct clb *c)
{
	const struct clb_entry *e;

	c->counter = 0;
	c->state = CLB_COPY;
	if (c->reuse)
		return;
	c->chunk = c->next_chunk[c->large];
	c->next_chunk[c->large] = (uint16_t)((c->chunk + 1) & (c->large ? CLB_LARGE_CHUNKS - 1 : CLB_SMALL_CHUNKS - 1));
	c->evict_row = c->owner[c->large][c->chunk].row;
	c->evict_way = c->owner[c->large][c->chunk].way;
	e = &c->entry[c->evict_row][c->evict_way];
	if (!e->valid || e->large != c->large || e->chunk != c->chunk)
		return;
	c->second_eviction = true;
	c->state = CLB_EVICT;
}

static bool keeps(const struct clb *c)
{
	return !c->request.single;
}

static unsigned install_base(const struct clb *c)
{
	return keeps(c) ? clb_chunk_base(c->large, c->chunk) : CLB_SCRATCH;
}

static void copy(struct clb *c)
{
	unsigned base = install_base(c), i = c->counter;

	c->word[base + i] = c->assembly.word[i];
	c->side[base + i] = clb_assembled_side(c, i);
	c->counter++;
	if (c->counter == c->assembly.count)
		c->state = CLB_COMMIT;
}

static void commit(struct clb *c, struct clb_wires *w)
{
	if (keeps(c)) {
		c->entry[c->row][c->way] = (struct clb_entry){
			.key = c->request.key, .mask = c->assembly.mask, .chunk = c->chunk, .count = c->assembly.count,
			.valid = true, .large = c->large, .dirty = c->dirty && !c->assembly.split,
			.split = c->assembly.split, .next_page = c->request.next_pa >> 12,
		};
		memset(c->chain[c->row][c->way], 0, sizeof c->chain[c->row][c->way]);
		c->owner[c->large][c->chunk].row = c->row;
		c->owner[c->large][c->chunk].way = c->way;
		c->recent[c->row] = c->way;
	}
	if (!w->pending) {
		c->stream = (struct clb_stream){
			.present = true, .kept = keeps(c), .base = (uint16_t)install_base(c), .count = c->assembly.count,
			.row = c->row, .way = c->way, .tag = c->stream.tag,
		};
	}
	c->state = CLB_REST;
}

static void end_scan(struct clb *c)
{
	const struct clb_snoop *s = &c->snoop;

	for (unsigned i = 0; i < CLB_FETCH_LINES; i++) {
		if (s->all || c->assembler.fetch[i].line == s->line)
			c->assembler.fetch[i].valid = false;
	}
	if (s->all)
		c->epoch++;
	else
		c->version[clb_version_index(s->line)]++;
	c->snoop = (struct clb_snoop){0};
	c->state = CLB_REST;
}

static void scan(struct clb *c)
{
	const struct clb_snoop *s = &c->snoop;
	unsigned killed = 0;

	for (unsigned way = 0; way < CLB_WAYS; way++) {
		struct clb_entry *e = &c->entry[c->counter][way];
		bool hit = s->all || (e->key.page == s->line >> 6 && e->mask >> (s->line & 63) & 1) ||
			(e->split && e->next_page == s->line >> 6 && (s->line & 63) == 0);

		killed += hit && e->valid;
		if (hit)
			e->valid = false;
	}
	c->out.killed = (uint8_t)killed;
	c->out.killed_cause = killed ? s->cause : 0;
	if (++c->counter == CLB_ROWS)
		end_scan(c);
}

static void init(struct clb *c)
{
	if (++c->counter == CLB_VERSIONS)
		c->state = CLB_REST;
}

void clb_control_step(struct clb *c, struct clb_wires *w)
{
	const struct clb_in *in = w->in;
	bool free = !c->out.op_valid || in->op_ready;
	bool snooped = in->snoop_valid && c->out.snoop_ready;

	if (c->out.op_valid && in->op_ready)
		clear_op(&c->out);
	c->out.killed = c->out.killed_cause = 0;
	switch (c->state) {
	case CLB_INIT: init(c); break;
	case CLB_REST: rest(c, w, free); break;
	case CLB_LOOKUP: lookup(c, w, free); break;
	case CLB_BUFFERING: buffering(c, w); break;
	case CLB_ASSEMBLING: assembling(c, w); break;
	case CLB_EMIT: emit(c, free); break;
	case CLB_PICK: pick(c); break;
	case CLB_EVICT: evict(c, w); break;
	case CLB_CHUNK: take_chunk(c); break;
	case CLB_COPY: copy(c); break;
	case CLB_COMMIT: commit(c, w); break;
	default: scan(c); break;
	}
	if (snooped) {
		c->snoop = (struct clb_snoop){true, in->snoop_all, in->snoop_line, in->snoop_cause};
		c->stream.present = false;
	}
}
