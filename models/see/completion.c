/* The items CE and CQE: answers of the firmware, and completion queue entries for the host; section 8. */
#include "models/see/internal.h"

static void post(struct see *s, const struct see_completion_entry *e)
{
	unsigned fn = (unsigned)FIELD_GET(SEE_CENTRY_FUNCTION, e->word[1]);
	unsigned qid = (unsigned)FIELD_GET(SEE_CENTRY_SQID, e->word[1]);
	s->posts_taken++;
	if (fn >= SEE_NUM_FUNCTIONS || qid >= SEE_NUM_QUEUES || bit(s->kill, fn) ||
	    !FIELD_GET(SEE_CC_EN, s->functions[fn].cc) || !s->in_state[SEE_SLOT_FREE]) {
		s->bad_completions++;
		return;
	}
	unsigned slot = lowest(s->in_state[SEE_SLOT_FREE]);
	struct see_slot *sl = &s->slots[slot];
	sl->fn = (uint8_t)fn;
	sl->qid = (uint8_t)qid;
	sl->cid = (uint16_t)FIELD_GET(SEE_CENTRY_CID, e->word[1]);
	sl->status = (uint16_t)FIELD_GET(SEE_CENTRY_STATUS, e->word[0]);
	sl->dw0 = (uint32_t)FIELD_GET(SEE_CENTRY_DW0, e->word[1]);
	sl->seq = 0;
	sl->post = 1;
	sl->io = 0;
	s->posts |= 1u << fn;
	set_state(s, slot, SEE_SLOT_CQE);
	set_event(s, SEE_EVENT_COMPLETION, fn, 0, SEE_CE_POST | (uint32_t)sl->status << 16);
}

static uint32_t entry_length(const struct see_completion_entry *e)
{
	uint32_t length = (uint32_t)FIELD_GET(SEE_CENTRY_LENGTH, e->word[0]) & ~3u;
	return length < SEE_MAX_TRANSFER_BYTES ? length : (uint32_t)SEE_MAX_TRANSFER_BYTES;
}

static void complete(struct see *s, unsigned slot, const struct see_completion_entry *e)
{
	struct see_slot *sl = &s->slots[slot];
	uint32_t length = sl->io ? sl->len : entry_length(e);
	sl->status = (uint16_t)FIELD_GET(SEE_CENTRY_STATUS, e->word[0]);
	sl->dw0 = (uint32_t)FIELD_GET(SEE_CENTRY_DW0, e->word[1]);
	if (sl->io && !sl->pulled && sl->rest && !sl->status) {
		set_state(s, slot, SEE_SLOT_RING);
		return;
	}
	if (!FIELD_GET(SEE_CENTRY_PUSH, e->word[0]) || !length || (sl->io && sl->pulled)) {
		set_state(s, slot, SEE_SLOT_CQE);
		return;
	}
	sl->len = length;
	sl->after = AFTER_PUSH;
	if (sl->io)
		see_slot_go(s, slot);
	else
		see_slot_setup(s, slot);
}

static void pull(struct see *s, unsigned slot, const struct see_completion_entry *e)
{
	struct see_slot *sl = &s->slots[slot];
	sl->len = entry_length(e);
	sl->status = 0;
	sl->after = AFTER_PULL;
	if (sl->len) {
		see_slot_setup(s, slot);
	} else {
		sl->pulled = 1;
		set_state(s, slot, SEE_SLOT_RING);
	}
}

/* NEXT and AGAIN: the firmware keeps what it has, and asks for more of the command. A function that is being reset gets no more. */
static void more(struct see *s, unsigned slot, unsigned op, uint32_t status)
{
	struct see_slot *sl = &s->slots[slot];
	bool waits = sl->state == SEE_SLOT_FW || (op == SEE_CE_AGAIN && sl->state == SEE_SLOT_NEXT);
	if (sl->state == SEE_SLOT_ORPHAN || ((sl->state == SEE_SLOT_FW || sl->state == SEE_SLOT_NEXT) && bit(s->kill, sl->fn)))
		return;
	if (!waits || !sl->io || sl->pulled || (op == SEE_CE_NEXT ? !sl->rest : !see_names_blocks((unsigned)(s->sqe[slot * 8] & 0xff)))) {
		s->bad_completions++;
		return;
	}
	if (op == SEE_CE_AGAIN)
		sl->rest = (uint32_t)(s->sqe[slot * 8 + 6] & 0xffff) + 1;
	set_event(s, SEE_EVENT_COMPLETION, sl->fn, sl->seq, op | status << 16);
	set_state(s, slot, SEE_SLOT_NEXT);
}

