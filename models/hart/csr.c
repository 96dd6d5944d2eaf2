/* CSR instructions: who may access which register, and what an attempt without right raises (privileged 2.1, 8.2, 8.6.1). */
#include "models/hart/bits.h"
#include "models/hart/csr.h"
#include "native_ops.h"

enum right { ALLOWED, ILLEGAL, VIRTUAL };

static bool read_value(struct hart_core *c, unsigned number, uint64_t *value)
{
	if (number >> 8 == 0xc)
		return csr_read_counter(c, number, value);
	switch (csr_level(number)) {
	case 0:
		return csr_read_float(c, number, value);
	case 1:
		return csr_read_supervisor(c, number, value);
	case 2:
		return csr_read_hypervisor(c, number, value);
	default:
		return csr_read_machine(c, number, value);
	}
}

static void write_value(struct hart_core *c, unsigned number, uint64_t value)
{
	switch (csr_level(number)) {
	case 0:
		csr_write_float(c, number, value);
		break;
	case 1:
		csr_write_supervisor(c, number, value);
		break;
	case 2:
		csr_write_hypervisor(c, number, value);
		break;
	default:
		csr_write_machine(c, number, value);
	}
	core_update_mode(c);
	irq_update(c);
}

/* cycle, time, instret and hpmcounters below M-mode: each level above must have enabled the bit. */
static enum right counter_right(const struct hart *h, unsigned number)
{
	unsigned bit = number & 31;

	if (h->priv == HART_M)
		return ALLOWED;
	if (!(h->mcounteren >> bit & 1))
		return ILLEGAL;
	if (h->virt && !(h->hcounteren >> bit & 1))
		return VIRTUAL;
	if (h->priv == HART_U && !(h->isa & HART_ISA_M_ONLY) && !(h->scounteren >> bit & 1))
		return h->virt ? VIRTUAL : ILLEGAL;
	return ALLOWED;
}

static bool is_counter(unsigned number) { return number >> 8 == 0xc && (number & 0xff) < 32; }

/* stimecmp below M-mode needs mcounteren.TM and menvcfg.STCE; in a guest also hcounteren.TM and henvcfg.STCE (Sstc). */
static enum right timer_right(const struct hart *h, unsigned number)
{
	bool stce = h->menvcfg & ENVCFG_STCE, tm = h->mcounteren & 2;

	if (h->priv == HART_M)
		return ALLOWED;
	if (!stce || !tm)
		return ILLEGAL;
	if (h->virt && number == CSR_STIMECMP && (!(h->henvcfg & ENVCFG_STCE) || !(h->hcounteren & 2)))
		return VIRTUAL;
	return ALLOWED;
}

/* Whether HS-mode might do the same (mstatus.TVM aside): if so, a guest's attempt is the hypervisor's to emulate. */
static enum right guest_right(const struct hart *h, unsigned number)
{
	unsigned level = csr_level(number);

	if (level == 2 || (level == 1 && h->priv == HART_U))
		return VIRTUAL;
	if (number == CSR_SATP && h->hstatus & HSTATUS_VTVM)
		return VIRTUAL;
	if (number >= CSR_UISA && number <= CSR_UTHREAD && !h->hisa)
		return VIRTUAL;
	return ALLOWED;
}

static enum right access_right(const struct hart *h, unsigned number, bool writes)
{
	unsigned level = csr_level(number);

	if (writes && number >> 10 == 3)
		return ILLEGAL;
	if (is_counter(number))
		return counter_right(h, number);
	if (level == 0)
		return fp_enabled(h) ? ALLOWED : ILLEGAL;
	if (level == 3 && h->priv != HART_M)
		return ILLEGAL;
	if (number == CSR_STIMECMP || number == CSR_VSTIMECMP) {
		enum right timer = timer_right(h, number);

		if (timer != ALLOWED)
			return timer;
	}
	if (h->virt)
		return guest_right(h, number);
	if (level == 2 && h->priv < HART_S)
		return ILLEGAL;
	if (level > h->priv && level != 2)
		return ILLEGAL;
	if ((number == CSR_SATP || number == CSR_HGATP) && h->priv == HART_S && h->mstatus & MSTATUS_TVM)
		return ILLEGAL;
	return ALLOWED;
}

static uint64_t updated(unsigned code, uint64_t old, uint64_t operand)
{
	switch (code) {
	case NATIVE_CSRS:
		return old | operand;
	case NATIVE_CSRC:
		return old & ~operand;
	default:
		return operand;
	}
}

/* What CSRS and CSRC modify: the lines of mip are not written back into its software bits. */
static uint64_t modifiable(const struct hart_core *c, unsigned number, uint64_t value)
{
	if (number == CSR_MIP)
		return (value & ~IRQ(SEI)) | (c->state.mip_soft & IRQ(SEI));
	return value;
}

enum outcome csr_execute(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	unsigned number = (unsigned)op->imm & 0xfff, how = (unsigned)op->imm >> 12;
	uint64_t operand = how & CSR_IMMEDIATE ? op->rs1 : h->x[op->rs1], value;

	/* A register that does not exist is illegal for everybody. */
	if (!read_value(c, number, &value))
		return trap_illegal(c);
	switch (access_right(h, number, how & CSR_WRITES)) {
	case ILLEGAL:
		return trap_illegal(c);
	case VIRTUAL:
		return trap_virtual(c);
	default:
		break;
	}
	if (how & CSR_WRITES)
		write_value(c, number, updated(op->code, modifiable(c, number, value), operand));
	if (how & CSR_READS)
		h->x[op->rd] = value;
	return DONE;
}

int hart_csr_read(struct hart_core *core, unsigned number, uint64_t *value)
{
	uint8_t virt = core->state.virt;
	bool found;

	core->state.virt = 0;
	found = number <= 0xfff && read_value(core, number, value);
	core->state.virt = virt;
	return found ? 0 : -1;
}

int hart_csr_write(struct hart_core *core, unsigned number, uint64_t value)
{
	uint8_t virt = core->state.virt;
	uint64_t old;

	if (hart_csr_read(core, number, &old) || number >> 10 == 3)
		return -1;
	core->state.virt = 0;
	write_value(core, number, value);
	core->state.virt = virt;
	core_update_mode(core);
	irq_update(core);
	return 0;
}
