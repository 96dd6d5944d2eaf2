/* Exceptions of A64 applications leave exactly the instructions before them, at the right address, in every mode of execution: undefined encodings,
 * data aborts in the addressing modes, misaligned targets, breakpoints. Code that is written while it runs, single steps, interrupts. */
#include <stdlib.h>

#include "models/hart/bits.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/a64/bare.h"

enum { X0 = 31, NO_FAULT = 99, SVC = 0xd4000001 };

struct fault_case {
	const char *name;
	uint32_t insn;
	uint64_t cause;
	uint64_t tval;
};

/* x1 and sp: an address in no memory; x2: 8 bytes before RAM's end; x3: odd. */
#define NOWHERE UINT64_C(0x70000000)
#define END BARE_RAM_END
#define HERE (BARE_CODE + BARE_PRELUDE)
#define UNDEFINED(insn) insn, CAUSE_ILLEGAL, insn

static const struct fault_case cases[] = {
	{"udf", UNDEFINED(0x00000000)},
	{"a logical immediate of all ones", UNDEFINED(0x9240fc00)},
	{"a 32-bit logical immediate with N", UNDEFINED(0x12400000)},
	{"a 32-bit operand shifted by 32", UNDEFINED(0x0b008000)},
	{"an extended operand shifted by 5", UNDEFINED(0x8b201400)},
	{"movz of 32 bits with hw 2", UNDEFINED(0x52c00000)},
	{"floating point", UNDEFINED(0x1e602820)},
	{"msr to a register of EL1", UNDEFINED(0xd5182000)},
	{"eret", UNDEFINED(0xd69f03e0)},
	{"hvc", UNDEFINED(0xd4000002)},
	{"a RISC-V ecall", UNDEFINED(0x00000073)},
	{"brk", 0xd4200020, CAUSE_BREAKPOINT, HERE},
	{"br to an odd address", 0xd61f0060, CAUSE_FETCH_MISALIGNED, BARE_DATA + 1},
	{"blr to an odd address", 0xd63f0060, CAUSE_FETCH_MISALIGNED, BARE_DATA + 1},
	{"ldr", 0xf9400420, CAUSE_LOAD_ACCESS, NOWHERE + 8},
	{"ldrb post-index", 0x38404420, CAUSE_LOAD_ACCESS, NOWHERE},
	{"ldr pre-index", 0xf8408c20, CAUSE_LOAD_ACCESS, NOWHERE + 8},
	{"ldrsh to 32 bits", 0x79c00020, CAUSE_LOAD_ACCESS, NOWHERE},
	{"str post-index", 0xf8008420, CAUSE_STORE_ACCESS, NOWHERE},
	{"strh pre-index", 0x78002c20, CAUSE_STORE_ACCESS, NOWHERE + 2},
	{"ldp", 0xa9411020, CAUSE_LOAD_ACCESS, NOWHERE + 16},
	{"stp pre-index of sp", 0xa9bf7bfd, CAUSE_STORE_ACCESS, NOWHERE - 16},
	{"ldp into its own base", 0xa9400801, NO_FAULT, 0},
	{"stp whose second half is outside", 0xa9000440, CAUSE_STORE_ACCESS, END},
	{"ldp post-index whose second half is outside", 0xa8c11040, CAUSE_LOAD_ACCESS, END},
	{"ldxr", 0xc85f7c20, CAUSE_LOAD_ACCESS, NOWHERE},
	{"ldxr misaligned", 0xc85f7c60, CAUSE_LOAD_ACCESS, BARE_DATA + 1},
	{"stlxr misaligned", 0xc804fc60, CAUSE_STORE_ACCESS, BARE_DATA + 1},
};

static void expect_fault(struct bare *b, const struct fault_case *k, const struct hart *before)
{
	const struct hart *h = bare_hart(b);

	if (b->cause != k->cause || b->epc != HERE || b->tval != k->tval)
		test_fail(__FILE__, __LINE__, "%s, %s: cause %llu at 0x%llx, 0x%llx", k->name, bare_mode_name[b->mode], (unsigned long long)b->cause,
			(unsigned long long)b->epc, (unsigned long long)b->tval);
	for (unsigned r = 1; r < 32; r++)
		if (h->x[r] != before->x[r] + (r == 5))
			test_fail(__FILE__, __LINE__, "%s, %s: x%u has changed", k->name, bare_mode_name[b->mode], r);
	EXPECT_EQ(h->x[HART_SP], before->x[HART_SP]);
	EXPECT_EQ(h->x[HART_FLAGS], before->x[HART_FLAGS]);
	EXPECT_EQ(bare_get(b, END - 8), 0);
}

