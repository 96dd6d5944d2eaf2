/* Traps and returns from them (privileged 3.1, 4.1, 8.6). */
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"

uint32_t core_insn(const struct hart_core *c, unsigned *bytes)
{
	const uint8_t *host = c->block->host + c->current->at;
	uint16_t first, second;
	uint32_t insn;

	memcpy(&first, host, 2);
	insn = first;
	*bytes = convert_length(tables_in_use(c), first);
	if (*bytes == 4) {
		memcpy(&second, host + 2, 2);
		insn |= (uint32_t)second << 16;
	}
	return insn;
}

static bool explicit_access(uint64_t cause)
{
	return cause == CAUSE_LOAD_MISALIGNED || cause == CAUSE_LOAD_ACCESS || cause == CAUSE_STORE_MISALIGNED ||
		cause == CAUSE_STORE_ACCESS || cause == CAUSE_LOAD_PAGE || cause == CAUSE_STORE_PAGE || cause == CAUSE_LOAD_GUEST ||
		cause == CAUSE_STORE_GUEST;
}

/* The transformed instruction of a load, store or atomic that trapped; it carries how far into the access the fault lies. */
static uint64_t transformed(const struct hart_core *c, const struct fault *f)
{
	struct convert_result r;
	unsigned bytes;

	if (f->tinst || !explicit_access(f->cause) || !c->current)
		return f->tinst;
	convert_instruction(tables_in_use(c), core_insn(c, &bytes), &r);
	if (!r.trap_info)
		return 0;
	return r.trap_info | (f->tval - (c->state.x[c->current->rs1] + (uint64_t)native_imm(r.op[0]))) << 15;
}

static uint64_t vector(uint64_t tvec, uint64_t cause)
{
	uint64_t base = tvec & ~(uint64_t)3;

	return tvec & 1 && cause & CAUSE_INTERRUPT ? base + 4 * (cause & ~CAUSE_INTERRUPT) : base;
}

static void enter_m(struct hart *h, const struct fault *f, uint64_t tinst)
{
	uint64_t s = h->mstatus & ~(MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE | MSTATUS_MPV | MSTATUS_GVA);

	s |= (uint64_t)h->priv << MSTATUS_MPP_SHIFT | (h->mstatus & MSTATUS_MIE ? MSTATUS_MPIE : 0);
	h->mstatus = s | (h->virt ? MSTATUS_MPV : 0) | (f->gva ? MSTATUS_GVA : 0);
	h->mepc = h->pc;
	h->mcause = f->cause;
	h->mtval = f->tval;
	h->mtval2 = f->gpa >> 2;
	h->mtinst = tinst;
	h->pc = vector(h->mtvec, f->cause);
	h->priv = HART_M;
	h->virt = 0;
}

static void enter_s(struct hart *h, const struct fault *f, uint64_t tinst)
{
	uint64_t s = h->mstatus & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE);

	h->mstatus = s | (h->priv == HART_S ? MSTATUS_SPP : 0) | (h->mstatus & MSTATUS_SIE ? MSTATUS_SPIE : 0);
	if (h->virt)
		h->hstatus = (h->hstatus & ~HSTATUS_SPVP) | (h->priv == HART_S ? HSTATUS_SPVP : 0);
	h->hstatus = (h->hstatus & ~(HSTATUS_SPV | HSTATUS_GVA)) | (h->virt ? HSTATUS_SPV : 0) | (f->gva ? HSTATUS_GVA : 0);
	h->sepc = h->pc;
	h->scause = f->cause;
	h->stval = f->tval;
	h->htval = f->gpa >> 2;
	h->htinst = tinst;
	h->pc = vector(h->stvec, f->cause);
	h->priv = HART_S;
	h->virt = 0;
}

static void enter_vs(struct hart *h, const struct fault *f)
{
	uint64_t s = h->vsstatus & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE);
	/* A guest sees its interrupts under the supervisor numbers. */
	uint64_t cause = f->cause & CAUSE_INTERRUPT ? f->cause - 1 : f->cause;

	h->vsstatus = s | (h->priv == HART_S ? MSTATUS_SPP : 0) | (h->vsstatus & MSTATUS_SIE ? MSTATUS_SPIE : 0);
	h->vsepc = h->pc;
	h->vscause = cause;
	h->vstval = f->tval;
	h->pc = vector(h->vstvec, cause);
	h->priv = HART_S;
}

