/* NVMe registers, doorbells, MSI-X table, pending bits, and the events that the firmware gets from them. */
#include "testbench/unit/see/driver.h"

TEST(see_registers, hold_what_nvme_says)
{
	struct bench *b = bench_new();
	board_up(b, 0);
	EXPECT_EQ(host_read64(b, BENCH_PF_BAR + SEE_CAP), SEE_CAP_RESET);
	EXPECT_EQ(FIELD_GET(SEE_CAP_MQES, SEE_CAP_RESET), 1023u);
	EXPECT_EQ(FIELD_GET(SEE_CAP_CSS, SEE_CAP_RESET), 1u);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_VS), 0x00010400u);
	host_write32(b, BENCH_PF_BAR + SEE_AQA, 0xffffffff);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_AQA), 0x0fff0fffu);
	host_write64(b, BENCH_PF_BAR + SEE_ASQ, 0x123456789abcdeffull);
	EXPECT_EQ(host_read64(b, BENCH_PF_BAR + SEE_ASQ), 0x123456789abcd000ull);
	host_write32(b, BENCH_PF_BAR + SEE_ACQ + 4, 0x77);
	EXPECT_EQ(host_read64(b, BENCH_PF_BAR + SEE_ACQ), 0x77ull << 32);
	host_write32(b, BENCH_PF_BAR + SEE_INTMS, 0xf0);
	host_write32(b, BENCH_PF_BAR + SEE_INTMC, 0x30);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_INTMS), 0xc0u);
	host_write32(b, BENCH_PF_BAR + SEE_CSTS, 0xffffffff);
	host_write32(b, BENCH_PF_BAR + SEE_CAP, 0);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_CSTS), 0u);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_CAP), (uint32_t)SEE_CAP_RESET);
	bench_free(b);
}

TEST(see_registers, firmware_answers_enable_and_shutdown)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 0);
	fw_write(b, function_register(SEE_FN_CSTS, 0), 1);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_CSTS), 0u); /* not while CC.EN is 0 */
	driver_up(&d, b, 0, 0);
	EXPECT_EQ(fw_read(b, SEE_FN_CC), 0x00460001u);
	EXPECT_EQ(fw_read(b, SEE_FN_ASQ), (uint64_t)DRIVER_QUEUE_BASE);
	host_write32(b, BENCH_PF_BAR + SEE_CC, 0x00464001);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_SHUTDOWN);
	EXPECT_EQ(e.word[13], 0x00464001u);
	fw_write(b, function_register(SEE_FN_CSTS, 0), 1 | 2 << 2);
	EXPECT_EQ(host_read32(b, BENCH_PF_BAR + SEE_CSTS), 9u);
	bench_free(b);
}

static void expect_refused(struct driver *d, unsigned q, bool cq, uint32_t value, bool bad_value)
{
	struct bench *b = d->b;
	unsigned before = b->events[SEE_EVENT_DOORBELL];
	host_write32(b, d->bar + SEE_DOORBELL_BASE + 8 * q + 4 * cq, value);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_BAD_DOORBELL);
	EXPECT_EQ(e.fn, d->fn);
	EXPECT_EQ(e.qid, q);
	EXPECT_EQ(FIELD_GET(SEE_DESC_DOORBELL_CQ, e.word[8]), cq);
	EXPECT_EQ(FIELD_GET(SEE_DESC_DOORBELL_VALUE, e.word[8]), bad_value);
	EXPECT_EQ(e.word[13], value);
	EXPECT_EQ(b->events[SEE_EVENT_DOORBELL], before + 1);
}

