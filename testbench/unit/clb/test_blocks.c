/* How blocks are assembled: capacity, near and far branches, prediction, page borders, what cannot be converted. */
#include "models/convert/convert.h"
#include "native_ops.h"
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/rig.h"

enum { CODE = 0x80001000, AT = 0 };

static struct rig_request at(uint64_t pa) { return (struct rig_request){.pa = pa, .mode = CLB_MODE_M}; }

TEST(clb_blocks, ops_equal_the_software_converter)
{
	static const uint32_t code[] = {0x00a50513, 0x12345537, INSN_MULHSU, 0x00b53023, 0x34051073};
	struct rig *r = rig_create(true);
	struct convert_tables t;
	struct clb_out op[CLB_BLOCK_SLOTS];
	unsigned n = 0;

	EXPECT_EQ(convert_load(&t, rv64_table_image, rv64_table_bytes), CONVERT_OK);
	rig_code(r, CODE, code, 5);
	unsigned ops = rig_block_of(r, &(struct rig_request){.pa = CODE, .mode = CLB_MODE_M}, op);
	for (unsigned i = 0; i < 5; i++) {
		struct convert_result c;

		convert_instruction(&t, code[i], &c);
		for (unsigned k = 0; k < c.count; k++, n++) {
			EXPECT_EQ(op[n].op_word, c.op[k]);
			EXPECT_EQ(op[n].op_at, i * 2);
			EXPECT_EQ(op[n].op_kind, CLB_OP_NATIVE);
		}
	}
	EXPECT_EQ(ops, n);
	rig_destroy(r);
}

TEST(clb_blocks, full_block_says_where_it_goes_on)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];

	for (unsigned i = 0; i < 64; i++)
		RIG_CODE(r, CODE + 4 * i, INSN_NOP);
	struct rig_request q = at(CODE);
	EXPECT_EQ(rig_block_of(r, &q, op), CLB_BLOCK_SLOTS);
	EXPECT_EQ(op[CLB_BLOCK_SLOTS - 1].op_next, CLB_BLOCK_SLOTS * 2);
	/* An instruction of four ops does not fit into the last three slots. */
	RIG_CODE(r, CODE + 0x400 + 27 * 4, INSN_MULHSU);
	for (unsigned i = 0; i < 27; i++)
		RIG_CODE(r, CODE + 0x400 + 4 * i, INSN_NOP);
	q = at(CODE + 0x400);
	EXPECT_EQ(rig_block_of(r, &q, op), 27);
	EXPECT_EQ(op[26].op_next, 0x200 + 27 * 2);
	rig_destroy(r);
}

TEST(clb_blocks, near_branches_stay_inside)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];

	RIG_CODE(r, CODE, insn_addi(1, 1, 1), insn_beq(1, 2, 12), insn_addi(2, 2, 1), insn_addi(3, 3, 1), insn_addi(4, 4, 1), insn_bne(1, 2, -20), INSN_RET);
	struct rig_request q = at(CODE);
	ASSERT_EQ(rig_block_of(r, &q, op), 7);
	EXPECT_TRUE(op[1].op_near && !op[1].op_far);
	EXPECT_EQ(op[1].op_index, 4);
	EXPECT_TRUE(op[5].op_near && !op[5].op_far);
	EXPECT_EQ(op[5].op_index, 0);
	uint64_t asked = rig_ask(r, &(struct rig_request){.pa = CODE + 16, .mode = CLB_MODE_M, .kind = CLB_REQ_NEAR, .index = 4});
	EXPECT_EQ(rig_op(r, &op[0]), asked + 1);
	EXPECT_EQ(op[0].op_at, 8);
	EXPECT_EQ(r->events[CLB_EVENT_NEAR], 1);
	/* After a snoop there is no present block: the same request looks it up. */
	rig_snoop(r, CODE + 0x800, CLB_CAUSE_DMA);
	rig_ask(r, &(struct rig_request){.pa = CODE, .mode = CLB_MODE_M, .kind = CLB_REQ_NEAR, .index = 4});
	EXPECT_NE(rig_op(r, &op[0]), 0);
	EXPECT_EQ(op[0].op_at, 0);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 1);
	rig_destroy(r);
}

