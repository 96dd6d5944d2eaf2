/* Privileged instructions. */
#include "models/hart/bits.h"
#include "models/hart/core.h"
#include "native_ops.h"

static enum outcome finish_return(struct hart_core *c)
{
	core_update_mode(c);
	irq_update(c);
	return JUMPED;
}

static enum outcome do_mret(struct hart_core *c)
{
	if (c->state.priv != HART_M)
		return trap_illegal(c);
	trap_return_m(&c->state);
	return finish_return(c);
}

static enum outcome do_sret(struct hart_core *c)
{
	struct hart *h = &c->state;

	if (h->isa & HART_ISA_M_ONLY)
		return trap_illegal(c);
	if (h->virt && (h->priv == HART_U || h->hstatus & HSTATUS_VTSR))
		return trap_virtual(c);
	if (h->priv == HART_U || (h->priv == HART_S && !h->virt && h->mstatus & MSTATUS_TSR))
		return trap_illegal(c);
	trap_return_s(h);
	return finish_return(c);
}

static enum outcome do_wfi(struct hart_core *c)
{
	struct hart *h = &c->state;

	if (h->priv != HART_M) {
		if (h->mstatus & MSTATUS_TW)
			return trap_illegal(c);
		if (h->virt && (h->priv == HART_U || h->hstatus & HSTATUS_VTW))
			return trap_virtual(c);
		if (h->priv == HART_U)
			return trap_illegal(c);
	}
	h->in_wfi = 1;
	irq_update(c);
	return DONE;
}

/* The fences check rights only: the TLBs never hold what a walk would not find. */
static enum outcome do_sfence(struct hart_core *c)
{
	const struct hart *h = &c->state;

	if (h->isa & HART_ISA_M_ONLY)
		return trap_illegal(c);
	if (h->virt && (h->priv == HART_U || h->hstatus & HSTATUS_VTVM))
		return trap_virtual(c);
	if (h->priv == HART_U || (h->priv == HART_S && !h->virt && h->mstatus & MSTATUS_TVM))
		return trap_illegal(c);
	return DONE;
}

/* SFENCE.W.INVAL and SFENCE.INVAL.IR: TVM and VTVM do not apply (Svinval). */
static enum outcome do_sfence_order(struct hart_core *c)
{
	const struct hart *h = &c->state;

	if (h->isa & HART_ISA_M_ONLY || (h->priv == HART_U && !h->virt))
		return trap_illegal(c);
	return h->virt && h->priv == HART_U ? trap_virtual(c) : DONE;
}

static enum outcome do_hfence(struct hart_core *c, bool second_stage)
{
	const struct hart *h = &c->state;

	if (!(h->isa & HART_ISA_H))
		return trap_illegal(c);
	if (h->virt)
		return trap_virtual(c);
	if (h->priv == HART_U || (second_stage && h->priv == HART_S && h->mstatus & MSTATUS_TVM))
		return trap_illegal(c);
	return DONE;
}

static enum outcome do_ecall(struct hart_core *c)
{
	const struct hart *h = &c->state;
	uint64_t cause = h->priv == HART_M ? CAUSE_ECALL_M : h->priv == HART_U ? CAUSE_ECALL_U : h->virt ? CAUSE_ECALL_VS : CAUSE_ECALL_S;

	trap_raise(c, cause, 0);
	return TRAPPED;
}

/* The second guest ISA has instructions at multiples of 4 only. */
enum outcome system_misaligned_jump(struct hart_core *c, const struct xop *op)
{
	trap_raise(c, CAUSE_FETCH_MISALIGNED, c->state.x[op->rs1]);
	return TRAPPED;
}

enum outcome system_execute(struct hart_core *c, const struct xop *op)
{
	switch (op->code) {
	case NATIVE_ECALL:
		return do_ecall(c);
	case NATIVE_EBREAK:
		trap_raise(c, CAUSE_BREAKPOINT, c->state.pc);
		return TRAPPED;
	case NATIVE_MRET:
		return do_mret(c);
	case NATIVE_SRET:
		return do_sret(c);
	case NATIVE_WFI:
		return do_wfi(c);
	case NATIVE_SFENCE:
		return do_sfence(c);
	case NATIVE_SFENCEI:
		return do_sfence_order(c);
	case NATIVE_HFENCEV:
		return do_hfence(c, false);
	case NATIVE_HFENCEG:
		return do_hfence(c, true);
	case NATIVE_HLV:
	case NATIVE_HLVX:
	case NATIVE_HSV:
		return mem_guest(c, op);
	case NATIVE_CSRW:
	case NATIVE_CSRS:
	case NATIVE_CSRC:
		return csr_execute(c, op);
	default:
		return trap_illegal(c);
	}
}
