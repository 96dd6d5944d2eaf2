#include "models/board/front_end.h"

#include <stdlib.h>
#include <string.h>

#include "models/convert/convert.h"
#include "models/hart/stream.h"

static const uint64_t PAGE_OFFSET = 0xfff;

void front_end_restart(struct front_end *f)
{
	f->state = (struct front_end_state){.need = true, .stat = f->state.stat, .out = f->state.out};
	f->state.next.reg_rsp_ready = f->state.next.mem_ready = 1;
	f->state.in = f->state.next;
}

int front_end_create(struct front_end *f, struct hart_domain *domain, unsigned hart, unsigned latency, const void *image, size_t bytes)
{
	*f = (struct front_end){.core = hart_core_of(domain, hart), .domain = domain, .hart = hart, .latency = latency};
	front_end_restart(f);
	if (bytes > FRONT_END_APPLICATION - FRONT_END_TABLES)
		return -1;
	f->memory = calloc(1, FRONT_END_MEMORY_BYTES);
	if (!f->memory)
		return -1;
	memcpy(f->memory + FRONT_END_TABLES, image, bytes);
	return 0;
}

int front_end_set_application(struct front_end *f, const void *image, size_t bytes)
{
	if (bytes > FRONT_END_BUFFER - FRONT_END_APPLICATION)
		return -1;
	memcpy(f->memory + FRONT_END_APPLICATION, image, bytes);
	f->application = true;
	return 0;
}

void front_end_destroy(struct front_end *f)
{
	free(f->memory);
	f->memory = NULL;
}

/* --- memory and configuration -------------------------------------------------------------------------------------- */

static void perform(struct front_end *f, uint64_t cycle)
{
	const struct clb_out *out = &f->state.out;
	struct memory_answer answer = {.cycle = cycle + f->latency};
	bool inside = out->mem_addr <= FRONT_END_MEMORY_BYTES - 8;

	if (out->mem_space == CLB_SPACE_GUEST)
		answer.error = hart_stream_read(f->domain, out->mem_addr, &answer.data) != 0;
	else if (!inside)
		answer.error = true;
	else if (out->mem_write)
		memcpy(f->memory + out->mem_addr, &out->mem_data, 8);
	else
		memcpy(&answer.data, f->memory + out->mem_addr, 8);
	if (!out->mem_write)
		memory_port_push(&f->state.memory, &answer);
}

static void memory_ports(struct front_end *f, uint64_t cycle)
{
	struct front_end_state *s = &f->state;
	const struct memory_answer *front;

	if (s->in.mem_rsp_valid)
		memory_port_pop(&s->memory);
	if (s->out.mem_valid && s->in.mem_ready)
		perform(f, cycle);
	s->next.mem_ready = memory_port_has_room(&s->memory);
	front = memory_port_front(&s->memory, cycle + 1);
	s->next.mem_rsp_valid = front != NULL;
	s->next.mem_rsp_data = front ? front->data : 0;
	s->next.mem_rsp_err = front && front->error;
}

/* After reset the tables' addresses and the conversion buffer are written to the CLB's registers; then the hart may start. */
static const struct { uint16_t addr; uint64_t data; } configuration[] = {
	{CLB_TABLE0, FRONT_END_TABLES},
	{CLB_TABLE1, FRONT_END_TABLES},
	{CLB_TABLE2, FRONT_END_TABLES},
	{CLB_TABLE3, FRONT_END_APPLICATION},
	{CLB_BUFFER, FRONT_END_BUFFER | (FRONT_END_BUFFER_SLOTS - 1)},
	{CLB_CONTROL, CLB_CONTROL_BUFFER_MASK},
};
enum { CONFIGURED = sizeof configuration / sizeof configuration[0] };

static void configure(struct front_end *f)
{
	struct front_end_state *s = &f->state;

	if (s->in.reg_valid && s->out.reg_ready) {
		s->configured++;
		s->next.reg_valid = s->next.reg_write = 0;
		s->next.reg_addr = 0;
		s->next.reg_data = 0;
	}
	if (s->configured == CONFIGURED)
		return;
	s->next.reg_valid = s->next.reg_write = 1;
	s->next.reg_addr = configuration[s->configured].addr;
	s->next.reg_data = configuration[s->configured].data;
	if (s->next.reg_addr == CLB_TABLE3 && !f->application)
		s->next.reg_data = 0;
}

/* --- snoops --------------------------------------------------------------------------------------------------------- */

void front_end_snoop(struct front_end *f, int hart, uint64_t line)
{
	struct front_end_state *s = &f->state;
	unsigned cause = (unsigned)hart == f->hart ? CLB_CAUSE_STORE : CLB_CAUSE_OTHER;

	if (hart < 0)
		cause = CLB_CAUSE_DMA;
	s->snooped = true;
	if (s->snoops == FRONT_END_SNOOPS) {
		s->snoop_all = true;
		return;
	}
	s->snoop[(s->snoop_head + s->snoops++) % FRONT_END_SNOOPS] = (struct front_end_snoop){line >> 6, (uint8_t)cause};
}

