#include "models/clb/clb.h"

#include <string.h>

#include "models/clb/unit.h"

static uint8_t phase_of(unsigned state)
{
	static const uint8_t phase[] = {
		[CLB_INIT] = CLB_PHASE_INIT, [CLB_REST] = CLB_PHASE_REST, [CLB_LOOKUP] = CLB_PHASE_LOOKUP, [CLB_BUFFERING] = CLB_PHASE_BUFFER,
		[CLB_ASSEMBLING] = CLB_PHASE_CONVERT, [CLB_EMIT] = CLB_PHASE_CONVERT, [CLB_PICK] = CLB_PHASE_INSTALL,
		[CLB_EVICT] = CLB_PHASE_INSTALL, [CLB_CHUNK] = CLB_PHASE_INSTALL, [CLB_COPY] = CLB_PHASE_INSTALL,
		[CLB_COMMIT] = CLB_PHASE_INSTALL, [CLB_SCAN] = CLB_PHASE_SCAN,
	};
	return phase[state];
}

static bool drained(const struct clb *c)
{
	return !c->stream.present || c->stream.next >= c->stream.count;
}

/* The outputs that are functions of other registers. */
static void refresh(struct clb *c)
{
	struct clb_out *o = &c->out;
	bool rests = c->state == CLB_REST && !c->snoop.pending;

	o->req_ready = rests;
	o->reg_ready = rests && !o->reg_rsp_valid;
	o->snoop_ready = !c->snoop.pending && c->state != CLB_INIT;
	o->phase = phase_of(c->state);
	o->idle = rests && !o->reg_rsp_valid && !o->mem_valid && !o->events && !o->killed && (o->op_valid || drained(c));
}

void clb_reset(struct clb *c)
{
	memset(c, 0, sizeof *c);
	c->state = CLB_INIT;
	c->out.resolve_ready = c->out.mem_rsp_ready = 1;
	refresh(c);
}

/* The register of memory requests, and how far the present burst is. */
static void memory_step(struct clb *c, const struct clb_wires *w)
{
	struct clb_out *o = &c->out;
	struct clb_burst *b = &c->burst;

	if (w->beat)
		b->to_come--;
	if (w->mem_free) {
		bool read = !w->write && b->to_issue;

		o->mem_valid = w->write || read;
		o->mem_write = w->write;
		o->mem_space = w->write || (read && b->space);
		o->mem_addr = w->write ? w->write_addr : read ? b->addr : 0;
		o->mem_data = w->write ? w->write_data : 0;
		if (read) {
			b->addr = clb_address(b->addr + 8);
			b->to_issue--;
		}
	}
	if (w->burst)
		*b = (struct clb_burst){w->burst_words, w->burst_words, w->burst_addr, w->burst_space};
}

static void count(struct clb *c, uint32_t events, unsigned killed, unsigned cause)
{
	c->killed[cause] += killed;
	for (; events; events &= events - 1)
		c->counter_of[__builtin_ctz(events)]++;
}

/* Most cycles: the block rests, nothing is offered to it and nothing is left of the cycle before, so that only the stream may move. */
static bool only_streams(const struct clb *c, const struct clb_in *in)
{
	const struct clb_out *o = &c->out;

	return o->req_ready && !o->events && !o->killed && !o->mem_valid && !o->reg_rsp_valid && !in->req_valid && !in->resolve_valid &&
	       !in->snoop_valid && !in->reg_valid && !in->mem_rsp_valid;
}

static void full_step(struct clb *c, const struct clb_in *in)
{
	uint32_t events = c->out.events;
	unsigned killed = c->out.killed, cause = c->out.killed_cause;
	struct clb_wires w = {
		.in = in, .beat = in->mem_rsp_valid && c->burst.to_come, .last = c->burst.to_come == 1,
		.mem_free = !c->out.mem_valid || in->mem_ready, .pending = c->snoop.pending,
	};

	clb_control_step(c, &w);
	if (c->assembler.state != CLB_A_IDLE || w.start_assembler)
		clb_assembler_step(c, &w);
	if (c->buffer.state != CLB_B_IDLE || w.start_probe || w.start_write)
		clb_buffer_step(c, &w);
	clb_registers_step(c, &w);
	count(c, events, killed, cause);
	memory_step(c, &w);
	c->out.events = w.events;
	refresh(c);
}

void clb_step(struct clb *c, const struct clb_in *in, struct clb_out *out)
{
	if (only_streams(c, in)) {
		clb_stream_step(c, !c->out.op_valid || in->op_ready);
		c->out.idle = c->out.op_valid || drained(c);
	} else {
		full_step(c, in);
	}
	*out = c->out;
}

void clb_outputs(const struct clb *c, struct clb_out *out)
{
	*out = c->out;
}
