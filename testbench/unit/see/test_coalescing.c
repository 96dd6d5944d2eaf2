/* Interrupts that are held back: by number, by time, and those that are not. */
#include "testbench/unit/see/driver.h"

enum { UNIT = SEE_COALESCE_CYCLES };

static void set_coalescing(struct driver *d, unsigned threshold, unsigned units, unsigned disabled)
{
	fw_write(d->b, function_register(SEE_FN_COALESCING, d->fn),
		 FIELD_PREP(SEE_FN_COALESCING_THR, threshold) | FIELD_PREP(SEE_FN_COALESCING_TIME, units) |
			 FIELD_PREP(SEE_FN_COALESCING_CD, disabled));
}

static struct bench *one_function(struct driver *d)
{
	struct bench *b = bench_new();
	board_up(b, 2);
	driver_up(d, b, 1, 3);
	attach(b, 1, 1000);
	return b;
}

static void run_commands(struct driver *d, unsigned q, unsigned count)
{
	uint64_t sqe[8];
	for (unsigned i = 0; i < count; i++) {
		make_io(sqe, q ? 0 : 6, 0, 1, 0, 0);
		submit(d, q, sqe);
		struct descriptor e = next_descriptor(d->b);
		answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		EXPECT_EQ(reap(d, q).status, 0u);
	}
	bench_run(d->b, 100);
}

/* @return the cycles until the next message. */
static uint64_t wait_message(struct bench *b, unsigned count)
{
	uint64_t start = b->cycle;
	while (b->message_count < count && b->cycle < start + 1000000)
		bench_step(b);
	EXPECT_EQ(b->message_count, count);
	return b->cycle - start;
}

TEST(see_coalescing, one_message_for_threshold_plus_one_entries)
{
	struct driver d;
	struct bench *b = one_function(&d);
	set_coalescing(&d, 3, 200, 0);
	run_commands(&d, 1, 3);
	EXPECT_EQ(b->message_count, 0u);
	EXPECT_FALSE(b->out.idle);
	run_commands(&d, 1, 1);
	EXPECT_EQ(b->message_count, 1u);
	EXPECT_EQ(b->messages[0].data, 1u << 8 | 1);
	run_commands(&d, 1, 11);
	EXPECT_EQ(b->message_count, 3u);
	run_commands(&d, 1, 1);
	EXPECT_EQ(b->message_count, 4u);
	bench_settle(b);
	bench_free(b);
}

TEST(see_coalescing, the_time_sends_what_is_held)
{
	struct driver d;
	struct bench *b = one_function(&d);
	set_coalescing(&d, 200, 2, 0);
	uint64_t start = b->cycle;
	run_commands(&d, 1, 1);
	run_commands(&d, 2, 2);
	wait_message(b, 1);
	EXPECT_GT(b->cycle - start, 2ull * UNIT);
	EXPECT_LT(b->cycle - start, 2ull * UNIT + 1000);
	wait_message(b, 2);
	EXPECT_EQ(b->messages[0].data ^ b->messages[1].data, 1u ^ 2u);
	bench_settle(b);
	start = b->cycle; /* and the time of the next one starts anew */
	run_commands(&d, 3, 1);
	wait_message(b, 3);
	EXPECT_GT(b->cycle - start, 2ull * UNIT);
	bench_settle(b);
	bench_free(b);
}

TEST(see_coalescing, disabled_vectors_and_admin_entries_are_told_at_once)
{
	struct driver d;
	struct bench *b = one_function(&d);
	set_coalescing(&d, 10, 10, 1u << 2);
	run_commands(&d, 2, 3);
	EXPECT_EQ(b->message_count, 3u);
	run_commands(&d, 0, 2);
	EXPECT_EQ(b->message_count, 5u);
	run_commands(&d, 1, 2);
	EXPECT_EQ(b->message_count, 5u);
	set_coalescing(&d, 0, 10, 0); /* a threshold of one entry, or no time: off */
	run_commands(&d, 3, 1);
	EXPECT_EQ(b->message_count, 6u);
	set_coalescing(&d, 10, 0, 0);
	run_commands(&d, 3, 1);
	EXPECT_EQ(b->message_count, 7u);
	bench_free(b);
}

/* Queue 1 shares its vector with the admin queue: an admin entry's message tells of what was held. */
TEST(see_coalescing, an_admin_message_takes_the_held_entries_along)
{
	struct driver d;
	struct bench *b = one_function(&d);
	set_coalescing(&d, 2, 1, 0);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 1), SEE_CQ_CONTROL_VALID_MASK | SEE_CQ_CONTROL_IEN_MASK |
								  FIELD_PREP(SEE_CQ_CONTROL_SIZE, DRIVER_SIZE));
	run_commands(&d, 1, 2);
	EXPECT_EQ(b->message_count, 0u);
	run_commands(&d, 0, 1);
	EXPECT_EQ(b->message_count, 1u);
	bench_settle(b);
	bench_run(b, UNIT + 100);
	EXPECT_EQ(b->message_count, 1u);
	run_commands(&d, 1, 2);
	EXPECT_EQ(b->message_count, 1u);
	run_commands(&d, 1, 1);
	EXPECT_EQ(b->message_count, 2u);
	bench_free(b);
}

TEST(see_coalescing, functions_do_not_share_and_resets_forget)
{
	struct driver d, other;
	struct bench *b = one_function(&d);
	driver_up(&other, b, 2, 1);
	attach(b, 2, 1000);
	set_coalescing(&d, 4, 3, 0);
	run_commands(&other, 1, 1);
	EXPECT_EQ(b->message_count, 1u);
	run_commands(&d, 1, 2);
	EXPECT_EQ(b->message_count, 1u);
	fw_write(b, function_register(SEE_FN_COALESCING, 2), ~0ull);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_COALESCING, 2)), 0x1ffffffull);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_COALESCING, 1)), 0x0304ull);
	host_write32(b, d.bar + SEE_CC, 0);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_COALESCING, 1)), 0u);
	bench_run(b, UNIT * 4);
	EXPECT_EQ(b->message_count, 1u);
	bench_free(b);
}

/* What is held becomes pending, not sent, while its vector is masked. */
TEST(see_coalescing, a_masked_vector_keeps_it_pending)
{
	struct driver d;
	struct bench *b = one_function(&d);
	set_coalescing(&d, 5, 1, 0);
	host_write32(b, d.bar + SEE_MSIX_TABLE + 16 + 12, 1);
	run_commands(&d, 1, 2);
	EXPECT_EQ(host_read64(b, d.bar + SEE_MSIX_PBA), 0u);
	bench_run(b, UNIT);
	EXPECT_EQ(host_read64(b, d.bar + SEE_MSIX_PBA), 2u);
	EXPECT_EQ(b->message_count, 0u);
	host_write32(b, d.bar + SEE_MSIX_TABLE + 16 + 12, 0);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 1u);
	bench_free(b);
}
