/* The item REG: one access of the firmware to its registers; section 8. */
#include "models/see/internal.h"

/* The per-function window of @p offset: offsets of function 0, as registers.tcl names them. */
static bool function_register(unsigned offset, unsigned *fn, unsigned *name)
{
	if (offset < SEE_FN_BASE || offset >= SEE_FN_BASE + SEE_NUM_FUNCTIONS * SEE_FN_STRIDE)
		return false;
	*fn = (offset - SEE_FN_BASE) / SEE_FN_STRIDE;
	*name = offset - *fn * SEE_FN_STRIDE;
	return true;
}

/* The queue context of @p offset: offsets of queue 0 of function 0. */
static bool queue_register(unsigned offset, unsigned *fn, unsigned *q, unsigned *name)
{
	if (offset < SEE_QUEUE_BASE || offset >= SEE_QUEUE_BASE + SEE_NUM_FUNCTIONS * SEE_QUEUE_FN_STRIDE)
		return false;
	*fn = (offset - SEE_QUEUE_BASE) / SEE_QUEUE_FN_STRIDE;
	*q = (offset - SEE_QUEUE_BASE) % SEE_QUEUE_FN_STRIDE / SEE_QUEUE_STRIDE;
	*name = SEE_QUEUE_BASE + offset % SEE_QUEUE_STRIDE;
	return *q < SEE_NUM_QUEUES;
}

static bool extent_register(unsigned offset, unsigned *fn, unsigned *extent, unsigned *name)
{
	if (offset < SEE_EXTENT_BASE || offset >= SEE_EXTENT_BASE + SEE_NUM_FUNCTIONS * SEE_EXTENT_FN_STRIDE)
		return false;
	*fn = (offset - SEE_EXTENT_BASE) / SEE_EXTENT_FN_STRIDE;
	*extent = (offset - SEE_EXTENT_BASE) % SEE_EXTENT_FN_STRIDE / SEE_EXTENT_STRIDE;
	*name = SEE_EXTENT_BASE + offset % SEE_EXTENT_STRIDE;
	return true;
}

static uint64_t read_extent(const struct see_extent *e, unsigned name)
{
	switch (name) {
	case SEE_EXTENT_FIRST: return e->first;
	case SEE_EXTENT_LENGTH: return e->length;
	case SEE_EXTENT_REMOTE: return e->remote;
	case SEE_EXTENT_MAP: return e->map;
	case SEE_EXTENT_TARGET: return e->target;
	default: return 0;
	}
}

static void write_extent(struct see_extent *e, unsigned name, uint64_t data)
{
	switch (name) {
	case SEE_EXTENT_FIRST: e->first = data; break;
	case SEE_EXTENT_LENGTH: e->length = data; break;
	case SEE_EXTENT_REMOTE: e->remote = data; break;
	case SEE_EXTENT_MAP:
		e->map = (uint32_t)(data & (SEE_EXTENT_MAP_WIDTH_MASK | SEE_EXTENT_MAP_CHUNK_MASK | SEE_EXTENT_MAP_MEMBER_MASK));
		break;
	case SEE_EXTENT_TARGET: e->target = data; break;
	default: break;
	}
}

static uint64_t read_function(struct see *s, unsigned fn, unsigned name)
{
	struct see_function *f = &s->functions[fn];
	switch (name) {
	case SEE_FN_CC:
		return f->cc;
	case SEE_FN_CSTS:
		return f->csts;
	case SEE_FN_AQA:
		return f->aqa;
	case SEE_FN_ASQ:
		return f->asq;
	case SEE_FN_ACQ:
		return f->acq;
	case SEE_FN_NS:
		return FIELD_PREP(SEE_FN_NS_ATTACHED, f->ns_attached) | FIELD_PREP(SEE_FN_NS_BLOCK_SHIFT, f->ns_shift);
	case SEE_FN_NS_SIZE:
		return f->ns_size;
	case SEE_FN_INFLIGHT:
		return f->inflight;
	case SEE_FN_ARBITRATION:
		return f->arbitration;
	case SEE_FN_COALESCING:
		return f->coalescing;
	default:
		return 0;
	}
}

