/* Commands that are larger than a storage takes: the host sees one command, the storage as many as it needs. */
#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

#include <string.h>

#define TOO_BLOCK 4096u /* of WORLD_LONG_TOO */

static unsigned slot_at_hand;

static bool answered(void)
{
	return !fake_see.answers[slot_at_hand].open;
}

static unsigned submit(uint8_t opcode, uint32_t lba, uint32_t blocks, uint32_t bytes)
{
	struct nvme_sqe sqe = {.opcode = opcode, .nsid = 1, .cid = 7, .dw10 = lba, .dw12 = blocks - 1};

	return fake_see_submit(1, 1, &sqe, bytes);
}

static uint16_t run(uint8_t opcode, uint32_t lba, uint32_t blocks, uint32_t bytes)
{
	slot_at_hand = submit(opcode, lba, blocks, bytes);
	EXPECT_TRUE(world_run_until(answered, 20000));
	return fake_see_status(slot_at_hand);
}

static uint64_t commands(void)
{
	return target_get_stats(world_target(WORLD_LONG_TOO))->commands;
}

static void fill(uint32_t bytes, unsigned salt)
{
	for (uint32_t i = 0; i < bytes; i++)
		fake_see_buffer(0)[i] = (uint8_t)(i * 13 + i / 997 + salt);
}

static void file_is(uint32_t block, uint32_t blocks, unsigned salt)
{
	static uint8_t file[32 * TOO_BLOCK];

	world_read_file(WORLD_LONG_TOO, (uint64_t)block * TOO_BLOCK, file, blocks * TOO_BLOCK);
	fill(blocks * TOO_BLOCK, salt);
	EXPECT_MEMEQ(file, fake_see_buffer(0), blocks * TOO_BLOCK);
}

/* 128 KiB of a storage that takes 8 KiB a command: 16 commands each way. */
TEST(firmware_pieces, a_command_larger_than_mdts)
{
	uint64_t before;

	load_begin(WORLD_LONG_TOO);
	fill(32 * TOO_BLOCK, 1);
	before = commands();
	EXPECT_EQ(run(NVME_IO_WRITE, 5, 32, 32 * TOO_BLOCK), NVME_SUCCESS);
	EXPECT_EQ(commands(), before + 16);
	file_is(5, 32, 1);
	memset(fake_see_buffer(0), 0, 32 * TOO_BLOCK);
	EXPECT_EQ(run(NVME_IO_READ, 5, 31, 31 * TOO_BLOCK), NVME_SUCCESS);
	EXPECT_EQ(commands(), before + 32);
	file_is(5, 31, 1);
	EXPECT_EQ(run(NVME_IO_COMPARE, 5, 31, 31 * TOO_BLOCK), NVME_SUCCESS);
	fake_see_buffer(0)[20 * TOO_BLOCK] ^= 1;
	before = commands();
	EXPECT_EQ(run(NVME_IO_COMPARE, 5, 31, 31 * TOO_BLOCK) & NVME_STATUS_MASK, NVME_COMPARE_FAILURE);
	EXPECT_EQ(commands(), before + 11); /* and none after the piece that differs */
}

TEST(firmware_pieces, an_error_of_any_piece_is_the_commands)
{
	load_begin(WORLD_LONG_TOO);
	target_set_mode(world_target(WORLD_LONG_TOO), TARGET_FAILS_WRITES, storage_server_now());
	EXPECT_NE(run(NVME_IO_WRITE, 5, 32, 32 * TOO_BLOCK), NVME_SUCCESS);
	target_set_mode(world_target(WORLD_LONG_TOO), TARGET_RUNS, storage_server_now());
	EXPECT_EQ(run(NVME_IO_WRITE, 5, 32, 32 * TOO_BLOCK), NVME_SUCCESS);
}

static bool some_pieces_done(void)
{
	static uint64_t before;

	if (before == 0 || commands() < before)
		before = commands();
	return commands() >= before + 5;
}

/* The connection goes in the middle: what has been done is not done again, the rest is. */
TEST(firmware_pieces, a_lost_connection_in_the_middle)
{
	uint64_t before;

	load_begin(WORLD_LONG_TOO);
	fill(32 * TOO_BLOCK, 3);
	slot_at_hand = submit(NVME_IO_WRITE, 64, 32, 32 * TOO_BLOCK);
	before = target_get_stats(world_target(WORLD_LONG_TOO))->written_bytes;
	EXPECT_TRUE(world_run_until(some_pieces_done, 1000));
	EXPECT_FALSE(answered());
	storage_server_cut(world_target(WORLD_LONG_TOO));
	EXPECT_TRUE(world_run_until(answered, 20000));
	EXPECT_EQ(fake_see_status(slot_at_hand), NVME_SUCCESS);
	EXPECT_LE(target_get_stats(world_target(WORLD_LONG_TOO))->written_bytes, before + 34 * TOO_BLOCK);
	file_is(64, 32, 3);
}

/* A storage that refuses large Write Zeroes gets smaller ones; one that takes them gets them whole. */
TEST(firmware_pieces, write_zeroes_that_a_storage_finds_too_large)
{
	static uint8_t file[64 * TOO_BLOCK], zeroes[sizeof(file)];
	uint64_t before;

	load_begin(WORLD_LONG_TOO);
	for (unsigned i = 0; i < 3; i++) {
		fill(32 * TOO_BLOCK, 9);
		EXPECT_EQ(run(NVME_IO_WRITE, 32 * i, 32, 32 * TOO_BLOCK), NVME_SUCCESS);
	}
	EXPECT_EQ(run(NVME_IO_WRITE_ZEROES, 7, 64, 0), NVME_SUCCESS);
	world_read_file(WORLD_LONG_TOO, 7 * TOO_BLOCK, file, sizeof(file));
	EXPECT_MEMEQ(file, zeroes, sizeof(file));
	file_is(0, 7, 9);
	load_begin(WORLD_LONG);
	before = target_get_stats(world_target(WORLD_LONG))->commands;
	EXPECT_EQ(run(NVME_IO_WRITE_ZEROES, 7, 1000, 0), NVME_SUCCESS);
	EXPECT_EQ(target_get_stats(world_target(WORLD_LONG))->commands, before + 1);
}