TEST(see_registers, bad_doorbells_are_reported_and_ignored)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 1);
	host_write32(b, bar_of(1) + SEE_DOORBELL_BASE, 1);
	bench_settle(b);
	EXPECT_EQ(b->events[SEE_EVENT_DOORBELL], 0u); /* not ready: ignored */
	driver_up(&d, b, 1, 1);
	expect_refused(&d, 2, false, 1, false);
	expect_refused(&d, 8, true, 1, false);
	expect_refused(&d, 9, false, 0, false);
	expect_refused(&d, 1, false, DRIVER_SIZE, true);
	expect_refused(&d, 1, false, 0xffff0001, true);
	expect_refused(&d, 1, true, 1, true); /* nothing to consume */
	expect_refused(&d, 1, true, DRIVER_SIZE, true);
	uint64_t sqe[8] = {6};
	submit(&d, 0, sqe);
	struct descriptor e = next_descriptor(b);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
	bench_settle(b);
	EXPECT_EQ(b->dma_of[1], 3u); /* SQE, CQE, message */
	bench_free(b);
}

TEST(see_registers, a_doorbell_flood_loses_reports_and_nothing_else)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 0);
	driver_up(&d, b, 0, 0);
	for (unsigned i = 0; i < 600; i++)
		host_write32(b, d.bar + SEE_DOORBELL_BASE + 40, i);
	uint64_t sqe[8] = {6};
	submit(&d, 0, sqe);
	struct descriptor e;
	unsigned reports = 0;
	while ((e = next_descriptor(b)).type == SEE_DESC_BAD_DOORBELL)
		reports++;
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	EXPECT_GE(reports, 4u);
	EXPECT_LE(reports, 600u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
	bench_free(b);
}

/* Two commands and two refused doorbells that wait for a place in the ring are handed over in turn; after a reset, which nothing but the
 * events of functions came after, a command goes first. */
TEST(see_registers, refused_doorbells_and_commands_take_turns)
{
	for (unsigned round = 0; round < 8; round++) { /* what no reset writes begins differently in each */
		struct bench *b = bench_new();
		struct driver d;
		uint64_t sqe[8] = {6};
		board_up(b, 1);
		driver_up(&d, b, 1, 0);
		fw_write(b, SEE_RING_LOG2, 0);
		host_write32(b, BENCH_PF_BAR + SEE_CC, 0x00460001); /* its event takes the only place */
		bench_settle(b);
		for (unsigned i = 0; i < 2; i++) {
			host_write32(b, d.bar + SEE_DOORBELL_BASE + 40, i);
			submit(&d, 0, sqe);
		}
		bench_settle(b);
		fw_write(b, SEE_RING_LOG2, RING_LOG2);
		fw_write(b, SEE_RING_CONS, ++b->ring_cons);
		for (unsigned i = 0; i < 4; i++) {
			struct descriptor e = next_descriptor(b);
			EXPECT_EQ(e.type, i % 2 ? SEE_DESC_BAD_DOORBELL : SEE_DESC_COMMAND);
			EXPECT_EQ(e.fn, 1);
			if (i % 2)
				EXPECT_EQ(e.word[13], i / 2);
		}
		bench_free(b);
	}
}

static void admin_round_trip(struct driver *d)
{
	uint64_t sqe[8] = {6};
	submit(d, 0, sqe);
	struct descriptor e = next_descriptor(d->b);
	answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(d, 0).status, 0u);
	bench_settle(d->b);
}

