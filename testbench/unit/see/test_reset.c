/* Controller reset, FLR and VF disable under load: outstanding work settles, nothing is sent later, others go on. */
#include "testbench/unit/see/device.h"
#include "testbench/unit/see/driver.h"

enum { DATA_AT = 0x300000 };
enum how { BY_CC, BY_FLR, BY_VF_DISABLE, BY_PF_FLR };

static void reset_by(struct bench *b, enum how how, unsigned fn)
{
	switch (how) {
	case BY_CC:
		host_write32(b, bar_of(fn) + SEE_CC, 0x00460000);
		break;
	case BY_FLR:
		host_config_write(b, bdf_of(fn), SEE_CFG_DEVCTL, 1u << 15);
		break;
	case BY_VF_DISABLE:
		host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 0);
		break;
	default:
		host_config_write(b, SEE_PF_RID, SEE_CFG_DEVCTL, 1u << 15);
	}
}

/* Starts @p n writes of 64 KiB, without waiting. */
static void start_writes(struct driver *d, unsigned n)
{
	uint64_t sqe[8];
	for (unsigned i = 0; i < 32; i++)
		store64(d->b->host, 0x310000 + 8 * i, DATA_AT + 0x20000 + i * 4096u);
	for (unsigned i = 0; i < n; i++) {
		make_io(sqe, i & 1 ? 2 : 1, 0, 128, DATA_AT, 0x310000);
		submit(d, 1, sqe);
	}
}

static void wait_resets(struct bench *b, unsigned n)
{
	for (unsigned i = 0; i < BENCH_TIMEOUT && b->events[SEE_EVENT_RESET] < n; i++)
		bench_step(b);
	EXPECT_EQ(b->events[SEE_EVENT_RESET], n);
}

/* VF 1 is as after power-on (FLR) or as before without its queues, and works again. */
static void expect_new_life(struct bench *b, struct driver *victim, enum how how)
{
	if (how == BY_FLR) {
		EXPECT_EQ(host_config_read(b, bdf_of(1), SEE_CFG_COMMAND), 0x00100000u);
		EXPECT_EQ(host_read64(b, bar_of(1) + SEE_MSIX_TABLE), 0u);
		EXPECT_EQ(host_read32(b, bar_of(1) + SEE_MSIX_TABLE + 12), 1u);
		host_config_write(b, bdf_of(1), SEE_CFG_COMMAND, 4);
	}
	driver_up(victim, b, 1, 1);
	uint64_t sqe[8];
	make_io(sqe, 2, 5, 1, DATA_AT, 0);
	submit(victim, 1, sqe);
	answer(b, SEE_CE_COMPLETE, next_descriptor(b).slot, true, 0, 512, 0);
	EXPECT_EQ(reap(victim, 1).status, 0u);
}

/* Reset VF 1 @p delay cycles after it got work; then VF 2 and a new life of VF 1 must be in order. */
static void reset_under_load(enum how how, unsigned delay)
{
	struct bench *b = bench_new();
	struct driver victim, other;
	board_up(b, 2);
	driver_up(&victim, b, 1, 1);
	driver_up(&other, b, 2, 1);
	attach(b, 1, 1000);
	attach(b, 2, 1000);
	start_writes(&victim, 6);
	start_writes(&other, 4);
	bench_run(b, delay);
	reset_by(b, how, 1);
	wait_resets(b, 1);
	unsigned dma = b->dma_of[1];

	unsigned mine = 0, resets = 0;
	for (;;) {
		struct descriptor e = next_descriptor(b);
		if (e.type != SEE_DESC_COMMAND) {
			EXPECT_EQ(e.type, how == BY_CC ? SEE_DESC_DISABLE : SEE_DESC_FLR);
			EXPECT_EQ(e.fn, 1u);
			resets++;
		} else {
			answer(b, SEE_CE_COMPLETE, e.slot, (e.word[0] & 0xff) == 2, 0, e.length, 0);
			mine += e.fn == 2;
		}
		if (mine == 4 && resets == 1)
			break;
	}
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(reap(&other, 1).status, 0u);
	bench_settle(b);
	while (b->out.irq) {
		struct descriptor e = next_descriptor(b);
		EXPECT_EQ(e.fn, 1u);
		answer(b, SEE_CE_RELEASE, e.slot, false, 0, 0, 0);
		bench_settle(b);
	}
	EXPECT_EQ(b->dma_of[1], dma);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 0u);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_CSTS, 1)), 0u);
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_CONTROL, 1, 1)) & 1, 0u);
	expect_new_life(b, &victim, how);
	bench_free(b);
}

TEST(see_reset, controller_reset_at_any_time)
{
	for (unsigned delay = 0; delay < 6000; delay += device_has_rtl ? 977 : 211)
		reset_under_load(BY_CC, delay);
}

TEST(see_reset, flr_at_any_time)
{
	for (unsigned delay = 0; delay < 6000; delay += device_has_rtl ? 1009 : 193)
		reset_under_load(BY_FLR, delay);
}

