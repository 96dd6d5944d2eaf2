/* Nobody keeps the rules: a firmware that writes any register and any completion entry, a host that resets, reprograms and rings at will.
 * Nothing sensible comes of it, but model and RTL must agree on it, and every packet must still be a legal one. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/see/firmware.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE_AREA_BYTES = 1 << 20 };

struct chaos {
	struct bench bench;
	uint32_t functions, queues; /* that take part */
	uint64_t lba;		    /* the blocks of all namespaces that are used lie behind this one */
	uint16_t tail;
	uint64_t completions;
};

static struct rng *dice(struct chaos *chaos)
{
	return &chaos->bench.rng;
}

static uint64_t random_page(struct chaos *chaos)
{
	return BENCH_HOST_BASE + rng_below(dice(chaos), BENCH_HOST_BYTES / 4096) * 4096ull;
}

/* One of @p blocks blocks, seldom another one that differs from it in one bit. */
static uint64_t random_lba(struct chaos *chaos, uint32_t blocks)
{
	uint64_t lba = chaos->lba + rng_below(dice(chaos), blocks);

	return chaos->lba && rng_percent(dice(chaos), 10) ? lba ^ 1ull << rng_below(dice(chaos), 64) : lba;
}

/* Memory that looks like submission queue entries, and like PRP lists, wherever one reads it. */
static void fill_host(struct chaos *chaos)
{
	static const uint8_t opcodes[] = { 0, 1, 1, 1, 2, 2, 5, 8, 9, 0x0c, 0x90 };

	for (uint32_t at = 0; at < QUEUE_AREA_BYTES; at += 64) {
		uint64_t sqe[8] = { 0 };
		sqe[0] = opcodes[rng_below(dice(chaos), sizeof opcodes)] | (rng_next(dice(chaos)) & 0xffff) << 16 | 1ull << 32;
		sqe[3] = random_page(chaos) + (rng_percent(dice(chaos), 50) ? 4 * rng_below(dice(chaos), 1024) : 0);
		sqe[4] = random_page(chaos) + (rng_percent(dice(chaos), 30) ? 8 * rng_below(dice(chaos), 512) : 0);
		sqe[5] = random_lba(chaos, 500);
		sqe[6] = chaos->lba ? rng_below(dice(chaos), rng_percent(dice(chaos), 10) ? 40 : 3)
				    : rng_below(dice(chaos), rng_percent(dice(chaos), 20) ? 300 : 20);
		if (rng_percent(dice(chaos), 5))
			sqe[rng_below(dice(chaos), 7)] = rng_next(dice(chaos));
		memcpy(chaos->bench.host.ram + at, sqe, 64);
	}
	for (uint32_t at = QUEUE_AREA_BYTES; at < BENCH_HOST_BYTES; at += 8) {
		uint64_t entry = random_page(chaos) + (rng_below(dice(chaos), 2000) == 0 ? 8 : 0);
		memcpy(chaos->bench.host.ram + at, &entry, 8);
	}
}

static void write_register(struct chaos *chaos, uint32_t address, uint64_t value)
{
	bench_access(&chaos->bench, &(struct bench_access){ .write = true, .address = (uint16_t)address, .data = value });
}

static void catch_up(void *context, uint64_t argument, uint64_t produced)
{
	(void)argument;
	write_register(context, SEE_RING_CONS, produced);
}

static void complete_anything(struct chaos *chaos)
{
	uint32_t address = FIRMWARE_CRING + (chaos->tail++ & ((1u << FIRMWARE_CRING_LOG2) - 1)) * SEE_CENTRY_BYTES;
	uint64_t word = rng_below(dice(chaos), 64) | (uint64_t)rng_below(dice(chaos), 4) << 8 | (uint64_t)rng_below(dice(chaos), 2) << 12;
	uint64_t waiting = chaos->lba ? chaos->bench.model.in_state[SEE_SLOT_FW] >> (word & 63) : 0;

	if (waiting && rng_percent(dice(chaos), 70))
		word += (uint64_t)__builtin_ctzll(waiting);
	word |= (uint64_t)(rng_below(dice(chaos), rng_percent(dice(chaos), 10) ? 0x40000 : 0x2000)) << 32;
	if (rng_percent(dice(chaos), 5))
		word = rng_next(dice(chaos));
	nicmem_write(&chaos->bench.nic, address, word, 0xff);
	nicmem_write(&chaos->bench.nic, address + 8, rng_next(dice(chaos)) & ~(rng_percent(dice(chaos), 80) ? 0x0008000000000000ull | 28ull << 56 : 0), 0xff);
	write_register(chaos, SEE_CRING_TAIL, chaos->tail);
	chaos->completions++;
}

