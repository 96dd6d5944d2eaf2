/* Interrupts: what is pending, and whether the hart takes it now (privileged 3.1.9, 4.1.3, 8.2). */
#include "models/hart/bits.h"
#include "models/hart/core.h"

static uint64_t now(const struct hart_core *c)
{
	const struct hart_bus_ops *bus = &c->domain->bus;

	return bus->time(bus->ctx);
}

uint64_t irq_pending(const struct hart_core *c)
{
	const struct hart *h = &c->state;
	uint64_t p = h->mip_soft | h->mip_lines;
	unsigned vgein = (unsigned)((h->hstatus & HSTATUS_VGEIN) >> HSTATUS_VGEIN_SHIFT);

	if (h->isa & HART_ISA_SSTC && h->menvcfg & ENVCFG_STCE)
		p = (p & ~IRQ(STI)) | (now(c) >= h->stimecmp ? IRQ(STI) : 0);
	if (!(h->isa & HART_ISA_H))
		return p;
	p |= h->hvip;
	if (vgein && h->hgeip_lines >> vgein & 1)
		p |= IRQ(VSEI);
	if (h->hgeip_lines & h->hgeie)
		p |= IRQ(SGEI);
	if (h->isa & HART_ISA_SSTC && h->menvcfg & h->henvcfg & ENVCFG_STCE && now(c) + h->htimedelta >= h->vstimecmp)
		p |= IRQ(VSTI);
	return p;
}

/* The interrupts that trap at once, all levels that are enabled; the most privileged destination alone if there are several. */
uint64_t irq_deliverable(const struct hart_core *c)
{
	const struct hart *h = &c->state;
	uint64_t pending = irq_pending(c) & h->mie, set;

	if (!pending)
		return 0;
	set = pending & ~h->mideleg;
	if (set && (h->priv != HART_M || h->mstatus & MSTATUS_MIE))
		return set;
	set = pending & h->mideleg & ~h->hideleg;
	if (set && (h->virt || h->priv == HART_U || (h->priv == HART_S && h->mstatus & MSTATUS_SIE)))
		return set;
	set = pending & h->mideleg & h->hideleg;
	if (set && h->virt && (h->priv == HART_U || h->vsstatus & MSTATUS_SIE))
		return set;
	return 0;
}

static uint64_t timer_deadline(const struct hart_core *core)
{
	const struct hart *h = &core->state;
	uint64_t t, deadline = UINT64_MAX;

	if (!(h->isa & HART_ISA_SSTC) || !(h->menvcfg & ENVCFG_STCE))
		return deadline;
	t = now(core);
	if (h->stimecmp > t)
		deadline = h->stimecmp;
	/* The guest's clock may wrap; a deadline beyond the wrap is never reached. */
	if (h->henvcfg & ENVCFG_STCE && h->vstimecmp > t + h->htimedelta && h->vstimecmp - h->htimedelta < deadline &&
			h->vstimecmp - h->htimedelta > t)
		deadline = h->vstimecmp - h->htimedelta;
	return deadline;
}

/* Recomputes the attention bits that depend on pending and enabled interrupts, and when time alone changes them. */
void irq_update(struct hart_core *c)
{
	struct hart *h = &c->state;

	c->attention &= ~(unsigned)(ATTENTION_IRQ | ATTENTION_WFI);
	if (irq_deliverable(c))
		c->attention |= ATTENTION_IRQ;
	if (h->in_wfi && irq_pending(c) & h->mie)
		h->in_wfi = 0;
	if (h->in_wfi)
		c->attention |= ATTENTION_WFI;
	c->timer_deadline = timer_deadline(c);
}

uint64_t hart_timer_deadline(const struct hart_core *core) { return core->timer_deadline; }

void hart_timer_check(struct hart_core *core) { irq_update(core); }

bool hart_is_waiting(const struct hart_core *core) { return core->state.in_wfi != 0; }
bool hart_is_stalled(const struct hart_core *core) { return core->state.wait == HART_WAIT_PENDING; }

void hart_set_irq_lines(struct hart_core *core, uint64_t lines)
{
	lines &= IRQ_M | IRQ(SEI);
	if (core->state.mip_lines == lines)
		return;
	core->state.mip_lines = lines;
	irq_update(core);
}

void hart_set_hgeip(struct hart_core *core, uint64_t lines)
{
	lines &= ((UINT64_C(1) << HART_GEILEN) - 1) << 1;
	if (core->state.hgeip_lines == lines)
		return;
	core->state.hgeip_lines = lines;
	irq_update(core);
}
