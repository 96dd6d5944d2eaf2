/* Interrupt engine: carries one message or unblock after the other through the delivery protocol of rtl/bau/README.md. */
#include "models/bau/unit.h"

enum {
	REST, FETCH, ENTRY, SET, BLOCK, WAIT, DECIDE, CLEAR, UNBLOCK_FETCH, UNBLOCK_ENTRY, SCAN,
	SIGNAL = BAU_ENGINE_SIGNAL, ANSWER = BAU_ENGINE_ANSWER, REREAD, COMPARE, SUMMARY, SUMMARY_WAIT, NOTIFY, SCANNED, REPORT, FINISH,
};

enum { SIGVEC_WORDS = 8, UNBLOCK_ID = 1u << 31 };

static bool summary_is_legal(const struct bau *bau)
{
	const struct bau_message *m = &bau->engine.m;
	return bau_in_bounds(bau, m->partition, m->summary >> 12);
}

static bool entry_is_legal(const struct bau *bau)
{
	return bau_in_bounds(bau, bau->engine.m.partition, bau->engine.m.ite >> 12);
}

/** Word of the interrupt-table entry that read number @p n of an unblock fetches. */
static unsigned unblock_word(unsigned n)
{
	return n == 0 ? 0 : n + 1;
}

static void atomic(struct bau_access *access, uint8_t op, uint64_t address, uint64_t operand)
{
	access->op = op;
	access->addr = address;
	access->data = operand;
	access->strb = 0xff;
}

bool bau_engine_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_engine *e = &bau->engine;
	const struct bau_message *m = &e->m;
	if (e->state == REST)
		return false;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .addr = m->ite, .tag = bau_tag(BAU_UNIT_ENGINE, 0)};
	switch (e->state) {
	case FETCH:
		access->addr = m->ite + 16u * e->asked;
		return e->asked < 2;
	case UNBLOCK_FETCH:
		access->addr = m->ite + 8u * unblock_word(e->asked);
		return e->asked < 3;
	case SCAN:
		access->addr = (e->sigvec & BAU_ITE_SIGVEC_MASK) + 8u * e->asked;
		return e->asked < SIGVEC_WORDS;
	case SET:
		atomic(access, BAU_MEM_OR, (e->sigvec & BAU_ITE_SIGVEC_MASK) + 8u * (m->bit / 64u), 1ull << m->bit % 64);
		return true;
	case BLOCK:
		atomic(access, BAU_MEM_OR, m->ite + 8, BAU_ITE_BLOCKED_MASK);
		return true;
	case CLEAR:
		atomic(access, BAU_MEM_AND, m->ite + 8, ~BAU_ITE_BLOCKED_MASK);
		return entry_is_legal(bau);
	case SUMMARY:
		atomic(access, BAU_MEM_OR, m->summary + 8u * (m->target / 64u), 1ull << m->target % 64);
		return summary_is_legal(bau);
	default:
		return e->state == REREAD;
	}
}

/** The address that a fault record shows: what could not be used. */
static uint64_t accused_address(const struct bau_engine *e)
{
	switch (e->cause) {
	case BAU_CAUSE_SIGVEC_ACCESS: return e->sigvec;
	case BAU_CAUSE_SUMMARY_ACCESS: return e->m.summary;
	default: return e->m.ite;
	}
}

bool bau_engine_fault(const struct bau *bau, struct bau_fault *fault)
{
	const struct bau_engine *e = &bau->engine;
	if (e->state != REPORT)
		return false;
	*fault = (struct bau_fault){
		.cause = e->cause,
		.write = 1,
		.partition = e->m.partition,
		.rid = e->m.rid,
		.id = e->m.id,
		.address = accused_address(e),
		.detail = e->m.bit,
	};
	return true;
}

static void emit(struct bau_engine *e, uint8_t code, uint32_t value)
{
	e->event_valid = 1;
	e->event_code = code;
	e->event_function = e->m.rid;
	e->event_id = e->m.id;
	e->event_value = value;
}