static bool snoops_wait(const struct front_end_state *s)
{
	return s->snoops || s->snoop_all || s->next.snoop_valid;
}

static void snoop_port(struct front_end_state *s)
{
	if (s->in.snoop_valid && s->out.snoop_ready)
		s->next.snoop_valid = 0;
	if (s->next.snoop_valid || !(s->snoops || s->snoop_all))
		return;
	s->next.snoop_valid = 1;
	s->next.snoop_all = s->snoop_all;
	s->next.snoop_line = s->snoop_all ? 0 : s->snoop[s->snoop_head].line;
	s->next.snoop_cause = s->snoop_all ? CLB_CAUSE_FLUSH : s->snoop[s->snoop_head].cause;
	if (s->snoop_all) {
		s->snoops = 0;
		s->snoop_all = false;
		return;
	}
	s->snoop_head = (uint8_t)((s->snoop_head + 1) % FRONT_END_SNOOPS);
	s->snoops--;
}

/* --- ops and requests ----------------------------------------------------------------------------------------------- */

static void take_op(struct front_end_state *s)
{
	const struct clb_out *o = &s->out;

	if (!s->expecting || o->op_tag != s->tag)
		return;
	s->op[s->ops++] = (struct front_end_op){
		.word = o->op_word, .at = o->op_at, .next = o->op_next, .opposite = o->op_opposite, .kind = o->op_kind, .last = o->op_last,
		.far = o->op_far, .taken = o->op_taken, .near = o->op_near, .index = o->op_index,
	};
}

static void pop_op(struct front_end_state *s)
{
	s->op[0] = s->op[1];
	s->ops--;
}

static void count(struct front_end_state *s)
{
	for (uint32_t events = s->out.events; events; events &= events - 1)
		s->stat.event[__builtin_ctz(events)]++;
	s->stat.killed[s->out.killed_cause] += s->out.killed;
}

void front_end_ports(struct front_end *f, uint64_t cycle)
{
	struct front_end_state *s = &f->state;

	if (s->out.events || s->out.killed)
		count(s);
	if (s->out.mem_valid || s->memory.count)
		memory_ports(f, cycle);
	if (s->configured < CONFIGURED)
		configure(f);
	if (s->snoops || s->snoop_all || s->in.snoop_valid)
		snoop_port(s);
	if (s->in.req_valid && s->out.req_ready)
		s->next.req_valid = 0;
	s->next.resolve_valid = 0;
	if (s->out.op_valid && s->in.op_ready)
		take_op(s);
	s->next.op_ready = 0;
}

static uint8_t mode_of(const struct hart *h)
{
	if (h->priv == HART_M)
		return CLB_MODE_M;
	if (h->priv == HART_S)
		return h->virt ? CLB_MODE_VS : CLB_MODE_S;
	return h->virt ? CLB_MODE_VU : CLB_MODE_U;
}

static void offer(struct front_end *f, const struct hart_fetch *fetch, bool next_valid)
{
	struct front_end_state *s = &f->state;
	struct clb_in *n = &s->next;

	s->tag = (s->tag + 1) & 15;
	s->expecting = true;
	s->need = false;
	n->req_valid = 1;
	n->req_kind = s->need_near && !fetch->single ? CLB_REQ_NEAR : CLB_REQ_LOOKUP;
	n->req_pa = fetch->pa;
	n->req_next_pa = next_valid ? fetch->next_pa : 0;
	n->req_next_valid = next_valid;
	n->req_single = fetch->single;
	n->req_mode = mode_of(hart_state(f->core));
	n->req_isa = hart_runs_application(f->core);
	n->req_index = s->need_index;
	n->req_mispredict = s->need_mispredict;
	n->req_tag = s->tag;
	s->page = hart_state(f->core)->pc & ~PAGE_OFFSET;
	s->pa = fetch->pa;
	s->need_near = s->need_mispredict = false;
}

/* Asks for ops from pc on, if the port is free and no snoop must go first; else the need stays.
 * @param trap whether this cycle may be spent on the trap of a fetch */
static void request(struct front_end *f, bool trap)
{
	struct front_end_state *s = &f->state;
	struct hart_fetch fetch;
	bool at_end;
	int status;

	s->need = true;
	if (s->next.req_valid || snoops_wait(s) || s->configured < CONFIGURED)
		return;
	status = hart_stream_fetch(f->core, trap, &fetch);
	if (status != 0)
		return;
	at_end = (fetch.pa & PAGE_OFFSET) == PAGE_OFFSET - 1 && !fetch.single;
	offer(f, &fetch, at_end && hart_stream_fetch_next(f->core, false, &fetch) == 0);
}

