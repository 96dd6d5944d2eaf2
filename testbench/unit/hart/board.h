/* A minimal board for programs that test the hart alone: RAM at 0x8000_0000, a boot ROM at 0x1000, test finisher at 0x10_0000,
 * CLINT at 0x200_0000, a silent PLIC at 0xC00_0000, and a 16550 at 0x1000_0000 whose output is kept. */
#ifndef ASSAY_TESTBENCH_UNIT_HART_BOARD_H
#define ASSAY_TESTBENCH_UNIT_HART_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "models/convert/convert.h"
#include "models/hart/hart.h"

enum { BOARD_HARTS = 4, BOARD_CONSOLE_BYTES = 1 << 16, BOARD_ROM_BYTES = 4096, BOARD_SLOW_CYCLES = 600 };
#define BOARD_RAM_BASE UINT64_C(0x80000000)
#define BOARD_ROM_BASE UINT64_C(0x1000)
/* A register whose answer takes BOARD_SLOW_CYCLES; what is stored can be loaded. */
#define BOARD_SLOW_BASE UINT64_C(0x40000000)

struct board {
	struct hart_domain *domain;
	struct convert_tables tables, application;
	unsigned harts;
	uint8_t *ram, *rom;
	uint64_t ram_bytes;
	uint64_t now;			/* cycles; mtime = now / 100 */
	uint64_t mtimecmp[BOARD_HARTS];
	uint32_t msip[BOARD_HARTS];
	bool finished;
	uint32_t exit_code;		/* what the finisher was told: 0 pass */
	FILE *echo;			/* console output goes here too, if not NULL */
	char console[BOARD_CONSOLE_BYTES];
	size_t console_bytes;
	uint64_t tohost;		/* address of a riscv-tests style mailbox, or 0 */
	uint64_t slow_value;
	unsigned slow_hart;
	uint64_t slow_due;		/* when the slow register answers; 0 if it is idle */
	uint64_t slow_answer;
	unsigned traps;
	void (*step)(struct board *b);	/* a cycle of every hart in timed mode, instead of hart_step() */
	void *step_ctx;
};

struct board_options {
	unsigned harts;			/* default 1 */
	uint64_t ram_bytes;		/* default 16 MiB */
	uint32_t isa;			/* enum hart_isa */
	void (*trace)(void *ctx, unsigned hart, const struct hart_trace *record);
	void (*trap)(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval);
};

/** Creates a board whose harts start at RAM's base. ctx of the callbacks is the board. Aborts if memory is short. */
struct board *board_create(const struct board_options *options);
void board_destroy(struct board *b);

/** Runs until the finisher is written, @p max_cycles have passed, or every hart waits for good.
 * @param timed one native op a hart and cycle; otherwise in slices of @p slice instructions (0: 1000)
 * @return whether the finisher was written with success. */
bool board_run(struct board *b, bool timed, uint64_t max_cycles, unsigned slice);

/** Copies a flat image. @return 0, or -1 if it does not fit. */
int board_load(struct board *b, uint64_t address, const void *bytes, size_t count);
/** Loads an ELF64 file; sets *entry, b->tohost from the symbol of that name. @return 0, or -1 with a message on stderr. */
int board_load_elf(struct board *b, const char *path, uint64_t *entry);
/** Finds an ELF symbol. @return 0 or -1. */
int board_elf_symbol(const char *path, const char *name, uint64_t *value);
/** Reads a file into memory at an address. @return bytes, or -1 with a message on stderr. */
long board_load_file(struct board *b, uint64_t address, const char *path);

#endif
