/* The items FETCH and DONE: reading submission queue entries, and what ended reads lead to; section 8. */
#include "models/see/internal.h"

static bool function_runs(const struct see *s, unsigned fn)
{
	const struct see_function *f = &s->functions[fn];
	return !bit(s->hold, fn) && !function_busy(s, fn) && FIELD_GET(SEE_CC_EN, f->cc) && FIELD_GET(SEE_CSTS_RDY, f->csts) &&
	       !FIELD_GET(SEE_CSTS_CFS, f->csts) && bit(s->bme, fn);
}

/* The queues of @p fn that may be fetched from. */
static unsigned eligible(const struct see *s, unsigned fn)
{
	const struct see_function *f = &s->functions[fn];
	unsigned queues = f->sq_valid & f->sq_pend & ~(unsigned)f->sq_fetching;
	if (!queues || !function_runs(s, fn))
		return 0;
	return f->inflight < s->slot_limit ? queues : queues & 1;
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
	unsigned q = round_robin(eligible(s, fn), f->last_sq);
	unsigned slot = lowest(s->in_state[SEE_SLOT_FREE]);
	struct see_slot *sl = &s->slots[slot];
	s->last_fetch_fn = (uint8_t)fn;
	f->last_sq = (uint8_t)q;
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
