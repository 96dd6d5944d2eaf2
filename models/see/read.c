/* RD: splits read jobs into requests, keeps the tags, times them out; section 5. */
#include "models/see/internal.h"

static void push_done(struct see *s, unsigned kind, unsigned slot, uint32_t bytes, unsigned err)
{
	s->doneq[fifo_push(s, SEE_F_DONEQ) % SEE_DONEQ_DEPTH] =
		(struct see_done){.kind = (uint8_t)kind, .slot = (uint8_t)slot, .bytes = bytes, .err = (uint8_t)err};
}

/* @return whether doneq was pushed. */
static bool collect(struct see *s)
{
	if (!s->old_done || !fifo_room(s, SEE_F_DONEQ, SEE_DONEQ_DEPTH))
		return false;
	unsigned t = lowest(s->old_done);
	const struct see_tag *tag = &s->tags[t];
	push_done(s, tag->kind, tag->slot, tag->bytes, tag->err);
	s->tag_done &= (uint8_t)~(1u << t);
	return true;
}

static bool function_has_tags(const struct see *s, unsigned fn)
{
	for (unsigned t = 0; t < SEE_NUM_TAGS; t++)
		if (bit((unsigned)(s->old_busy | s->old_done), t) && s->tags[t].fn == fn)
			return true;
	return false;
}

static void request(struct see *s)
{
	struct see_read_job *job = &s->job;
	unsigned free = ~(unsigned)(s->old_busy | s->old_done) & 0xff;
	if (!free || !fifo_room(s, SEE_F_RDRQ, SEE_RDRQ_DEPTH))
		return;
	unsigned t = lowest(free);
	uint32_t room = SEE_READ_REQUEST_BYTES - (uint32_t)(job->addr & (SEE_READ_REQUEST_BYTES - 1));
	uint32_t n = bit(job->addr, 2) ? 4 : job->len < room ? job->len : room;
	struct see_tag *tag = &s->tags[t];
	*tag = (struct see_tag){.gen = tag->gen, .fn = job->fn, .slot = job->slot, .kind = job->kind, .dest = job->dest,
				.left = (uint16_t)n, .bytes = (uint16_t)n};
	s->tag_busy |= (uint8_t)(1u << t);
	uint64_t dw0 = 0x20000000u | n / 4;
	uint64_t dw1 = (uint64_t)routing_id(job->fn) << 16 | (uint64_t)tag->gen << 11 | t << 8 | (n > 4 ? 0xf0 : 0) | 0xf;
	s->rdrq[fifo_push(s, SEE_F_RDRQ) % SEE_RDRQ_DEPTH] =
		(struct see_read_request){{dw1 << 32 | dw0, job->addr << 32 | job->addr >> 32}};
	job->addr += n;
	job->dest += n;
	job->len -= n;
	s->job_valid = job->len != 0;
}

static void run_job(struct see *s, bool collected)
{
	bool may_report = !collected && fifo_room(s, SEE_F_DONEQ, SEE_DONEQ_DEPTH);
	if (s->job.kind == SEE_RD_MARK) {
		if (may_report && !function_has_tags(s, s->job.fn)) {
			push_done(s, SEE_RD_MARK, 0, 0, 0);
			s->job_valid = 0;
		}
	} else if (function_drops(s, s->job.fn)) {
		if (may_report) {
			push_done(s, s->job.kind, s->job.slot, s->job.len, 1);
			s->job_valid = 0;
		}
	} else {
		request(s);
	}
}

static void tick(struct see *s)
{
	for (unsigned t = 0; t < SEE_NUM_TAGS; t++) {
		struct see_tag *tag = &s->tags[t];
		if (!bit(s->old_busy, t))
			continue;
		tag->age++;
		if (s->cpl_timeout && tag->age >= s->cpl_timeout) {
			tag->err = 1;
			tag->gen = (tag->gen + 1) & 31;
			s->tag_busy &= (uint8_t)~(1u << t);
			s->tag_done |= (uint8_t)(1u << t);
		}
	}
}

static void run_timer(struct see *s)
{
	if (!s->old_busy) {
		s->timer = 0;
	} else if (s->timer < SEE_TIMER_CYCLES - 1) {
		s->timer++;
	} else if (s->rx_state == RX_H0) {
		s->timer = 0;
		tick(s);
	}
}

void see_read_step(struct see *s)
{
	bool had_job = s->job_valid;
	bool collected = collect(s);
	run_timer(s);
	if (had_job) {
		run_job(s, collected);
	} else if (fifo_has(s, SEE_F_RDQ)) {
		s->job = s->rdq[fifo_pop(s, SEE_F_RDQ) % SEE_RDQ_DEPTH];
		s->job_valid = 1;
	}
}
