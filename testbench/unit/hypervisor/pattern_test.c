/* The I/O pattern that guest and testbench must agree on. */
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/guests/kernel/io_pattern.h"
#include "testbench/gtest/test.h"

static uint32_t crc_tables[CRC32C_TABLE_BYTES / 4] __attribute__((aligned(16)));

TEST(hypervisor_pattern, stays_inside_its_region)
{
	static const uint64_t sizes[] = {1, 2, 255, 256, 257, 16384};
	static const uint32_t blocks[] = {0, 4096};
	for (size_t s = 0; s < 2 * sizeof sizes / sizeof sizes[0]; s++) {
		struct io_pattern p = {.seed = test_seed(), .first_lba = 1000, .lbas = sizes[s / 2], .block_bytes = blocks[s % 2]};
		for (uint64_t k = 0; k < 5000; k++) {
			struct io_op op = io_pattern_op(&p, k);
			ASSERT_TRUE(op.blocks >= 1 && op.blocks * io_pattern_block_bytes(&p) <= IO_MAX_BYTES);
			ASSERT_TRUE(op.lba >= 1000 && op.lba + op.blocks <= 1000 + p.lbas);
			ASSERT_TRUE(op.buffer_offset < 4096 && op.buffer_offset % 4 == 0);
		}
	}
}

TEST(hypervisor_pattern, mixes_kinds_and_sizes)
{
	struct io_pattern p = {.seed = test_seed(), .lbas = 1 << 20};
	unsigned writes = 0, single = 0, longest = 0, offsets = 0;
	for (uint64_t k = 0; k < 20000; k++) {
		struct io_op op = io_pattern_op(&p, k);
		writes += op.kind == IO_WRITE;
		single += op.blocks == 1;
		longest = op.blocks > longest ? op.blocks : longest;
		offsets += op.buffer_offset % 512 != 0;
	}
	EXPECT_TRUE(writes > 9500 && writes < 10500);
	EXPECT_TRUE(single > 9500 && single < 10500);
	EXPECT_EQ(longest, IO_MAX_BLOCKS);
	EXPECT_GT(offsets, 19000);
}

/* Golden values: a change of the generator breaks recorded runs and must be seen. */
TEST(hypervisor_pattern, is_the_one_that_was_recorded)
{
	struct io_pattern p = {.seed = 1, .lbas = 16384};
	uint64_t state = 1;
	uint8_t block[IO_BLOCK_BYTES];
	EXPECT_EQ(io_random(&state), 0x47e4ce4b896cdd1dull); /* xorshift64* of 1 */
	io_pattern_block(&p, 3, 77, block);
	uint64_t first;
	memcpy(&first, block, 8);
	EXPECT_EQ(first, 3ull << 40 | 77);
	crc32c_setup(crc_tables);
	EXPECT_EQ(crc32c(0, block, sizeof block), 0x8534f2c5u);
	uint64_t sum = 0;
	for (uint64_t k = 0; k < 2000; k++) {
		struct io_op op = io_pattern_op(&p, k);
		sum = sum * 31 + op.lba + op.blocks * 3u + op.buffer_offset * 7u + (op.kind == IO_WRITE);
	}
	EXPECT_EQ(sum, 0x64915666be1e3279ull);
}

TEST(hypervisor_pattern, crc_is_castagnoli_at_any_alignment)
{
	uint8_t data[300];
	crc32c_setup(crc_tables);
	EXPECT_EQ(crc32c(0, "123456789", 9), 0xe3069283u);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 37 + 11);
	for (size_t start = 0; start < 9; start++) {
		uint32_t slow = ~0u;
		for (size_t i = start; i < 290; i++) {
			slow ^= data[i];
			for (int bit = 0; bit < 8; bit++)
				slow = (slow >> 1) ^ ((slow & 1) ? 0x82f63b78u : 0);
		}
		EXPECT_EQ(crc32c(0, data + start, 290 - start), ~slow);
		EXPECT_EQ(crc32c(crc32c(0, data + start, 101), data + start + 101, 189 - start), ~slow);
	}
}
