/* fflags, frm and fcsr (unprivileged 11.2). */
#include "models/hart/csr.h"

bool csr_read_float(struct hart_core *c, unsigned number, uint64_t *value)
{
	const struct hart *h = &c->state;

	switch (number) {
	case CSR_FFLAGS: *value = h->fcsr & FCSR_FFLAGS; break;
	case CSR_FRM: *value = h->fcsr >> FCSR_FRM_SHIFT; break;
	case CSR_FCSR: *value = h->fcsr; break;
	default: return false;
	}
	return h->isa & HART_ISA_FD;
}

void csr_write_float(struct hart_core *c, unsigned number, uint64_t value)
{
	struct hart *h = &c->state;

	switch (number) {
	case CSR_FFLAGS: h->fcsr = csr_merge(h->fcsr, value, FCSR_FFLAGS); break;
	case CSR_FRM: h->fcsr = (h->fcsr & FCSR_FFLAGS) | (value & 7) << FCSR_FRM_SHIFT; break;
	default: h->fcsr = value & 0xff;
	}
	fp_set_dirty(c);
}
