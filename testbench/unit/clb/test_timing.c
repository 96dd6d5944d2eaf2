/* The timing table of rtl/clb/README.md, line by line: cycles from the request at the port to the first op at the port. */
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/rig.h"

enum { CODE = 0x80001000, L = RIG_LATENCY };

static uint64_t latency_of(struct rig *r, const struct rig_request *q)
{
	struct clb_out op;
	uint64_t asked = rig_ask(r, q);

	return rig_op(r, &op) - asked;
}

static uint64_t latency(struct rig *r, uint64_t pa)
{
	return latency_of(r, &(struct rig_request){.pa = pa, .mode = CLB_MODE_M});
}

/* N addi and a return at PA. */
static void straight(struct rig *r, uint64_t pa, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		RIG_CODE(r, pa + 4 * i, insn_addi(1, 1, (int)i));
	RIG_CODE(r, pa + 4 * n, INSN_RET);
}

TEST(clb_timing, hit_near_and_stream)
{
	struct rig *r = rig_create(true);
	struct clb_out op;
	uint64_t first;

	straight(r, CODE, 5);
	latency(r, CODE);
	EXPECT_EQ(latency(r, CODE), 2);
	EXPECT_EQ(latency_of(r, &(struct rig_request){.pa = CODE, .mode = CLB_MODE_M, .kind = CLB_REQ_NEAR, .index = 2}), 1);
	EXPECT_EQ(latency_of(r, &(struct rig_request){.pa = CODE, .mode = CLB_MODE_M, .mispredict = true}), 2);
	rig_ask(r, &(struct rig_request){.pa = CODE, .mode = CLB_MODE_M});
	first = rig_op(r, &op);
	for (unsigned i = 1; i < 6; i++)
		EXPECT_EQ(rig_op(r, &op), first + i);
	rig_destroy(r);
}

/* One instruction of four bytes with one op of D directives, completed by the first level: to convert it and to copy its op. */
enum { PER_INSTRUCTION = 12, PER_COPY = 1, PER_BLOCK = 8, DIRECTIVES = 3 /* of addi and of jalr */, FETCH_FILL = L + 10, TABLE_FILL = L + 4, SETUP = 2 * L + 13,
	SECOND_ENTRIES = 1 /* that an add visits */ };

static uint64_t fills(const struct rig *r)
{
	return r->events[CLB_EVENT_FIRST_FILL] + r->events[CLB_EVENT_SECOND_FILL] + r->events[CLB_EVENT_TEMPLATE_FILL];
}

static unsigned conversion(unsigned instructions)
{
	return instructions * (PER_INSTRUCTION + DIRECTIVES + PER_COPY) + PER_BLOCK;
}

TEST(clb_timing, conversion_with_warm_caches)
{
	struct rig *r = rig_create(false);
	uint64_t before;

	straight(r, CODE, 1);
	straight(r, CODE + 0x10, 5);
	latency(r, CODE + 0x14);	/* tables and line */
	before = fills(r);
	EXPECT_EQ(latency(r, CODE), conversion(2));
	EXPECT_EQ(latency(r, CODE + 0x10), conversion(6));
	EXPECT_EQ(fills(r), before);
	EXPECT_EQ(r->events[CLB_EVENT_SECOND], 0);
	rig_destroy(r);
}

TEST(clb_timing, second_level)
{
	struct rig *r = rig_create(false);
	uint64_t second;

	for (unsigned i = 0; i < 2; i++)
		RIG_CODE(r, CODE + 0x20 * i, 0x002081b3, INSN_RET);	/* add x3, x1, x2: three directives, through the second level */
	latency(r, CODE);
	second = latency(r, CODE + 0x20) - conversion(2);
	EXPECT_EQ(r->events[CLB_EVENT_SECOND], 2);
	EXPECT_EQ(second, 2 * SECOND_ENTRIES);
	rig_destroy(r);
}

TEST(clb_timing, misses_of_the_fetch_buffer_and_the_table_caches)
{
	struct rig *r = rig_create(false);
	uint64_t before, setups;

	straight(r, CODE, 1);
	straight(r, CODE + 0x1000, 1);
	latency(r, CODE + 0x1000);
	EXPECT_EQ(latency(r, CODE + 4), conversion(1) + FETCH_FILL);
	rig_write(r, CLB_TABLE3, 0);	/* drops the caches and the description */
	rig_snoop(r, CODE + 4, CLB_CAUSE_STORE);
	before = fills(r);
	setups = r->events[CLB_EVENT_SETUP];
	uint64_t cold = latency(r, CODE + 4);
	EXPECT_EQ(r->events[CLB_EVENT_SETUP], setups + 1);
	EXPECT_EQ(cold, conversion(1) + FETCH_FILL + SETUP + (fills(r) - before) * TABLE_FILL);
	rig_destroy(r);
}

/* Block K of a family that meets in one row of the CLB. */
static uint64_t meeting(unsigned k)
{
	uint64_t page = 0x80004 + 4ull * k;

	return page << 12 | ((0x154 ^ page ^ CLB_MODE_M) & 0x3ff) << 1;
}

TEST(clb_timing, conversion_buffer_hit)
{
	for (unsigned n = 1; n < 6; n++) {
		struct rig *r = rig_create(true);

		for (unsigned k = 0; k < 3; k++) {
			straight(r, meeting(k), n - 1);
			latency(r, meeting(k));
		}
		EXPECT_EQ(r->events[CLB_EVENT_WRITTEN_BACK], 1);
		rig_snoop(r, meeting(2), CLB_CAUSE_STORE);	/* a way becomes empty */
		EXPECT_EQ(latency(r, meeting(0)), 2 * L + 3 * n + 1 + 16);
		EXPECT_EQ(r->events[CLB_EVENT_BUFFER_HIT], 1);
		rig_destroy(r);
	}
}

TEST(clb_timing, snoop)
{
	struct rig *r = rig_create(true);
	uint64_t taken;

	straight(r, CODE, 1);
	latency(r, CODE);
	taken = r->cycle;
	rig_snoop(r, CODE, CLB_CAUSE_STORE);
	while (!r->out.req_ready && !r->differs)
		rig_step(r);
	EXPECT_EQ(r->cycle - taken, CLB_ROWS + 2);
	rig_destroy(r);
}

/* A request that goes the way of the last one from the same block is answered by its chain; each exit has its own. */
TEST(clb_timing, chained_block)
{
	struct rig *r = rig_create(true);
	const uint64_t other = CODE + 0x3000, third = CODE + 0x6000;
	const struct rig_request mispredicted = {.pa = third, .mode = CLB_MODE_M, .mispredict = true};

	straight(r, CODE, 2);
	straight(r, other, 2);
	straight(r, third, 2);
	for (unsigned i = 0; i < 2; i++) {	/* converted; then looked up, which notes the chains */
		latency(r, CODE);
		latency(r, other);
		latency(r, CODE);
		latency_of(r, &mispredicted);
	}
	latency(r, CODE);
	uint64_t chained = r->events[CLB_EVENT_CHAINED];
	EXPECT_EQ(latency(r, other), 1);
	EXPECT_EQ(latency(r, CODE), 1);
	EXPECT_EQ(latency_of(r, &mispredicted), 1);
	EXPECT_EQ(r->events[CLB_EVENT_CHAINED], chained + 3);
	EXPECT_EQ(latency(r, third), 2);
	latency(r, CODE);
	EXPECT_EQ(latency(r, third), 2);	/* the chain says `other` */
	rig_destroy(r);
}