static void ask(struct front_end *f, bool near, unsigned index, bool mispredict)
{
	struct front_end_state *s = &f->state;

	s->expecting = false;
	s->ops = 0;
	s->need_near = near;
	s->need_index = (uint8_t)index;
	s->need_mispredict = mispredict;
	request(f, false);
}

/* What was forwarded is void: it is asked for anew, whatever happens. */
static void start_over(struct front_end *f)
{
	struct front_end_state *s = &f->state;

	s->snooped = s->slow = s->expecting = s->need_near = s->need_mispredict = false;
	s->ops = 0;
	s->need = true;
}

void front_end_redirect(struct front_end *f)
{
	start_over(f);
}

/* --- execution ------------------------------------------------------------------------------------------------------ */

/* The instruction of OP, which was at PC, has retired: does the stream go on where the hart does? */
static void follow(struct front_end *f, const struct front_end_op *op, uint64_t pc)
{
	struct front_end_state *s = &f->state;
	uint64_t to = hart_state(f->core)->pc;
	bool taken = to != pc + native_length(op->word);
	bool follows = (to & ~PAGE_OFFSET) == s->page && (to & PAGE_OFFSET) >> 1 == op->next;

	if (op->far) {
		s->next.resolve_valid = 1;
		s->next.resolve_at = op->at;
		s->next.resolve_taken = taken;
		s->next.resolve_predicted = op->taken;
	}
	if (follows && !op->last)
		return;
	ask(f, op->near && taken, op->index, op->far && taken != op->taken);
}

/* After an instruction has retired or trapped. */
static void go_on(struct front_end *f, const struct front_end_op *op, uint64_t pc)
{
	if (hart_stream_refetch(f->core) || f->state.snooped) {
		start_over(f);
		request(f, false);
	} else if (op) {
		follow(f, op, pc);
	} else {
		ask(f, false, 0, false);
	}
}

static void execute_slow(struct front_end *f)
{
	struct front_end_state *s = &f->state;

	if (hart_stream_slow(f->core) == HART_STREAM_STALLED)
		return;
	s->stat.executed++;
	if (hart_state(f->core)->uop)
		return;
	s->slow = false;
	s->stat.slow++;
	go_on(f, NULL, 0);
}

static void execute_native(struct front_end *f)
{
	struct front_end_state *s = &f->state;
	const struct hart *h = hart_state(f->core);
	const struct front_end_op op = s->op[0];
	uint64_t pc = h->pc;

	if (hart_stream_step(f->core, op.word, op.at) == HART_STREAM_STALLED)
		return;
	s->stat.executed++;
	pop_op(s);
	if (h->uop == 0)
		go_on(f, &op, pc);
}

/* The instruction lies in two pages: the second one is translated now. */
static void ask_next(struct front_end *f)
{
	struct front_end_state *s = &f->state;
	struct hart_fetch fetch = {.pa = s->pa, .single = s->in.req_single};

	if (s->next.req_valid || snoops_wait(s))
		return;
	pop_op(s);
	if (hart_stream_fetch_next(f->core, true, &fetch) == 0)
		offer(f, &fetch, true);
}

static void execute_op(struct front_end *f)
{
	struct front_end_state *s = &f->state;

	switch (s->op[0].kind) {
	case CLB_OP_NATIVE:
		execute_native(f);
		break;
	case CLB_OP_MISS:
		s->slow = true;
		pop_op(s);
		execute_slow(f);
		break;
	case CLB_OP_NEXT:
		ask_next(f);
		break;
	default:
		pop_op(s);
		hart_stream_fault(f->core);
		break;
	}
}

static void execute(struct front_end *f)
{
	struct front_end_state *s = &f->state;
	bool answered = hart_state(f->core)->wait == HART_WAIT_DONE;

	if (!hart_stream_attend(f->core))
		return;
	if (!answered && (hart_stream_refetch(f->core) || s->snooped))
		start_over(f);
	if (s->need) {
		s->stat.starved[s->out.phase]++;
		request(f, true);
	} else if (s->slow) {
		execute_slow(f);
	} else if (s->ops == 0) {
		s->stat.starved[s->out.phase]++;
	} else {
		execute_op(f);
	}
}

void front_end_execute(struct front_end *f)
{
	execute(f);
	f->state.next.op_ready = f->state.ops < FRONT_END_OPS;
	hart_state(f->core)->cycles++;
}

void front_end_commit(struct front_end *f)
{
	f->state.in = f->state.next;
}

bool front_end_is_quiet(const struct front_end *f)
{
	const struct front_end_state *s = &f->state;
	const struct clb_in *n = &s->next;

	return s->out.idle && !n->op_ready && !n->req_valid && !n->resolve_valid && !n->reg_valid && !n->mem_rsp_valid && !snoops_wait(s) &&
	       s->memory.count == 0 && s->configured == CONFIGURED;
}
