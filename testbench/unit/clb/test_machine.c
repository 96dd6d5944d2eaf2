/* A hart behind a CLB: code that is modified under execution, interrupts, breakpoints. */
#include <stdlib.h>

#include "models/hart/bits.h"
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/machine.h"

enum { RAM = 1 << 20, LIMIT = 400000, A0 = 10, A1 = 11, T0 = 5, T1 = 6, T2 = 7, S0 = 8 };
#define CODE BOARD_RAM_BASE
#define HANDLER (BOARD_RAM_BASE + 0x800)

static void put(struct board *b, uint64_t at, const uint32_t *insn, unsigned count)
{
	EXPECT_EQ(board_load(b, at, insn, 4ul * count), 0);
}
#define PUT(b, at, ...) put(b, at, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static struct hart *hart_of(struct board *b, unsigned hart) { return hart_state(hart_core_of(b->domain, hart)); }

/* Stores 0x5555 to the finisher: lui t6, 0x100; lui t5, 5; addi t5, t5, 0x555; sw t5, 0(t6). */
#define FINISH 0x00100fb7, 0x00005f37, 0x555f0f13, 0x01efa023

static struct machine *start(struct board **board, unsigned harts)
{
	*board = board_create(&(struct board_options){.ram_bytes = RAM, .harts = harts, .isa = HART_ISA_H});
	return machine_create(*board, rv64_table_image, rv64_table_bytes);
}

static void run(struct machine *m)
{
	board_run(m->board, true, LIMIT, 0);
}

static void end(struct machine *m)
{
	struct board *b = m->board;

	machine_destroy(m);
	board_destroy(b);
}

static void own_stores(struct board *b)
{
	struct hart *h;

	PUT(b, CODE, insn_sw(T0, T1, 0), insn_addi(A0, A0, 0), 0x007282b3 /* add t0, t0, t2 */, insn_addi(A1, A1, -1), insn_bne(A1, 0, -16), FINISH);
	h = hart_of(b, 0);
	h->x[T0] = insn_addi(A0, A0, 1);
	h->x[T1] = CODE + 4;
	h->x[T2] = 1 << 20;
	h->x[A1] = 40;
	hart_state_changed(hart_core_of(b->domain, 0));
}

/* Each pass stores over the next instruction, without a fence: the new one executes. */
TEST(clb_machine, own_store_to_the_next_instruction)
{
	struct board *b, *fast = board_create(&(struct board_options){.ram_bytes = RAM, .isa = HART_ISA_H});
	struct machine *m = start(&b, 1);

	own_stores(b);
	own_stores(fast);
	run(m);
	board_run(fast, false, LIMIT, 0);
	EXPECT_TRUE(b->finished);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 40 * 41 / 2);
	EXPECT_EQ(hart_of(fast, 0)->x[A0], 40 * 41 / 2);
	EXPECT_LE(39, m->front[0].state.stat.killed[CLB_CAUSE_STORE]);
	board_destroy(fast);
	end(m);
}

/* Hart 0 spins until hart 1, which lives in another page, stores over its loop. */
TEST(clb_machine, store_of_another_hart)
{
	struct board *b;
	struct machine *m = start(&b, 2);
	uint64_t other = CODE + 0x2000;

	PUT(b, CODE, insn_addi(A0, 0, 0), insn_beq(A0, 0, -4), FINISH);
	PUT(b, other, insn_addi(A1, A1, -1), insn_bne(A1, 0, -4), insn_sw(T0, T1, 0), insn_jal(0, 0));
	*hart_of(b, 1) = (struct hart){.pc = other, .priv = HART_M, .isa = HART_ISA_H, .hartid = 1};
	hart_of(b, 1)->x[A1] = 3000;
	hart_of(b, 1)->x[T0] = insn_addi(A0, 0, 7);
	hart_of(b, 1)->x[T1] = CODE;
	hart_state_changed(hart_core_of(b->domain, 1));
	run(m);
	EXPECT_TRUE(b->finished);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 7);
	EXPECT_LT(0, m->front[0].state.stat.killed[CLB_CAUSE_OTHER]);
	end(m);
}