#define ARBITRATION_BITS (SEE_FN_ARBITRATION_AB_MASK | SEE_FN_ARBITRATION_WRR_MASK | SEE_FN_ARBITRATION_LPW_MASK | \
	SEE_FN_ARBITRATION_MPW_MASK | SEE_FN_ARBITRATION_HPW_MASK)
#define COALESCING_BITS (SEE_FN_COALESCING_THR_MASK | SEE_FN_COALESCING_TIME_MASK | SEE_FN_COALESCING_CD_MASK)

static void write_arbitration(struct see_function *f, uint64_t data)
{
	f->arbitration = (uint32_t)(data & ARBITRATION_BITS);
	for (unsigned priority = 0; priority < 4; priority++)
		f->credit[priority] = 0;
}

static void write_namespace(struct see *s, unsigned fn, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	for (uint64_t used = ~s->in_state[SEE_SLOT_FREE]; used; used &= used - 1)
		if (s->slots[lowest(used)].fn == fn)
			s->slots[lowest(used)].gone = 1;
	f->ns_attached = FIELD_GET(SEE_FN_NS_ATTACHED, data) & 1;
	f->ns_shift = (uint8_t)FIELD_GET(SEE_FN_NS_BLOCK_SHIFT, data);
}

static void write_function(struct see *s, unsigned fn, unsigned name, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	bool may_be_ready = FIELD_GET(SEE_CC_EN, f->cc) && !function_busy(s, fn);
	if (name == SEE_FN_CSTS)
		f->csts = (uint32_t)(data & (may_be_ready ? 0xf : 0xe));
	else if (name == SEE_FN_NS)
		write_namespace(s, fn, data);
	else if (name == SEE_FN_NS_SIZE)
		f->ns_size = data;
	else if (name == SEE_FN_ARBITRATION)
		write_arbitration(f, data);
	else if (name == SEE_FN_COALESCING)
		f->coalescing = (uint32_t)(data & COALESCING_BITS);
}

static uint64_t read_queue(const struct see *s, unsigned fn, unsigned q, unsigned name)
{
	const struct see_function *f = &s->functions[fn];
	const struct see_sq *sq = &f->sq[q];
	const struct see_cq *cq = &f->cq[q];
	switch (name) {
	case SEE_SQ_ADDRESS:
		return sq->addr;
	case SEE_SQ_CONTROL:
		return FIELD_PREP(SEE_SQ_CONTROL_VALID, f->sq_valid >> q) | FIELD_PREP(SEE_SQ_CONTROL_CQID, sq->cqid) |
		       FIELD_PREP(SEE_SQ_CONTROL_QPRIO, sq->priority) |
		       FIELD_PREP(SEE_SQ_CONTROL_SIZE, sq->size);
	case SEE_SQ_STATE:
		return FIELD_PREP(SEE_SQ_STATE_HEAD, sq->head) | FIELD_PREP(SEE_SQ_STATE_TAIL, sq->tail) |
		       FIELD_PREP(SEE_SQ_STATE_INFLIGHT, sq->inflight);
	case SEE_CQ_ADDRESS:
		return cq->addr;
	case SEE_CQ_CONTROL:
		return FIELD_PREP(SEE_CQ_CONTROL_VALID, f->cq_valid >> q) | FIELD_PREP(SEE_CQ_CONTROL_IEN, cq->ien) |
		       FIELD_PREP(SEE_CQ_CONTROL_VECTOR, cq->vector) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, cq->size);
	case SEE_CQ_STATE:
		return FIELD_PREP(SEE_CQ_STATE_HEAD, cq->head) | FIELD_PREP(SEE_CQ_STATE_TAIL, cq->tail) |
		       FIELD_PREP(SEE_CQ_STATE_PHASE, cq->phase);
	default:
		return 0;
	}
}

static bool may_create(const struct see *s, unsigned fn, unsigned size)
{
	return FIELD_GET(SEE_CC_EN, s->functions[fn].cc) && !function_busy(s, fn) && size >= 2 &&
	       size <= SEE_MAX_ADMIN_ENTRIES;
}

