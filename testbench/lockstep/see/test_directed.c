/* Directed cases: each holds one rule that random traffic meets too seldom, or could break without anybody noticing. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/see/scenario.h"

#include <string.h>

static const uint32_t queue_1 = SEE_QUEUE_STRIDE;

static void submit_flushes(struct scenario *s, uint32_t count)
{
	struct driver_queue *q = &s->driver.functions[0].queues[1];

	for (uint32_t i = 0; i < count; i++) {
		uint64_t sqe[8] = { i << 16 | 1ull << 32 };
		memcpy(host_at(&s->bench.host, q->sq + q->tail++ * 64, 64), sqe, 64);
	}
	driver_ring(&s->driver, 0, 1, false, q->tail);
}

/* A completion queue of two entries holds one: the other commands wait, and leave when the queue is deleted. */
TEST(see_directed, full_completion_queue_does_not_block_deletion)
{
	struct scenario *s = scenario_open(test_seed(), 1);

	bench_reg_write(&s->bench, SEE_CQ_CONTROL + queue_1, FIELD_PREP(SEE_CQ_CONTROL_VALID, 1) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, 2));
	submit_flushes(s, 5);
	bench_run(&s->bench, 20000);
	EXPECT_EQ(FIELD_GET(SEE_SQ_STATE_INFLIGHT, bench_reg_read(&s->bench, SEE_SQ_STATE + queue_1)), 4);
	bench_reg_write(&s->bench, SEE_SQ_CONTROL + queue_1, 0);
	bench_run(&s->bench, 2000);
	EXPECT_EQ(FIELD_GET(SEE_SQ_STATE_INFLIGHT, bench_reg_read(&s->bench, SEE_SQ_STATE + queue_1)), 0);
	EXPECT_EQ(bench_reg_read(&s->bench, SEE_SLOTS_FREE), ~0ull);
	scenario_close(s);
}

/* Sizes that no ring can have are not taken. */
TEST(see_directed, queue_sizes_are_checked)
{
	static const uint32_t sizes[][2] = { { 0, 0 }, { 1, 0 }, { 2, 1 }, { 1025, 1 }, { 4096, 1 }, { 4097, 0 }, { 8191, 0 } };
	struct scenario *s = scenario_open(test_seed(), 1);

	for (uint32_t i = 0; i < 7; i++) {
		uint32_t at = SEE_SQ_CONTROL + 5 * SEE_QUEUE_STRIDE;
		bench_reg_write(&s->bench, at, 0);
		bench_reg_write(&s->bench, at, FIELD_PREP(SEE_SQ_CONTROL_VALID, 1) | FIELD_PREP(SEE_SQ_CONTROL_SIZE, sizes[i][0]));
		EXPECT_EQ(FIELD_GET(SEE_SQ_CONTROL_VALID, bench_reg_read(&s->bench, at)), sizes[i][1]);
	}
	scenario_close(s);
}

/* PCIe 4.0, 2.2.8 and NVMe 1.4, 3.1: what a host reads first. */
TEST(see_directed, identity)
{
	struct scenario *s = scenario_open(test_seed(), 3);

	EXPECT_EQ(bench_config_read(&s->bench, SEE_PF_RID, 0), SEE_PF_DEVICE_ID << 16 | SEE_VENDOR_ID);
	EXPECT_EQ(bench_config_read(&s->bench, SEE_FIRST_VF_RID, 0), 0xffffffff);
	EXPECT_EQ(bench_config_read(&s->bench, SEE_PF_RID, 8), SEE_CLASS_REVISION);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[2].bar + SEE_CAP, 8), SEE_CAP_RESET);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[1].bar + SEE_VS, 4), SEE_VS_RESET);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[1].bar + SEE_CC, 4), 0x00460001);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[1].bar + SEE_MSIX_TABLE + 16, 8), BENCH_MESSAGES + 0x1004);
	scenario_close(s);
}