TEST(see_reset, pf_flr_and_vf_disable_take_the_vfs_along)
{
	for (enum how how = BY_VF_DISABLE; how <= BY_PF_FLR; how++) {
		struct bench *b = bench_new();
		struct driver d[3];
		board_up(b, 2);
		for (unsigned fn = 0; fn < 3; fn++) {
			driver_up(&d[fn], b, fn, 1);
			attach(b, fn, 1000);
		}
		for (unsigned fn = 0; fn < 3; fn++)
			start_writes(&d[fn], 3);
		reset_by(b, how, 0);
		wait_resets(b, how == BY_PF_FLR ? 3 : 2);
		unsigned dma[3] = {b->dma_of[0], b->dma_of[1], b->dma_of[2]}, flrs = 0;
		for (unsigned i = 0; i < 3000; i++)
			bench_step(b);
		while (b->out.irq) {
			struct descriptor e = next_descriptor(b);
			flrs += e.type == SEE_DESC_FLR;
			if (e.type == SEE_DESC_COMMAND)
				answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
			bench_settle(b);
		}
		EXPECT_EQ(flrs, how == BY_PF_FLR ? 3u : 2u);
		EXPECT_EQ(b->dma_of[1], dma[1]);
		EXPECT_EQ(b->dma_of[2], dma[2]);
		if (how == BY_PF_FLR)
			EXPECT_EQ(b->dma_of[0], dma[0]);
		EXPECT_EQ(host_config_status(b, bdf_of(1), 0), (unsigned)TLP_UR);
		EXPECT_EQ(fw_read(b, SEE_VF_STATUS) & 1, 0u);
		EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
		bench_free(b);
	}
}

TEST(see_reset, disable_and_enable_again_at_once_reports_both)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 0);
	driver_up(&d, b, 0, 0);
	host_write32(b, d.bar + SEE_CC, 0x00460000);
	host_write32(b, d.bar + SEE_CC, 0x00460001);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_ENABLE);
	bench_settle(b);
	EXPECT_FALSE(b->out.irq);
	bench_free(b);
}

TEST(see_reset, without_bus_mastering_nothing_is_sent)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 1);
	driver_up(&d, b, 1, 1);
	attach(b, 1, 1000);
	start_writes(&d, 4);
	bench_run(b, 1500);
	host_config_write(b, bdf_of(1), SEE_CFG_COMMAND, 0);
	unsigned dma = b->dma_of[1];
	bench_settle(b);
	EXPECT_LE(b->dma_of[1], dma + 1);
	bench_free(b);
}

TEST(see_reset, deleting_a_queue_frees_what_waits_for_it)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 0);
	driver_up(&d, b, 0, 1);
	attach(b, 0, 1000);
	uint64_t sqe[8];
	make_io(sqe, 2, 1000, 1, DATA_AT, 0);
	for (unsigned i = 0; i < 60; i++)
		submit(&d, 1, sqe);
	for (unsigned i = 0; i < 60; i++)
		complete_failed(&d, 0x4080);
	for (unsigned i = 0; i < 20; i++)
		submit(&d, 1, sqe);
	for (unsigned i = 0; i < 20; i++)
		complete_failed(&d, 0x4080);
	bench_settle(b);
	EXPECT_NE(FIELD_GET(SEE_SQ_STATE_INFLIGHT, fw_read(b, queue_register(SEE_SQ_STATE, 0, 1))), 0u);
	fw_write(b, queue_register(SEE_SQ_CONTROL, 0, 1), 0);
	bench_settle(b);
	EXPECT_EQ(FIELD_GET(SEE_SQ_STATE_INFLIGHT, fw_read(b, queue_register(SEE_SQ_STATE, 0, 1))), 0u);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

/* PCIe 4.0, 6.6.2: an FLR clears Bus Master Enable and MSI-X Enable; nothing leaves the function until the host sets them again. */
TEST(see_reset, after_an_flr_bus_mastering_and_msix_are_off)
{
	struct bench *b = bench_new();
	struct driver d;
	uint64_t sqe[8];

	board_up(b, 1);
	driver_up(&d, b, 1, 1);
	attach(b, 1, 1000);
	reset_by(b, BY_FLR, 1);
	wait_resets(b, 1);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_FLR);
	driver_up(&d, b, 1, 1);
	for (unsigned v = 0; v < SEE_NUM_VECTORS; v++)
		host_write32(b, d.bar + SEE_MSIX_TABLE + 16 * v + 12, 0);	/* not masked */
	unsigned dma = b->dma_of[1], messages = b->events[SEE_EVENT_MSIX];
	make_io(sqe, 2, 5, 1, DATA_AT, 0);
	submit(&d, 1, sqe);
	bench_run(b, 1000);
	EXPECT_EQ(b->dma_of[1], dma);
	host_config_write(b, bdf_of(1), SEE_CFG_COMMAND, 4);
	answer(b, SEE_CE_COMPLETE, next_descriptor(b).slot, true, 0, 512, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	bench_settle(b);
	EXPECT_LT(dma, b->dma_of[1]);
	EXPECT_EQ(b->events[SEE_EVENT_MSIX], messages);
	bench_free(b);
}
