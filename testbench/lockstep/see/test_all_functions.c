/* All functions, all queues, all registers: as a reset leaves them, with values of their own, after a reset of some of the functions. What is
 * read goes through the ports and is compared there; no register or table entry is left out, so that none can share bits with another. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/see/firmware.h"

#include <stdlib.h>

enum { WINDOW_BYTES = 0x10000, CONFIG_BYTES = 0x208, TABLE_VECTORS = 16 };

static uint32_t rid_of(uint32_t function)
{
	return function ? SEE_FIRST_VF_RID + function - 1 : SEE_PF_RID;
}

/* Where the BARs lie: every bit of an address is 1 in one of them and 0 in the other. */
static uint64_t bars[2];

static uint64_t bar_of(uint32_t function)
{
	return function ? bars[1] + (function - 1) * (uint64_t)SEE_BAR_BYTES : bars[0];
}

static void choose_bars(struct bench *bench)
{
	bars[0] = rng_next(&bench->rng) & -(uint64_t)SEE_BAR_BYTES & ~(1ull << 63);
	bars[1] = ~bars[0] & -(uint64_t)SEE_BAR_BYTES & ~(1ull << 62);
}

static void write_later(struct bench *bench, uint32_t address, uint64_t value)
{
	bench_access(bench, &(struct bench_access){ .write = true, .address = (uint16_t)address, .data = value });
	while (bench->queued - bench->answered > BENCH_ACCESSES / 2 && !bench->failed)
		bench_step(bench);
}

static void map_functions(struct bench *bench)
{
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_BAR0, (uint32_t)bars[0]);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_BAR0 + 4, (uint32_t)(bars[0] >> 32));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, SEE_NUM_VFS);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0, (uint32_t)bars[1]);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0 + 4, (uint32_t)(bars[1] >> 32));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 9);
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++)
		bench_config_write(bench, rid_of(f), SEE_CFG_COMMAND, 6);
}

static struct bench *open_mapped(uint64_t seed)
{
	struct bench *bench = calloc(1, sizeof *bench);

	bench_open(bench, seed);
	choose_bars(bench);
	map_functions(bench);
	return bench;
}

static void close_bench(struct bench *bench)
{
	bench_close(bench);
	free(bench);
}

static void read_window(struct bench *bench)
{
	for (uint32_t at = 0; at < WINDOW_BYTES && !bench->failed; at += 8) {
		bench_access(bench, &(struct bench_access){ .address = (uint16_t)at });
		while (bench->queued - bench->answered > BENCH_ACCESSES / 2 && !bench->failed)
			bench_step(bench);
	}
}

static void read_function(struct bench *bench, uint32_t function)
{
	uint64_t bar = bar_of(function);

	for (uint32_t at = 0; at < CONFIG_BYTES; at += 4)
		bench_config_read(bench, rid_of(function), at);
	for (uint32_t at = 0; at < 0x48; at += 8)
		bench_bar_read(bench, bar + at, 8);
	for (uint32_t at = 0; at < 16 * TABLE_VECTORS; at += 8)
		bench_bar_read(bench, bar + SEE_MSIX_TABLE + at, 8);
	for (uint32_t high = 8; high < 0x1000; high *= 2) {
		bench_bar_read(bench, bar + SEE_MSIX_PBA + high - 8, 8);
		bench_bar_read(bench, bar + SEE_MSIX_TABLE + high, 8);
		bench_bar_read(bench, bar + high, 8);
	}
}

static void read_all(struct bench *bench)
{
	read_window(bench);
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS && !bench->failed; f++)
		read_function(bench, f);
}

/* The RTL's memories and registers hold anything before a reset, something else in each round. */
TEST(see_all_functions, a_reset_leaves_nothing)
{
	for (uint32_t round = 0; round < 2; round++) {
		struct bench *bench = open_mapped(test_seed() + round);
		read_all(bench);
		for (uint32_t v = 0; v < SEE_NUM_VECTORS; v++) {
			EXPECT_EQ(bench_bar_read(bench, bar_of(16) + SEE_MSIX_TABLE + 16 * v, 8), 0u);
			EXPECT_EQ(bench_bar_read(bench, bar_of(16) + SEE_MSIX_TABLE + 16 * v + 8, 8), 1ull << 32);
		}
		close_bench(bench);
	}
}

