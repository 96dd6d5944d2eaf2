/* TX: one TLP at a time onto the link; section 4. */
#include "models/see/internal.h"

static void push(struct see *s, uint64_t data, bool sop, bool eop)
{
	s->txq[fifo_push(s, SEE_F_TXQ) % SEE_TXQ_DEPTH] = (struct see_beat){.data = data, .sop = sop, .eop = eop};
}

static const struct see_completion *completion(const struct see *s)
{
	return &s->cplq[fifo_head(s, SEE_F_CPLQ) % SEE_CPLQ_DEPTH];
}

static void pass_write(struct see *s)
{
	struct see_beat b = s->wtxq[fifo_pop(s, SEE_F_WTXQ) % SEE_WTXQ_DEPTH];
	push(s, b.data, b.sop, b.eop);
	s->tx_state = b.eop ? TX_FREE : TX_W;
}

/* Writes before completions, so that no completion overtakes a write; a read after each write, so that both directions stream. */
static void choose(struct see *s)
{
	bool write = fifo_has(s, SEE_F_WTXQ), completes = fifo_has(s, SEE_F_CPLQ), read = fifo_has(s, SEE_F_RDRQ);
	if (read && !completes && (s->tx_after_write || !write)) {
		push(s, s->rdrq[fifo_head(s, SEE_F_RDRQ) % SEE_RDRQ_DEPTH].beat[0], true, false);
		s->tx_state = TX_R1;
		s->tx_after_write = 0;
	} else if (write) {
		pass_write(s);
		s->tx_after_write = 1;
	} else if (completes) {
		push(s, completion(s)->beat[0], true, false);
		s->tx_state = TX_C1;
		s->tx_after_write = 0;
	}
}

void see_tx_step(struct see *s)
{
	if (!fifo_room(s, SEE_F_TXQ, SEE_TXQ_DEPTH))
		return;
	switch (s->tx_state) {
	case TX_FREE:
		choose(s);
		break;
	case TX_C1:
		push(s, completion(s)->beat[1], false, !completion(s)->has_data);
		s->tx_state = completion(s)->has_data ? TX_C2 : TX_FREE;
		if (s->tx_state == TX_FREE)
			fifo_pop(s, SEE_F_CPLQ);
		break;
	case TX_C2:
		push(s, s->cplq[fifo_pop(s, SEE_F_CPLQ) % SEE_CPLQ_DEPTH].beat[2], false, true);
		s->tx_state = TX_FREE;
		break;
	case TX_R1:
		push(s, s->rdrq[fifo_pop(s, SEE_F_RDRQ) % SEE_RDRQ_DEPTH].beat[1], false, true);
		s->tx_state = TX_FREE;
		break;
	default:
		if (fifo_has(s, SEE_F_WTXQ))
			pass_write(s);
	}
}