static void emit_target(struct bau_engine *e, uint8_t code, uint32_t low)
{
	emit(e, code, (uint32_t)e->m.target << 16 | low);
}

static uint8_t report(struct bau_engine *e, uint8_t cause, uint8_t after)
{
	e->cause = cause;
	e->after_fault = after;
	return REPORT;
}

static uint8_t ask(struct bau_engine *e, uint8_t state)
{
	e->asked = e->got = e->error = 0;
	return state;
}

static uint8_t take_message(struct bau *bau)
{
	struct bau_engine *e = &bau->engine;
	e->m = bau->message[ring_pop(&bau->message_ring)];
	e->released--;
	e->unblock = 0;
	e->prefer = 1;
	emit_target(e, BAU_EVENT_DTE_READ, e->m.hit);
	return ask(e, FETCH);
}

static unsigned next_pending(const struct bau_engine *e, uint8_t pending)
{
	for (unsigned i = 1; i <= BAU_NUM_HARTS; i++) {
		unsigned hart = (e->last_hart + i) % BAU_NUM_HARTS;
		if (pending >> hart & 1)
			return hart;
	}
	return 0;
}

static uint8_t take_unblock(struct bau *bau, struct bau_wires *wires)
{
	struct bau_engine *e = &bau->engine;
	unsigned hart = next_pending(e, wires->pending), p = 0;
	e->prefer = 0;
	e->last_hart = (uint8_t)hart;
	e->pending &= (uint8_t)~(1u << hart);
	while (p < BAU_NUM_PARTITIONS &&
	       !(bau->registers.partition[p].valid && bau->registers.partition[p].harts >> hart & 1))
		p++;
	if (p == BAU_NUM_PARTITIONS)
		return REST;
	e->unblock_count = (e->unblock_count + 1) & ~UNBLOCK_ID;
	e->unblock = 1;
	e->m = (struct bau_message){
		.id = UNBLOCK_ID | e->unblock_count,
		.ite = e->pending_ite[hart],
		.partition = (uint8_t)p,
		.direct = 1,
		.epoch = bau->epoch,
	};
	wires->begun[bau->epoch]++;
	return ask(e, CLEAR);
}

static uint8_t step_rest(struct bau *bau, struct bau_wires *wires)
{
	const struct bau_engine *e = &bau->engine;
	if (wires->pending && (e->prefer || !e->released))
		return take_unblock(bau, wires);
	return e->released ? take_message(bau) : REST;
}

static bool may_signal(const struct bau_engine *e)
{
	return e->m.direct && e->word0 & BAU_ITE_DIRECT_MASK && e->word0 & BAU_ITE_RUNNING_MASK;
}

/** Checks an entry that has been read. @return 0 or the cause why it cannot be used. */
static uint8_t judge_entry(const struct bau *bau)
{
	const struct bau_engine *e = &bau->engine;
	if (e->error)
		return BAU_CAUSE_ITE_ACCESS;
	if (!(e->word0 & BAU_ITE_VALID_MASK))
		return BAU_CAUSE_ITE_INVALID;
	if (e->sigvec & ~BAU_ITE_SIGVEC_MASK || !bau_in_bounds(bau, e->m.partition, e->sigvec >> 12))
		return BAU_CAUSE_SIGVEC_ACCESS;
	return 0;
}

static uint8_t step_entry(struct bau *bau)
{
	struct bau_engine *e = &bau->engine;
	uint8_t cause = judge_entry(bau);
	if (e->unblock) {
		e->m.target = (uint8_t)FIELD_GET(BAU_ITE_UNBLOCK_TARGET, e->word3);
		e->m.summary = e->word3 & BAU_ITE_UNBLOCK_SUMMARY_MASK;
		e->m.subclass = (uint8_t)FIELD_GET(BAU_ITE_UNBLOCK_SUBCLASS, e->word3);
		e->m.vmid = (uint16_t)FIELD_GET(BAU_ITE_VMID, e->word0);
	}
	emit(e, BAU_EVENT_ITE_READ, (uint32_t)e->word0);
	return cause ? report(e, cause, FINISH) : ask(e, e->unblock ? SCAN : SET);
}

