/* Machine-level CSRs and the counters (privileged 3.1, 3.7). */
#include "models/hart/bits.h"
#include "models/hart/csr.h"

#define MISA_RV64 (UINT64_C(2) << 62)
#define LETTER(l) BIT((l) - 'A')

/* Only causes that can come from below M-mode, environment calls from M excluded. */
#define MEDELEG_BASE (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(12) | BIT(13) | BIT(15))
#define MEDELEG_H (BIT(10) | BIT(20) | BIT(21) | BIT(22) | BIT(23))

static bool has_s(const struct hart *h) { return !(h->isa & HART_ISA_M_ONLY); }
static bool has_h(const struct hart *h) { return h->isa & HART_ISA_H; }

uint64_t csr_tvec(uint64_t old, uint64_t value)
{
	return value & 2 ? (value & ~(uint64_t)3) | (old & 1) : value;
}

uint64_t csr_atp(uint64_t old, uint64_t value)
{
	uint64_t mode = value >> ATP_MODE_SHIFT;

	return mode == ATP_BARE || (mode >= ATP_SV39 && mode <= ATP_SV57) ? value : old;
}

uint64_t csr_status_writable(const struct hart *h) { return SSTATUS_WRITABLE | (h->isa & HART_ISA_FD ? MSTATUS_FS : 0); }

/* A reserved value of CBIE keeps the old one. */
uint64_t csr_envcfg(uint64_t old, uint64_t value, uint64_t mask)
{
	mask |= ENVCFG_FIOM | ENVCFG_CBCFE | ENVCFG_CBZE;
	if ((value & ENVCFG_CBIE) != ENVCFG_CBIE_RESERVED)
		mask |= ENVCFG_CBIE;
	return csr_merge(old, value, mask);
}

static uint64_t misa(const struct hart *h)
{
	uint64_t m = MISA_RV64 | LETTER('I') | LETTER('M') | LETTER('A') | LETTER('C');

	if (has_s(h))
		m |= LETTER('S') | LETTER('U');
	if (h->isa & HART_ISA_FD)
		m |= LETTER('F') | LETTER('D');
	return m | (has_h(h) ? LETTER('H') : 0);
}

static uint64_t frozen(uint64_t count, uint64_t offset, uint64_t inhibit, unsigned bit)
{
	/* While inhibited the offset is the counter itself. */
	return inhibit >> bit & 1 ? offset : count + offset;
}

static uint64_t cycle_value(const struct hart *h) { return frozen(h->cycles, h->cycle_offset, h->mcountinhibit, 0); }
static uint64_t instret_value(const struct hart *h) { return frozen(h->instructions, h->instret_offset, h->mcountinhibit, 2); }

/* COUNT + offset must read VALUE after this instruction has been counted. */
static void set_counter(const struct hart *h, uint64_t *offset, uint64_t count, unsigned bit, uint64_t value)
{
	*offset = h->mcountinhibit >> bit & 1 ? value : value - count;
}

static void write_inhibit(struct hart *h, uint64_t value)
{
	uint64_t cycle = cycle_value(h), instret = instret_value(h);

	h->mcountinhibit = value & 5;
	set_counter(h, &h->cycle_offset, h->cycles, 0, cycle);
	set_counter(h, &h->instret_offset, h->instructions, 2, instret);
}

static uint64_t pmpcfg(const struct hart *h, unsigned number)
{
	unsigned first = (number - CSR_PMPCFG0) * 4;
	uint64_t value = 0;

	for (unsigned i = 0; i < 8 && first + i < HART_PMP_ENTRIES; i++)
		value |= (uint64_t)h->pmpcfg[first + i] << 8 * i;
	return value;
}

static void write_pmpcfg(struct hart *h, unsigned number, uint64_t value)
{
	unsigned first = (number - CSR_PMPCFG0) * 4;

	for (unsigned i = 0; i < 8 && first + i < HART_PMP_ENTRIES; i++) {
		uint8_t cfg = (uint8_t)(value >> 8 * i & 0x9f);

		if (h->pmpcfg[first + i] & 0x80)
			continue;
		/* W without R is reserved: keep what was. */
		if ((cfg & 3) != 2)
			h->pmpcfg[first + i] = cfg;
	}
}

static void write_pmpaddr(struct hart *h, unsigned i, uint64_t value)
{
	bool next_is_tor = i + 1 < HART_PMP_ENTRIES && (h->pmpcfg[i + 1] & 0x98) == 0x88;

	if (i < HART_PMP_ENTRIES && !(h->pmpcfg[i] & 0x80) && !next_is_tor)
		h->pmpaddr[i] = value & ((UINT64_C(1) << 54) - 1);
}

/* Registers that read the same in every configuration. */
static bool read_constant(unsigned number, uint64_t *value)
{
	*value = 0;
	if (number >= CSR_MHPMEVENT3 && number <= CSR_MHPMEVENT31)
		return true;
	if (number >= CSR_MHPMCOUNTER3 && number <= CSR_MHPMCOUNTER31)
		return true;
	if (number >= CSR_TSELECT && number <= CSR_TINFO)
		return true;	/* no triggers: tdata1 reads type 0 */
	return number == CSR_MVENDORID || number == CSR_MARCHID || number == CSR_MIMPID || number == CSR_MCONFIGPTR;
}

static bool read_pmp(const struct hart *h, unsigned number, uint64_t *value)
{
	if (number >= CSR_PMPCFG0 && number <= CSR_PMPCFG15) {
		*value = pmpcfg(h, number);
		return !(number & 1);	/* the odd ones are RV32's */
	}
	if (number < CSR_PMPADDR0 || number > CSR_PMPADDR63)
		return false;
	*value = number - CSR_PMPADDR0 < HART_PMP_ENTRIES ? h->pmpaddr[number - CSR_PMPADDR0] : 0;
	return true;
}

