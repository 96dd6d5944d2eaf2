/* BAR0 of a function: NVMe registers, doorbells, MSI-X table and pending bits; section 8, REQ. */
#include "models/see/internal.h"

enum { CC_WRITABLE = 0x00fffff1, AQA_WRITABLE = 0x0fff0fff };

/* Word offsets of the register pairs. */
enum { WORD_CAP = 0x00, WORD_VS = 0x08, WORD_CC = 0x10, WORD_CSTS = 0x18, WORD_AQA = 0x20, WORD_ASQ = 0x28, WORD_ACQ = 0x30 };

static bool in_msix_table(unsigned offset)
{
	return offset >= SEE_MSIX_TABLE && offset < SEE_MSIX_TABLE + 16 * SEE_NUM_VECTORS;
}

static uint64_t read_msix(const struct see_function *f, unsigned offset)
{
	unsigned v = (offset - (unsigned)SEE_MSIX_TABLE) >> 4;
	if (offset & 8)
		return (uint64_t)bit(f->masked, v) << 32 | f->msix_data[v];
	return f->msix_addr[v];
}

uint64_t see_bar_read(const struct see *s, unsigned fn, unsigned offset)
{
	const struct see_function *f = &s->functions[fn];
	switch (offset) {
	case WORD_CAP:
		return SEE_CAP_RESET;
	case WORD_VS:
		return (uint64_t)f->intm << 32 | SEE_VS_RESET;
	case WORD_CC:
		return (uint64_t)f->cc << 32 | f->intm;
	case WORD_CSTS:
		return (uint64_t)f->csts << 32;
	case WORD_AQA:
		return (uint64_t)f->aqa << 32;
	case WORD_ASQ:
		return f->asq;
	case WORD_ACQ:
		return f->acq;
	case SEE_MSIX_PBA:
		return f->msi_pend;
	default:
		return in_msix_table(offset) ? read_msix(f, offset) : 0;
	}
}

static void write_cc(struct see *s, unsigned fn, uint32_t data, uint32_t mask)
{
	struct see_function *f = &s->functions[fn];
	uint32_t old = f->cc, new = (old & ~mask) | (data & mask);
	bool was = FIELD_GET(SEE_CC_EN, old), is = FIELD_GET(SEE_CC_EN, new);
	if (!was && is && !function_busy(s, fn))
		s->ev_en |= 1u << fn;
	if (was && !is)
		s->rst_req |= 1u << fn;
	if (was && is && !FIELD_GET(SEE_CC_SHN, old) && FIELD_GET(SEE_CC_SHN, new))
		s->ev_shn |= 1u << fn;
	f->cc = new;
}

static void write_msix(struct see_function *f, unsigned offset, uint64_t data, unsigned be)
{
	unsigned v = (offset - (unsigned)SEE_MSIX_TABLE) >> 4;
	uint64_t m = byte_mask(be);
	if (!(offset & 8)) {
		m &= ~3ull;
		f->msix_addr[v] = (f->msix_addr[v] & ~m) | (data & m);
		return;
	}
	f->msix_data[v] = (f->msix_data[v] & ~(uint32_t)m) | (uint32_t)(data & m);
	if (bit(be, 4))
		f->masked = (uint16_t)((f->masked & ~(1u << v)) | (unsigned)bit(data, 32) << v);
}

static bool in_doorbells(unsigned offset)
{
	return offset >= SEE_DOORBELL_BASE && offset < SEE_MSIX_TABLE;
}

static void write_doorbell(struct see *s, unsigned fn, unsigned offset, uint64_t data, unsigned be)
{
	unsigned q = (offset - (unsigned)SEE_DOORBELL_BASE) >> 3;
	if (be == 0x0f)
		see_doorbell(s, fn, q, false, (uint32_t)data);
	else if (be == 0xf0)
		see_doorbell(s, fn, q, true, (uint32_t)(data >> 32));
}

void see_bar_write(struct see *s, unsigned fn, unsigned offset, uint64_t data, unsigned be)
{
	struct see_function *f = &s->functions[fn];
	uint64_t m = byte_mask(be);
	switch (offset) {
	case WORD_VS:
		f->intm |= (uint32_t)((data & m) >> 32);
		break;
	case WORD_CC:
		f->intm &= ~(uint32_t)(data & m);
		write_cc(s, fn, (uint32_t)(data >> 32), (uint32_t)(m >> 32) & CC_WRITABLE);
		break;
	case WORD_AQA:
		m = m >> 32 & AQA_WRITABLE;
		f->aqa = (f->aqa & ~(uint32_t)m) | ((uint32_t)(data >> 32) & (uint32_t)m);
		break;
	case WORD_ASQ:
		m &= ~0xfffull;
		f->asq = (f->asq & ~m) | (data & m);
		break;
	case WORD_ACQ:
		m &= ~0xfffull;
		f->acq = (f->acq & ~m) | (data & m);
		break;
	default:
		if (in_msix_table(offset))
			write_msix(f, offset, data, be);
		else if (in_doorbells(offset))
			write_doorbell(s, fn, offset, data, be);
	}
}
