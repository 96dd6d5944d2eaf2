/* One clock edge of the SEE: ports, units, outputs. Sections 1 and 2 of rtl/see/README.md.
 *
 * Everything reads the state at the start of the cycle. Where two units share state, the order below and the copies named old_*
 * see to that: RD before RX (tags), RX before RW (nwq), CR before WR (nrq), the sequencer last (its flops are read by all).
 */
#include "models/see/internal.h"

#include <string.h>

_Static_assert((int)SEE_F_RSPQ < (int)SEE_F_DBQ, "FIFOs that matter for idle come first");

void see_reset(struct see *s)
{
	memset(s, 0, sizeof(*s));
	s->init_left = SEE_INIT_CYCLES;
	s->class = 14;
	s->cpl_timeout = (uint16_t)SEE_CPL_TIMEOUT_RESET;
	s->slot_limit = (uint8_t)SEE_SLOT_LIMIT_RESET;
	s->in_state[SEE_SLOT_FREE] = ~0ull;
	for (unsigned fn = 0; fn < SEE_NUM_FUNCTIONS; fn++)
		s->functions[fn].masked = (1u << SEE_NUM_VECTORS) - 1;
}

/* Transfers at the ports in this cycle, judged on the old counts. */
static void take_inputs(struct see *s, const struct see_in *in)
{
	if (in->pcie_rx_valid && fifo_room(s, SEE_F_RXQ, SEE_RXQ_DEPTH))
		s->rxq[fifo_push(s, SEE_F_RXQ) % SEE_RXQ_DEPTH] =
			(struct see_beat){.data = in->pcie_rx_data, .sop = in->pcie_rx_sop, .eop = in->pcie_rx_eop};
	if (in->reg_valid && fifo_room(s, SEE_F_REGQ, SEE_REGQ_DEPTH))
		s->regq[fifo_push(s, SEE_F_REGQ) % SEE_REGQ_DEPTH] =
			(struct see_reg_access){.data = in->reg_data, .addr = in->reg_addr, .write = in->reg_write};
	s->answer = 0;
	if (in->nm_rsp_valid && fifo_has(s, SEE_F_WHO))
		s->answer = s->who[fifo_pop(s, SEE_F_WHO) % SEE_WHO_DEPTH] ? 2 : 1;
	if (s->answer == 2 && s->cr_got < 2)
		s->cr_word[s->cr_got] = in->nm_rsp_data;
	if (s->answer == 1)
		s->rdata[fifo_push(s, SEE_F_RDATA) % SEE_RDATA_DEPTH] = in->nm_rsp_data;
}

static void give_outputs(struct see *s, const struct see_in *in)
{
	if (in->pcie_tx_ready && fifo_has(s, SEE_F_TXQ))
		fifo_pop(s, SEE_F_TXQ);
	if (in->nm_wr_ready && fifo_has(s, SEE_F_NWQ))
		fifo_pop(s, SEE_F_NWQ);
	if (in->nm_rd_ready && fifo_has(s, SEE_F_NRQ))
		fifo_pop(s, SEE_F_NRQ);
	if (in->reg_rsp_ready && fifo_has(s, SEE_F_RSPQ))
		fifo_pop(s, SEE_F_RSPQ);
}

static bool fifos_empty(const struct see *s)
{
	uint64_t words[3];
	memcpy(words, s->old, sizeof(words));
	return (words[0] | words[1] | words[2]) == 0;
}

/* Section 2: nothing but the sequencer's part, judged on old state. */
static bool units_quiet(const struct see *s, const struct see_in *in)
{
	return !in->pcie_rx_valid && !in->reg_valid && !in->nm_rsp_valid && fifos_empty(s) && s->rx_state == RX_H0 &&
	       !(s->tag_busy | s->tag_done) && !s->job_valid && !s->timer && s->tx_state == TX_FREE &&
	       s->wr_state == WR_IDLE && s->rw_state == RW_IDLE && s->cr_state == CR_IDLE &&
	       !(s->ctrl & SEE_CTRL_ENABLE_MASK && s->cr_head != s->cring_tail) && !s->held_fns && !s->event_valid;
}

