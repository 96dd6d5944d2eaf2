/* A few A64 instructions in U-mode on the hart's test board, up to the first trap, in each mode of execution. */
#ifndef ASSAY_TESTBENCH_UNIT_A64_BARE_H
#define ASSAY_TESTBENCH_UNIT_A64_BARE_H

#include "testbench/unit/clb/machine.h"

enum { BARE_RAM_BYTES = 1 << 20, BARE_PRELUDE = 8 };
#define BARE_CODE (BOARD_RAM_BASE + 0x1000)
#define BARE_DATA (BOARD_RAM_BASE + 0x8000)
#define BARE_RAM_END (BOARD_RAM_BASE + BARE_RAM_BYTES)

enum bare_mode { BARE_INTERPRETED, BARE_TRANSLATED, BARE_TIMED, BARE_BEHIND_CLB, BARE_MODES };
extern const char *const bare_mode_name[BARE_MODES];

struct bare {
	struct board *board;
	struct machine *machine;
	enum bare_mode mode;
	uint64_t cause, epc, tval;	/* of the first exception */
	unsigned interrupts;		/* taken and returned from; each at a whole instruction */
};

/** At BARE_CODE are BARE_PRELUDE bytes that add 1 to x5, behind them the test's instructions. */
void bare_create(struct bare *b, enum bare_mode mode);
void bare_destroy(struct bare *b);
void bare_put(struct bare *b, uint64_t address, uint32_t insn);
uint64_t bare_get(const struct bare *b, uint64_t address);
struct hart *bare_hart(struct bare *b);
/** After the registers are set: U-mode, ISA select, pc at BARE_CODE. */
void bare_start(struct bare *b);
/** Runs until an exception. */
void bare_run(struct bare *b, uint64_t max_cycles);

#endif
