/* Physical memory protection: 16 entries, 4-byte grain (privileged 3.7). */
#include "models/hart/core.h"

enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, PMP_L = 0x80, PMP_OFF = 0, PMP_TOR = 1, PMP_NA4 = 2 };

/* The bytes [*first, *last] that entry i covers; @return false if none. */
static bool pmp_range(const struct hart *h, unsigned i, uint64_t *first, uint64_t *last)
{
	uint64_t address = h->pmpaddr[i], below;

	switch (h->pmpcfg[i] >> 3 & 3) {
	case PMP_OFF:
		return false;
	case PMP_TOR:
		below = i ? h->pmpaddr[i - 1] << 2 : 0;
		*first = below;
		*last = (address << 2) - 1;
		return address << 2 > below;
	case PMP_NA4:
		*first = address << 2;
		*last = *first + 3;
		return true;
	default:
		/* Trailing ones give the size; all ones cover everything. */
		below = ~address ? (UINT64_C(8) << __builtin_ctzll(~address)) - 1 : UINT64_MAX;
		*first = (address << 2 | 3) & ~below;
		*last = *first | below;
		return true;
	}
}

static bool entry_allows(uint8_t cfg, enum access_kind kind, unsigned priv)
{
	static const uint8_t needed[] = {[ACCESS_READ] = PMP_R, [ACCESS_WRITE] = PMP_W, [ACCESS_EXECUTE] = PMP_X};

	return (priv == HART_M && !(cfg & PMP_L)) || cfg & needed[kind];
}

bool pmp_allows(const struct hart *h, uint64_t pa, unsigned bytes, enum access_kind kind, unsigned priv, bool *whole_page)
{
	uint64_t end = pa + bytes - 1, page = pa & PAGE_MASK, page_end = page | ~PAGE_MASK, first, last;

	*whole_page = true;
	for (unsigned i = 0; i < HART_PMP_ENTRIES; i++) {
		if (!pmp_range(h, i, &first, &last) || first > page_end || last < page)
			continue;
		if (first > page || last < page_end)
			*whole_page = false;
		if (first > end || last < pa)
			continue;
		if (first > pa || last < end)
			return false;	/* the lowest-numbered match must cover every byte */
		return entry_allows(h->pmpcfg[i], kind, priv);
	}
	return priv == HART_M;
}