static void step_units(struct see *s)
{
	uint64_t ring_word = s->rw_state == RW_W ? see_ring_word(s) : 0;

	if (s->job_valid | s->tag_busy | s->tag_done | s->timer | s->old[SEE_F_RDQ])
		see_read_step(s);
	s->rx_pushed_nwq = 0;
	if (fifo_has(s, SEE_F_RXQ))
		see_rx_step(s);
	if (s->rw_state | s->old[SEE_F_RINGQ])
		see_ring_step(s, ring_word);
	s->cr_pushed_nrq = 0;
	if (s->cr_state != CR_IDLE || s->cr_head != s->cring_tail || s->answer == 2)
		see_cring_step(s);
	if (s->wr_state | s->old[SEE_F_WRQ] | s->answer)
		see_write_step(s);
	if (s->tx_state | s->old[SEE_F_CPLQ] | s->old[SEE_F_RDRQ] | s->old[SEE_F_WTXQ])
		see_tx_step(s);
}

void see_step(struct see *s, const struct see_in *in, struct see_out *out)
{
	if (s->init_left) {
		s->init_left--;
		see_outputs(s, out);
		return;
	}
	memcpy(s->old, s->count, sizeof(s->old));
	bool quiet = units_quiet(s, in);
	s->old_busy = s->tag_busy;
	s->old_done = s->tag_done;
	s->old_prod = s->prod;
	s->old_cr_head = s->cr_head;
	s->old_dropped = s->dropped;
	uint32_t held = s->held_fns;
	if (s->event_valid)
		set_event(s, 0, 0, 0, 0);
	s->event_valid = 0;

	take_inputs(s, in);
	give_outputs(s, in);
	if (!quiet)
		step_units(s);
	bool nothing = see_sequencer_step(s);
	see_coalesce_timer(s, held);
	s->idle = quiet && nothing;
	see_outputs(s, out);
}

static void tx_outputs(const struct see *s, struct see_out *out)
{
	bool valid = s->count[SEE_F_TXQ];
	const struct see_beat *b = &s->txq[fifo_head(s, SEE_F_TXQ) % SEE_TXQ_DEPTH];
	out->pcie_tx_valid = valid;
	out->pcie_tx_sop = valid ? b->sop : 0;
	out->pcie_tx_eop = valid ? b->eop : 0;
	out->pcie_tx_data = valid ? b->data : 0;
}

static void memory_outputs(const struct see *s, struct see_out *out)
{
	bool write = s->count[SEE_F_NWQ], read = s->count[SEE_F_NRQ];
	const struct see_nm_write *w = &s->nwq[fifo_head(s, SEE_F_NWQ) % SEE_NWQ_DEPTH];
	out->nm_wr_valid = write;
	out->nm_wr_addr = write ? w->addr : 0;
	out->nm_wr_data = write ? w->data : 0;
	out->nm_wr_strb = write ? w->strb : 0;
	out->nm_rd_valid = read;
	out->nm_rd_addr = read ? s->nrq[fifo_head(s, SEE_F_NRQ) % SEE_NRQ_DEPTH] : 0;
}

void see_outputs(const struct see *s, struct see_out *out)
{
	bool up = s->init_left == 0;
	bool answer = s->count[SEE_F_RSPQ];
	tx_outputs(s, out);
	memory_outputs(s, out);
	out->pcie_rx_ready = up && s->count[SEE_F_RXQ] < SEE_RXQ_DEPTH;
	out->nm_rsp_ready = up;
	out->reg_ready = up && s->count[SEE_F_REGQ] < SEE_REGQ_DEPTH;
	out->reg_rsp_valid = answer;
	out->reg_rsp_data = answer ? s->rspq[fifo_head(s, SEE_F_RSPQ) % SEE_RSPQ_DEPTH] : 0;
	out->irq = (s->ctrl & (SEE_CTRL_ENABLE_MASK | SEE_CTRL_IRQ_ENABLE_MASK)) ==
			   (SEE_CTRL_ENABLE_MASK | SEE_CTRL_IRQ_ENABLE_MASK) &&
		   s->prod != s->ring_cons;
	out->event_valid = s->event_valid;
	out->event_code = s->event_code;
	out->event_function = s->event_fn;
	out->event_id = s->event_id;
	out->event_value = s->event_value;
	out->idle = s->idle;
}