bool csr_read_machine(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;

	switch (number) {
	case CSR_MSTATUS: *value = h->mstatus | csr_status_dirty(h->mstatus) | (has_s(h) ? MSTATUS_UXL | MSTATUS_SXL : 0); return true;
	case CSR_MISA: *value = misa(h); return true;
	case CSR_MEDELEG: *value = h->medeleg; return has_s(h);
	case CSR_MIDELEG: *value = h->mideleg; return has_s(h);
	case CSR_MIE: *value = h->mie; return true;
	case CSR_MTVEC: *value = h->mtvec; return true;
	case CSR_MCOUNTEREN: *value = h->mcounteren; return has_s(h);
	case CSR_MENVCFG: *value = h->menvcfg; return has_s(h);
	case CSR_MCOUNTINHIBIT: *value = h->mcountinhibit; return true;
	case CSR_MSCRATCH: *value = h->mscratch; return true;
	case CSR_MEPC: *value = h->mepc; return true;
	case CSR_MCAUSE: *value = h->mcause; return true;
	case CSR_MTVAL: *value = h->mtval; return true;
	case CSR_MIP: *value = irq_pending(c); return true;
	case CSR_MTINST: *value = h->mtinst; return has_h(h);
	case CSR_MTVAL2: *value = h->mtval2; return has_h(h);
	case CSR_MCYCLE: *value = cycle_value(h); return true;
	case CSR_MINSTRET: *value = instret_value(h); return true;
	case CSR_MHARTID: *value = h->hartid; return true;
	default: return read_pmp(h, number, value) || read_constant(number, value);
	}
}

static void write_mstatus(struct hart_core *c, uint64_t value)
{
	struct hart *h = &c->state;
	uint64_t mask = MSTATUS_MIE | MSTATUS_MPIE, changed;

	if (has_s(h)) {
		mask |= csr_status_writable(h) | MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR;
		if (pp_of(value) != 2)
			mask |= MSTATUS_MPP;
	}
	if (has_h(h))
		mask |= MSTATUS_MPV | MSTATUS_GVA;
	changed = h->mstatus ^ csr_merge(h->mstatus, value, mask);
	h->mstatus ^= changed;
	if (changed & MSTATUS_MXR)
		tlb_flush(c);
}

static void write_menvcfg(struct hart *h, uint64_t value)
{
	h->menvcfg = csr_envcfg(h->menvcfg, value, ENVCFG_ADUE | ENVCFG_PBMTE | (h->isa & HART_ISA_SSTC ? ENVCFG_STCE : 0));
}

static void write_mip(struct hart *h, uint64_t value)
{
	uint64_t mask = has_s(h) ? IRQ_S : 0;

	if (h->isa & HART_ISA_SSTC && h->menvcfg & ENVCFG_STCE)
		mask &= ~IRQ(STI);
	h->mip_soft = csr_merge(h->mip_soft, value, mask);
	if (has_h(h))
		h->hvip = csr_merge(h->hvip, value, IRQ(VSSI));
}

static uint64_t mie_mask(const struct hart *h)
{
	return IRQ_M | (has_s(h) ? IRQ_S : 0) | (has_h(h) ? IRQ_VS | IRQ(SGEI) : 0);
}

static void write_translation(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;

	if (number == CSR_MENVCFG)
		write_menvcfg(h, value);
	else if (number >= CSR_PMPADDR0 && number <= CSR_PMPADDR63)
		write_pmpaddr(h, number - CSR_PMPADDR0, value);
	else if (number >= CSR_PMPCFG0 && number <= CSR_PMPCFG15)
		write_pmpcfg(h, number, value);
	else
		return;
	tlb_flush(c);
}

void csr_write_machine(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;

	switch (number) {
	case CSR_MSTATUS: write_mstatus(c, value); break;
	case CSR_MEDELEG: h->medeleg = value & (MEDELEG_BASE | (has_h(h) ? MEDELEG_H : 0)); break;
	case CSR_MIDELEG: h->mideleg = (value & IRQ_S) | (has_h(h) ? IRQ_VS | IRQ(SGEI) : 0); break;
	case CSR_MIE: h->mie = value & mie_mask(h); break;
	case CSR_MTVEC: h->mtvec = csr_tvec(h->mtvec, value); break;
	case CSR_MCOUNTEREN: h->mcounteren = value & UINT32_MAX; break;
	case CSR_MCOUNTINHIBIT: write_inhibit(h, value); break;
	case CSR_MSCRATCH: h->mscratch = value; break;
	case CSR_MEPC: h->mepc = value & ~(uint64_t)1; break;
	case CSR_MCAUSE: h->mcause = value; break;
	case CSR_MTVAL: h->mtval = value; break;
	case CSR_MIP: write_mip(h, value); break;
	case CSR_MTINST: h->mtinst = value; break;
	case CSR_MTVAL2: h->mtval2 = value; break;
	case CSR_MCYCLE: set_counter(h, &h->cycle_offset, h->cycles + 1, 0, value); break;
	case CSR_MINSTRET: set_counter(h, &h->instret_offset, h->instructions + 1, 2, value); break;
	default: write_translation(c, number, value);
	}
}

bool csr_read_counter(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;
	const struct hart_bus_ops *bus = &c->domain->bus;

	switch (number) {
	case CSR_CYCLE: *value = cycle_value(h); return true;
	case CSR_TIME: *value = bus->time(bus->ctx) + (h->virt ? h->htimedelta : 0); return true;
	case CSR_INSTRET: *value = instret_value(h); return true;
	default: *value = 0; return number >= CSR_HPMCOUNTER3 && number <= CSR_HPMCOUNTER31;
	}
}
