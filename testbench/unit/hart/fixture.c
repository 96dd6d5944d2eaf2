/* Small programs on the test board. */
#include "testbench/unit/hart/fixture.h"

struct board *fixture_create(unsigned harts)
{
	struct board *b = board_create(&(struct board_options){.harts = harts, .isa = HART_ISA_H | HART_ISA_FD});

	for (unsigned i = 0; i < harts; i++) {
		struct hart *h = fixture_hart(b, i);

		h->mtvec = HANDLER;
		h->stvec = S_HANDLER;
		h->vstvec = VS_HANDLER;
		h->pmpaddr[0] = (UINT64_C(1) << 54) - 1;
		h->pmpcfg[0] = 0x1f;
		hart_state_changed(hart_core_of(b->domain, i));
	}
	return b;
}

struct hart *fixture_hart(struct board *b, unsigned hart) { return hart_state(hart_core_of(b->domain, hart)); }

void fixture_code(struct board *b, uint64_t at, const uint32_t *insn, unsigned count)
{
	memcpy(b->ram + (at - BOARD_RAM_BASE), insn, 4 * count);
	hart_snoop_store(b->domain, at, 4 * count);
}

void fixture_put64(struct board *b, uint64_t at, uint64_t value)
{
	memcpy(b->ram + (at - BOARD_RAM_BASE), &value, 8);
	hart_snoop_store(b->domain, at, 8);
}

uint64_t fixture_get64(const struct board *b, uint64_t at)
{
	uint64_t value;

	memcpy(&value, b->ram + (at - BOARD_RAM_BASE), 8);
	return value;
}

void fixture_run(struct board *b, unsigned count)
{
	hart_state_changed(hart_core_of(b->domain, 0));
	hart_run(hart_core_of(b->domain, 0), count);
}

void fixture_enter(struct board *b, unsigned priv, bool virt, uint64_t pc)
{
	struct hart *h = fixture_hart(b, 0);

	h->priv = (uint8_t)priv;
	h->virt = virt;
	h->pc = pc;
}

static void put_entry(struct board *b, uint64_t at, uint64_t target, uint64_t flags)
{
	fixture_put64(b, at, target >> 12 << 10 | flags);
}

void fixture_tree(struct board *b, uint64_t root, bool user)
{
	uint64_t middle = root == G_TABLE ? root + 0x4000 : root + 0x1000;

	put_entry(b, root + 8 * 2, BOARD_RAM_BASE, user ? PTE_FULL : PTE_FULL & ~PTE_U);
	put_entry(b, root + 8 * 1, middle, PTE_V);
	put_entry(b, middle, middle + 0x1000, PTE_V);
}

uint64_t fixture_pte_address(uint64_t root, unsigned page) { return root + (root == G_TABLE ? 0x5000 : 0x2000) + 8 * page; }

void fixture_map(struct board *b, uint64_t root, unsigned page, uint64_t target, uint64_t flags)
{
	put_entry(b, fixture_pte_address(root, page), target, flags);
}
