/* A slot's way from state to state: free, fail, go, setup of section 8. */
#include "models/see/internal.h"

static uint64_t sqe_word(const struct see *s, unsigned slot, unsigned k)
{
	return s->sqe[slot * 8 + k];
}

unsigned see_slot_pages(const struct see *s, unsigned slot)
{
	return ((unsigned)(sqe_word(s, slot, 3) & 0xfff) + s->slots[slot].len + 4095) >> 12;
}

uint32_t see_slot_buffer(const struct see *s, unsigned slot)
{
	return s->buffer_base + slot * SEE_BUFFER_STRIDE + (uint32_t)(sqe_word(s, slot, 3) & 0xfff);
}

void see_slot_free(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	struct see_function *f = &s->functions[sl->fn];
	if (sl->post) {
		s->posts &= ~(1u << sl->fn);
	} else if (sl->state != SEE_SLOT_ORPHAN) {
		f->inflight = (f->inflight - 1) & 127;
		f->sq[sl->qid].inflight = (f->sq[sl->qid].inflight - 1) & 127;
	}
	set_state(s, slot, SEE_SLOT_FREE);
}

void see_slot_fail(struct see *s, unsigned slot, uint16_t status)
{
	struct see_slot *sl = &s->slots[slot];
	set_event(s, SEE_EVENT_ERROR, sl->fn, sl->seq, status);
	sl->status = status;
	sl->pulled = 1;
	set_state(s, slot, SEE_SLOT_RING);
}

void see_slot_go(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	switch (sl->after) {
	case AFTER_RING:
		set_state(s, slot, SEE_SLOT_RING);
		break;
	case AFTER_PULL:
		sl->pos = 0;
		sl->left = sl->len;
		sl->err = 0;
		set_state(s, slot, SEE_SLOT_PULLQ);
		break;
	default:
		sl->pos = 0;
		set_state(s, slot, SEE_SLOT_PUSHQ);
	}
}

void see_slot_setup(struct see *s, unsigned slot)
{
	uint64_t prp1 = sqe_word(s, slot, 3), prp2 = sqe_word(s, slot, 4);
	unsigned pages = see_slot_pages(s, slot);
	bool listed = pages > 2;
	if ((prp1 & 3) || (pages == 2 && prp2 & 0xfff) || (listed && prp2 & 7) || (pages >= 2 && prp2 == 0)) {
		see_slot_fail(s, slot, STATUS_PRP_OFFSET);
	} else if (listed) {
		s->slots[slot].chain = 0;
		set_state(s, slot, SEE_SLOT_LISTQ);
	} else {
		see_slot_go(s, slot);
	}
}

void see_slot_wake(struct see *s, unsigned fn)
{
	for (uint64_t wait = s->in_state[SEE_SLOT_CQWAIT]; wait; wait &= wait - 1)
		if (s->slots[lowest(wait)].fn == fn)
			set_state(s, lowest(wait), SEE_SLOT_CQE);
}
