/* Reservations, stores to code, devices that answer late, misaligned accesses, DMA. */
#include "testbench/unit/hart/fixture.h"

enum { LR_D = 0x1005b52f, SC_D = 0x18c5b6af /* sc.d a3, a2, (a1) */, AMOADD_D = 0x00c5b52f /* amoadd.d a0, a2, (a1) */, A2 = 12, A3 = 13,
	LI_A0_1 = 0x00100513, LI_A0_2 = 0x00200513, J_BACK_4 = 0xffdff06f, SW_A2_A1 = 0x00c5a023, LW_A0_A1 = 0x0005a503 };

static struct board *reserved(unsigned harts)
{
	struct board *b = fixture_create(harts);
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, LR_D, SC_D);
	h->x[A1] = DATA;
	h->x[A2] = 99;
	h->x[A3] = 7;
	fixture_run(b, 1);
	return b;
}

TEST(reservation, conditional_store_succeeds)
{
	struct board *b = reserved(1);

	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A3], 0);
	EXPECT_EQ(fixture_get64(b, DATA), 99);
	board_destroy(b);
}

TEST(reservation, store_of_another_hart_breaks_it_even_with_the_same_value)
{
	struct board *b = reserved(2);
	struct hart *other = fixture_hart(b, 1);

	CODE_AT(b, CODE + 0x100, INSN_SD_A0_A1);
	other->pc = CODE + 0x100;
	other->x[A1] = DATA;
	other->x[A0] = fixture_get64(b, DATA);
	hart_step(hart_core_of(b->domain, 1));
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A3], 1);
	board_destroy(b);
}

TEST(reservation, store_elsewhere_leaves_it)
{
	struct board *b = reserved(2);
	struct hart *other = fixture_hart(b, 1);

	CODE_AT(b, CODE + 0x100, INSN_SD_A0_A1);
	other->pc = CODE + 0x100;
	other->x[A1] = DATA + 8;
	hart_step(hart_core_of(b->domain, 1));
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A3], 0);
	board_destroy(b);
}

TEST(reservation, dma_breaks_it)
{
	struct board *b = reserved(1);

	fixture_put64(b, DATA, 0);
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A3], 1);
	EXPECT_EQ(fixture_get64(b, DATA), 0);
	board_destroy(b);
}

TEST(reservation, survives_dropped_caches)
{
	struct board *b = reserved(2);

	hart_domain_drop_caches(b->domain);
	fixture_put64(b, DATA, 1);
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(fixture_hart(b, 0)->x[A3], 1);
	board_destroy(b);
}

TEST(atomic, misaligned_is_refused_and_device_memory_too)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, AMOADD_D);
	h->x[A1] = DATA + 4;
	fixture_run(b, 1);
	EXPECT_EQ(h->mcause, CAUSE_STORE_MISALIGNED);
	EXPECT_EQ(h->mtval, DATA + 4);
	h->pc = CODE;
	h->x[A1] = BOARD_SLOW_BASE;
	fixture_run(b, 1);
	EXPECT_EQ(h->mcause, CAUSE_STORE_ACCESS);
	board_destroy(b);
}

TEST(atomic, harts_add_without_loss)
{
	enum { ROUNDS = 1000, LOOP = 4 };
	struct board *b = fixture_create(3);

	/* amoadd.d a0, a2, (a1); j back */
	CODE_AT(b, CODE, AMOADD_D, J_BACK_4);
	for (unsigned i = 0; i < 3; i++) {
		fixture_hart(b, i)->x[A1] = DATA;
		fixture_hart(b, i)->x[A2] = 1;
	}
	for (unsigned k = 0; k < ROUNDS; k++)
		for (unsigned i = 0; i < 3; i++)
			hart_run(hart_core_of(b->domain, i), 2);
	EXPECT_EQ(fixture_get64(b, DATA), 3 * ROUNDS);
	board_destroy(b);
}

/* CODE holds li a0, 1; j back. Whoever changes it to li a0, 2 is seen in the next round. */
static void expect_new_code(struct board *b)
{
	hart_run(hart_core_of(b->domain, 0), 3);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 2);
	board_destroy(b);
}

static struct board *looping(unsigned harts)
{
	struct board *b = fixture_create(harts);

	CODE_AT(b, CODE, LI_A0_1, J_BACK_4);
	hart_run(hart_core_of(b->domain, 0), 20);
	EXPECT_EQ(fixture_hart(b, 0)->x[A0], 1);
	return b;
}

TEST(code, changed_by_dma)
{
	struct board *b = looping(1);

	CODE_AT(b, CODE, LI_A0_2);
	expect_new_code(b);
}