/* A value that the register takes, as far as there is a rule. */
static uint64_t value_of(struct bench *bench, uint32_t address)
{
	uint64_t value = rng_next(&bench->rng);

	if (address < SEE_QUEUE_BASE || address >= SEE_EXTENT_BASE || rng_percent(&bench->rng, 10))
		return value;
	switch (address & (SEE_QUEUE_STRIDE - 1) & ~0x20u) {
	case SEE_SQ_CONTROL & 0x18:
		return (value & 0xff) | 1 | (2ull + rng_below(&bench->rng, 1023)) << 16;
	case SEE_SQ_STATE & 0x18:
		return (value & 1ull << 32) | rng_below(&bench->rng, 300) << 16 | rng_below(&bench->rng, 300);
	default:
		return value;
	}
}

/* The rings stand still, so that nothing follows from what is written. */
static void write_window(struct bench *bench)
{
	for (uint32_t at = 0; at < WINDOW_BYTES && !bench->failed; at += 8)
		if (at != SEE_CTRL)
			write_later(bench, at, value_of(bench, at));
}

static void write_function(struct bench *bench, uint32_t function)
{
	static const uint16_t kept[] = { 0x0c, 0x3c, 0x44, SEE_CFG_MSIX, 0x108, 0x10c, 0x114, 0x150, 0x154, 0x1fc };
	uint64_t bar = bar_of(function);

	for (uint32_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		bench_config_write(bench, rid_of(function), kept[i], (uint32_t)rng_next(&bench->rng));
	bench_bar_write(bench, bar + SEE_INTMS, rng_next(&bench->rng), 4);
	bench_bar_write(bench, bar + SEE_INTMC, rng_next(&bench->rng), 4);
	bench_bar_write(bench, bar + SEE_AQA, rng_next(&bench->rng), 4);
	bench_bar_write(bench, bar + SEE_ASQ, rng_next(&bench->rng), 8);
	bench_bar_write(bench, bar + SEE_ACQ, rng_next(&bench->rng), 8);
	bench_bar_write(bench, bar + SEE_CC, (rng_next(&bench->rng) & 0xff3ff0) | rng_percent(&bench->rng, 80), 4);
	for (uint32_t at = 0; at < 16 * TABLE_VECTORS; at += 8)
		bench_bar_write(bench, bar + SEE_MSIX_TABLE + at, rng_next(&bench->rng), 8);
	for (uint32_t high = 16 * TABLE_VECTORS; high < 0x1000; high *= 2)
		bench_bar_write(bench, bar + SEE_MSIX_TABLE + high, rng_next(&bench->rng), 8);
}

static void reset_function(struct bench *bench, uint32_t function)
{
	bench_config_write(bench, rid_of(function), SEE_CFG_DEVCTL, 1u << 15);
	bench_run(bench, 8000);
}

TEST(see_all_functions, every_value_stays_where_it_is)
{
	struct bench *bench = open_mapped(test_seed() + 7);

	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++)
		write_function(bench, f);
	write_window(bench);
	read_all(bench);
	reset_function(bench, 16);
	reset_function(bench, 7);
	read_all(bench);
	reset_function(bench, 0);
	map_functions(bench);
	read_all(bench);
	close_bench(bench);
}

static void set_queues(struct bench *bench, uint32_t function)
{
	write_later(bench, SEE_FN_CSTS + function * SEE_FN_STRIDE, 1);
	for (uint32_t q = 0; q < SEE_NUM_QUEUES; q++) {
		uint32_t at = function * SEE_QUEUE_FN_STRIDE + q * SEE_QUEUE_STRIDE;
		write_later(bench, SEE_CQ_ADDRESS + at, BENCH_HOST_BASE + (function * SEE_NUM_QUEUES + q) * 4096ull);
		write_later(bench, SEE_CQ_CONTROL + at, SEE_CQ_CONTROL_VALID_MASK | SEE_CQ_CONTROL_IEN_MASK | FIELD_PREP(SEE_CQ_CONTROL_VECTOR, q) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, 64));
		write_later(bench, SEE_SQ_CONTROL + at, SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_CQID, q) | FIELD_PREP(SEE_SQ_CONTROL_SIZE, 64));
	}
}

