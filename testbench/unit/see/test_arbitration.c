/* The order in which submission queues are served, the places that functions may take, and large admin queues. */
#include "testbench/unit/see/driver.h"

enum { URGENT, HIGH, MEDIUM, LOW };

static void set_priority(struct driver *d, unsigned q, unsigned priority)
{
	fw_write(d->b, queue_register(SEE_SQ_CONTROL, d->fn, q),
		 SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_CQID, q) | FIELD_PREP(SEE_SQ_CONTROL_QPRIO, priority) |
			 FIELD_PREP(SEE_SQ_CONTROL_SIZE, DRIVER_SIZE));
}

static void set_weights(struct driver *d, bool weighted, unsigned high, unsigned medium, unsigned low)
{
	fw_write(d->b, function_register(SEE_FN_ARBITRATION, d->fn),
		 FIELD_PREP(SEE_FN_ARBITRATION_WRR, weighted) | FIELD_PREP(SEE_FN_ARBITRATION_HPW, high) |
			 FIELD_PREP(SEE_FN_ARBITRATION_MPW, medium) | FIELD_PREP(SEE_FN_ARBITRATION_LPW, low) |
			 FIELD_PREP(SEE_FN_ARBITRATION_AB, 7));
}

static uint64_t open_posts(struct bench *b)
{
	return FIELD_GET(SEE_POSTS_OPEN, fw_read(b, SEE_POSTS));
}

static struct bench *five_queues(struct driver *d)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	driver_up(d, b, 1, 5);
	attach(b, 1, 1000);
	return b;
}

/* Commands wait in queues while the function is held; the order of their descriptors shows the order of fetching. */
static void fill_queues(struct driver *d, const unsigned *counts, unsigned queues)
{
	uint64_t sqe[8];
	fw_write(d->b, SEE_HOLD, 1u << d->fn);
	for (unsigned q = 0; q < queues; q++)
		for (unsigned i = 0; i < counts[q]; i++) {
			make_io(sqe, q ? 0 : 6, 0, 1, 0, 0);
			submit(d, q, sqe);
		}
	bench_settle(d->b);
	fw_write(d->b, SEE_HOLD, 0);
}

static void expect_order(struct driver *d, const char *order)
{
	char seen[256];
	unsigned n = 0;
	for (; order[n]; n++) {
		struct descriptor e = next_descriptor(d->b);
		seen[n] = (char)('0' + e.qid);
		answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	}
	seen[n] = 0;
	EXPECT_STREQ(seen, order);
	bench_settle(d->b);
	EXPECT_EQ(fw_read(d->b, SEE_SLOTS_FREE), ~0ull);
}

TEST(see_arbitration, weights_share_the_turns)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	set_weights(&d, true, 3, 1, 0); /* 4, 2, 1 */
	set_priority(&d, 1, LOW);
	set_priority(&d, 2, MEDIUM);
	set_priority(&d, 3, HIGH);
	fill_queues(&d, (unsigned[]){0, 5, 8, 8}, 4);
	expect_order(&d, "333322133332212212211"); /* high has run out: two of medium against one of low */
	bench_free(b);
}

TEST(see_arbitration, admin_before_urgent_before_the_others)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	set_weights(&d, true, 255, 255, 255);
	set_priority(&d, 1, URGENT);
	set_priority(&d, 2, HIGH);
	set_priority(&d, 3, LOW);
	set_priority(&d, 4, MEDIUM);
	fill_queues(&d, (unsigned[]){3, 4, 3, 2, 3}, 5);
	expect_order(&d, "000111122244433");
	bench_free(b);
}

/* Queues of one class share its turns, whatever other classes are served in between. */
TEST(see_arbitration, queues_of_a_class_take_turns)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	set_weights(&d, true, 0, 0, 0);
	set_priority(&d, 1, HIGH);
	set_priority(&d, 2, MEDIUM);
	set_priority(&d, 3, HIGH);
	set_priority(&d, 4, MEDIUM);
	fill_queues(&d, (unsigned[]){0, 3, 3, 3, 3}, 5);
	expect_order(&d, "123412341234");
	bench_free(b);
}

