/* Commands of a function through the firmware's whole I/O path to targets of sim/fabric, with read-back. */
#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/storage_server.h"
#include "testbench/unit/firmware/world.h"

#include <stdlib.h>

#define BLOCK 512u
#define MOST_BLOCKS 256u
#define QUEUE_DEPTH 64u

/* One operation in flight; slots are the SEE's. */
struct operation {
	bool busy;
	bool write;
	uint32_t lba, blocks;
};

static struct operation operations[SEE_NUM_SLOTS];
static uint8_t shadow[WORLD_BLOCKS * BLOCK];
static uint64_t random_state;

static uint32_t draw(uint32_t bound)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static bool all_ready(void)
{
	return fabric_storage(WORLD_PLAIN)->ready && fabric_storage(WORLD_SMALL)->ready &&
	       fabric_storage(WORLD_CAPSULE)->ready;
}

static uint16_t admin(uint8_t opcode, uint32_t dw10, uint32_t dw11)
{
	struct nvme_sqe sqe = {.opcode = opcode, .cid = 1, .dw10 = dw10, .dw11 = dw11};
	unsigned slot = fake_see_submit(0, 0, &sqe, 0);

	return fake_see_status(slot);
}

/* World ready, volume attached to function 1, shadow equal to the file. */
static void begin(enum world_volume volume)
{
	random_state = test_seed() * 2 + 12345;
	world_begin();
	ASSERT_TRUE(world_run_until(all_ready, 20000));
	ASSERT_EQ(admin(NVME_ADMIN_ATTACH_VOLUME, 1, volume), NVME_SUCCESS);
	world_read_file(volume, 0, shadow, sizeof(shadow));
	memset(operations, 0, sizeof(operations));
}

static bool overlaps(uint32_t lba, uint32_t blocks)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		const struct operation *other = &operations[slot];

		if (other->busy && lba < other->lba + other->blocks && other->lba < lba + blocks)
			return true;
	}
	return false;
}

static bool issue(void)
{
	uint32_t blocks = draw(4) == 0 ? 1 + draw(MOST_BLOCKS) : 1u << draw(9);
	uint32_t lba = draw(WORLD_BLOCKS - blocks);
	bool write = draw(2) == 0;
	struct nvme_sqe sqe = {.opcode = write ? NVME_IO_WRITE : NVME_IO_READ, .nsid = 1, .dw10 = lba,
		.dw12 = blocks - 1};
	unsigned free_slot = 0;

	if (overlaps(lba, blocks))
		return false;
	while (fake_see.answers[free_slot].open)
		free_slot++;
	sqe.cid = (uint16_t)free_slot;
	operations[free_slot] = (struct operation){true, write, lba, blocks};
	if (write) {
		for (uint32_t i = 0; i < blocks * BLOCK; i++)
			shadow[lba * BLOCK + i] = (uint8_t)draw(256);
		memcpy(fake_see_buffer(free_slot), shadow + lba * BLOCK, blocks * BLOCK);
	} else {
		memset(fake_see_buffer(free_slot), 0xee, blocks * BLOCK);
	}
	EXPECT_EQ(fake_see_submit(1, 1, &sqe, blocks * BLOCK), free_slot);
	return true;
}

static unsigned busy_count;

static unsigned collect(void)
{
	unsigned done = 0;

	busy_count = 0;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		struct operation *operation = &operations[slot];

		if (operation->busy && !fake_see.answers[slot].open) {
			EXPECT_EQ(fake_see_status(slot), NVME_SUCCESS);
			EXPECT_EQ(fake_see.answers[slot].push_bytes, operation->write ? 0 : operation->blocks * BLOCK);
			if (!operation->write)
				EXPECT_MEMEQ(fake_see_buffer(slot), shadow + operation->lba * BLOCK,
					operation->blocks * BLOCK);
			operation->busy = false;
			done++;
		}
		busy_count += operation->busy;
	}
	return done;
}

static bool one_done(void)
{
	return collect() > 0;
}

static void check_file(enum world_volume volume)
{
	static uint8_t file[WORLD_BLOCKS * BLOCK];

	world_read_file(volume, 0, file, sizeof(file));
	EXPECT_MEMEQ(file, shadow, sizeof(file));
}

/* @p trouble, if any, is called before each operation. */
static void run_load(enum world_volume volume, unsigned count, void (*trouble)(unsigned k))
{
	begin(volume);
	for (unsigned k = 0; k < count && !test_has_failed(); k++) {
		if (trouble)
			trouble(k);
		while (busy_count >= QUEUE_DEPTH - 4 || !issue())
			ASSERT_TRUE(world_run_until(one_done, 60000));
		collect();
	}
	while (busy_count > 0 && !test_has_failed()) {
		ASSERT_TRUE(world_run_until(one_done, 60000));
		collect();
	}
	check_file(volume);
}

TEST(firmware_fabric, connects_to_every_target_that_is_there)
{
	begin(WORLD_PLAIN);
	EXPECT_EQ(fabric_storage(WORLD_PLAIN)->blocks, WORLD_BLOCKS);
	EXPECT_EQ(fabric_storage(WORLD_SMALL)->blocks, WORLD_BLOCKS);
	EXPECT_TRUE(fabric_storage(WORLD_ABSENT)->present);
	EXPECT_FALSE(fabric_storage(WORLD_ABSENT)->ready);
	EXPECT_FALSE(fabric_storage(WORLD_VOLUMES)->present);
}