TEST(clb_blocks, far_branch_follows_the_prediction_and_carries_the_opposite_path)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(CODE);

	RIG_CODE(r, CODE, insn_bne(1, 2, 0x200), insn_addi(3, 3, 1), INSN_RET);
	RIG_CODE(r, CODE + 0x200, insn_addi(4, 4, 1), INSN_RET);
	ASSERT_EQ(rig_block_of(r, &q, op), 3);
	EXPECT_TRUE(op[0].op_far && !op[0].op_taken);
	EXPECT_EQ(op[0].op_opposite, 0x100);
	EXPECT_EQ(op[0].op_next, 2);
	/* Taken twice against the prediction: the block is dropped and assembled along the other path. */
	rig_resolve(r, 0, true, false);
	rig_ask(r, &(struct rig_request){.pa = CODE + 0x200, .mode = CLB_MODE_M, .mispredict = true});
	EXPECT_NE(rig_op(r, &op[0]), 0);
	EXPECT_EQ(op[0].op_at, 0x100);
	EXPECT_EQ(r->events[CLB_EVENT_MISPREDICTED], 1);
	rig_block_of(r, &q, op);
	rig_resolve(r, 0, true, false);
	rig_step(r);
	EXPECT_EQ(r->events[CLB_EVENT_RETRAINED], 1);
	ASSERT_EQ(rig_block_of(r, &q, op), 3);
	EXPECT_TRUE(op[0].op_taken);
	EXPECT_EQ(op[0].op_opposite, 2);
	EXPECT_EQ(op[1].op_at, 0x100);
	rig_destroy(r);
}

TEST(clb_blocks, direct_jumps_are_followed_inside_the_page)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(CODE);

	RIG_CODE(r, CODE, insn_jal(0, 0x100));
	RIG_CODE(r, CODE + 0x100, insn_addi(1, 1, 1), insn_jal(0, 0x2000));
	ASSERT_EQ(rig_block_of(r, &q, op), 3);
	EXPECT_EQ(op[1].op_at, 0x80);
	EXPECT_TRUE(op[2].op_last);
	rig_destroy(r);
}

TEST(clb_blocks, split_instruction_needs_both_pages)
{
	struct rig *r = rig_create(true);
	struct clb_out op;
	struct rig_request q = {.pa = CODE + 0xffe, .mode = CLB_MODE_S};
	uint32_t insn = insn_addi(5, 5, 77);

	memcpy(r->guest + 0x1ffe, &insn, 2);
	memcpy(r->guest + 0x8000, (char *)&insn + 2, 2);
	rig_ask(r, &q);
	EXPECT_NE(rig_op(r, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_NEXT);
	q.next_valid = true;
	q.next_pa = RIG_GUEST_BASE + 0x8000;
	rig_ask(r, &q);
	EXPECT_NE(rig_op(r, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_NATIVE);
	EXPECT_EQ(op.op_word >> 32, 77);
	/* Kept, with its second page: another one is another block, and a write to the second page kills it. */
	uint64_t hits = r->events[CLB_EVENT_HIT];
	rig_ask(r, &q);
	rig_op(r, &op);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], hits + 1);
	q.next_pa = RIG_GUEST_BASE + 0x9000;
	rig_ask(r, &q);
	rig_op(r, &op);
	EXPECT_NE(op.op_word >> 32, 77);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], hits + 1);
	rig_snoop(r, RIG_GUEST_BASE + 0x8000, CLB_CAUSE_OTHER);
	q.next_pa = RIG_GUEST_BASE + 0x8000;
	rig_ask(r, &q);
	rig_op(r, &op);
	EXPECT_EQ(r->killed[CLB_CAUSE_OTHER], 1);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], hits + 1);
	rig_destroy(r);
}

