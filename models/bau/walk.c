/* Page-table walk of the Sv39x4 G-stage (RISC-V privileged architecture 1.12, 8.5.1), without updates of A and D. */
#include "models/bau/unit.h"

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };

uint64_t bau_walk_address(const struct bau_translator *t, uint64_t guest_address)
{
	return t->table << 12 | (guest_address >> (12 + 9 * t->level) & 0x1ff) << 3;
}

uint8_t bau_walk_leaf(const struct bau_translator *t, struct bau_translation *entry)
{
	uint64_t pte = t->pte, ppn = pte >> 10 & BAU_DTE_ROOT_PPN_MASK;
	if (t->pte_error)
		return BAU_CAUSE_PTE_ACCESS;
	if (!(pte & PTE_V) || (pte & (PTE_R | PTE_W)) == PTE_W || pte >> 54)
		return BAU_CAUSE_PTE_INVALID;
	if (!(pte & (PTE_R | PTE_X)))
		return t->level == 0 ? BAU_CAUSE_PTE_INVALID : 0;
	if (ppn & ((1ull << (9 * t->level)) - 1))
		return BAU_CAUSE_PTE_INVALID;
	bool usable = pte & PTE_U && pte & PTE_A;
	entry->valid = 1;
	entry->level = t->level;
	entry->ppn = ppn;
	entry->read = usable && pte & PTE_R;
	entry->write = usable && pte & PTE_W && pte & PTE_D;
	entry->hold = pte & PTE_U && pte & PTE_R && !(pte & PTE_W);
	return 0;
}
