/* Supervisor-level CSRs; in a guest their numbers mean the VS registers (privileged 4.1, 8.2). */
#include "models/hart/bits.h"
#include "models/hart/csr.h"

static bool sstc(const struct hart *h) { return h->isa & HART_ISA_SSTC; }
static bool isa_select(const struct hart *h) { return h->isa & HART_ISA_A64; }

/* In a guest: the number of the VS register that stands for NUMBER, or 0 if it has no counterpart. */
static unsigned substitute(unsigned number)
{
	switch (number) {
	case CSR_SSTATUS: case CSR_SIE: case CSR_STVEC: case CSR_SSCRATCH: case CSR_SEPC: case CSR_SCAUSE: case CSR_STVAL:
	case CSR_SIP: case CSR_STIMECMP: case CSR_SATP:
		return number + (CSR_VSSTATUS - CSR_SSTATUS);
	default:
		return 0;
	}
}

static uint64_t sip_mask(const struct hart *h) { return h->mideleg & IRQ_S; }

bool csr_read_supervisor(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;

	if (h->isa & HART_ISA_M_ONLY)
		return false;
	if (h->virt && substitute(number))
		return csr_read_hypervisor(c, substitute(number), value);
	switch (number) {
	case CSR_SSTATUS: *value = (h->mstatus & csr_status_writable(h)) | csr_status_dirty(h->mstatus) | MSTATUS_UXL; return true;
	case CSR_SIE: *value = h->mie & sip_mask(h); return true;
	case CSR_STVEC: *value = h->stvec; return true;
	case CSR_SCOUNTEREN: *value = h->scounteren; return true;
	case CSR_SENVCFG: *value = h->senvcfg; return true;
	case CSR_SSCRATCH: *value = h->sscratch; return true;
	case CSR_SEPC: *value = h->sepc; return true;
	case CSR_SCAUSE: *value = h->scause; return true;
	case CSR_STVAL: *value = h->stval; return true;
	case CSR_SIP: *value = irq_pending(c) & sip_mask(h); return true;
	case CSR_STIMECMP: *value = h->stimecmp; return sstc(h);
	case CSR_SATP: *value = h->satp; return true;
	case CSR_UISA: *value = h->uisa; return isa_select(h);
	case CSR_USP: *value = h->x[HART_SP]; return isa_select(h);
	case CSR_UFLAGS: *value = h->x[HART_FLAGS]; return isa_select(h);
	case CSR_UTHREAD: *value = h->x[HART_THREAD]; return isa_select(h);
	default: return false;
	}
}

static void write_sstatus(struct hart_core *c, uint64_t value)
{
	struct hart *h = &c->state;
	uint64_t changed = h->mstatus ^ csr_merge(h->mstatus, value, csr_status_writable(h));

	h->mstatus ^= changed;
	if (changed & MSTATUS_MXR)
		tlb_flush(c);
}

void csr_write_supervisor(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;
	uint64_t old = h->satp;

	if (h->virt && substitute(number)) {
		csr_write_hypervisor(c, substitute(number), value);
		return;
	}
	switch (number) {
	case CSR_SSTATUS: write_sstatus(c, value); break;
	case CSR_SIE: h->mie = csr_merge(h->mie, value, sip_mask(h)); break;
	case CSR_STVEC: h->stvec = csr_tvec(h->stvec, value); break;
	case CSR_SCOUNTEREN: h->scounteren = value & UINT32_MAX; break;
	case CSR_SENVCFG: h->senvcfg = csr_envcfg(h->senvcfg, value, 0); break;
	case CSR_SSCRATCH: h->sscratch = value; break;
	case CSR_SEPC: h->sepc = value & ~(uint64_t)1; break;
	case CSR_SCAUSE: h->scause = value; break;
	case CSR_STVAL: h->stval = value; break;
	case CSR_SIP: h->mip_soft = csr_merge(h->mip_soft, value, sip_mask(h) & IRQ(SSI)); break;
	case CSR_STIMECMP: h->stimecmp = value; break;
	case CSR_SATP:
		h->satp = csr_atp(h->satp, value);
		if (h->satp != old)
			tlb_flush(c);
		break;
	case CSR_UISA: h->uisa = value & 1; break;
	case CSR_USP: h->x[HART_SP] = value; break;
	case CSR_UFLAGS: h->x[HART_FLAGS] = value & FLAGS_MASK; break;
	case CSR_UTHREAD: h->x[HART_THREAD] = value; break;
	default: break;
	}
}
