/* The items MSIX (one INTx message, or one MSI-X message for one pending vector) and COALESCE (the time of held interrupts); section 8. */
#include "models/see/internal.h"

#include <string.h>

bool see_intx_status(const struct see *s)
{
	return s->intx_queues && !s->functions[0].msix_en && !bit(s->functions[0].intm, 0);
}

static bool intx_want(const struct see *s)
{
	return see_intx_status(s) && !s->intx_off;
}

bool see_intx_moves(const struct see *s)
{
	return intx_want(s) != s->intx_sent;
}

void see_intx_set(struct see *s, unsigned fn, unsigned q, bool pending)
{
	if (fn == 0)
		s->intx_queues = (uint16_t)((s->intx_queues & ~(1u << q)) | (unsigned)pending << q);
}

static void send_intx(struct see *s)
{
	s->intx_sent = intx_want(s);
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] = (struct see_write_job){
		.kind = SEE_WR_MSI, .word = {s->intx_sent ? SEE_INTA_ASSERT : SEE_INTA_DEASSERT, 0}};
	set_event(s, SEE_EVENT_INTX, 0, 0, s->intx_sent);
}

static unsigned ready_vectors(const struct see_function *f)
{
	return f->msix_en && !f->msix_fmask ? f->msi_pend & ~(unsigned)f->masked : 0;
}

uint32_t see_msix_functions(const struct see *s)
{
	uint32_t set = 0;
	for (uint32_t fns = s->msi_fns & ~s->kill; fns; fns &= fns - 1)
		if (ready_vectors(&s->functions[lowest(fns)]))
			set |= fns & -fns;
	return set;
}

void see_item_msix(struct see *s)
{
	if (see_intx_moves(s)) {
		send_intx(s);
		return;
	}
	unsigned fn = round_robin(see_msix_functions(s), s->last_msi_fn);
	struct see_function *f = &s->functions[fn];
	unsigned v = round_robin(ready_vectors(f), f->last_vec);
	s->last_msi_fn = (uint8_t)fn;
	f->last_vec = (uint8_t)v;
	set_msi_pend(s, fn, v, false);
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] = (struct see_write_job){
		.kind = SEE_WR_MSI, .fn = (uint8_t)fn, .addr = f->msix_addr[v], .len = 4, .word = {f->msix_data[v], 0}};
	set_event(s, SEE_EVENT_MSIX, fn, 0, v);
}

static void set_held(struct see *s, unsigned fn, unsigned held)
{
	s->functions[fn].held = (uint16_t)held;
	s->held_fns = (s->held_fns & ~(1u << fn)) | (held ? 1u << fn : 0);
}

void see_coalesce_raise(struct see *s, unsigned fn, unsigned v, bool now)
{
	struct see_function *f = &s->functions[fn];
	unsigned threshold = (unsigned)FIELD_GET(SEE_FN_COALESCING_THR, f->coalescing);
	now |= !threshold || !FIELD_GET(SEE_FN_COALESCING_TIME, f->coalescing);
	now |= bit(FIELD_GET(SEE_FN_COALESCING_CD, f->coalescing), v) || f->co_count[v] == threshold;
	if (now) {
		set_msi_pend(s, fn, v, true);
		set_held(s, fn, f->held & ~(1u << v));
		f->co_count[v] = 0;
		return;
	}
	if (!f->held)
		f->co_age = 0;
	set_held(s, fn, f->held | 1u << v);
	f->co_count[v]++;
}

void see_coalesce_timer(struct see *s, uint32_t held)
{
	if (!held) {
		s->co_timer = 0;
	} else if (s->co_timer < SEE_COALESCE_CYCLES - 1) {
		s->co_timer++;
	} else {
		s->co_timer = 0;
		s->co_due |= held;
	}
}

void see_item_coalesce(struct see *s)
{
	unsigned fn = lowest(s->co_due);
	struct see_function *f = &s->functions[fn];
	s->co_due &= s->co_due - 1;
	if (f->co_age + 1u < FIELD_GET(SEE_FN_COALESCING_TIME, f->coalescing)) {
		f->co_age++;
		return;
	}
	for (unsigned held = f->held; held; held &= held - 1)
		set_msi_pend(s, fn, lowest(held), true);
	set_held(s, fn, 0);
	memset(f->co_count, 0, sizeof(f->co_count));
	f->co_age = 0;
}