TEST(code, changed_by_another_hart)
{
	struct board *b = looping(2);
	struct hart *other = fixture_hart(b, 1);

	CODE_AT(b, DATA, SW_A2_A1);
	other->pc = DATA;
	other->x[A1] = CODE;
	other->x[A2] = LI_A0_2;
	hart_run(hart_core_of(b->domain, 1), 1);
	expect_new_code(b);
}

TEST(code, changes_its_own_next_instruction)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	for (unsigned timed = 0; timed < 2; timed++) {
		CODE_AT(b, CODE, SW_A2_A1, LI_A0_1, INSN_NOP);
		h->pc = CODE;
		h->x[A0] = 0;
		h->x[A1] = CODE + 4;
		h->x[A2] = LI_A0_2;
		if (timed)
			for (unsigned i = 0; i < 2; i++)
				hart_step(hart_core_of(b->domain, 0));
		else
			fixture_run(b, 2);
		EXPECT_EQ(h->x[A0], 2);
	}
	board_destroy(b);
}

TEST(device, late_answer_stalls_one_hart_only)
{
	for (unsigned timed = 0; timed < 2; timed++) {
		struct board *b = fixture_create(2);
		struct hart *h = fixture_hart(b, 0), *other = fixture_hart(b, 1);

		CODE_AT(b, CODE, INSN_LD_A0_A1, LI_A0_2);
		CODE_AT(b, CODE + 0x100, 0x00150513, J_BACK_4);	/* addi a0, a0, 1; j back */
		h->x[A1] = BOARD_SLOW_BASE;
		other->pc = CODE + 0x100;
		b->slow_value = 0x123456789;
		board_run(b, timed, BOARD_SLOW_CYCLES / 2, 10);
		EXPECT_TRUE(hart_is_stalled(hart_core_of(b->domain, 0)));
		EXPECT_EQ(h->pc, CODE);
		EXPECT_EQ(h->instructions, 0);
		EXPECT_TRUE(other->x[A0] > 100);
		hart_complete_access(hart_core_of(b->domain, 0), HART_BUS_OK, 0x123456789);
		hart_run(hart_core_of(b->domain, 0), 1);
		EXPECT_EQ(h->x[A0], 0x123456789);
		EXPECT_EQ(h->instructions, 1);
		board_destroy(b);
	}
}

TEST(device, late_fault)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, INSN_SD_A0_A1);
	h->x[A1] = BOARD_SLOW_BASE;
	fixture_run(b, 1);
	EXPECT_TRUE(hart_is_stalled(hart_core_of(b->domain, 0)));
	hart_complete_access(hart_core_of(b->domain, 0), HART_BUS_FAULT, 0);
	hart_run(hart_core_of(b->domain, 0), 1);
	EXPECT_EQ(h->mcause, CAUSE_STORE_ACCESS);
	EXPECT_EQ(h->mtval, BOARD_SLOW_BASE);
	board_destroy(b);
}

TEST(device, nobody_there_and_misaligned)
{
	static const uint64_t address[] = {0x50000000, BOARD_SLOW_BASE + 1, UINT64_MAX - 7, BOARD_RAM_BASE + (16u << 20) - 4};
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	for (unsigned i = 0; i < sizeof(address) / sizeof(address[0]); i++) {
		CODE_AT(b, CODE, INSN_LD_A0_A1);
		h->pc = CODE;
		h->mcause = 0;
		h->x[A1] = address[i];
		fixture_run(b, 1);
		EXPECT_EQ(h->mcause, CAUSE_LOAD_ACCESS);
	}
	board_destroy(b);
}

TEST(memory, misaligned_accesses_work_also_across_pages)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	for (unsigned offset = 0; offset < 8; offset++) {
		CODE_AT(b, CODE, INSN_SD_A0_A1, INSN_LD_A0_A1);
		h->pc = CODE;
		h->x[A0] = 0x0807060504030201 * (offset + 1);
		h->x[A1] = DATA + 4096 - offset;
		fixture_run(b, 1);
		EXPECT_MEMEQ(b->ram + (h->x[A1] - BOARD_RAM_BASE), &h->x[A0], 8);
		h->x[A0] = 0;
		fixture_run(b, 1);
		EXPECT_EQ(h->x[A0], 0x0807060504030201 * (offset + 1));
	}
	board_destroy(b);
}

TEST(memory, rom_refuses_stores)
{
	struct board *b = fixture_create(1);
	struct hart *h = fixture_hart(b, 0);

	CODE_AT(b, CODE, INSN_SD_A0_A1, INSN_LD_A0_A1);
	b->rom[0] = 0x5a;
	h->x[A1] = BOARD_ROM_BASE;
	fixture_run(b, 1);
	EXPECT_EQ(h->mcause, CAUSE_STORE_ACCESS);
	h->pc = CODE + 4;
	fixture_run(b, 1);
	EXPECT_EQ(h->x[A0], 0x5a);
	board_destroy(b);
}