static uint8_t step_decide(struct bau *bau, struct bau_wires *wires)
{
	struct bau_engine *e = &bau->engine;
	uint64_t lpid = FIELD_GET(BAU_ITE_LPID, e->word0);
	uint64_t map = lpid < BAU_NUM_LPIDS ? bau->registers.partition[e->m.partition].lpid_map >> (8 * lpid) : 0;
	if (e->error)
		return report(e, e->unblock ? BAU_CAUSE_ITE_ACCESS : BAU_CAUSE_SIGVEC_ACCESS, FINISH);
	if (!may_signal(e))
		return SUMMARY;
	if (e->old_blocked) {
		emit_target(e, BAU_EVENT_RECORDED, e->m.bit);
		bau_count(wires, BAU_RECORDED);
		return FINISH;
	}
	if (!(map & 0x80) || (map & 0xf) >= BAU_NUM_HARTS)
		return report(e, BAU_CAUSE_LPID, SUMMARY);
	e->hart = (uint8_t)(map & 0xf);
	e->gein = (uint8_t)FIELD_GET(BAU_ITE_GEIN, e->word0);
	emit_target(e, BAU_EVENT_SIGNAL, e->hart);
	return SIGNAL;
}

static uint8_t step_answer(struct bau_engine *e, struct bau_wires *wires)
{
	if (!wires->in->sig_rsp_valid)
		return ANSWER;
	bool match = wires->in->sig_rsp_match;
	emit_target(e, match ? BAU_EVENT_ACCEPTED : BAU_EVENT_MISMATCH, e->hart);
	bau_count(wires, match ? BAU_DIRECT : BAU_MISMATCH);
	return match ? REREAD : SUMMARY;
}

static uint8_t step_compare(struct bau_engine *e, const struct bau_wires *wires)
{
	if (!bau_answered(wires, BAU_UNIT_ENGINE))
		return COMPARE;
	if (!wires->in->mem_rsp_err && wires->in->mem_rsp_data == e->word0)
		return FINISH;
	emit(e, BAU_EVENT_CHANGED, (uint32_t)wires->in->mem_rsp_data);
	return SUMMARY;
}

static uint8_t step_notify(struct bau *bau, struct bau_wires *wires)
{
	struct bau_engine *e = &bau->engine;
	uint8_t harts = bau->registers.partition[e->m.partition].harts;
	for (unsigned hart = 0; hart < BAU_NUM_HARTS; hart++) {
		if (bau->registers.subclass_mask[hart] >> e->m.subclass & harts >> hart & 1)
			wires->notify |= (uint8_t)(1u << hart);
	}
	emit_target(e, BAU_EVENT_BROADCAST, wires->notify);
	bau_count(wires, BAU_BROADCAST);
	return FINISH;
}

static uint8_t step_scanned(struct bau_engine *e, struct bau_wires *wires)
{
	emit_target(e, BAU_EVENT_UNBLOCK, e->scan != 0);
	bau_count(wires, BAU_UNBLOCKS);
	if (e->error)
		return report(e, BAU_CAUSE_SIGVEC_ACCESS, FINISH);
	if (e->scan == 0)
		return FINISH;
	bau_count(wires, BAU_RESCAN);
	return ask(e, may_signal(e) ? BLOCK : SUMMARY);
}

static uint8_t step_summary_wait(struct bau_engine *e, const struct bau_wires *wires)
{
	if (!bau_answered(wires, BAU_UNIT_ENGINE))
		return SUMMARY_WAIT;
	return wires->in->mem_rsp_err ? report(e, BAU_CAUSE_SUMMARY_ACCESS, NOTIFY) : NOTIFY;
}

