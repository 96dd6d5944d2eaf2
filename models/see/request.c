/* The item REQ: one request of the host, and its completion; section 8. */
#include "models/board/tlp.h"
#include "models/see/internal.h"

/* What a completion says. */
struct answer {
	uint16_t completer;
	uint8_t status; /* enum tlp_status */
	uint8_t has_data, dws;
	uint64_t data;
};

static void push_completion(struct see *s, const struct see_request *r, const struct answer *a)
{
	bool config = r->kind == SEE_REQ_CFGRD || r->kind == SEE_REQ_CFGWR;
	unsigned lo = r->be ? lowest(r->be) : (unsigned)(r->addr & 4);
	unsigned hi = r->be ? 31 - (unsigned)__builtin_clz(r->be) : lo;
	unsigned count = config ? 4 : hi - lo + 1;
	unsigned lower = config ? 0 : (unsigned)(r->addr & 0x78) + lo;
	uint64_t dw0 = a->has_data ? (uint64_t)TLP_CPLD << 24 | a->dws : (uint64_t)TLP_CPL << 24;
	uint64_t dw1 = (uint64_t)a->completer << 16 | (uint64_t)a->status << 13 | count;
	uint64_t dw2 = (uint64_t)r->rid << 16 | (uint64_t)r->tag << 8 | lower;
	s->cplq[fifo_push(s, SEE_F_CPLQ) % SEE_CPLQ_DEPTH] =
		(struct see_completion){.beat = {dw1 << 32 | dw0, dw2, a->data}, .has_data = a->has_data};
}

/* @return the function with routing id @p bdf, or -1. */
static int config_function(const struct see *s, unsigned bdf)
{
	if (bdf == SEE_PF_RID)
		return 0;
	if (bdf >= SEE_FIRST_VF_RID && bdf < SEE_FIRST_VF_RID + vfs(s))
		return (int)(bdf - SEE_FIRST_VF_RID + 1);
	return -1;
}

static void config_access(struct see *s, const struct see_request *r)
{
	unsigned bdf = (unsigned)(r->addr >> 16 & 0xffff), dw = (unsigned)(r->addr >> 2 & 0x3ff);
	int fn = config_function(s, bdf);
	struct answer a = {.completer = (uint16_t)bdf, .status = TLP_UR};
	if (fn >= 0) {
		a.status = TLP_SC;
		if (r->kind == SEE_REQ_CFGWR) {
			see_config_write(s, (unsigned)fn, dw, (uint32_t)r->data, r->be);
		} else {
			a.has_data = a.dws = 1;
			a.data = see_config_read(s, (unsigned)fn, dw);
		}
	}
	push_completion(s, r, &a);
}

/* @return the function whose BAR0 holds @p addr, or -1. */
static int memory_function(const struct see *s, uint64_t addr)
{
	uint64_t page = addr >> 14;
	if (s->mse && page == s->bar0)
		return 0;
	uint64_t index = (page - s->vf_bar) & ((1ull << 50) - 1);
	if (s->vf_en && s->vf_mse && index < vfs(s))
		return (int)index + 1;
	return -1;
}

static void memory_read(struct see *s, const struct see_request *r)
{
	int fn = memory_function(s, r->addr);
	struct answer a = {.completer = SEE_PF_RID, .status = TLP_UR};
	if (fn >= 0) {
		a.completer = routing_id((unsigned)fn);
		a.status = r->bad ? TLP_CA : TLP_SC;
	}
	if (a.status == TLP_SC) {
		uint64_t word = see_bar_read(s, (unsigned)fn, (unsigned)(r->addr & 0x3ff8));
		a.has_data = 1;
		a.dws = r->dws;
		a.data = r->dws == 2 ? word : r->addr & 4 ? word >> 32 : word & 0xffffffff;
	}
	push_completion(s, r, &a);
}

static void memory_write(struct see *s, const struct see_request *r)
{
	int fn = memory_function(s, r->addr);
	if (fn >= 0)
		see_bar_write(s, (unsigned)fn, (unsigned)(r->addr & 0x3ff8), r->data, r->be);
}

void see_item_request(struct see *s)
{
	struct see_request r = s->reqq[fifo_pop(s, SEE_F_REQQ) % SEE_REQQ_DEPTH];
	switch (r.kind) {
	case SEE_REQ_MRD:
		memory_read(s, &r);
		break;
	case SEE_REQ_MWR:
		memory_write(s, &r);
		break;
	default:
		config_access(s, &r);
	}
}
