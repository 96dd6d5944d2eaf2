/* Hypervisor and virtual-supervisor CSRs (privileged 8.2). */
#include "models/hart/bits.h"
#include "models/hart/csr.h"

/* 18 and 19, software check and hardware error, never happen here, but the specification wants their bits writable (privileged 1.13, hedeleg). */
#define HEDELEG_MASK (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(12) | BIT(13) | BIT(15) | BIT(18) | BIT(19))
#define HSTATUS_WRITABLE (HSTATUS_GVA | HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_HU | HSTATUS_VTVM | HSTATUS_VTW | HSTATUS_VTSR)
#define HGATP_WRITABLE ((UINT64_C(0x3fff) << 44) | (ATP_PPN & ~(uint64_t)3))
#define HGEI_MASK (((UINT64_C(1) << HART_GEILEN) - 1) << 1)

/* A guest sees its delegated interrupts one bit lower, as supervisor interrupts. */
static uint64_t guest_view(const struct hart *h, uint64_t bits) { return (bits & h->hideleg & IRQ_VS) >> 1; }

static bool read_vs(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;

	switch (number) {
	case CSR_VSSTATUS: *value = h->vsstatus | csr_status_dirty(h->vsstatus) | MSTATUS_UXL; return true;
	case CSR_VSIE: *value = guest_view(h, h->mie); return true;
	case CSR_VSTVEC: *value = h->vstvec; return true;
	case CSR_VSSCRATCH: *value = h->vsscratch; return true;
	case CSR_VSEPC: *value = h->vsepc; return true;
	case CSR_VSCAUSE: *value = h->vscause; return true;
	case CSR_VSTVAL: *value = h->vstval; return true;
	case CSR_VSIP: *value = guest_view(h, irq_pending(c)); return true;
	case CSR_VSTIMECMP: *value = h->vstimecmp; return h->isa & HART_ISA_SSTC;
	case CSR_VSATP: *value = h->vsatp; return true;
	default: return false;
	}
}

bool csr_read_hypervisor(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;

	if (!(h->isa & HART_ISA_H))
		return false;
	switch (number) {
	case CSR_HSTATUS: *value = h->hstatus | HSTATUS_VSXL; return true;
	case CSR_HEDELEG: *value = h->hedeleg; return true;
	case CSR_HIDELEG: *value = h->hideleg; return true;
	case CSR_HIE: *value = h->mie & (IRQ_VS | IRQ(SGEI)); return true;
	case CSR_HTIMEDELTA: *value = h->htimedelta; return true;
	case CSR_HCOUNTEREN: *value = h->hcounteren; return true;
	case CSR_HGEIE: *value = h->hgeie; return true;
	case CSR_HENVCFG: *value = h->henvcfg & (h->menvcfg | ~ENVCFG_OF_MENVCFG); return true;
	case CSR_HTVAL: *value = h->htval; return true;
	case CSR_HIP: *value = irq_pending(c) & (IRQ_VS | IRQ(SGEI)); return true;
	case CSR_HVIP: *value = h->hvip; return true;
	case CSR_HTINST: *value = h->htinst; return true;
	case CSR_HGATP: *value = h->hgatp; return true;
	case CSR_HISA: *value = h->hisa; return h->isa & HART_ISA_A64;
	case CSR_HGEIP: *value = h->hgeip_lines; return true;
	default: return read_vs(c, number, value);
	}
}

static void write_vsstatus(struct hart_core *c, uint64_t value)
{
	struct hart *h = &c->state;
	uint64_t changed = h->vsstatus ^ csr_merge(h->vsstatus, value, csr_status_writable(h));

	h->vsstatus ^= changed;
	if (changed & MSTATUS_MXR)
		tlb_flush(c);
}

static void write_hstatus(struct hart *h, uint64_t value)
{
	uint64_t vgein = (value & HSTATUS_VGEIN) >> HSTATUS_VGEIN_SHIFT;

	h->hstatus = csr_merge(h->hstatus, value, HSTATUS_WRITABLE | (vgein <= HART_GEILEN ? HSTATUS_VGEIN : 0));
}

static void write_atp(struct hart_core *c, uint64_t *atp, uint64_t value)
{
	if (*atp != value)
		tlb_flush(c);
	*atp = value;
}

/* An unsupported mode keeps the old one; the other fields are written all the same (privileged 8.2.10). */
static uint64_t hgatp_legal(uint64_t old, uint64_t value)
{
	uint64_t mode = value >> ATP_MODE_SHIFT;

	if (mode != ATP_BARE && (mode < ATP_SV39 || mode > ATP_SV57))
		mode = old >> ATP_MODE_SHIFT;
	return mode << ATP_MODE_SHIFT | (value & HGATP_WRITABLE);
}

static void write_henvcfg(struct hart_core *c, uint64_t value)
{
	struct hart *h = &c->state;

	h->henvcfg = csr_envcfg(h->henvcfg, value, h->menvcfg & ENVCFG_OF_MENVCFG);
	tlb_flush(c);
}

static void write_vsie(struct hart *h, uint64_t value)
{
	h->mie = csr_merge(h->mie, value << 1, h->hideleg & IRQ_VS);
}

static void write_vs(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;

	switch (number) {
	case CSR_VSSTATUS: write_vsstatus(c, value); break;
	case CSR_VSIE: write_vsie(h, value); break;
	case CSR_VSTVEC: h->vstvec = csr_tvec(h->vstvec, value); break;
	case CSR_VSSCRATCH: h->vsscratch = value; break;
	case CSR_VSEPC: h->vsepc = value & ~(uint64_t)1; break;
	case CSR_VSCAUSE: h->vscause = value; break;
	case CSR_VSTVAL: h->vstval = value; break;
	case CSR_VSIP: h->hvip = csr_merge(h->hvip, value << 1, h->hideleg & IRQ(VSSI)); break;
	case CSR_VSTIMECMP: h->vstimecmp = value; break;
	case CSR_VSATP: write_atp(c, &h->vsatp, csr_atp(h->vsatp, value)); break;
	default: break;
	}
}

void csr_write_hypervisor(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;

	switch (number) {
	case CSR_HSTATUS: write_hstatus(h, value); break;
	case CSR_HEDELEG: h->hedeleg = value & HEDELEG_MASK; break;
	case CSR_HIDELEG: h->hideleg = value & IRQ_VS; break;
	case CSR_HIE: h->mie = csr_merge(h->mie, value, IRQ_VS | IRQ(SGEI)); break;
	case CSR_HTIMEDELTA: h->htimedelta = value; break;
	case CSR_HCOUNTEREN: h->hcounteren = value & UINT32_MAX; break;
	case CSR_HGEIE: h->hgeie = value & HGEI_MASK; break;
	case CSR_HENVCFG: write_henvcfg(c, value); break;
	case CSR_HTVAL: h->htval = value; break;
	case CSR_HIP: h->hvip = csr_merge(h->hvip, value, IRQ(VSSI)); break;
	case CSR_HVIP: h->hvip = value & IRQ_VS; break;
	case CSR_HTINST: h->htinst = value; break;
	case CSR_HGATP: write_atp(c, &h->hgatp, hgatp_legal(h->hgatp, value)); break;
	case CSR_HISA: h->hisa = value & 1; break;
	default: write_vs(c, number, value);
	}
}
