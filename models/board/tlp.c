#include "models/board/tlp.h"

static unsigned first_enables(uint64_t address, unsigned bytes)
{
	unsigned from = (unsigned)(address & 3);
	unsigned to = from + bytes < 4 ? from + bytes : 4;
	return ((1u << to) - 1) & ~((1u << from) - 1);
}

static unsigned last_enables(uint64_t address, unsigned bytes)
{
	unsigned end = (unsigned)((address + bytes) & 3);
	return end ? (1u << end) - 1 : 0xf;
}

void tlp_make_memory(struct tlp *tlp, enum tlp_type type, unsigned requester, unsigned tag, uint64_t address, unsigned bytes)
{
	unsigned length = (unsigned)((address & 3) + bytes + 3) / 4;
	unsigned last = length > 1 ? last_enables(address, bytes) : 0;
	uint32_t dw1 = (uint32_t)(requester << 16 | (tag & 0xff) << 8 | last << 4 | first_enables(address, bytes));

	tlp->beat[0] = tlp_header_low(type, length, dw1);
	tlp->beat[1] = (uint64_t)(uint32_t)(address & ~3ull) << 32 | address >> 32;
	tlp->beats = tlp_beats(type == TLP_MWR, length);
	tlp->beat[tlp->beats - 1] = type == TLP_MWR ? 0 : tlp->beat[tlp->beats - 1];
}

void tlp_make_config(struct tlp *tlp, enum tlp_type type, unsigned requester, unsigned tag, unsigned bdf, unsigned offset, unsigned enables)
{
	tlp->beat[0] = tlp_header_low(type, 1, (uint32_t)(requester << 16 | (tag & 0xff) << 8 | enables));
	tlp->beat[1] = (uint32_t)(bdf << 16 | (offset & 0xffc));
	tlp->beats = tlp_beats(type == TLP_CFGWR0, 1);
	tlp->beat[2] = 0;
}

void tlp_make_completion(struct tlp *tlp, unsigned completer, unsigned requester, unsigned tag, enum tlp_status status, unsigned byte_count,
			 unsigned lower_address, unsigned length_dw)
{
	uint32_t dw1 = (uint32_t)(completer << 16 | (unsigned)status << 13 | (byte_count & 0xfff));

	tlp->beat[0] = tlp_header_low(length_dw ? TLP_CPLD : TLP_CPL, length_dw, dw1);
	tlp->beat[1] = (uint32_t)(requester << 16 | (tag & 0xff) << 8 | (lower_address & 0x7f));
	tlp->beats = tlp_beats(length_dw != 0, length_dw);
	if (length_dw)
		tlp->beat[tlp->beats - 1] = 0;
}