TEST(clb_blocks, single_instructions_are_not_kept)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = {.pa = CODE, .mode = CLB_MODE_S, .single = true};

	RIG_CODE(r, CODE, INSN_C_NOP2, INSN_NOP);
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(r->events[CLB_EVENT_UNCACHED], 2);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 0);
	/* Four bytes: the second half must be translated apart. */
	q.pa = CODE + 4;
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_kind, CLB_OP_NEXT);
	rig_destroy(r);
}

TEST(clb_blocks, miss_of_both_levels_goes_to_the_slow_path)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(CODE);

	RIG_CODE(r, CODE, INSN_NOP, INSN_UNKNOWN);
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_next, 2);
	q.pa = CODE + 4;
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_kind, CLB_OP_MISS);
	EXPECT_EQ(op[0].op_at, 2);
	EXPECT_EQ(r->events[CLB_EVENT_TABLE_MISS], 1);
	rig_destroy(r);
}

/* No image that is accepted has one; memory that lost a bit may. */
TEST(clb_blocks, second_level_that_leads_back_is_a_miss)
{
	static const uint32_t back[] = {0, 1, 0, 0};	/* matches nothing; the next entry is the first one */
	struct rig *r = rig_create(true);
	struct convert_tables t;
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(CODE);

	EXPECT_EQ(convert_load(&t, rv64_table_image, rv64_table_bytes), CONVERT_OK);
	for (unsigned i = 0; i < t.level2; i++)
		memcpy(r->conversion + RIG_TABLES + ((const uint8_t *)(t.second + 4 * i) - (const uint8_t *)rv64_table_image), back, sizeof back);
	RIG_CODE(r, CODE, INSN_MULHSU);
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_kind, CLB_OP_MISS);
	rig_destroy(r);
}

TEST(clb_blocks, reserved_row_is_an_illegal_instruction_and_no_miss)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(CODE + 0x40);

	RIG_CODE(r, CODE + 0x40, 0x00000000);
	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_kind, CLB_OP_NATIVE);
	EXPECT_EQ(native_opcode(op[0].op_word), NATIVE_ILLEGAL);
	rig_destroy(r);
}

TEST(clb_blocks, unreadable_memory_is_a_fault_only_where_it_begins)
{
	struct rig *r = rig_create(true);
	struct clb_out op[CLB_BLOCK_SLOTS];
	struct rig_request q = at(RIG_GUEST_BASE + RIG_GUEST_BYTES);

	EXPECT_EQ(rig_block_of(r, &q, op), 1);
	EXPECT_EQ(op[0].op_kind, CLB_OP_FAULT);
	RIG_CODE(r, CODE, INSN_NOP, INSN_RET);
	q = at(CODE);
	EXPECT_EQ(rig_block_of(r, &q, op), 2);
	EXPECT_EQ(op[0].op_kind, CLB_OP_NATIVE);
	rig_destroy(r);
}

TEST(clb_blocks, converter_is_chosen_by_mode_and_isa)
{
	static const struct { uint8_t mode, isa, set; } cases[] = {
		{CLB_MODE_M, 0, CLB_SET_SYSTEM}, {CLB_MODE_M, 1, CLB_SET_SYSTEM}, {CLB_MODE_S, 0, CLB_SET_EMULATION}, {CLB_MODE_VS, 1, CLB_SET_EMULATION},
		{CLB_MODE_U, 0, CLB_SET_APPLICATION}, {CLB_MODE_U, 1, CLB_SET_APPLICATION + 1}, {CLB_MODE_VU, 1, CLB_SET_APPLICATION + 1},
	};
	for (unsigned set = 0; set < 4; set++) {
		struct rig *r = rig_create(false);
		struct clb_out op[CLB_BLOCK_SLOTS];

		RIG_CODE(r, CODE, INSN_NOP, INSN_RET);
		for (unsigned i = 0; i < 4; i++)
			rig_write(r, CLB_TABLE0 + 8 * i, i == set ? RIG_TABLES : 0);
		for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			struct rig_request q = {.pa = CODE, .mode = cases[i].mode, .isa = cases[i].isa};

			rig_block_of(r, &q, op);
			EXPECT_EQ(op[0].op_kind == CLB_OP_NATIVE, cases[i].set == set);
		}
		rig_destroy(r);
	}
}
