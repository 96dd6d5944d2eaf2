/* The rings in NIC memory: CR reads the completion ring, RW writes the firmware ring; section 7. */
#include "models/see/internal.h"

/* @return whether the address was asked for. */
static bool ask(struct see *s, uint32_t addr)
{
	if (!fifo_room(s, SEE_F_NRQ, SEE_NRQ_DEPTH))
		return false;
	s->nrq[fifo_push(s, SEE_F_NRQ) % SEE_NRQ_DEPTH] = addr;
	s->who[fifo_push(s, SEE_F_WHO) % SEE_WHO_DEPTH] = 1;
	s->cr_pushed_nrq = 1;
	return true;
}

void see_cring_step(struct see *s)
{
	uint32_t mask = (1u << s->cring_log2) - 1;
	uint32_t addr = s->cring_base + (s->cr_head & mask) * SEE_CENTRY_BYTES;
	switch (s->cr_state) {
	case CR_IDLE:
		if (s->ctrl & SEE_CTRL_ENABLE_MASK && s->cr_head != s->cring_tail &&
		    fifo_room(s, SEE_F_CEQ, SEE_CEQ_DEPTH))
			s->cr_state = CR_R0;
		break;
	case CR_R0:
		if (ask(s, addr))
			s->cr_state = CR_R1;
		break;
	case CR_R1:
		if (ask(s, addr + 8))
			s->cr_state = CR_W0;
		break;
	default:
		if (s->cr_got == 2) {
			s->ceq[fifo_push(s, SEE_F_CEQ) % SEE_CEQ_DEPTH] =
				(struct see_completion_entry){{s->cr_word[0], s->cr_word[1]}};
			s->cr_head++;
			s->cr_got = 0;
			s->cr_state = CR_IDLE;
		}
	}
	if (s->answer == 2)
		s->cr_got++;
}

uint64_t see_ring_word(const struct see *s)
{
	unsigned k = s->rw_k;
	if (k < 8)
		return s->rw_desc.is_command ? s->sqe[s->rw_desc.slot * 8 + k] : 0;
	return k < 14 ? s->rw_desc.word[k - 8] : 0;
}

void see_ring_step(struct see *s, uint64_t word)
{
	uint32_t mask = (1u << s->ring_log2) - 1;
	switch (s->rw_state) {
	case RW_IDLE:
		if (fifo_has(s, SEE_F_RINGQ)) {
			s->rw_desc = s->ringq[fifo_pop(s, SEE_F_RINGQ) % SEE_RINGQ_DEPTH];
			s->rw_k = 0;
			s->rw_state = RW_W;
		}
		break;
	case RW_W:
		if (!s->rx_pushed_nwq && fifo_room(s, SEE_F_NWQ, SEE_NWQ_DEPTH)) {
			s->nwq[fifo_push(s, SEE_F_NWQ) % SEE_NWQ_DEPTH] = (struct see_nm_write){
				.addr = s->ring_base + (s->prod & mask) * SEE_DESC_BYTES + s->rw_k * 8u,
				.data = word,
				.strb = 0xff,
			};
			if (s->rw_k == 15)
				s->rw_state = RW_F;
			else
				s->rw_k++;
		}
		break;
	default:
		if (!fifo_has(s, SEE_F_NWQ)) {
			s->prod++;
			s->rw_state = RW_IDLE;
		}
	}
}
