/* The items FETCH and DONE: reading submission queue entries, and what ended reads lead to; section 8. */
#include "models/see/internal.h"

static bool function_runs(const struct see *s, unsigned fn)
{
	const struct see_function *f = &s->functions[fn];
	return !bit(s->hold, fn) && !function_busy(s, fn) && FIELD_GET(SEE_CC_EN, f->cc) && FIELD_GET(SEE_CSTS_RDY, f->csts) &&
	       !FIELD_GET(SEE_CSTS_CFS, f->csts) && bit(s->bme, fn);
}

static bool is_weighted(const struct see_function *f)
{
	return FIELD_GET(SEE_FN_ARBITRATION_WRR, f->arbitration) != 0;
}

static unsigned with_priority(const struct see_function *f, unsigned queues, unsigned priority)
{
	unsigned set = 0;
	for (queues &= ~1u; queues; queues &= queues - 1)
		if (f->sq[lowest(queues)].priority == priority)
			set |= queues & -queues;
	return set;
}

/* Of the queues with entries those whose turn it is, under weighted round robin. */
static unsigned weighted_turn(const struct see_function *f, unsigned queues)
{
	unsigned urgent = with_priority(f, queues, 0), first = 0;
	if (queues & 1)
		return 1;
	if (urgent)
		return urgent;
	for (unsigned priority = 1; priority < 4; priority++) {
		unsigned set = with_priority(f, queues, priority);
		if (set && f->credit[priority])
			return set;
		first = first ? first : set;
	}
	return first;
}

/* The queues of @p fn that may be fetched from. */
static unsigned eligible(const struct see *s, unsigned fn)
{
	const struct see_function *f = &s->functions[fn];
	unsigned queues = f->sq_valid & f->sq_pend;
	if (!queues || !function_runs(s, fn))
		return 0;
	if (is_weighted(f))
		queues = weighted_turn(f, queues);
	queues &= ~(unsigned)f->sq_fetching;
	if (f->inflight < s->slot_limit)
		return queues;
	return f->sq[0].inflight ? 0 : queues & 1;
}

/* A queue of a class with credits has its turn. */
static void spend_credit(struct see_function *f, unsigned priority)
{
	if (f->credit[priority] == 0) {
		f->credit[1] = (uint16_t)(FIELD_GET(SEE_FN_ARBITRATION_HPW, f->arbitration) + 1);
		f->credit[2] = (uint16_t)(FIELD_GET(SEE_FN_ARBITRATION_MPW, f->arbitration) + 1);
		f->credit[3] = (uint16_t)(FIELD_GET(SEE_FN_ARBITRATION_LPW, f->arbitration) + 1);
	}
	f->credit[priority]--;
}

static unsigned choose_queue(const struct see *s, unsigned fn)
{
	const struct see_function *f = &s->functions[fn];
	unsigned queues = eligible(s, fn);
	if (!is_weighted(f))
		return round_robin(queues, f->last_sq[0]);
	return queues & 1 ? 0 : round_robin(queues, f->last_sq[f->sq[lowest(queues)].priority]);
}

static void take_turn(struct see_function *f, unsigned q)
{
	unsigned priority = f->sq[q].priority;
	if (!is_weighted(f)) {
		f->last_sq[0] = (uint8_t)q;
	} else if (q) {
		f->last_sq[priority] = (uint8_t)q;
		if (priority)
			spend_credit(f, priority);
	}
}

uint32_t see_fetch_functions(const struct see *s)
{
	uint32_t set = 0;
	for (uint32_t fns = s->pend_fns; fns; fns &= fns - 1)
		if (eligible(s, lowest(fns)))
			set |= fns & -fns;
	return set;
}

