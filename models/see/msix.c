/* The item MSIX: one message for one pending vector; section 8. */
#include "models/see/internal.h"

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