void trap_take(struct hart_core *c, const struct fault *fault)
{
	struct hart *h = &c->state;
	const struct hart_bus_ops *bus = &c->domain->bus;
	uint64_t code = fault->cause & ~CAUSE_INTERRUPT, epc = h->pc;
	bool interrupt = fault->cause & CAUSE_INTERRUPT;
	uint64_t to_s = interrupt ? h->mideleg : h->medeleg, to_vs = interrupt ? h->hideleg : h->hedeleg;

	if (h->priv == HART_M || !(to_s >> code & 1))
		enter_m(h, fault, transformed(c, fault));
	else if (h->virt && to_vs >> code & 1)
		enter_vs(h, fault);
	else
		enter_s(h, fault, transformed(c, fault));
	h->uop = 0;
	core_update_mode(c);
	irq_update(c);
	if (bus->trap)
		bus->trap(bus->ctx, c->index, fault->cause, epc, fault->tval);
}

/* Whether xtval of an exception of this cause holds an address: misaligned, access fault, breakpoint. Page faults do not come here. */
static bool reports_address(uint64_t cause) { return cause <= CAUSE_STORE_ACCESS && cause != CAUSE_ILLEGAL; }

void trap_raise(struct hart_core *c, uint64_t cause, uint64_t tval)
{
	struct fault f = {.cause = cause, .tval = tval, .gva = c->state.virt && reports_address(cause)};

	trap_take(c, &f);
}

enum outcome trap_illegal(struct hart_core *c)
{
	unsigned bytes;

	trap_raise(c, CAUSE_ILLEGAL, core_insn(c, &bytes));
	return TRAPPED;
}

enum outcome trap_virtual(struct hart_core *c)
{
	unsigned bytes;

	trap_raise(c, CAUSE_VIRTUAL, core_insn(c, &bytes));
	return TRAPPED;
}

/* Takes the interrupt of highest priority that is deliverable now; @return whether there was one. */
bool trap_interrupt(struct hart_core *c)
{
	static const uint8_t order[] = {HART_IRQ_MEI, HART_IRQ_MSI, HART_IRQ_MTI, HART_IRQ_SEI, HART_IRQ_SSI, HART_IRQ_STI,
		HART_IRQ_SGEI, HART_IRQ_VSEI, HART_IRQ_VSSI, HART_IRQ_VSTI};
	uint64_t set = irq_deliverable(c);
	struct fault f = {0};

	if (!set)
		return false;
	c->current = NULL;
	for (unsigned i = 0; i < sizeof(order); i++)
		if (set >> order[i] & 1) {
			f.cause = CAUSE_INTERRUPT | order[i];
			break;
		}
	trap_take(c, &f);
	return true;
}

void trap_return_m(struct hart *h)
{
	unsigned mpp = pp_of(h->mstatus);
	uint64_t least = h->isa & HART_ISA_M_ONLY ? (uint64_t)HART_M << MSTATUS_MPP_SHIFT : 0;

	h->virt = mpp != HART_M && h->mstatus & MSTATUS_MPV;
	h->priv = (uint8_t)mpp;
	h->mstatus = (h->mstatus & ~(MSTATUS_MIE | MSTATUS_MPP | MSTATUS_MPV)) | MSTATUS_MPIE | least |
		(h->mstatus & MSTATUS_MPIE ? MSTATUS_MIE : 0);
	if (mpp != HART_M)
		h->mstatus &= ~MSTATUS_MPRV;
	h->pc = h->mepc;
}

void trap_return_s(struct hart *h)
{
	uint64_t *status = h->virt ? &h->vsstatus : &h->mstatus, s = *status;

	h->pc = h->virt ? h->vsepc : h->sepc;
	h->priv = s & MSTATUS_SPP ? HART_S : HART_U;
	*status = (s & ~(MSTATUS_SIE | MSTATUS_SPP)) | MSTATUS_SPIE | (s & MSTATUS_SPIE ? MSTATUS_SIE : 0);
	if (!h->virt) {
		h->mstatus &= ~MSTATUS_MPRV;
		h->virt = (h->hstatus & HSTATUS_SPV) != 0;
		h->hstatus &= ~HSTATUS_SPV;
	}
}