TEST(clb_machine, write_of_a_device)
{
	struct board *b;
	struct machine *m = start(&b, 1);
	uint32_t insn = insn_addi(A0, 0, 9);

	PUT(b, CODE, insn_addi(A0, 0, 0), insn_beq(A0, 0, -4), FINISH);
	board_run(b, true, 5000, 0);
	EXPECT_FALSE(b->finished);
	memcpy(b->ram, &insn, 4);
	hart_snoop_store(b->domain, CODE, 4);
	run(m);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 9);
	EXPECT_LT(0, m->front[0].state.stat.killed[CLB_CAUSE_DMA]);
	end(m);
}

/* Data beside code, on the same page: after the first conversion nothing is invalidated. */
TEST(clb_machine, data_beside_code_does_not_thrash)
{
	struct board *b;
	struct machine *m = start(&b, 1);

	PUT(b, CODE, insn_sw(A1, T1, 0), insn_addi(A1, A1, -1), insn_bne(A1, 0, -8), FINISH);
	hart_of(b, 0)->x[T1] = CODE + 0x400;
	hart_of(b, 0)->x[A1] = 1000;
	hart_state_changed(hart_core_of(b->domain, 0));
	run(m);
	EXPECT_TRUE(b->finished);
	EXPECT_EQ(m->front[0].state.stat.killed[CLB_CAUSE_STORE], 0);
	EXPECT_LE(machine_events(m, CLB_EVENT_CONVERTED), 4);
	end(m);
}

/* A timer interrupts a loop of four-op instructions at every moment: none is lost or done twice. */
TEST(clb_machine, interrupts_at_instruction_boundaries)
{
	struct board *b;
	struct machine *m = start(&b, 1);
	struct hart *h;

	/* loop: mulhsu t0, a1, a1; add a0, a0, t0; addi a1, a1, -1; bnez */
	PUT(b, CODE, 0x02b5a2b3, 0x00550533, insn_addi(A1, A1, -1), insn_bne(A1, 0, -12), FINISH);
	/* handler: counts in s0, next interrupt 3 ticks later: mtimecmp = mtime + 3 */
	PUT(b, HANDLER, insn_addi(S0, S0, 1), 0x0200ce37 /* lui t3, 0x200c */, 0xff8e3e83 /* ld t4, -8(t3) */, 0x003e8e93, 0x02004e37, 0x01de3023 /* sd t4, 0(t3) */, 0x30200073);
	h = hart_of(b, 0);
	h->mtvec = HANDLER;
	h->mie = 1u << HART_IRQ_MTI;
	h->mstatus |= MSTATUS_MIE;
	h->x[A1] = 0x80000000 + 5000;
	hart_state_changed(hart_core_of(b->domain, 0));
	b->mtimecmp[0] = 13;
	h->x[A1] = 5000;
	hart_state_changed(hart_core_of(b->domain, 0));
	run(m);
	EXPECT_TRUE(b->finished);
	EXPECT_EQ(hart_of(b, 0)->x[A1], 0);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 0);	/* the upper halves of small squares */
	EXPECT_LT(50, hart_of(b, 0)->x[S0]);
	end(m);
}

TEST(clb_machine, breakpoint_inside_a_block)
{
	struct board *b;
	struct machine *m = start(&b, 1);
	struct hart_core *core = hart_core_of(b->domain, 0);

	PUT(b, CODE, insn_addi(A0, A0, 1), insn_addi(A0, A0, 2), insn_addi(A0, A0, 4), insn_addi(A0, A0, 8), FINISH);
	EXPECT_EQ(hart_breakpoint_add(core, CODE + 8), 0);
	board_run(b, true, 5000, 0);
	EXPECT_TRUE(hart_is_stopped(core));
	EXPECT_EQ(hart_of(b, 0)->pc, CODE + 8);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 3);
	hart_resume(core);
	run(m);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 15);
	end(m);
}

/* Tables without any row: every instruction takes the slow path, with the same result. */
TEST(clb_machine, slow_path_alone_gives_the_same_result)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = RAM, .isa = HART_ISA_H});
	uint8_t *image = malloc(rv64_table_bytes);
	struct machine *m;

	if (!image)
		abort();
	memcpy(image, rv64_table_image, rv64_table_bytes);
	memset(image + 16, 0, 40);	/* no sections */
	m = machine_create(b, image, rv64_table_bytes);
	own_stores(b);
	run(m);
	EXPECT_TRUE(b->finished);
	EXPECT_EQ(hart_of(b, 0)->x[A0], 40 * 41 / 2);
	EXPECT_EQ(m->front[0].state.stat.slow, hart_of(b, 0)->instructions);
	free(image);
	end(m);
}