static void write_sq_control(struct see *s, unsigned fn, unsigned q, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	unsigned size = (unsigned)FIELD_GET(SEE_SQ_CONTROL_SIZE, data);
	if (!FIELD_GET(SEE_SQ_CONTROL_VALID, data)) {
		f->sq_valid &= (uint16_t)~(1u << q);
		set_pend(s, fn, q, false);
	} else if (may_create(s, fn, size)) {
		struct see_sq *sq = &f->sq[q];
		f->sq_valid |= (uint16_t)(1u << q);
		sq->cqid = (uint8_t)FIELD_GET(SEE_SQ_CONTROL_CQID, data);
		sq->priority = (uint8_t)(q ? FIELD_GET(SEE_SQ_CONTROL_QPRIO, data) : 0);
		sq->size = (uint16_t)size;
		sq->head = sq->tail = 0;
		set_pend(s, fn, q, false);
	} else {
		return;
	}
	see_slot_wake(s, fn);
}

static void write_cq_control(struct see *s, unsigned fn, unsigned q, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	unsigned size = (unsigned)FIELD_GET(SEE_CQ_CONTROL_SIZE, data);
	if (!FIELD_GET(SEE_CQ_CONTROL_VALID, data)) {
		f->cq_valid &= (uint16_t)~(1u << q);
	} else if (may_create(s, fn, size)) {
		struct see_cq *cq = &f->cq[q];
		f->cq_valid |= (uint16_t)(1u << q);
		cq->ien = FIELD_GET(SEE_CQ_CONTROL_IEN, data) & 1;
		cq->vector = (uint8_t)FIELD_GET(SEE_CQ_CONTROL_VECTOR, data);
		cq->size = (uint16_t)size;
		cq->head = cq->tail = 0;
		cq->phase = 1;
	} else {
		return;
	}
	see_intx_set(s, fn, q, false);
	see_slot_wake(s, fn);
}

/* Another queue's positions, for a function that goes on where it stood elsewhere. */
static void write_sq_state(struct see *s, unsigned fn, unsigned q, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	struct see_sq *sq = &f->sq[q];
	unsigned head = (unsigned)FIELD_GET(SEE_SQ_STATE_HEAD, data), tail = (unsigned)FIELD_GET(SEE_SQ_STATE_TAIL, data);
	if (!bit(f->sq_valid, q) || head >= sq->size || tail >= sq->size)
		return;
	sq->head = (uint16_t)head;
	sq->tail = (uint16_t)tail;
	set_pend(s, fn, q, head != tail);
	see_slot_wake(s, fn);
}

static void write_cq_state(struct see *s, unsigned fn, unsigned q, uint64_t data)
{
	struct see_function *f = &s->functions[fn];
	struct see_cq *cq = &f->cq[q];
	unsigned head = (unsigned)FIELD_GET(SEE_CQ_STATE_HEAD, data), tail = (unsigned)FIELD_GET(SEE_CQ_STATE_TAIL, data);
	if (!bit(f->cq_valid, q) || head >= cq->size || tail >= cq->size)
		return;
	cq->head = (uint16_t)head;
	cq->tail = (uint16_t)tail;
	cq->phase = FIELD_GET(SEE_CQ_STATE_PHASE, data) & 1;
	see_slot_wake(s, fn);
}

static void write_queue(struct see *s, unsigned fn, unsigned q, unsigned name, uint64_t data)
{
	switch (name) {
	case SEE_SQ_ADDRESS:
		s->functions[fn].sq[q].addr = data & ~0xfffull;
		break;
	case SEE_SQ_CONTROL:
		write_sq_control(s, fn, q, data);
		break;
	case SEE_SQ_STATE:
		write_sq_state(s, fn, q, data);
		break;
	case SEE_CQ_STATE:
		write_cq_state(s, fn, q, data);
		break;
	case SEE_CQ_ADDRESS:
		s->functions[fn].cq[q].addr = data & ~0xfffull;
		break;
	case SEE_CQ_CONTROL:
		write_cq_control(s, fn, q, data);
		break;
	default:
		break;
	}
}