void see_item_completion_entry(struct see *s)
{
	struct see_completion_entry e = s->ceq[fifo_pop(s, SEE_F_CEQ) % SEE_CEQ_DEPTH];
	unsigned op = (unsigned)FIELD_GET(SEE_CENTRY_OP, e.word[0]);
	unsigned slot = (unsigned)FIELD_GET(SEE_CENTRY_SLOT, e.word[0]);
	if (op == SEE_CE_POST) {
		post(s, &e);
		return;
	}
	if (op > SEE_CE_AGAIN || slot >= SEE_NUM_SLOTS) {
		s->bad_completions++;
		return;
	}
	if (op > SEE_CE_POST) {
		more(s, slot, op, (uint32_t)FIELD_GET(SEE_CENTRY_STATUS, e.word[0]));
		return;
	}
	struct see_slot *sl = &s->slots[slot];
	if (sl->state == SEE_SLOT_ORPHAN || (sl->state == SEE_SLOT_FW && bit(s->kill, sl->fn))) {
		set_state(s, slot, SEE_SLOT_FREE);
		return;
	}
	if (sl->state != SEE_SLOT_FW || (op == SEE_CE_PULL && sl->io)) {
		s->bad_completions++;
		return;
	}
	set_event(s, SEE_EVENT_COMPLETION, sl->fn, sl->seq,
		  op | (uint32_t)FIELD_GET(SEE_CENTRY_STATUS, e.word[0]) << 16);
	if (op == SEE_CE_RELEASE)
		see_slot_free(s, slot);
	else if (op == SEE_CE_PULL)
		pull(s, slot, &e);
	else
		complete(s, slot, &e);
}

static void write_cqe(struct see *s, unsigned slot, unsigned cqid)
{
	struct see_slot *sl = &s->slots[slot];
	struct see_function *f = &s->functions[sl->fn];
	struct see_cq *cq = &f->cq[cqid];
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] = (struct see_write_job){
		.kind = SEE_WR_CQE, .fn = sl->fn, .slot = (uint8_t)slot, .addr = cq->addr + cq->tail * 16u, .len = 16,
		.word = {sl->dw0, (uint64_t)f->sq[sl->qid].head | (uint64_t)sl->qid << 16 | (uint64_t)sl->cid << 32 |
				(uint64_t)cq->phase << 48 | (uint64_t)sl->status << 49}};
	cq->tail = next_index(cq->tail, cq->size);
	cq->phase ^= cq->tail == 0;
	if (cq->ien && cq->vector < SEE_NUM_VECTORS && f->msix_en)
		see_coalesce_raise(s, sl->fn, cq->vector, cqid == 0);
	if (cq->ien)
		see_intx_set(s, sl->fn, cqid, true);
	set_event(s, SEE_EVENT_CQE, sl->fn, sl->seq, sl->status | (uint32_t)sl->cid << 16);
	set_state(s, slot, SEE_SLOT_SENT);
}

/* The queue is gone: the slot only waits until its data writes have been made. */
static void write_nothing(struct see *s, unsigned slot)
{
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] =
		(struct see_write_job){.kind = SEE_WR_CQE, .fn = s->slots[slot].fn, .slot = (uint8_t)slot};
	set_state(s, slot, SEE_SLOT_SENT);
}

void see_item_cqe(struct see *s)
{
	unsigned slot = round_robin(s->in_state[SEE_SLOT_CQE], s->last_cqe);
	const struct see_slot *sl = &s->slots[slot];
	const struct see_function *f = &s->functions[sl->fn];
	unsigned cqid = f->sq[sl->qid].cqid;
	s->last_cqe = (uint8_t)slot;
	if (!bit(f->sq_valid, sl->qid) || cqid >= SEE_NUM_QUEUES || !bit(f->cq_valid, cqid)) {
		write_nothing(s, slot);
		return;
	}
	const struct see_cq *cq = &f->cq[cqid];
	if (next_index(cq->tail, cq->size) == cq->head)
		set_state(s, slot, SEE_SLOT_CQWAIT);
	else
		write_cqe(s, slot, cqid);
}
