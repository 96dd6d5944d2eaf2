/* What is kept and what dies: native cache, conversion buffer, snoops, flush, registers, damaged tables. */
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/rig.h"

enum { CODE = 0x80001000, BLOCKS = 2600 };

static uint64_t fetch_at(struct rig *r, uint64_t pa, struct clb_out *op)
{
	struct rig_request q = {.pa = pa, .mode = CLB_MODE_M};

	rig_ask(r, &q);
	return rig_op(r, op);
}

/* Blocks of one instruction and a return over many pages: more than the native cache holds. */
static uint64_t place_of(unsigned i) { return CODE + 16ull * i + 2 * (i & 3); }

static void many_blocks(struct rig *r)
{
	for (unsigned i = 0; i < BLOCKS; i++)
		RIG_CODE(r, place_of(i), insn_addi(1, 0, (int)(i & 2047)), INSN_RET);
}

TEST(clb_keeping, evicted_blocks_come_back_from_the_conversion_buffer)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	many_blocks(r);
	for (unsigned i = 0; i < BLOCKS; i++)
		fetch_at(r, place_of(i), &op);
	EXPECT_LT(0, r->events[CLB_EVENT_EVICTED]);
	EXPECT_EQ(r->events[CLB_EVENT_EVICTED], r->events[CLB_EVENT_WRITTEN_BACK]);
	for (unsigned i = BLOCKS; i-- > 0;) {
		EXPECT_NE(fetch_at(r, place_of(i), &op), 0);
		EXPECT_EQ(op.op_word >> 32, i & 2047);
	}
	EXPECT_LT(0, r->events[CLB_EVENT_BUFFER_HIT]);
	rig_destroy(r);
}

TEST(clb_keeping, old_code_never_comes_back_from_the_conversion_buffer)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	many_blocks(r);
	for (unsigned i = 0; i < BLOCKS; i++)
		fetch_at(r, place_of(i), &op);
	for (unsigned i = 0; i < BLOCKS; i += 4) {
		RIG_CODE(r, place_of(i), insn_addi(1, 0, -1 - (int)(i & 1023)));
		rig_snoop(r, place_of(i), CLB_CAUSE_STORE);
	}
	for (unsigned i = BLOCKS; i-- > 0;) {
		EXPECT_NE(fetch_at(r, place_of(i), &op), 0);
		EXPECT_EQ((uint32_t)(op.op_word >> 32), i % 4 ? i & 2047 : (uint32_t)(-1 - (int)(i & 1023)));
	}
	EXPECT_LT(0, r->events[CLB_EVENT_BUFFER_STALE]);
	rig_destroy(r);
}

TEST(clb_keeping, snoop_kills_only_what_was_converted_from_the_line)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	RIG_CODE(r, CODE, insn_addi(1, 0, 1), INSN_RET);
	RIG_CODE(r, CODE + 0x40, insn_addi(1, 0, 2), INSN_RET);
	RIG_CODE(r, CODE + 0x1000, insn_addi(1, 0, 3), INSN_RET);
	/* Over two lines: dies with either. */
	RIG_CODE(r, CODE + 0xbc, insn_addi(1, 0, 4), INSN_RET);
	fetch_at(r, CODE, &op);
	fetch_at(r, CODE + 0x40, &op);
	fetch_at(r, CODE + 0x1000, &op);
	fetch_at(r, CODE + 0xbc, &op);
	rig_snoop(r, CODE + 0x100, CLB_CAUSE_DMA);
	rig_snoop(r, CODE + 0x20, CLB_CAUSE_STORE);
	rig_snoop(r, CODE + 0xc0, CLB_CAUSE_OTHER);
	while (!r->out.req_ready && !r->differs)
		rig_step(r);
	EXPECT_EQ(r->killed[CLB_CAUSE_DMA], 0);
	EXPECT_EQ(r->killed[CLB_CAUSE_STORE], 1);
	EXPECT_EQ(r->killed[CLB_CAUSE_OTHER], 1);
	fetch_at(r, CODE + 0x40, &op);
	fetch_at(r, CODE + 0x1000, &op);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 2);
	fetch_at(r, CODE, &op);
	fetch_at(r, CODE + 0xbc, &op);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 2);
	rig_destroy(r);
}

