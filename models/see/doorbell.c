/* Doorbells: checked against the queue, refused ones go to the firmware; section 8, REQ. */
#include "models/see/internal.h"

static void refuse(struct see *s, unsigned fn, unsigned q, bool is_cq, bool bad_value, uint32_t value)
{
	q &= 0xff;
	set_event(s, SEE_EVENT_DOORBELL, fn, 0,
		  (value & 0xffff) | q << 16 | (uint32_t)is_cq << 24 | (uint32_t)bad_value << 25);
	if (fifo_room(s, SEE_F_DBQ, SEE_DBQ_DEPTH))
		s->dbq[fifo_push(s, SEE_F_DBQ) % SEE_DBQ_DEPTH] = (struct see_bad_doorbell){
			.value = value, .fn = (uint8_t)fn, .queue = (uint8_t)q, .is_cq = is_cq, .bad_value = bad_value};
}

static void sq_tail(struct see *s, unsigned fn, unsigned q, uint32_t value)
{
	struct see_sq *sq = &s->functions[fn].sq[q];
	if (value >= sq->size ||
	    distance(value, sq->head, sq->size) < distance(sq->tail, sq->head, sq->size)) {
		refuse(s, fn, q, false, true, value);
		return;
	}
	sq->tail = (uint16_t)value;
	set_pend(s, fn, q, value != sq->head);
}

static void cq_head(struct see *s, unsigned fn, unsigned q, uint32_t value)
{
	struct see_cq *cq = &s->functions[fn].cq[q];
	if (value >= cq->size ||
	    distance(value, cq->head, cq->size) > distance(cq->tail, cq->head, cq->size)) {
		refuse(s, fn, q, true, true, value);
		return;
	}
	cq->head = (uint16_t)value;
	see_intx_set(s, fn, q, cq->ien && value != cq->tail);
	see_slot_wake(s, fn);
}

void see_doorbell(struct see *s, unsigned fn, unsigned q, bool is_cq, uint32_t value)
{
	const struct see_function *f = &s->functions[fn];
	if (function_busy(s, fn) || !FIELD_GET(SEE_CC_EN, f->cc) || !FIELD_GET(SEE_CSTS_RDY, f->csts))
		return;
	if (q >= SEE_NUM_QUEUES || !bit(is_cq ? f->cq_valid : f->sq_valid, q))
		refuse(s, fn, q, is_cq, false, value);
	else if (is_cq)
		cq_head(s, fn, q, value);
	else
		sq_tail(s, fn, q, value);
}