/* Without WRR every queue has its turn, admin and priorities notwithstanding (NVMe 1.4, 4.13.1). */
TEST(see_arbitration, round_robin_knows_no_priorities)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	unsigned first[6] = {0};
	set_weights(&d, false, 255, 0, 0);
	set_priority(&d, 1, LOW);
	set_priority(&d, 2, HIGH);
	set_priority(&d, 3, URGENT);
	fill_queues(&d, (unsigned[]){4, 4, 4, 4}, 4);
	for (unsigned n = 0; n < 16; n++) {
		struct descriptor e = next_descriptor(b);
		if (n < 4)
			first[e.qid]++;
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	}
	for (unsigned q = 0; q < 4; q++)
		EXPECT_EQ(first[q], 1u);
	bench_free(b);
}

/* A write of the weights begins a new round; a reset takes weights and priorities away. */
TEST(see_arbitration, registers_keep_what_is_written)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	unsigned at = function_register(SEE_FN_ARBITRATION, 1);
	fw_write(b, at, ~0ull);
	EXPECT_EQ(fw_read(b, at), 0xffffff0full);
	fw_write(b, at, 0xa5c3810aull);
	EXPECT_EQ(fw_read(b, at), 0xa5c3810aull);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_ARBITRATION, 0)), 0u);
	for (unsigned q = 1; q <= 5; q++)
		set_priority(&d, q, q & 3);
	set_priority(&d, 0, 3);
	for (unsigned q = 0; q <= 5; q++)
		EXPECT_EQ(FIELD_GET(SEE_SQ_CONTROL_QPRIO, fw_read(b, queue_register(SEE_SQ_CONTROL, 1, q))), q & 3);
	host_write32(b, d.bar + SEE_CC, 0);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
	EXPECT_EQ(fw_read(b, at), 0u);
	EXPECT_EQ(FIELD_GET(SEE_SQ_CONTROL_QPRIO, fw_read(b, queue_register(SEE_SQ_CONTROL, 1, 3))), 0u);
	bench_free(b);
}

/* 17 slots stay for posts: they go out although every other slot is taken and the firmware answers nothing. */
TEST(see_arbitration, posts_find_a_slot_when_commands_hold_all_others)
{
	struct driver d, other;
	struct bench *b = bench_new();
	uint64_t sqe[8];
	board_up(b, 2);
	driver_up(&d, b, 1, 2);
	driver_up(&other, b, 2, 0);
	attach(b, 1, 1000);
	fw_write(b, SEE_SLOT_LIMIT, 64);
	for (unsigned i = 0; i < 100; i++) {
		make_io(sqe, 0, 0, 1, 0, 0);
		submit(&d, 1 + i % 2, sqe);
	}
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), (uint64_t)SEE_NUM_SLOTS - SEE_NUM_FUNCTIONS);
	EXPECT_EQ(open_posts(b), 0u);
	answer_words(b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 2) | FIELD_PREP(SEE_CENTRY_CID, 77));
	EXPECT_EQ(reap(&other, 0).cid, 77u);
	bench_settle(b);
	EXPECT_EQ(open_posts(b), 0u);
	for (unsigned i = 0; i < 100; i++) {
		struct descriptor e = next_descriptor(b);
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		bench_settle(b);
	}
	bench_free(b);
}

/* A host that does not empty its completion queue keeps one slot for each post, and the firmware can see it. */
TEST(see_arbitration, a_full_completion_queue_holds_its_post_and_nobody_elses)
{
	struct driver d, other;
	struct bench *b = bench_new();
	board_up(b, 2);
	driver_up(&d, b, 1, 0);
	driver_up(&other, b, 2, 0);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 0), SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_SIZE, 2));
	for (unsigned i = 0; i < 2; i++) {
		answer_words(b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 1) | FIELD_PREP(SEE_CENTRY_CID, i));
		bench_settle(b);
		EXPECT_EQ(open_posts(b), i ? 2u : 0u);
	}
	answer_words(b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 2) | FIELD_PREP(SEE_CENTRY_CID, 9));
	EXPECT_EQ(reap(&other, 0).cid, 9u);
	host_write32(b, d.bar + SEE_DOORBELL_BASE + 4, 1);
	bench_settle(b);
	EXPECT_EQ(open_posts(b), 0u);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