static uint64_t vf_status(const struct see *s)
{
	return FIELD_PREP(SEE_VF_STATUS_ENABLED, s->vf_en) | FIELD_PREP(SEE_VF_STATUS_MSE, s->vf_mse) |
	       FIELD_PREP(SEE_VF_STATUS_NUM, s->numvfs);
}

static uint64_t read_global(const struct see *s, unsigned offset)
{
	switch (offset) {
	case SEE_ID: return SEE_ID_RESET;
	case SEE_CTRL: return s->ctrl;
	case SEE_BUFFER_BASE: return s->buffer_base;
	case SEE_RING_BASE: return s->ring_base;
	case SEE_RING_LOG2: return s->ring_log2;
	case SEE_RING_PROD: return s->old_prod;
	case SEE_RING_CONS: return s->ring_cons;
	case SEE_CRING_BASE: return s->cring_base;
	case SEE_CRING_LOG2: return s->cring_log2;
	case SEE_CRING_TAIL: return s->cring_tail;
	case SEE_CRING_HEAD: return s->old_cr_head;
	case SEE_CPL_TIMEOUT: return s->cpl_timeout;
	case SEE_SLOT_LIMIT: return s->slot_limit;
	case SEE_VF_STATUS: return vf_status(s);
	case SEE_SLOTS_FREE: return s->in_state[SEE_SLOT_FREE];
	case SEE_ERRORS: return s->errors;
	case SEE_DROPPED: return s->old_dropped;
	case SEE_BAD_COMPLETIONS: return s->bad_completions;
	case SEE_HOLD: return s->hold;
	case SEE_POSTS: return FIELD_PREP(SEE_POSTS_OPEN, s->posts) | FIELD_PREP(SEE_POSTS_TAKEN, s->posts_taken);
	default: return 0;
	}
}

static void write_global(struct see *s, unsigned offset, uint64_t data)
{
	switch (offset) {
	case SEE_CTRL: s->ctrl = data & 3; break;
	case SEE_BUFFER_BASE: s->buffer_base = (uint32_t)data; break;
	case SEE_RING_BASE: s->ring_base = (uint32_t)data; break;
	case SEE_RING_LOG2: s->ring_log2 = data & 15; break;
	case SEE_RING_CONS: s->ring_cons = (uint16_t)data; break;
	case SEE_CRING_BASE: s->cring_base = (uint32_t)data; break;
	case SEE_CRING_LOG2: s->cring_log2 = data & 15; break;
	case SEE_CRING_TAIL: s->cring_tail = (uint16_t)data; break;
	case SEE_CPL_TIMEOUT: s->cpl_timeout = (uint16_t)data; break;
	case SEE_SLOT_LIMIT: s->slot_limit = data & 127; break;
	case SEE_HOLD: s->hold = data & ((1u << SEE_NUM_FUNCTIONS) - 1); break;
	default: break;
	}
}

static uint64_t read_register(struct see *s, unsigned offset)
{
	unsigned fn, q, name;
	if (extent_register(offset, &fn, &q, &name))
		return read_extent(&s->functions[fn].extent[q], name);
	if (function_register(offset, &fn, &name))
		return read_function(s, fn, name);
	if (queue_register(offset, &fn, &q, &name))
		return read_queue(s, fn, q, name);
	return read_global(s, offset);
}

static void write_register(struct see *s, unsigned offset, uint64_t data)
{
	unsigned fn, q, name;
	if (extent_register(offset, &fn, &q, &name))
		write_extent(&s->functions[fn].extent[q], name, data);
	else if (function_register(offset, &fn, &name))
		write_function(s, fn, name, data);
	else if (queue_register(offset, &fn, &q, &name))
		write_queue(s, fn, q, name, data);
	else
		write_global(s, offset, data);
}

void see_item_register(struct see *s)
{
	struct see_reg_access a = s->regq[fifo_pop(s, SEE_F_REGQ) % SEE_REGQ_DEPTH];
	unsigned offset = a.addr & ~7u;
	uint64_t answer = 0;
	if (a.write)
		write_register(s, offset, a.data);
	else
		answer = read_register(s, offset);
	s->rspq[fifo_push(s, SEE_F_RSPQ) % SEE_RSPQ_DEPTH] = answer;
}
