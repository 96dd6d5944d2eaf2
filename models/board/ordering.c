#include "models/board/ordering.h"

#include <stddef.h>

bool ordering_is_posted(const struct tlp *tlp)
{
	return tlp_type(tlp) == TLP_MWR || tlp_type(tlp) == TLP_MSG;
}

void ordering_arrive(struct ordering *o, const struct tlp *tlp)
{
	o->last[tlp_requester(tlp) % ORDERING_FUNCTIONS] = ++o->arrived;
}

void ordering_feed(struct ordering *o, uint64_t cycle)
{
	o->fed++;
	o->fed_cycle = cycle;
	for (unsigned tag = 0; tag < PCIE_HOST_HARTS; tag++)
		if ((o->waiting >> tag & 1) && !o->held[tag].taken && o->fed >= o->held[tag].after)
			o->held[tag].taken = cycle;
}

/* The cycle after the last beat still shows the output of before. */
void ordering_settle(struct ordering *o, uint64_t cycle)
{
	if (cycle >= o->fed_cycle + 2)
		o->settled = o->fed;
}

static unsigned completer_of(const struct tlp *tlp)
{
	return tlp_dw(tlp, 1) >> 16;
}

bool ordering_hold(struct ordering *o, const struct tlp *tlp, uint64_t cycle)
{
	unsigned tag = tlp_tag(tlp);
	uint64_t after = o->last[completer_of(tlp) % ORDERING_FUNCTIONS];

	if (tag >= PCIE_HOST_HARTS || (o->waiting >> tag & 1) || o->settled >= after)
		return false;
	o->waiting |= 1u << tag;
	o->held[tag].after = after;
	o->held[tag].cycle = cycle;
	o->held[tag].taken = o->fed >= after ? cycle : 0;
	o->held[tag].tlp = *tlp;
	return true;
}

const struct tlp *ordering_next(struct ordering *o, uint64_t cycle)
{
	for (unsigned tag = 0; tag < PCIE_HOST_HARTS; tag++) {
		if (!(o->waiting >> tag & 1))
			continue;
		bool done = o->settled >= o->held[tag].after || (o->held[tag].taken && cycle >= o->held[tag].taken + ORDERING_SETTLE_CYCLES);
		bool late = cycle >= o->held[tag].cycle + ORDERING_LIMIT_CYCLES;
		if (!done && !late)
			continue;
		o->overdue += !done;
		o->waiting &= ~(1u << tag);
		return &o->held[tag].tlp;
	}
	return NULL;
}