/* No slot is free for a post that the rules do not allow: it is counted, and the ring goes on. */
TEST(see_arbitration, a_post_without_a_slot_is_refused)
{
	struct driver d;
	struct bench *b = bench_new();
	board_up(b, 1);
	driver_up(&d, b, 1, 0);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 0), SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_SIZE, 2));
	for (unsigned i = 0; i < 1 + SEE_NUM_SLOTS; i++)
		answer_words(b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 1) | FIELD_PREP(SEE_CENTRY_CID, i));
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), 0u);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 0u);
	for (unsigned i = 0; i < 3; i++)
		answer_words(b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 1));
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 3u);
	EXPECT_EQ(FIELD_GET(SEE_POSTS_TAKEN, fw_read(b, SEE_POSTS)), 4u + SEE_NUM_SLOTS);
	EXPECT_EQ(fw_read(b, SEE_CRING_HEAD), 4u + SEE_NUM_SLOTS);
	bench_free(b);
}

/* Admin commands count, but one of them is fetched when I/O holds all places. */
TEST(see_arbitration, admin_commands_are_bound_too)
{
	struct driver d;
	struct bench *b = five_queues(&d);
	uint64_t sqe[8];
	fw_write(b, SEE_SLOT_LIMIT, 4);
	for (unsigned i = 0; i < 10; i++) {
		make_io(sqe, 6, 0, 1, 0, 0);
		submit(&d, 0, sqe);
	}
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 4u);
	for (unsigned i = 0; i < 10; i++) {
		struct descriptor e = next_descriptor(b);
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		EXPECT_EQ(reap(&d, 0).status, 0u);
	}
	make_io(sqe, 0, 0, 1, 0, 0);
	for (unsigned i = 0; i < 6; i++)
		submit(&d, 1, sqe);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 4u);
	make_io(sqe, 6, 0, 1, 0, 0);
	submit(&d, 0, sqe);
	submit(&d, 0, sqe);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 5u);
	bench_free(b);
}

/* AQA allows 4096 entries (12 bits, 0's based), whatever CAP.MQES says of I/O queues. */
TEST(see_arbitration, a_queue_of_4096_entries_wraps)
{
	enum { ENTRIES = 4096, SQ_AT = 0x400000, CQ_AT = 0x480000 };
	struct driver d;
	struct bench *b = bench_new();
	unsigned at = queue_register(SEE_SQ_CONTROL, 1, 0);
	board_up(b, 1);
	driver_up(&d, b, 1, 0);
	fw_write(b, at, SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_SIZE, ENTRIES + 1));
	EXPECT_EQ(FIELD_GET(SEE_SQ_CONTROL_SIZE, fw_read(b, at)), (uint64_t)DRIVER_SIZE);
	fw_write(b, queue_register(SEE_SQ_ADDRESS, 1, 0), SQ_AT);
	fw_write(b, queue_register(SEE_CQ_ADDRESS, 1, 0), CQ_AT);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 0), SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_SIZE, ENTRIES));
	fw_write(b, at, SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_SIZE, ENTRIES));
	EXPECT_EQ(FIELD_GET(SEE_SQ_CONTROL_SIZE, fw_read(b, at)), (uint64_t)ENTRIES);
	fw_write(b, queue_register(SEE_SQ_STATE, 1, 0), (ENTRIES - 2) << 16 | (ENTRIES - 2));
	fw_write(b, queue_register(SEE_CQ_STATE, 1, 0), 1ull << 32 | (ENTRIES - 2) << 16 | (ENTRIES - 2));
	memset(b->host + SQ_AT, 0, 64 * ENTRIES);
	for (unsigned i = 0; i < 4; i++)
		store64(b->host, SQ_AT + (ENTRIES - 2 + i) % ENTRIES * 64, 6 | (0x100ull + i) << 16);
	host_write32(b, d.bar + SEE_DOORBELL_BASE, 2);
	for (unsigned i = 0; i < 4; i++) {
		struct descriptor e = next_descriptor(b);
		EXPECT_EQ(FIELD_GET(SEE_DESC_CID, e.word[0]), 0x100u + i);
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		bench_settle(b);
		uint64_t cqe = load64(b->host, CQ_AT + (ENTRIES - 2 + i) % ENTRIES * 16 + 8);
		EXPECT_EQ(cqe >> 32 & 0xffff, 0x100u + i);
		EXPECT_EQ(cqe >> 48 & 1, i < 2);
	}
	host_write32(b, d.bar + SEE_DOORBELL_BASE + 4, 2);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, queue_register(SEE_CQ_STATE, 1, 0)), 2u | 2u << 16);
	bench_free(b);
}