/* A write while the line is being fetched and converted: what comes is new or nothing. */
TEST(clb_keeping, snoop_during_conversion_drops_the_request)
{
	for (unsigned delay = 0; delay < 120; delay++) {
		struct rig *r = rig_create(true);
		struct clb_out op;
		struct rig_request q = {.pa = CODE, .mode = CLB_MODE_M};

		RIG_CODE(r, CODE, insn_addi(1, 0, 1), insn_addi(1, 0, 1), insn_addi(1, 0, 1), INSN_RET);
		rig_ask(r, &q);
		for (unsigned i = 0; i < delay; i++)
			rig_step(r);
		RIG_CODE(r, CODE, insn_addi(1, 0, 2));
		rig_snoop(r, CODE, CLB_CAUSE_STORE);
		EXPECT_NE(fetch_at(r, CODE, &op), 0);
		EXPECT_EQ(op.op_word >> 32, 2);
		rig_destroy(r);
	}
}

TEST(clb_keeping, flush_forgets_everything)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	RIG_CODE(r, CODE, insn_addi(1, 0, 1), INSN_RET);
	fetch_at(r, CODE, &op);
	rig_write(r, CLB_CONTROL, CLB_CONTROL_FLUSH_MASK | CLB_CONTROL_BUFFER_MASK);
	EXPECT_EQ(rig_read(r, CLB_EPOCH), 1);
	EXPECT_EQ(rig_read(r, CLB_KILLED + 8 * CLB_CAUSE_FLUSH), 1);
	fetch_at(r, CODE, &op);
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 0);
	EXPECT_EQ(r->events[CLB_EVENT_CONVERTED], 2);
	rig_destroy(r);
}

TEST(clb_keeping, modes_are_kept_apart)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	RIG_CODE(r, CODE, insn_addi(1, 0, 1), INSN_RET);
	for (uint8_t mode = CLB_MODE_U; mode <= CLB_MODE_VS; mode++) {
		struct rig_request q = {.pa = CODE, .mode = mode};

		rig_ask(r, &q);
		rig_op(r, &op);
	}
	EXPECT_EQ(r->events[CLB_EVENT_HIT], 0);
	rig_destroy(r);
}

TEST(clb_keeping, counters_count_the_events)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	many_blocks(r);
	for (unsigned i = 0; i < 300; i++)
		fetch_at(r, place_of((unsigned)(rig_random(r) % 200)), &op);
	for (unsigned i = 0; i < CLB_EVENTS; i++)
		EXPECT_EQ(rig_read(r, CLB_COUNTERS + 8 * i), r->events[i]);
	EXPECT_EQ(rig_read(r, CLB_ID), CLB_ID_RESET);
	EXPECT_EQ(rig_read(r, CLB_TABLE1), RIG_TABLES);
	EXPECT_EQ(rig_read(r, CLB_CHUNKS) & 0xffff, r->events[CLB_EVENT_CONVERTED]);
	EXPECT_EQ(rig_read(r, 0xff8), 0);
	rig_destroy(r);
}

TEST(clb_keeping, damaged_tables_and_buffer_lead_to_the_slow_path_or_conversion)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	RIG_CODE(r, CODE, insn_addi(1, 0, 1), INSN_RET);
	rig_write(r, CLB_TABLE0, RIG_CONVERSION_BYTES);
	EXPECT_NE(fetch_at(r, CODE, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_MISS);
	rig_write(r, CLB_TABLE0, RIG_TABLES2);
	EXPECT_NE(fetch_at(r, CODE, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_MISS);
	rig_write(r, CLB_TABLE0, RIG_TABLES);
	rig_write(r, CLB_BUFFER, (1ull << 40) | 255);
	EXPECT_NE(fetch_at(r, CODE, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_NATIVE);
	EXPECT_LT(0, r->events[CLB_EVENT_FAULT]);
	rig_destroy(r);
}

/* A chain leads nowhere once its target is dropped, rewritten or replaced by another block of the same row. */
TEST(clb_keeping, no_chain_leads_to_a_block_that_died)
{
	enum { FROM = CODE, TO = CODE + 0x4000 };
	struct rig *r = rig_create(false);
	struct clb_out op;
	uint64_t chained;

	RIG_CODE(r, FROM, insn_addi(1, 0, 1), INSN_RET);
	RIG_CODE(r, TO, insn_addi(1, 0, 2), INSN_RET);
	for (unsigned i = 0; i < 6; i++)
		fetch_at(r, i & 1 ? TO : FROM, &op);
	EXPECT_LT(0, chained = r->events[CLB_EVENT_CHAINED]);
	RIG_CODE(r, TO, insn_addi(1, 0, 3));
	fetch_at(r, FROM, &op);
	rig_snoop(r, TO, CLB_CAUSE_OTHER);
	fetch_at(r, FROM, &op);
	chained = r->events[CLB_EVENT_CHAINED];
	fetch_at(r, TO, &op);
	EXPECT_EQ(op.op_word >> 32, 3);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], chained);
	/* Replaced: blocks of other pages that meet in its row. */
	for (uint64_t k = 1; k < 4; k++) {
		uint64_t page = (TO >> 12) + k, place = page << 12 | ((((TO >> 12) ^ page) & 0x3ff) << 1);

		RIG_CODE(r, place, insn_addi(1, 0, 100), INSN_RET);
		fetch_at(r, place, &op);
		fetch_at(r, place, &op);
	}
	fetch_at(r, FROM, &op);
	chained = r->events[CLB_EVENT_CHAINED];
	fetch_at(r, TO, &op);
	EXPECT_EQ(op.op_word >> 32, 3);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], chained);
	rig_destroy(r);
}

