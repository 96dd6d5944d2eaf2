#include "testbench/unit/a64/bare.h"

#include <stdlib.h>
#include <string.h>

#include "models/hart/bits.h"
#include "testbench/unit/a64/process.h"

const char *const bare_mode_name[BARE_MODES] = {"interpreted", "translated", "timed", "behind a CLB"};

static struct bare *current;

static void trapped(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval)
{
	struct bare *b = current;
	struct hart *h = bare_hart(b);

	(void)ctx;
	(void)hart;
	if (cause & CAUSE_INTERRUPT) {
		b->interrupts++;
		EXPECT_EQ(epc % 4, 0);
		b->board->msip[0] = 0;
		h->mip_lines = 0;
		h->pc = epc;
		h->priv = HART_U;
		hart_state_changed(hart_core_of(b->board->domain, 0));
		return;
	}
	b->cause = cause;
	b->epc = epc;
	b->tval = tval;
	b->board->finished = true;
}

void bare_create(struct bare *b, enum bare_mode mode)
{
	static const uint32_t prelude[BARE_PRELUDE / 4] = {0xd503201f /* nop */, 0x910004a5 /* add x5, x5, #1 */};

	*b = (struct bare){.mode = mode, .cause = UINT64_MAX};
	b->board = board_create(&(struct board_options){.isa = HART_ISA_H | HART_ISA_A64, .ram_bytes = BARE_RAM_BYTES, .trap = trapped});
	hart_domain_set_heat(b->board->domain, mode == BARE_INTERPRETED ? 0 : 1);
	if (mode == BARE_BEHIND_CLB)
		b->machine = machine_create(b->board, rv64_table_image, rv64_table_bytes);
	for (unsigned i = 0; i < BARE_PRELUDE / 4; i++)
		bare_put(b, BARE_CODE + 4 * i, prelude[i]);
	current = b;
}

void bare_destroy(struct bare *b)
{
	if (b->machine)
		machine_destroy(b->machine);
	board_destroy(b->board);
}

void bare_put(struct bare *b, uint64_t address, uint32_t insn) { memcpy(b->board->ram + (address - BOARD_RAM_BASE), &insn, 4); }

uint64_t bare_get(const struct bare *b, uint64_t address)
{
	uint64_t value;

	memcpy(&value, b->board->ram + (address - BOARD_RAM_BASE), 8);
	return value;
}

struct hart *bare_hart(struct bare *b) { return hart_state(hart_core_of(b->board->domain, 0)); }
void bare_start(struct bare *b) { process_enter_user(b->board, BARE_CODE); }
void bare_run(struct bare *b, uint64_t max_cycles)
{
	board_run(b->board, b->mode >= BARE_TIMED, max_cycles, 0);
	EXPECT_FALSE(b->machine && b->machine->broken);
}
