/* The items RSTART and RFINISH: a reset of one function, by FLR or through CC.EN; section 8. */
#include "models/see/internal.h"

#include <string.h>

static uint64_t slots_of(const struct see *s, unsigned fn)
{
	uint64_t set = 0;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (s->slots[slot].fn == fn)
			set |= 1ull << slot;
	return set & ~(s->in_state[SEE_SLOT_FREE] | s->in_state[SEE_SLOT_ORPHAN]);
}

static void set_states(struct see *s, uint64_t slots, enum see_slot_state state)
{
	for (; slots; slots &= slots - 1)
		set_state(s, lowest(slots), state);
}

void see_item_reset_start(struct see *s)
{
	unsigned fn = lowest(s->rst_req | s->flr_req);
	uint64_t own = slots_of(s, fn);
	/* None is free before the MARKs have come through: jobs may still use its buffer. */
	uint64_t waiting = s->in_state[SEE_SLOT_CHECK] | s->in_state[SEE_SLOT_LISTQ] | s->in_state[SEE_SLOT_PULLQ] |
			   s->in_state[SEE_SLOT_RING] | s->in_state[SEE_SLOT_PUSHQ] | s->in_state[SEE_SLOT_CQE] | s->in_state[SEE_SLOT_CQWAIT];
	s->rst_active = 1;
	s->rst_fn = (uint8_t)fn;
	s->rst_flr = bit(s->flr_req, fn);
	s->rst_req &= ~(1u << fn);
	s->flr_req &= ~(1u << fn);
	s->kill |= 1u << fn;
	s->rd_marked = s->wr_marked = 0;
	set_states(s, own & waiting, SEE_SLOT_SENT);
	set_states(s, own & s->in_state[SEE_SLOT_NEXT], SEE_SLOT_FW);
	s->rdq[fifo_push(s, SEE_F_RDQ) % SEE_RDQ_DEPTH] =
		(struct see_read_job){.kind = SEE_RD_MARK, .fn = (uint8_t)fn};
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] =
		(struct see_write_job){.kind = SEE_WR_MARK, .fn = (uint8_t)fn};
}

static void drop_queues(struct see *s, unsigned fn)
{
	struct see_function *f = &s->functions[fn];
	f->sq_valid = f->sq_pend = f->sq_fetching = f->cq_valid = f->msi_pend = 0;
	f->inflight = 0;
	for (unsigned q = 0; q < SEE_NUM_QUEUES; q++)
		f->sq[q].inflight = f->sq[q].priority = 0;
	f->arbitration = f->coalescing = f->held = f->co_age = 0;
	memset(f->credit, 0, sizeof(f->credit));
	memset(f->last_sq, 0, sizeof(f->last_sq));
	memset(f->co_count, 0, sizeof(f->co_count));
	s->held_fns &= ~(1u << fn);
	s->posts &= ~(1u << fn);
	s->pend_fns &= ~(1u << fn);
	s->msi_fns &= ~(1u << fn);
	if (fn == 0)
		s->intx_queues = 0;
	f->csts = 0;
	f->intm = 0;
}

static void clear_function(struct see *s, unsigned fn)
{
	struct see_function *f = &s->functions[fn];
	f->cc = f->aqa = 0;
	f->asq = f->acq = 0;
	memset(f->msix_addr, 0, sizeof(f->msix_addr));
	memset(f->msix_data, 0, sizeof(f->msix_data));
	f->masked = (1u << SEE_NUM_VECTORS) - 1;
	see_config_reset(s, fn);
}

void see_item_reset_finish(struct see *s)
{
	unsigned fn = s->rst_fn;
	uint32_t mask = 1u << fn;
	uint64_t own = slots_of(s, fn);
	uint64_t held = own & s->in_state[SEE_SLOT_FW];
	set_states(s, own & ~held, SEE_SLOT_FREE);
	set_states(s, held, SEE_SLOT_ORPHAN);
	drop_queues(s, fn);
	s->ev_en &= ~mask;
	s->ev_shn &= ~mask;
	if (s->rst_flr) {
		clear_function(s, fn);
		s->ev_dis &= ~mask;
		s->ev_flr |= mask;
	} else {
		s->ev_dis |= mask;
		if (FIELD_GET(SEE_CC_EN, s->functions[fn].cc) && !((s->rst_req | s->flr_req) & mask))
			s->ev_en |= mask;
	}
	s->kill &= ~mask;
	s->rst_active = 0;
	set_event(s, SEE_EVENT_RESET, fn, 0, s->rst_flr);
}