/** Takes an answer of memory in the states that collect several. The meaning goes by the number of the answer. */
static void collect(struct bau_engine *e, const struct bau_wires *wires)
{
	uint64_t data = wires->in->mem_rsp_data;
	unsigned n = e->got++;
	e->error |= wires->in->mem_rsp_err;
	switch (e->state) {
	case FETCH:
		*(n == 0 ? &e->word0 : &e->sigvec) = data;
		break;
	case CLEAR:
	case UNBLOCK_FETCH:
		if (n > 0)
			*(n == 1 ? &e->word0 : n == 2 ? &e->sigvec : &e->word3) = data;
		break;
	case SCAN:
		e->scan = n == 0 ? data : e->scan | data;
		break;
	default:
		if (n == 0 && !e->unblock)
			emit_target(e, BAU_EVENT_VECTOR_SET, e->m.bit);
		else
			e->old_blocked = data & BAU_ITE_BLOCKED_MASK;
		break;
	}
}

/** How many answers the present state needs before the work goes on. */
static unsigned answers_needed(const struct bau_engine *e)
{
	switch (e->state) {
	case FETCH: return 2;
	case UNBLOCK_FETCH: return 4;
	case SCAN: return SIGVEC_WORDS;
	default: return !e->unblock && may_signal(e) ? 2 : 1;
	}
}

/** The states that ask for words, collect the answers and go on when all are there. */
static void step_collecting(struct bau *bau, struct bau_wires *wires)
{
	struct bau_engine *e = &bau->engine;
	bool complete = e->got == answers_needed(e), granted = wires->granted == BAU_UNIT_ENGINE;
	uint8_t next = e->state;
	switch (e->state) {
	case FETCH: next = complete ? ENTRY : FETCH; break;
	case UNBLOCK_FETCH: next = complete ? UNBLOCK_ENTRY : UNBLOCK_FETCH; break;
	case SCAN: next = complete ? SCANNED : SCAN; break;
	case SET: next = !granted ? SET : may_signal(e) ? BLOCK : WAIT; break;
	case BLOCK: next = granted ? WAIT : BLOCK; break;
	case CLEAR: next = granted ? UNBLOCK_FETCH : CLEAR; break;
	default: next = complete ? DECIDE : WAIT; break;
	}
	if (granted && e->state != CLEAR)
		e->asked++;
	if (bau_answered(wires, BAU_UNIT_ENGINE))
		collect(e, wires);
	e->state = next;
}

static void clear_event(struct bau_engine *e)
{
	e->event_valid = e->event_code = 0;
	e->event_function = 0;
	e->event_id = e->event_value = 0;
}

void bau_engine_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_engine *e = &bau->engine;
	bool granted = wires->granted == BAU_UNIT_ENGINE;
	clear_event(e);
	switch (e->state) {
	case REST: e->state = step_rest(bau, wires); break;
	case ENTRY:
	case UNBLOCK_ENTRY: e->state = step_entry(bau); break;
	case DECIDE: e->state = step_decide(bau, wires); break;
	case SIGNAL: e->state = wires->in->sig_ready ? ANSWER : SIGNAL; break;
	case ANSWER: e->state = step_answer(e, wires); break;
	case REREAD: e->state = granted ? COMPARE : REREAD; break;
	case COMPARE: e->state = step_compare(e, wires); break;
	case SUMMARY:
		if (!summary_is_legal(bau))
			e->state = report(e, BAU_CAUSE_SUMMARY_ACCESS, NOTIFY);
		else if (granted)
			e->state = SUMMARY_WAIT;
		break;
	case SUMMARY_WAIT: e->state = step_summary_wait(e, wires); break;
	case NOTIFY: e->state = step_notify(bau, wires); break;
	case SCANNED: e->state = step_scanned(e, wires); break;
	case REPORT: e->state = wires->accepted == BAU_REPORT_ENGINE ? e->after_fault : REPORT; break;
	case FINISH:
		wires->ended[e->m.epoch]++;
		e->state = REST;
		break;
	case CLEAR:
		if (!entry_is_legal(bau)) {
			e->state = report(e, BAU_CAUSE_ITE_ACCESS, FINISH);
			break;
		}
		step_collecting(bau, wires);
		break;
	default: step_collecting(bau, wires); break;
	}
	e->released = (uint8_t)(e->released + wires->released);
}