static void set_queue(struct chaos *chaos)
{
	uint32_t base = SEE_QUEUE_BASE + rng_below(dice(chaos), chaos->functions) * SEE_QUEUE_FN_STRIDE + rng_below(dice(chaos), chaos->queues) * SEE_QUEUE_STRIDE;
	uint64_t size = rng_percent(dice(chaos), 5) ? rng_below(dice(chaos), 8192) : 2 + rng_below(dice(chaos), 30);
	uint64_t valid = rng_percent(dice(chaos), 90), low = rng_below(dice(chaos), chaos->queues) << 4 | rng_below(dice(chaos), 2) << 1;
	bool is_cq = rng_percent(dice(chaos), 50);

	if (!is_cq)
		low = (low & ~7ull) | rng_below(dice(chaos), 4) << 1; /* the priority */

	write_register(chaos, base + (is_cq ? 0x20 : 0), BENCH_HOST_BASE + rng_below(dice(chaos), QUEUE_AREA_BYTES / 4096) * 4096ull);
	write_register(chaos, base + (is_cq ? 0x28 : 8), valid | low | size << 16);
}

static void set_function(struct chaos *chaos)
{
	uint32_t function = rng_below(dice(chaos), chaos->functions), base = function * SEE_FN_STRIDE;
	uint32_t extent = function * SEE_EXTENT_FN_STRIDE + rng_below(dice(chaos), SEE_NUM_EXTENTS) * SEE_EXTENT_STRIDE;

	write_register(chaos, SEE_FN_CSTS + base, rng_percent(dice(chaos), 90) ? 1 : rng_below(dice(chaos), 16));
	write_register(chaos, SEE_FN_NS_SIZE + base, 400 + random_lba(chaos, 200));
	write_register(chaos, SEE_FN_NS + base, FIELD_PREP(SEE_FN_NS_ATTACHED, rng_percent(dice(chaos), 95)) | FIELD_PREP(SEE_FN_NS_BLOCK_SHIFT, rng_below(dice(chaos), 4)));
	if (rng_percent(dice(chaos), 20))
		write_register(chaos, SEE_FN_ARBITRATION + base, rng_next(dice(chaos)) & (rng_percent(dice(chaos), 70) ? 0x0303030full : ~0ull));
	if (rng_percent(dice(chaos), 20))
		write_register(chaos, SEE_FN_COALESCING + base, rng_next(dice(chaos)) & (rng_percent(dice(chaos), 70) ? 0x0f70307ull : ~0ull));
	write_register(chaos, extent + SEE_EXTENT_FIRST, random_lba(chaos, 500));
	write_register(chaos, extent + SEE_EXTENT_LENGTH, random_lba(chaos, 300) - chaos->lba);
	write_register(chaos, extent + SEE_EXTENT_MAP, rng_next(dice(chaos)) & (rng_percent(dice(chaos), 80) ? 0x70307 : ~0ull));
	write_register(chaos, extent + (rng_percent(dice(chaos), 50) ? SEE_EXTENT_TARGET : SEE_EXTENT_REMOTE), rng_next(dice(chaos)));
}

static void set_anything(struct chaos *chaos)
{
	static const uint16_t limits[] = { SEE_SLOT_LIMIT, SEE_CPL_TIMEOUT, SEE_RING_LOG2, SEE_CTRL };
	uint32_t which = rng_below(dice(chaos), 4);
	uint64_t values[] = { rng_below(dice(chaos), 65), rng_below(dice(chaos), 4), 1 + rng_below(dice(chaos), 8),
			      rng_percent(dice(chaos), 80) ? 3 : rng_below(dice(chaos), 4) };

	if (rng_percent(dice(chaos), 30))
		write_register(chaos, limits[which], values[which]);
	else if (rng_percent(dice(chaos), 50))
		bench_access(&chaos->bench, &(struct bench_access){ .address = (uint16_t)rng_below(dice(chaos), 0x10000) });
	else
		bench_access(&chaos->bench, &(struct bench_access){ .address = SEE_RING_PROD, .done = catch_up, .context = chaos });
}

static void revive_function(struct chaos *chaos);

static void act_firmware(struct chaos *chaos)
{
	uint32_t act = rng_below(dice(chaos), 100);

	if (chaos->bench.queued - chaos->bench.answered > BENCH_ACCESSES / 2)
		return;
	if (chaos->functions == SEE_NUM_FUNCTIONS && rng_percent(dice(chaos), 2))
		revive_function(chaos);
	else if (act < 45)
		complete_anything(chaos);
	else if (act < 55)
		set_queue(chaos);
	else if (act < 65)
		set_function(chaos);
	else
		set_anything(chaos);
}

