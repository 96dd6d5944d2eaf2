/* The sequencer: picks one ready item at a time and commits it when its time has passed; section 8. */
#include "models/see/internal.h"

enum item_class {
	CLASS_REQ, CLASS_REG, CLASS_DONE, CLASS_CE, CLASS_CHECK, CLASS_LIST, CLASS_PULL, CLASS_RING, CLASS_PUSH, CLASS_CQE,
	CLASS_MSIX, CLASS_FETCH, CLASS_RSTART, CLASS_RFINISH, CLASS_COALESCE, CLASSES,
};

static const struct {
	uint8_t cycles;
	void (*commit)(struct see *s);
} items[CLASSES] = {
	[CLASS_REQ] = {8, see_item_request},
	[CLASS_REG] = {6, see_item_register},
	[CLASS_DONE] = {4, see_item_done},
	[CLASS_CE] = {10, see_item_completion_entry},
	[CLASS_CHECK] = {14, see_item_check},
	[CLASS_LIST] = {6, see_item_list},
	[CLASS_PULL] = {6, see_item_pull},
	[CLASS_RING] = {36, see_item_ring},
	[CLASS_PUSH] = {6, see_item_push},
	[CLASS_CQE] = {8, see_item_cqe},
	[CLASS_MSIX] = {5, see_item_msix},
	[CLASS_FETCH] = {6, see_item_fetch},
	[CLASS_RSTART] = {4, see_item_reset_start},
	[CLASS_RFINISH] = {160, see_item_reset_finish},
	[CLASS_COALESCE] = {6, see_item_coalesce},
};

static bool ring_has_room(const struct see *s)
{
	return s->ctrl & SEE_CTRL_ENABLE_MASK && fifo_room(s, SEE_F_RINGQ, SEE_RINGQ_DEPTH) &&
	       (uint16_t)(s->alloc - s->ring_cons) < 1u << s->ring_log2;
}

static bool ring_wanted(const struct see *s)
{
	return see_ring_slots(s) || fifo_has(s, SEE_F_DBQ) || (s->ev_flr | s->ev_dis | s->ev_en | s->ev_shn);
}

/* Fetching leaves a slot for a post of every function. */
static bool slot_to_fetch(const struct see *s)
{
	return __builtin_popcountll(s->in_state[SEE_SLOT_FREE]) > SEE_NUM_FUNCTIONS;
}

static bool fetch_ready(const struct see *s, bool rdq_room)
{
	return s->pend_fns && rdq_room && s->ctrl & SEE_CTRL_ENABLE_MASK && slot_to_fetch(s) && see_fetch_functions(s);
}

/* The set R of section 8. */
static unsigned ready_classes(const struct see *s)
{
	bool rdq_room = fifo_room(s, SEE_F_RDQ, SEE_RDQ_DEPTH), wrq_room = fifo_room(s, SEE_F_WRQ, SEE_WRQ_DEPTH);
	const uint64_t *in = s->in_state;
	unsigned r = 0;
	r |= (unsigned)(fifo_has(s, SEE_F_REQQ) && fifo_room(s, SEE_F_CPLQ, SEE_CPLQ_DEPTH)) << CLASS_REQ;
	r |= (unsigned)(fifo_has(s, SEE_F_REGQ) && fifo_room(s, SEE_F_RSPQ, SEE_RSPQ_DEPTH)) << CLASS_REG;
	r |= (unsigned)(fifo_has(s, SEE_F_DONEQ) || fifo_has(s, SEE_F_WDONEQ)) << CLASS_DONE;
	r |= (unsigned)fifo_has(s, SEE_F_CEQ) << CLASS_CE;
	r |= (unsigned)(in[SEE_SLOT_CHECK] != 0) << CLASS_CHECK;
	r |= (unsigned)(in[SEE_SLOT_LISTQ] && rdq_room) << CLASS_LIST;
	r |= (unsigned)(in[SEE_SLOT_PULLQ] && rdq_room) << CLASS_PULL;
	r |= (unsigned)(ring_wanted(s) && ring_has_room(s)) << CLASS_RING;
	r |= (unsigned)(in[SEE_SLOT_PUSHQ] && wrq_room) << CLASS_PUSH;
	r |= (unsigned)(in[SEE_SLOT_CQE] && wrq_room) << CLASS_CQE;
	r |= (unsigned)(wrq_room && (see_intx_moves(s) || (s->msi_fns && see_msix_functions(s)))) << CLASS_MSIX;
	r |= (unsigned)fetch_ready(s, rdq_room) << CLASS_FETCH;
	r |= (unsigned)(!s->rst_active && (s->rst_req | s->flr_req) && rdq_room && wrq_room) << CLASS_RSTART;
	r |= (unsigned)(s->rst_active && s->rd_marked && s->wr_marked) << CLASS_RFINISH;
	r |= (unsigned)(s->co_due != 0) << CLASS_COALESCE;
	return r;
}

bool see_sequencer_step(struct see *s)
{
	if (!s->running) {
		unsigned ready = ready_classes(s);
		if (!ready)
			return true;
		s->class = (uint8_t)round_robin(ready, s->class);
		s->item_left = (uint8_t)(items[s->class].cycles - 1);
		s->done_is_read = fifo_has(s, SEE_F_DONEQ);
		s->running = 1;
	} else if (s->item_left) {
		s->item_left--;
	} else {
		items[s->class].commit(s);
		s->running = 0;
	}
	return false;
}
