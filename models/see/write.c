/* WR: turns write jobs into MWr TLPs, reading their data from NIC memory ahead; section 6. */
#include "models/board/tlp.h"
#include "models/see/internal.h"

/* An INTx message, which nothing holds back. */
static bool is_message(const struct see_write_job *job)
{
	return job->kind == SEE_WR_MSI && job->len == 0;
}

static bool data_job(const struct see *s)
{
	return s->wr_job.kind == SEE_WR_DATA;
}

/* Asks for the next beat of the job, when there is room for it to come back. @return whether it did. */
static bool ask(struct see *s)
{
	if (!s->wr_ask_left || s->wr_out + s->old[SEE_F_RDATA] >= SEE_RDATA_DEPTH ||
	    !fifo_room(s, SEE_F_NRQ, SEE_NRQ_DEPTH) || s->cr_pushed_nrq)
		return false;
	s->nrq[fifo_push(s, SEE_F_NRQ) % SEE_NRQ_DEPTH] = s->wr_ask_addr;
	s->who[fifo_push(s, SEE_F_WHO) % SEE_WHO_DEPTH] = 0;
	s->wr_ask_addr += 8;
	s->wr_ask_left--;
	return true;
}

static void push_beat(struct see *s, uint64_t data, bool sop, bool eop)
{
	s->wtxq[fifo_push(s, SEE_F_WTXQ) % SEE_WTXQ_DEPTH] = (struct see_beat){.data = data, .sop = sop, .eop = eop};
}

static void report(struct see *s, bool mark, unsigned slot)
{
	s->wdoneq[fifo_push(s, SEE_F_WDONEQ) % SEE_WDONEQ_DEPTH] =
		(struct see_write_done){.mark = mark, .slot = (uint8_t)slot};
}

/* A CQE job is the last one of its slot: when it ends, sent or dropped, nothing of the slot is needed any more. */
static void end_job(struct see *s, const struct see_write_job *job)
{
	if (job->kind == SEE_WR_CQE)
		report(s, false, job->slot);
}

static void state_idle(struct see *s)
{
	const struct see_write_job *job = &s->wrq[fifo_head(s, SEE_F_WRQ) % SEE_WRQ_DEPTH];
	bool reports = job->kind == SEE_WR_MARK || job->kind == SEE_WR_CQE;
	if (!fifo_has(s, SEE_F_WRQ) || (reports && !fifo_room(s, SEE_F_WDONEQ, SEE_WDONEQ_DEPTH)))
		return;
	fifo_pop(s, SEE_F_WRQ);
	if (job->kind == SEE_WR_MARK) {
		report(s, true, 0);
		return;
	}
	if ((function_drops(s, job->fn) && !is_message(job)) || (job->kind == SEE_WR_CQE && job->len == 0)) {
		end_job(s, job);
		return;
	}
	s->wr_job = *job;
	s->wr_ask_left = (uint16_t)(data_job(s) ? ((job->nm & 7) + job->len + 7) >> 3 : 0);
	s->wr_ask_addr = job->nm & ~7u;
	s->wr_state = WR_H0;
}

static void state_h0(struct see *s)
{
	const struct see_write_job *job = &s->wr_job;
	uint32_t room = SEE_WRITE_PAYLOAD_BYTES - (uint32_t)(job->addr & (SEE_WRITE_PAYLOAD_BYTES - 1));
	uint32_t n = bit(job->addr, 2) ? 4 : job->len < room ? job->len : room;
	uint64_t dw0 = is_message(job) ? (uint64_t)TLP_MSG << 24 : (uint64_t)TLP_MWR << 24 | n / 4;
	uint64_t low = is_message(job) ? job->word[0] & 0xff : n > 4 ? 0xff : 0xf;
	uint64_t dw1 = (uint64_t)routing_id(job->fn) << 16 | low;
	s->wr_n = (uint16_t)n;
	push_beat(s, dw1 << 32 | dw0, true, false);
	s->wr_state = WR_H1;
}

static void state_h1(struct see *s)
{
	bool message = is_message(&s->wr_job);
	push_beat(s, s->wr_job.addr << 32 | s->wr_job.addr >> 32, false, message);
	s->wr_beats = (uint8_t)((s->wr_n + 7) / 8);
	s->wr_state = message ? WR_IDLE : WR_D;
}

static uint64_t payload(struct see *s)
{
	const struct see_write_job *job = &s->wr_job;
	bool last = s->wr_beats == 1;
	switch (job->kind) {
	case SEE_WR_CQE:
		return job->word[last];
	case SEE_WR_MSI:
		return job->word[0] & 0xffffffff;
	default: {
		uint64_t d = s->rdata[fifo_pop(s, SEE_F_RDATA) % SEE_RDATA_DEPTH];
		return bit(job->addr, 2) ? d >> 32 : last && bit(s->wr_n, 2) ? d & 0xffffffff : d;
	}
	}
}

static void state_d(struct see *s)
{
	struct see_write_job *job = &s->wr_job;
	if (data_job(s) && !fifo_has(s, SEE_F_RDATA))
		return;
	push_beat(s, payload(s), false, s->wr_beats == 1);
	if (--s->wr_beats)
		return;
	job->addr += s->wr_n;
	job->nm += s->wr_n;
	job->len -= s->wr_n;
	s->wr_state = job->len ? WR_H0 : WR_IDLE;
	if (!job->len)
		end_job(s, job);
}

static void state_drain(struct see *s, unsigned out)
{
	if (fifo_has(s, SEE_F_RDATA))
		fifo_pop(s, SEE_F_RDATA);
	else if (out == 0)
		s->wr_state = WR_IDLE;
}

void see_write_step(struct see *s)
{
	unsigned out = s->wr_out;
	bool room = fifo_room(s, SEE_F_WTXQ, SEE_WTXQ_DEPTH);
	bool cancel = s->wr_state == WR_H0 && function_drops(s, s->wr_job.fn) && !is_message(&s->wr_job);
	bool asked = s->wr_state != WR_IDLE && !cancel && ask(s);

	switch (s->wr_state) {
	case WR_IDLE:
		state_idle(s);
		break;
	case WR_H0:
		if (cancel) {
			s->wr_ask_left = 0;
			s->wr_state = WR_DRAIN;
			end_job(s, &s->wr_job);
		} else if (room) {
			state_h0(s);
		}
		break;
	case WR_H1:
		if (room)
			state_h1(s);
		break;
	case WR_D:
		if (room)
			state_d(s);
		break;
	default:
		state_drain(s, out);
	}
	s->wr_out = (uint8_t)(out + asked - (s->answer == 1));
}