static uint64_t bar_of(uint32_t function)
{
	return function ? BENCH_BAR_BASE + 0x100000 + (function - 1) * (uint64_t)SEE_BAR_BYTES : BENCH_BAR_BASE;
}

static uint64_t random_bar(struct chaos *chaos)
{
	return bar_of(rng_below(dice(chaos), chaos->functions));
}

static uint32_t rid_of(uint32_t function)
{
	return function ? SEE_FIRST_VF_RID + function - 1 : SEE_PF_RID;
}

/* What so many functions hardly ever come to by themselves: enabled, with all queues and their interrupts. */
static void revive_function(struct chaos *chaos)
{
	uint32_t function = rng_below(dice(chaos), chaos->functions), base = SEE_QUEUE_BASE + function * SEE_QUEUE_FN_STRIDE;
	uint32_t vector = rng_below(dice(chaos), SEE_NUM_VECTORS), command = 6, msix = 1u << 31, enable = 0x1 | rng_below(dice(chaos), 4) << 11;
	uint64_t entry[2] = { BENCH_MESSAGES + function * 0x1000 + vector * 4, function << 8 | vector };
	struct host *host = &chaos->bench.host;

	host_config(host, rid_of(function), SEE_CFG_COMMAND, &command, 0xf);
	host_config(host, rid_of(function), SEE_CFG_MSIX, &msix, 0xf);
	host_write(host, bar_of(function) + SEE_MSIX_TABLE + 16 * vector, &entry[0], 8);
	host_write(host, bar_of(function) + SEE_MSIX_TABLE + 16 * vector + 8, &entry[1], 8);
	host_write(host, bar_of(function) + SEE_CC, &enable, 4);
	write_register(chaos, SEE_FN_CSTS + function * SEE_FN_STRIDE, 1);
	for (uint32_t q = 0; q < chaos->queues; q++) {
		uint64_t page = BENCH_HOST_BASE + rng_below(dice(chaos), QUEUE_AREA_BYTES / 4096) * 4096ull;
		write_register(chaos, base + q * SEE_QUEUE_STRIDE + 0x20, page + QUEUE_AREA_BYTES);
		write_register(chaos, base + q * SEE_QUEUE_STRIDE + 0x28, 3 | rng_below(dice(chaos), SEE_NUM_VECTORS) << 4 | 31 << 16);
		write_register(chaos, base + q * SEE_QUEUE_STRIDE, page);
		write_register(chaos, base + q * SEE_QUEUE_STRIDE + 8, 1 | rng_below(dice(chaos), 4) << 1 | rng_below(dice(chaos), chaos->queues) << 4 | 31 << 16);
	}
}

static void ring_doorbell(struct chaos *chaos)
{
	uint32_t value = rng_below(dice(chaos), rng_percent(dice(chaos), 10) ? 3000 : 30);

	host_write(&chaos->bench.host, random_bar(chaos) + SEE_DOORBELL_BASE + 4 * rng_below(dice(chaos), 2 * chaos->queues + 1), &value, 4);
}

static void write_bar(struct chaos *chaos)
{
	static const uint16_t offsets[] = { SEE_CC, SEE_CC, SEE_AQA, SEE_ASQ, SEE_ACQ, SEE_INTMS, SEE_INTMC, SEE_CSTS, SEE_MSIX_TABLE + 12,
					    SEE_MSIX_TABLE + 28, SEE_MSIX_TABLE, SEE_MSIX_TABLE + 16 };
	uint32_t which = rng_below(dice(chaos), sizeof offsets / sizeof offsets[0]);
	uint32_t vector = which < 8 ? 0 : 16 * rng_below(dice(chaos), chaos->queues - 1);
	uint64_t value = which < 2 ? (rng_percent(dice(chaos), 90) ? 1 : rng_next(dice(chaos))) : rng_next(dice(chaos));

	if (offsets[which] % 16 == 12)
		value = rng_below(dice(chaos), 2);
	host_write(&chaos->bench.host, random_bar(chaos) + offsets[which] + vector, &value, offsets[which] % 8 || which < 3 ? 4 : 8);
}