/* A reset of one function leaves every other one as it was: queues, vectors, configuration. */
TEST(see_directed, reset_leaves_others_alone)
{
	struct scenario *s = scenario_open(test_seed(), 4);
	uint64_t before[4], after[4];

	for (uint32_t round = 0; round < 2; round++) {
		uint64_t *found = round ? after : before;
		found[0] = bench_reg_read(&s->bench, SEE_SQ_CONTROL + SEE_QUEUE_FN_STRIDE);
		found[1] = bench_reg_read(&s->bench, SEE_CQ_ADDRESS + 3 * SEE_QUEUE_FN_STRIDE + queue_1);
		found[2] = bench_bar_read(&s->bench, s->driver.functions[3].bar + SEE_MSIX_TABLE, 8);
		found[3] = bench_config_read(&s->bench, s->driver.functions[1].rid, SEE_CFG_MSIX);
		if (round == 0)
			driver_flr(&s->driver, 2);
	}
	EXPECT_MEMEQ(before, after, sizeof before);
	EXPECT_EQ(bench_config_read(&s->bench, s->driver.functions[2].rid, SEE_CFG_COMMAND) & 4, 0);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[2].bar + SEE_CC, 4), 0);
	EXPECT_EQ(bench_bar_read(&s->bench, s->driver.functions[2].bar + SEE_MSIX_TABLE, 8), 0);
	scenario_close(s);
}

/* The admin queue's data goes both ways through the slot's buffer, whatever the alignment. */
TEST(see_directed, admin_data)
{
	struct scenario *s = scenario_open(test_seed(), 2);
	uint64_t page = BENCH_HOST_BASE + 0x180000;
	uint32_t sum = 0, expected = 0;

	for (uint32_t offset = 0; offset < 24; offset += 4) {
		EXPECT_EQ(driver_admin(&s->driver, 1, 0x06, page + offset, page + 0x5000, 1, 0, NULL), 0);
		for (uint32_t i = 0; i < 4096; i++) {
			uint64_t at = offset + i < 4096 ? page + offset + i : page + 0x5000 + offset + i - 4096;
			ASSERT_EQ(*host_at(&s->bench.host, at, 1), (uint8_t)(i * 7 + 1));
		}
		expected = 0;
		for (uint32_t i = 0; i < 1000; i++)
			expected += *host_at(&s->bench.host, page + offset + i, 1);
		EXPECT_EQ(driver_admin(&s->driver, 1, 0xc1, page + offset, 0, 1000, 0, &sum), 0);
		EXPECT_EQ(sum, expected);
	}
	EXPECT_EQ(driver_admin(&s->driver, 1, 0x06, page + 2, 0, 1, 0, NULL), 0x4013);
	EXPECT_EQ(driver_admin(&s->driver, 1, 0xc1, page + 8, page + 0x5004, 4096, 0, NULL), 0x4013);
	scenario_close(s);
}

/* A refused doorbell is told to the firmware, which posts an asynchronous event through the SEE. */
TEST(see_directed, refused_doorbell_becomes_an_event)
{
	struct scenario *s = scenario_open(test_seed(), 1);
	struct driver_queue *q = &s->driver.functions[0].queues[0];
	uint64_t sqe[8] = { 0x0c | 0x77 << 16 };
	uint64_t cqe[2];

	memcpy(host_at(&s->bench.host, q->sq + q->tail * 64, 64), sqe, 64);
	driver_ring(&s->driver, 0, 0, false, ++q->tail);
	bench_run(&s->bench, 5000);
	driver_ring(&s->driver, 0, 7, false, 1);
	bench_run(&s->bench, 5000);
	memcpy(cqe, host_at(&s->bench.host, q->cq + q->cq_head * 16, 16), 16);
	EXPECT_EQ(s->firmware.refused_doorbells, 1);
	EXPECT_EQ(cqe[0], 7);
	EXPECT_EQ(cqe[1] >> 32 & 0x1ffff, 0x10077);
	scenario_close(s);
}