/* The outcome of a branch drops the block in the cycle in which it is asked for again, through its own chain. */
TEST(clb_keeping, block_dropped_by_a_branch_is_not_entered_by_its_own_chain)
{
	struct rig *r = rig_create(false);
	struct rig_request q = {.pa = CODE, .mode = CLB_MODE_M};
	struct clb_out op;

	RIG_CODE(r, CODE, insn_bne(1, 2, 0x200), INSN_RET);
	RIG_CODE(r, CODE + 0x200, insn_addi(4, 4, 1), INSN_RET);
	for (unsigned i = 0; i < 4; i++)
		fetch_at(r, CODE, &op);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], 1);
	rig_resolve(r, 0, true, false);
	r->in.resolve_valid = r->in.resolve_taken = 1;	/* taken the second time: the prediction turns */
	r->in.resolve_at = r->in.resolve_predicted = 0;
	rig_ask(r, &q);
	r->in.resolve_valid = 0;
	EXPECT_NE(rig_op(r, &op), 0);
	EXPECT_TRUE(op.op_far && op.op_taken);
	EXPECT_EQ(r->events[CLB_EVENT_RETRAINED], 1);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], 1);
	rig_destroy(r);
}

/* Reset is the map's: nothing of what was written or counted shows through, and the next reset of a running block is as the first one. */
TEST(clb_keeping, registers_begin_as_the_register_map_says)
{
	struct rig *r = rig_create(true);
	struct clb_out op;

	many_blocks(r);
	for (unsigned i = 0; i < 20; i++)
		fetch_at(r, place_of(i), &op);
	rig_snoop(r, place_of(0), CLB_CAUSE_OTHER);
	rig_write(r, CLB_CONTROL, CLB_CONTROL_FLUSH_MASK | CLB_CONTROL_BUFFER_MASK);
	rig_write(r, CLB_TABLE3, RIG_TABLES2);
	rig_write(r, CLB_BUFFER, ~0ull);
	EXPECT_EQ(rig_read(r, CLB_BUFFER), CLB_BUFFER_BASE_MASK | CLB_BUFFER_MASK_MASK);
	rig_reset(r);
	for (unsigned at = 0; at < 0x240; at += 8)
		EXPECT_EQ(rig_read(r, at), at == CLB_ID ? CLB_ID_RESET : 0);
	/* Without tables everything misses, whatever the block was when it was reset. */
	EXPECT_NE(fetch_at(r, CODE, &op), 0);
	EXPECT_EQ(op.op_kind, CLB_OP_MISS);
	rig_destroy(r);
}

/* A request for one instruction that is not kept leaves no chain, though its place in the CLB holds a block. */
TEST(clb_keeping, no_chain_starts_at_an_instruction_that_is_not_kept)
{
	enum { FROM = CODE, TO = CODE + 0x4000 };
	struct rig *r = rig_create(false);
	struct rig_request once = {.pa = FROM, .next_pa = FROM + 2, .next_valid = true, .mode = CLB_MODE_M, .single = true};
	struct clb_out op;

	RIG_CODE(r, FROM, insn_addi(1, 0, 1), INSN_RET);
	RIG_CODE(r, TO, insn_addi(1, 0, 2), INSN_RET);
	fetch_at(r, TO, &op);
	fetch_at(r, FROM, &op);	/* installed last */
	rig_ask(r, &once);
	EXPECT_NE(rig_op(r, &op), 0);
	fetch_at(r, TO, &op);
	fetch_at(r, FROM, &op);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], 0);
	fetch_at(r, TO, &op);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], 0);
	EXPECT_EQ(r->events[CLB_EVENT_UNCACHED], 1);
	rig_destroy(r);
}