/* A completion in a queue, which asks for the interrupt of the queue's vector. */
static void post(struct bench *bench, uint16_t *tail, uint32_t function, uint32_t queue)
{
	uint32_t address = FIRMWARE_CRING + (*tail)++ % (1u << FIRMWARE_CRING_LOG2) * SEE_CENTRY_BYTES;

	nicmem_write(&bench->nic, address, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), 0xff);
	nicmem_write(&bench->nic, address + 8, FIELD_PREP(SEE_CENTRY_FUNCTION, function) | FIELD_PREP(SEE_CENTRY_SQID, queue) | FIELD_PREP(SEE_CENTRY_CID, *tail), 0xff);
}

static void post_everywhere(struct bench *bench, uint16_t *tail)
{
	for (uint32_t n = 0; n < SEE_NUM_FUNCTIONS * SEE_NUM_QUEUES; n++)
		post(bench, tail, n % SEE_NUM_FUNCTIONS, n / SEE_NUM_FUNCTIONS);
	write_later(bench, SEE_CRING_TAIL, *tail);
	bench_run(bench, 20000);
}

static uint32_t vectors_seen(const struct bench *bench)
{
	bool seen[SEE_NUM_FUNCTIONS * SEE_NUM_VECTORS] = { false };
	uint32_t count = 0;

	for (uint32_t m = 0; m < bench->host.message_count; m++) {
		uint32_t data = bench->host.messages[m].data % (SEE_NUM_FUNCTIONS * SEE_NUM_VECTORS);
		count += !seen[data];
		seen[data] = true;
	}
	return count;
}

static void start_rings(struct bench *bench)
{
	write_later(bench, SEE_RING_BASE, FIRMWARE_RING);
	write_later(bench, SEE_RING_LOG2, 6);
	write_later(bench, SEE_CRING_BASE, FIRMWARE_CRING);
	write_later(bench, SEE_CRING_LOG2, FIRMWARE_CRING_LOG2);
	write_later(bench, SEE_CTRL, 3);
}

/* Each queue by itself raises INTA, and lets it go when the host has seen its entry. */
TEST(see_all_functions, every_queue_of_the_pf_raises_inta)
{
	struct bench *bench = open_mapped(test_seed() + 11);
	uint16_t tail = 0;

	start_rings(bench);
	bench_bar_write(bench, bar_of(0) + SEE_CC, 0x00460001, 4);
	bench_run(bench, 1000);
	set_queues(bench, 0);
	for (uint32_t q = 0; q < SEE_NUM_QUEUES; q++) {
		post(bench, &tail, 0, q);
		write_later(bench, SEE_CRING_TAIL, tail);
		bench_run(bench, 1000);
		EXPECT_TRUE(bench->host.intx);
		bench_bar_write(bench, bar_of(0) + SEE_DOORBELL_BASE + 8 * q + 4, 1, 4);
		bench_run(bench, 1000);
		EXPECT_FALSE(bench->host.intx);
	}
	close_bench(bench);
}

/* Vectors that are not masked send nothing before MSI-X is switched on, whatever was there before the reset; then each sends its own message. */
TEST(see_all_functions, every_vector_waits_for_msix)
{
	struct bench *bench = open_mapped(test_seed() + 8);
	uint16_t tail = 0;

	start_rings(bench);
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++) {
		for (uint32_t v = 0; v < SEE_NUM_VECTORS; v++) {
			uint64_t entry = bar_of(f) + SEE_MSIX_TABLE + 16 * v;
			bench_bar_write(bench, entry, BENCH_MESSAGES + f * 0x1000 + v * 4, 8);
			bench_bar_write(bench, entry + 8, f * SEE_NUM_VECTORS + v, 8);
		}
		bench_bar_write(bench, bar_of(f) + SEE_CC, 0x00460001, 4);
	}
	bench_run(bench, 2000);
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++)
		set_queues(bench, f);
	post_everywhere(bench, &tail);
	EXPECT_EQ(bench->host.message_count, 0u);
	EXPECT_TRUE(bench->host.intx);
	for (uint32_t f = 0; f < SEE_NUM_FUNCTIONS; f++) {
		EXPECT_EQ(bench_bar_read(bench, bar_of(f) + SEE_MSIX_PBA, 8), 0u);
		bench_config_write(bench, rid_of(f), SEE_CFG_MSIX, 1u << 31);
	}
	EXPECT_FALSE(bench->host.intx);
	post_everywhere(bench, &tail);
	EXPECT_EQ(vectors_seen(bench), SEE_NUM_FUNCTIONS * SEE_NUM_VECTORS);
	close_bench(bench);
}
