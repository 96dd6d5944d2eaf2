/* A board with small programs, for tests of single rules of the architecture. */
#ifndef ASSAY_TESTBENCH_UNIT_HART_FIXTURE_H
#define ASSAY_TESTBENCH_UNIT_HART_FIXTURE_H

#include "models/hart/bits.h"
#include "models/hart/csr.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/hart/board.h"
#include "testbench/unit/hart/diff/program.h"

#define CODE BOARD_RAM_BASE
#define HANDLER (BOARD_RAM_BASE + 0x1000)	/* mtvec */
#define S_HANDLER (BOARD_RAM_BASE + 0x2000)
#define VS_HANDLER (BOARD_RAM_BASE + 0x3000)
#define DATA (BOARD_RAM_BASE + 0x10000)
#define S_TABLE (BOARD_RAM_BASE + 0x20000)	/* roots; each tree has three pages */
#define VS_TABLE (BOARD_RAM_BASE + 0x24000)
#define G_TABLE (BOARD_RAM_BASE + 0x28000)
#define WINDOW UINT64_C(0x40000000)		/* virtual page 0 of the trees' last level */

enum { INSN_ECALL = 0x73, INSN_WFI = 0x10500073, INSN_SRET = 0x10200073, INSN_MRET = 0x30200073, INSN_SFENCE = 0x12000073,
	INSN_LD_A0_A1 = 0x0005b503, INSN_SD_A0_A1 = 0x00a5b023, INSN_NOP = 0x13, A0 = 10, A1 = 11, PTE_FULL = 0xdf };

/** A board of @p harts with H; hart 0 in M-mode at CODE, PMP open, handlers at their places. */
struct board *fixture_create(unsigned harts);
struct hart *fixture_hart(struct board *b, unsigned hart);
/** Writes instructions at an address. */
void fixture_code(struct board *b, uint64_t at, const uint32_t *insn, unsigned count);
#define CODE_AT(b, at, ...) \
	fixture_code(b, at, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)
void fixture_put64(struct board *b, uint64_t at, uint64_t value);
uint64_t fixture_get64(const struct board *b, uint64_t at);
/** Lets hart 0 execute @p count instructions in fast mode, after the state was changed directly. */
void fixture_run(struct board *b, unsigned count);
/** Sets a mode and pc. */
void fixture_enter(struct board *b, unsigned priv, bool virt, uint64_t pc);
/** Builds a three-level tree: identity gigapage for RAM, WINDOW's pages; sets the atp register of the space. */
void fixture_tree(struct board *b, uint64_t root, bool user);
/** Entry of WINDOW's page @p page in the tree at @p root. */
uint64_t fixture_pte_address(uint64_t root, unsigned page);
void fixture_map(struct board *b, uint64_t root, unsigned page, uint64_t target, uint64_t flags);

#endif