TEST(see_msix, masks_hold_messages_back_as_pending)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 1);
	driver_up(&d, b, 1, 0);
	uint64_t vector0 = d.bar + SEE_MSIX_TABLE, pba = d.bar + SEE_MSIX_PBA;
	EXPECT_EQ(host_read64(b, vector0), BENCH_MSI_ADDRESS + 16u);
	EXPECT_EQ(host_read64(b, vector0 + 24), 0x101u);
	host_write32(b, vector0 + 12, 1);
	EXPECT_EQ(host_read32(b, vector0 + 12), 1u);
	admin_round_trip(&d);
	EXPECT_EQ(b->message_count, 0u);
	EXPECT_EQ(host_read64(b, pba), 1u);
	host_write32(b, vector0 + 12, 0);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 1u);
	EXPECT_EQ(host_read64(b, pba), 0u);

	host_config_write(b, bdf_of(1), SEE_CFG_MSIX, 3u << 30); /* function mask */
	admin_round_trip(&d);
	admin_round_trip(&d);
	EXPECT_EQ(b->message_count, 1u);
	EXPECT_EQ(host_read64(b, pba), 1u);
	host_config_write(b, bdf_of(1), SEE_CFG_MSIX, 1u << 31);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 2u);
	EXPECT_EQ(b->messages[1].requester, bdf_of(1));
	EXPECT_EQ(b->messages[1].address, BENCH_MSI_ADDRESS + 16u);
	EXPECT_EQ(b->messages[1].data, 0x100u);

	host_config_write(b, bdf_of(1), SEE_CFG_MSIX, 0); /* off: nothing is remembered */
	admin_round_trip(&d);
	host_config_write(b, bdf_of(1), SEE_CFG_MSIX, 1u << 31);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 2u);
	bench_free(b);
}

static uint64_t pattern(unsigned fn, unsigned extent, unsigned word)
{
	return (fn * 100 + extent * 10 + word + 1) * 0x9e3779b97f4a7c15ull;
}

TEST(see_registers, firmware_reads_back_what_it_wrote)
{
	struct bench *b = bench_new();
	board_up(b, 0);
	EXPECT_EQ(fw_read(b, SEE_ID), SEE_ID_RESET);
	EXPECT_EQ(fw_read(b, SEE_RING_BASE), (uint64_t)RING_AT);
	EXPECT_EQ(fw_read(b, SEE_CPL_TIMEOUT), SEE_CPL_TIMEOUT_RESET);
	fw_write(b, SEE_ID, 0);
	EXPECT_EQ(fw_read(b, SEE_ID), SEE_ID_RESET);
	for (unsigned fn = 0; fn < SEE_NUM_FUNCTIONS; fn++)
		for (unsigned e = 0; e < SEE_NUM_EXTENTS; e++)
			for (unsigned w = 0; w < 8; w++)
				fw_write(b, extent_register(SEE_EXTENT_FIRST, fn, e) + w * 8, pattern(fn, e, w));
	for (unsigned fn = 0; fn < SEE_NUM_FUNCTIONS; fn++)
		for (unsigned e = 0; e < SEE_NUM_EXTENTS; e++)
			for (unsigned w = 0; w < 8; w++)
				EXPECT_EQ(fw_read(b, extent_register(SEE_EXTENT_FIRST, fn, e) + w * 8),
					  w == 3 ? pattern(fn, e, w) & 0x71f0f : w < 5 ? pattern(fn, e, w) : 0);
	fw_write(b, queue_register(SEE_SQ_ADDRESS, 16, 8), 0xfff);
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_ADDRESS, 16, 8)), 0u);
	fw_write(b, queue_register(SEE_SQ_CONTROL, 16, 8), 1 | 64 << 16); /* CC.EN is 0 */
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_CONTROL, 16, 8)), 0u);
	EXPECT_EQ(fw_read(b, 0xfff8), 0u);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_CC, 17)), 0u);
	bench_free(b);
}

/* Every register of the firmware reads after a reset as the map says. */
TEST(see_registers, begin_as_the_register_map_says)
{
	struct bench *b = bench_new();

	for (uint32_t at = 0; at < 0x10000; at += 8) {
		uint64_t value = fw_read(b, at);

		uint64_t expected = at == SEE_ID ? SEE_ID_RESET : at == SEE_CPL_TIMEOUT ? SEE_CPL_TIMEOUT_RESET : at == SEE_SLOT_LIMIT ? SEE_SLOT_LIMIT_RESET
			: at == SEE_SLOTS_FREE ? SEE_SLOTS_FREE_RESET : 0;

		if (value != expected)
			test_fail(__FILE__, __LINE__, "register %#x: %#llx, not %#llx", at, (unsigned long long)value, (unsigned long long)expected);
	}
	bench_free(b);
}