void see_item_fetch(struct see *s)
{
	unsigned fn = round_robin(see_fetch_functions(s), s->last_fetch_fn);
	struct see_function *f = &s->functions[fn];
	unsigned q = choose_queue(s, fn);
	unsigned slot = lowest(s->in_state[SEE_SLOT_FREE]);
	struct see_slot *sl = &s->slots[slot];
	s->last_fetch_fn = (uint8_t)fn;
	take_turn(f, q);
	sl->fn = (uint8_t)fn;
	sl->qid = (uint8_t)q;
	sl->left = 64;
	sl->err = 0;
	sl->post = 0;
	set_state(s, slot, SEE_SLOT_FETCH);
	f->sq_fetching |= (uint16_t)(1u << q);
	f->inflight++;
	f->sq[q].inflight++;
	s->rdq[fifo_push(s, SEE_F_RDQ) % SEE_RDQ_DEPTH] = (struct see_read_job){
		.kind = SEE_RD_SQE, .fn = (uint8_t)fn, .slot = (uint8_t)slot, .len = 64, .dest = slot * 64,
		.addr = f->sq[q].addr + f->sq[q].head * 64u};
}

static void fetch_failed(struct see *s, unsigned slot)
{
	const struct see_slot *sl = &s->slots[slot];
	struct see_function *f = &s->functions[sl->fn];
	f->csts |= (uint32_t)SEE_CSTS_CFS_MASK;
	f->sq_valid &= (uint16_t)~(1u << sl->qid);
	set_pend(s, sl->fn, sl->qid, false);
	set_event(s, SEE_EVENT_ERROR, sl->fn, 0, STATUS_DATA_TRANSFER);
	see_slot_free(s, slot);
}

static void sqe_arrived(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	struct see_function *f = &s->functions[sl->fn];
	struct see_sq *sq = &f->sq[sl->qid];
	f->sq_fetching &= (uint16_t)~(1u << sl->qid);
	if (sl->err) {
		fetch_failed(s, slot);
		return;
	}
	if (!bit(f->sq_valid, sl->qid)) {
		see_slot_free(s, slot);
		return;
	}
	sq->head = next_index(sq->head, sq->size);
	set_pend(s, sl->fn, sl->qid, sq->head != sq->tail);
	sl->seq = ++s->sequence;
	sl->cid = (uint16_t)(s->sqe[slot * 8] >> 16);
	sl->status = 0;
	sl->dw0 = 0;
	sl->pulled = 0;
	sl->gone = 0;
	set_state(s, slot, SEE_SLOT_CHECK);
	set_event(s, SEE_EVENT_FETCHED, sl->fn, sl->seq, (uint32_t)s->sqe[slot * 8]);
}

static void list_arrived(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	if (sl->err) {
		see_slot_fail(s, slot, sl->err == 2 ? STATUS_PRP_OFFSET : STATUS_DATA_TRANSFER);
	} else if (sl->chained) {
		sl->chain = 1;
		set_state(s, slot, SEE_SLOT_LISTQ);
	} else {
		see_slot_go(s, slot);
	}
}

static void data_arrived(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	if (sl->err) {
		see_slot_fail(s, slot, STATUS_DATA_TRANSFER);
		return;
	}
	sl->pulled = !sl->io;
	set_state(s, slot, SEE_SLOT_RING);
}

static void read_ended(struct see *s, const struct see_done *done)
{
	struct see_slot *sl = &s->slots[done->slot];
	if (bit(s->kill, sl->fn))
		return;
	if (done->err == 1)
		s->errors++;
	if (!sl->err)
		sl->err = done->err;
	sl->left = (sl->left - done->bytes) & 0x3ffff;
	if (sl->left)
		return;
	if (done->kind == SEE_RD_SQE)
		sqe_arrived(s, done->slot);
	else if (done->kind == SEE_RD_LIST)
		list_arrived(s, done->slot);
	else
		data_arrived(s, done->slot);
}

static void write_ended(struct see *s)
{
	struct see_write_done done = s->wdoneq[fifo_pop(s, SEE_F_WDONEQ) % SEE_WDONEQ_DEPTH];
	if (done.mark)
		s->wr_marked = 1;
	else if (!bit(s->kill, s->slots[done.slot].fn))
		see_slot_free(s, done.slot);
}

void see_item_done(struct see *s)
{
	if (!s->done_is_read) {
		write_ended(s);
		return;
	}
	struct see_done done = s->doneq[fifo_pop(s, SEE_F_DONEQ) % SEE_DONEQ_DEPTH];
	if (done.kind == SEE_RD_MARK)
		s->rd_marked = 1;
	else
		read_ended(s, &done);
}