static void check_case(const struct fault_case *k, enum bare_mode mode)
{
	struct bare b;
	struct hart before, *h;

	bare_create(&b, mode);
	bare_put(&b, HERE, k->insn);
	bare_put(&b, HERE + 4, SVC);
	h = bare_hart(&b);
	h->x[1] = h->x[HART_SP] = NOWHERE;
	h->x[2] = END - 8;
	h->x[3] = BARE_DATA + 1;
	h->x[X0] = BARE_DATA;
	h->x[HART_FLAGS] = UINT64_C(5) << 28;
	bare_start(&b);
	before = *h;
	bare_run(&b, 10000);
	if (k->cause == NO_FAULT) {
		EXPECT_EQ(b.cause, CAUSE_ECALL_U);
		EXPECT_EQ(h->x[1], 0);
		EXPECT_EQ(h->x[2], 0);
	} else {
		expect_fault(&b, k, &before);
	}
	bare_destroy(&b);
}

TEST(a64_faults, leave_what_was_before)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (enum bare_mode mode = 0; mode < BARE_MODES; mode++)
			check_case(&cases[i], mode);
}

/* A loop adds an immediate that it increments in its own code each time round, and in the end x4 is 0 + 1 + ... + 15. */
static const uint32_t counting[] = {
	0x10000062,	/*    adr x2, 1f */
	0xd2800203,	/*    mov x3, #16 */
	0xd2800004,	/*    mov x4, #0 */
	0x91000084,	/* 1: add x4, x4, #0 */
	0xb9400045,	/*    ldr w5, [x2] */
	0x111000a5,	/*    add w5, w5, #0x400 */
	0xb9000045,	/*    str w5, [x2] */
	0xd50b7b22,	/*    dc cvau, x2 */
	0xd50b7522,	/*    ic ivau, x2 */
	0xd5033fdf,	/*    isb */
	0xd1000463,	/*    sub x3, x3, #1 */
	0xb5ffff03,	/*    cbnz x3, 1b */
	SVC,
};
enum { COUNTING = sizeof(counting) / sizeof(counting[0]), SUM = 120, COUNTED = 3 + 16 * 9 };

static void begin_counting(struct bare *b, enum bare_mode mode)
{
	bare_create(b, mode);
	for (unsigned i = 0; i < COUNTING; i++)
		bare_put(b, HERE + 4 * i, counting[i]);
	bare_start(b);
}

static void end_counting(struct bare *b)
{
	EXPECT_EQ(b->cause, CAUSE_ECALL_U);
	EXPECT_EQ(b->epc, HERE + 4 * (COUNTING - 1));
	EXPECT_EQ(bare_hart(b)->x[4], SUM);
	bare_destroy(b);
}

TEST(a64_code, is_written_while_it_runs)
{
	for (enum bare_mode mode = 0; mode < BARE_MODES; mode++) {
		struct bare b;

		begin_counting(&b, mode);
		bare_run(&b, 2000000);
		end_counting(&b);
	}
}

/* An interrupt after each possible number of cycles comes between two instructions, and the program does not notice. */
TEST(a64_code, is_interrupted_between_instructions)
{
	for (enum bare_mode mode = BARE_TIMED; mode < BARE_MODES; mode++)
		for (unsigned cycles = 1; cycles < 400; cycles += mode == BARE_TIMED ? 1 : 37) {
			struct bare b;

			begin_counting(&b, mode);
			bare_hart(&b)->mie = IRQ(MSI);
			hart_state_changed(hart_core_of(b.board->domain, 0));
			bare_run(&b, cycles);
			b.board->msip[0] = 1;
			bare_run(&b, 2000000);
			EXPECT_TRUE(b.interrupts == 1 || b.cause == CAUSE_ECALL_U);
			end_counting(&b);
		}
}

TEST(a64_code, is_stepped)
{
	struct bare b;
	struct hart_core *core;
	unsigned steps = 0;

	begin_counting(&b, BARE_INTERPRETED);
	core = hart_core_of(b.board->domain, 0);
	EXPECT_EQ(hart_breakpoint_add(core, HERE), 0);
	hart_run(core, 100);
	EXPECT_TRUE(hart_is_stopped(core));
	EXPECT_EQ(bare_hart(&b)->pc, HERE);
	for (; b.cause == UINT64_MAX && steps < 1000; steps++) {
		uint64_t retired = bare_hart(&b)->instructions;

		hart_step_instruction(core);
		hart_run(core, 100);
		EXPECT_TRUE(hart_is_stopped(core));
		EXPECT_EQ(bare_hart(&b)->instructions, retired + (b.cause == UINT64_MAX));
	}
	EXPECT_EQ(steps, COUNTED + 1);
	end_counting(&b);
}