static void write_config(struct chaos *chaos)
{
	static const uint16_t offsets[] = { 0x04, 0x04, 0x04, 0x50, 0x50, 0x68, 0x148, 0x150, 0x14, 0x164, 0x168 };
	uint32_t which = rng_below(dice(chaos), 11), function = rng_below(dice(chaos), chaos->functions);
	uint32_t values[] = { 6, 6, rng_percent(dice(chaos), 70) ? 6 : rng_below(dice(chaos), 8), 1u << 31, (uint32_t)rng_next(dice(chaos)),
			      rng_percent(dice(chaos), 20) ? 0x8000 : 0, rng_percent(dice(chaos), 97) ? 9 : rng_below(dice(chaos), 16), chaos->functions - 1, (uint32_t)(BENCH_BAR_BASE >> 32),
			      (uint32_t)BENCH_BAR_BASE + 0x100000, (uint32_t)(BENCH_BAR_BASE >> 32) };

	if (which > 5)
		function = 0; /* what a reset of the PF took */
	host_config(&chaos->bench.host, rid_of(function), offsets[which], &values[which], 0xf);
}

static void act_host(struct chaos *chaos)
{
	uint32_t act = rng_below(dice(chaos), 100);

	if (act < 75)
		ring_doorbell(chaos);
	else if (act < 88)
		write_bar(chaos);
	else if (act < 90)
		write_config(chaos);
	else if (act < 95)
		host_read(&chaos->bench.host, random_bar(chaos) + 4 * rng_below(dice(chaos), SEE_BAR_BYTES / 4 - 1), 4);
	else
		host_config(&chaos->bench.host, SEE_PF_RID + rng_below(dice(chaos), 8 + chaos->functions), 4 * rng_below(dice(chaos), 100), NULL, 0xf);
	for (uint32_t tag = 0; tag < HOST_ANSWERS; tag++)
		if (chaos->bench.host.answers[tag].arrived)
			chaos->bench.host.answers[tag].waiting = chaos->bench.host.answers[tag].arrived = false;
}

static void set_up(struct chaos *chaos)
{
	struct bench *bench = &chaos->bench;
	uint64_t settings[][2] = { { SEE_BUFFER_BASE, FIRMWARE_BUFFERS }, { SEE_RING_BASE, FIRMWARE_RING }, { SEE_RING_LOG2, 6 },
				   { SEE_CRING_BASE, FIRMWARE_CRING }, { SEE_CRING_LOG2, FIRMWARE_CRING_LOG2 }, { SEE_CTRL, 3 } };

	for (uint32_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
		bench_reg_write(bench, (uint32_t)settings[i][0], settings[i][1]);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_BAR0 + 4, (uint32_t)(BENCH_BAR_BASE >> 32));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_COMMAND, 6);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, chaos->functions - 1);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0, (uint32_t)BENCH_BAR_BASE + 0x100000);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0 + 4, (uint32_t)(BENCH_BAR_BASE >> 32));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 9);
	for (uint32_t f = 0; f < chaos->functions; f++) {
		bench_config_write(bench, rid_of(f), SEE_CFG_COMMAND, 6);
		bench_bar_write(bench, bar_of(f) + SEE_CC, 1, 4);
	}
	bench->host.behaviour = (struct host_behaviour){ .latency_cycles = 30, .jitter_cycles = 200, .gap_percent = 10, .stall_percent = 20,
		.split_percent = 30, .poison_permille = 2, .refuse_permille = 2, .forget_permille = 1, .stray_permille = 5, .cut_permille = 2 };
	bench->nic.behaviour = (struct nicmem_behaviour){ .latency_cycles = 2, .jitter_cycles = 20, .write_stall_percent = 20,
		.read_stall_percent = 20, .gap_percent = 20 };
}

static void run_chaos(uint64_t seed, uint32_t functions, uint32_t queues, uint32_t acts)
{
	struct chaos *chaos = calloc(1, sizeof *chaos);

	chaos->functions = functions;
	chaos->queues = queues;
	bench_open(&chaos->bench, seed);
	if (functions == SEE_NUM_FUNCTIONS)
		chaos->lba = rng_next(dice(chaos)) >> 1;
	fill_host(chaos);
	set_up(chaos);
	for (uint32_t n = 0; n < acts && !chaos->bench.failed; n++) {
		bench_run(&chaos->bench, rng_below(dice(chaos), 14));
		if (rng_percent(dice(chaos), 30))
			act_firmware(chaos);
		if (rng_percent(dice(chaos), 20))
			act_host(chaos);
	}
	EXPECT_GT(chaos->completions, acts / 30);
	EXPECT_GT(chaos->bench.model.sequence, 20u); /* commands fetched in spite of it all */
	bench_close(&chaos->bench);
	free(chaos);
}

TEST(see_lockstep, chaos)
{
	run_chaos(test_seed() + 5, 4, 4, 60000);
}

/* Every function and every queue, each of them seldom, and blocks with large numbers. */
TEST(see_lockstep, chaos_of_all_functions)
{
	run_chaos(test_seed() + 9, SEE_NUM_FUNCTIONS, SEE_NUM_QUEUES, 60000);
}
