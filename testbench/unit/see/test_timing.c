/* The timing table of rtl/see/README.md, section 11: cycles between transfers at the pins of an otherwise idle SEE. */
#include "testbench/unit/see/driver.h"

enum { DATA_AT = 0x300000 };

/* Steps until @p pin of the outputs is 1; the cycle in which it is seen. */
static uint64_t when(struct bench *b, const uint8_t *pin)
{
	for (unsigned i = 0; i < BENCH_TIMEOUT && !*pin; i++)
		bench_step(b);
	EXPECT_TRUE(*pin);
	return b->cycle;
}

/* Sends @p t; the cycle of its last beat's transfer. */
static uint64_t sent(struct bench *b, const struct tlp *t)
{
	bench_send(b, t);
	do
		bench_step(b);
	while (!(b->in.pcie_rx_valid && b->in.pcie_rx_eop));
	return b->cycle - 1;
}

/* Steps until a write TLP of @p bytes starts at the pins; the cycle. */
static uint64_t when_write(struct bench *b, unsigned bytes)
{
	for (unsigned i = 0; i < BENCH_TIMEOUT; i++) {
		if (b->out.pcie_tx_valid && b->out.pcie_tx_sop &&
		    (b->out.pcie_tx_data & 0xff0003ff) == (0x60000000 | bytes / 4))
			return b->cycle;
		bench_step(b);
	}
	test_fail(__FILE__, __LINE__, "no write of %u bytes", bytes);
	return 0;
}

TEST(see_timing, host_requests)
{
	struct bench *b = bench_new();
	struct tlp t;
	bench_settle(b);
	tlp_make_config(&t, TLP_CFGRD0, 0, 1, SEE_PF_RID, 0, 15);
	uint64_t start = sent(b, &t);
	EXPECT_EQ(when(b, &b->out.pcie_tx_valid) - start, 12u);
	bench_settle(b);
	board_up(b, 0);
	bench_settle(b);
	tlp_make_memory(&t, TLP_MRD, 0, 1, BENCH_PF_BAR, 8);
	start = sent(b, &t);
	EXPECT_EQ(when(b, &b->out.pcie_tx_valid) - start, 12u);
	bench_settle(b);
	start = b->cycle;
	b->in.reg_valid = 1;
	b->in.reg_write = 0;
	EXPECT_EQ(when(b, &b->out.reg_rsp_valid) - start, 8u);
	bench_settle(b);
	bench_free(b);
}

TEST(see_timing, one_read_of_4_kib)
{
	struct bench *b = bench_new();
	struct driver d;
	struct tlp t;
	uint64_t sqe[8];
	board_up(b, 0);
	driver_up(&d, b, 0, 1);
	attach(b, 0, 1000);
	bench_settle(b);
	make_io(sqe, 2, 0, 8, DATA_AT, 0);
	memcpy(b->host + d.queue[1].sq, sqe, 64);
	tlp_make_memory(&t, TLP_MWR, 0, 0, d.bar + SEE_DOORBELL_BASE + 8, 4);
	t.beat[2] = 1;
	uint64_t doorbell = sent(b, &t);
	EXPECT_EQ(when(b, &b->out.pcie_tx_valid) - doorbell, 21u);
	while (!(b->in.pcie_rx_valid && b->in.pcie_rx_eop) || b->cycle == doorbell + 1)
		bench_step(b);
	uint64_t fetched = b->cycle - 1;
	EXPECT_EQ(when(b, &b->out.irq) - fetched, 79u);
	struct descriptor e = next_descriptor(b);
	uint64_t at = CRING_AT;
	store64(b->nic, at, FIELD_PREP(SEE_CENTRY_SLOT, e.slot) | FIELD_PREP(SEE_CENTRY_PUSH, 1));
	bench_settle(b);
	uint64_t answered = b->cycle;
	b->in.reg_valid = b->in.reg_write = 1;
	b->in.reg_addr = SEE_CRING_TAIL;
	b->in.reg_data = 1;
	uint64_t data = when_write(b, 256), cqe = when_write(b, 16), msi = when_write(b, 4);
	EXPECT_EQ(data - answered, 37u);
	EXPECT_EQ(cqe - data, 16u * 34 + 4);
	EXPECT_EQ(msi - cqe, 5u);
	bench_settle(b);
	bench_free(b);
}

TEST(see_timing, data_streams_eight_bytes_a_cycle)
{
	struct bench *b = bench_new();
	struct driver d;
	uint64_t sqe[8];
	board_up(b, 0);
	driver_up(&d, b, 0, 1);
	attach(b, 0, 1000);
	b->latency = 1;
	for (unsigned i = 0; i < 32; i++)
		store64(b->host, 0x310000 + 8 * i, DATA_AT + 0x20000 + i * 4096u);
	make_io(sqe, 1, 0, 256, DATA_AT, 0x310000);
	uint64_t start = b->cycle;
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	uint64_t pulled = b->cycle - start;
	EXPECT_LT(pulled, 131072 / 8 * 5 / 4u); /* at most two header beats for each 64 to 256 bytes, and the start */
	start = b->cycle;
	answer(b, SEE_CE_COMPLETE, e.slot, true, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	EXPECT_LT(b->cycle - start, 131072 / 8 * 9 / 8u);
	bench_free(b);
}

/* A long push to the host leaves room for the read requests of a pull. */
TEST(see_timing, both_directions_stream_at_once)
{
	struct bench *b = bench_new();
	struct driver d;
	uint64_t sqe[8];
	board_up(b, 0);
	driver_up(&d, b, 0, 2);
	attach(b, 0, 1000);
	b->latency = 1;
	for (unsigned i = 0; i < 32; i++) {
		store64(b->host, 0x310000 + 8 * i, DATA_AT + 0x20000 + i * 4096u);
		store64(b->host, 0x311000 + 8 * i, DATA_AT + 0x60000 + i * 4096u);
	}
	make_io(sqe, 2, 0, 256, DATA_AT + 0x1000, 0x310000);
	submit(&d, 1, sqe);
	struct descriptor read = next_descriptor(b);
	answer(b, SEE_CE_COMPLETE, read.slot, true, 0, 0, 0);
	uint64_t start = b->cycle;
	make_io(sqe, 1, 0, 256, DATA_AT + 0x2000, 0x311000);
	submit(&d, 2, sqe);
	struct descriptor write = next_descriptor(b);
	EXPECT_EQ(write.qid, 2u);
	EXPECT_LT(b->cycle - start, 131072 / 8 * 3 / 2u);
	answer(b, SEE_CE_COMPLETE, write.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	EXPECT_EQ(reap(&d, 2).status, 0u);
	bench_free(b);
}