TEST(firmware_fabric, random_io_reads_back)
{
	run_load(WORLD_PLAIN, 1500, NULL);
}

TEST(firmware_fabric, data_in_many_small_pieces)
{
	run_load(WORLD_SMALL, 800, NULL);
}

TEST(firmware_fabric, large_capsules)
{
	run_load(WORLD_CAPSULE, 800, NULL);
}

static void lossy(unsigned k)
{
	fake_link.lose_of_1000 = k < 700 ? 10 : 0;
}

TEST(firmware_fabric, lost_frames_are_sent_again)
{
	uint64_t lost = fake_link.lost;

	run_load(WORLD_PLAIN, 800, lossy);
	EXPECT_GT(fake_link.lost, lost + 10);
}

static unsigned cuts;

static void cut_sometimes(unsigned k)
{
	if (k % 150 == 149)
		cuts += storage_server_cut(world_target(WORLD_SMALL));
}

TEST(firmware_fabric, commands_survive_the_loss_of_their_connection)
{
	cuts = 0;
	run_load(WORLD_SMALL, 800, cut_sometimes);
	EXPECT_GE(cuts, 5u);
}

static void stall_once(unsigned k)
{
	if (k != 100)
		return;
	target_set_mode(world_target(WORLD_PLAIN), TARGET_STALLS, storage_server_now());
	world_run(25000); /* longer than the patience with a silent storage */
	target_set_mode(world_target(WORLD_PLAIN), TARGET_RUNS, storage_server_now());
}

TEST(firmware_fabric, a_stalled_target_is_left_and_found_again)
{
	run_load(WORLD_PLAIN, 200, stall_once);
}

TEST(firmware_fabric, other_commands_reach_the_storage)
{
	struct nvme_sqe flush = {.opcode = NVME_IO_FLUSH, .nsid = 1};
	struct nvme_sqe zeroes = {.opcode = NVME_IO_WRITE_ZEROES, .nsid = 1, .dw10 = 100, .dw12 = 49};
	struct nvme_sqe compare = {.opcode = NVME_IO_COMPARE, .nsid = 1, .dw10 = 100, .dw12 = 7};
	unsigned slots[3];

	begin(WORLD_PLAIN);
	slots[0] = fake_see_submit(1, 1, &zeroes, 0);
	ASSERT_FALSE(world_run_until(NULL, 5));
	memset(fake_see_buffer(1), 0, 8 * BLOCK);
	memset(fake_see_buffer(0), 0, 8 * BLOCK);
	slots[1] = fake_see_submit(1, 1, &compare, 8 * BLOCK);
	slots[2] = fake_see_submit(1, 1, &flush, 0);
	world_run(5);
	EXPECT_EQ(fake_see_status(slots[0]), NVME_SUCCESS);
	EXPECT_EQ(fake_see_status(slots[1]), NVME_SUCCESS);
	EXPECT_EQ(fake_see_status(slots[2]), NVME_SUCCESS);
	fake_see_buffer(0)[5] = 1;
	slots[1] = fake_see_submit(1, 1, &compare, 8 * BLOCK);
	world_run(5);
	EXPECT_EQ(fake_see_status(slots[1]) & NVME_STATUS_MASK, 0x285u); /* Compare Failure */
}

TEST(firmware_fabric, keep_alive_keeps_an_idle_connection)
{
	uint64_t connections;

	begin(WORLD_PLAIN);
	connections = target_get_stats(world_target(WORLD_PLAIN))->connections;
	world_run(60000);
	EXPECT_TRUE(fabric_storage(WORLD_PLAIN)->ready);
	EXPECT_EQ(target_get_stats(world_target(WORLD_PLAIN))->keep_alive_expired, 0u);
	EXPECT_EQ(target_get_stats(world_target(WORLD_PLAIN))->connections, connections);
}

TEST(firmware_fabric, a_resized_volume_is_told_to_its_functions)
{
	struct nvme_sqe events = {.opcode = NVME_ADMIN_SET_FEATURES, .dw10 = NVME_FEATURE_ASYNC_EVENTS, .dw11 = 0x100};
	struct nvme_sqe aer = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = 55};

	begin(WORLD_CAPSULE);
	fake_see_submit(1, 0, &events, 0);
	fake_see_submit(1, 0, &aer, 0);
	world_resize(WORLD_CAPSULE, WORLD_BLOCKS * 2);
	world_run(5);
	EXPECT_EQ(fake_see.namespaces[1].blocks, WORLD_BLOCKS * 2);
	EXPECT_EQ(controller_of(1)->blocks, WORLD_BLOCKS * 2);
	ASSERT_EQ(fake_see.posted, 1u);
	EXPECT_EQ(fake_see.posts[0].cid, 55);
	EXPECT_EQ(fake_see.posts[0].dw0, 0x040002u);
	world_resize(WORLD_CAPSULE, WORLD_BLOCKS); /* a second event comes through, too */
	world_run(5);
	EXPECT_EQ(fake_see.namespaces[1].blocks, WORLD_BLOCKS);
	EXPECT_TRUE(fabric_storage(WORLD_CAPSULE)->ready);
}
