/* Volumes of several storages under random I/O: parts that arrive in any order, members that go away and catch up. */
#include "firmware/nvme/io.h"
#include "firmware/nvme/volume_record.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

#include <string.h>

static void mode(enum world_volume volume, enum target_mode wanted)
{
	target_set_mode(world_target(volume), wanted, storage_server_now());
}

static bool caught_up(void)
{
	return mirror_stale(WORLD_MIRROR) == 0;
}

static void members_are_equal(void)
{
	static uint8_t first[WORLD_BLOCKS * 512], second[sizeof(first)];

	ASSERT_TRUE(world_run_until(caught_up, 20000));
	world_read_file(WORLD_PLAIN, 0, first, sizeof(first));
	world_read_file(WORLD_CAPSULE, 0, second, sizeof(second));
	EXPECT_MEMEQ(first, second, sizeof(first));
}

TEST(firmware_layout, stripes)
{
	load_run(WORLD_STRIPE, 600, NULL);
}

static void lose_a_stripe(unsigned k)
{
	if (k == 100 || k == 250)
		storage_server_cut(world_target(WORLD_SMALL));
}

TEST(firmware_layout, stripes_wait_for_a_storage_that_comes_back)
{
	load_run(WORLD_STRIPE, 400, lose_a_stripe);
}

TEST(firmware_layout, mirror_writes_both)
{
	/* What the tests before have left on the two is made equal first. */
	load_begin(WORLD_MIRROR);
	mirror_behind(WORLD_MIRROR, 1);
	members_are_equal();
	load_run(WORLD_MIRROR, 600, NULL);
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 0);
	members_are_equal();
}

static void lose_second(unsigned k)
{
	if (k == 100)
		mode(WORLD_CAPSULE, TARGET_REFUSES);
	else if (k == 350)
		mode(WORLD_CAPSULE, TARGET_RUNS);
}

static void lose_first(unsigned k)
{
	if (k == 100)
		mode(WORLD_PLAIN, TARGET_REFUSES);
	else if (k == 350)
		mode(WORLD_PLAIN, TARGET_RUNS);
}

/* The member misses writes while it is away, and is copied while I/O goes on. */
TEST(firmware_layout, mirror_goes_on_without_a_member)
{
	load_run(WORLD_MIRROR, 700, lose_second);
	members_are_equal();
	load_run(WORLD_MIRROR, 500, lose_second);
	members_are_equal();
}

TEST(firmware_layout, mirror_survives_either_member)
{
	load_run(WORLD_MIRROR, 700, lose_first);
	members_are_equal();
	load_run(WORLD_MIRROR, 400, lose_second);
	members_are_equal();
}

static unsigned waited_for;

static bool answered(void)
{
	return !fake_see.answers[waited_for].open;
}

static uint16_t run_command(unsigned function, unsigned qid, struct nvme_sqe sqe, const uint8_t *data, uint32_t bytes)
{
	waited_for = 0;
	while (fake_see.answers[waited_for].open)
		waited_for++;
	if (data)
		memcpy(fake_see_buffer(waited_for), data, bytes);
	EXPECT_EQ(fake_see_submit(function, qid, &sqe, bytes), waited_for);
	EXPECT_TRUE(world_run_until(answered, 20000));
	return fake_see_status(waited_for);
}

/* A stripe grows with its smallest member, in whole pieces; what it had stays where it was. */
TEST(firmware_layout, a_stripe_grows_with_its_smallest_member)
{
	const struct fake_namespace *namespace = &fake_see.namespaces[1];
	const uint64_t grown = WORLD_BLOCKS + 3 * 32 + 5;
	uint8_t data[100 * 512];

	world_begin();
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 11 + i / 512);
	ASSERT_EQ(run_command(0, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = WORLD_STRIPE}, NULL, 0), NVME_SUCCESS);
	EXPECT_EQ(namespace->blocks, 3 * WORLD_BLOCKS);
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = 3 * WORLD_BLOCKS - 100, .dw12 = 99}, data, sizeof(data)), NVME_SUCCESS);
	world_resize(WORLD_PLAIN, grown);
	world_run(20);
	world_resize(WORLD_SMALL, grown + 64);
	world_run(20);
	EXPECT_EQ(namespace->blocks, 3 * WORLD_BLOCKS);
	world_resize(WORLD_CAPSULE, grown + 1000);
	world_run(20);
	EXPECT_EQ(namespace->blocks, 3 * (WORLD_BLOCKS + 3 * 32));
	EXPECT_EQ(namespace->map.extent[0].width, 3u);
	memset(fake_see_buffer(0), 0, sizeof(data));
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_READ, .nsid = 1, .dw10 = 3 * WORLD_BLOCKS - 100, .dw12 = 99}, NULL, sizeof(data)), NVME_SUCCESS);
	EXPECT_MEMEQ(data, fake_see_buffer(waited_for), sizeof(data));
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = 3 * (WORLD_BLOCKS + 3 * 32) - 50, .dw12 = 49}, data, 50 * 512), NVME_SUCCESS);
	world_resize(WORLD_PLAIN, WORLD_BLOCKS);
	world_resize(WORLD_SMALL, WORLD_BLOCKS);
	world_resize(WORLD_CAPSULE, WORLD_BLOCKS);
	world_run(20);
	EXPECT_EQ(namespace->blocks, 3 * WORLD_BLOCKS);
}

/* Blocks of a concatenation stay where they are when a member grows; what the last one gains is the volume's. */
TEST(firmware_layout, a_concatenation_keeps_its_blocks_when_members_grow)
{
	const struct fake_namespace *namespace = &fake_see.namespaces[1];
	uint8_t data[8 * 512], there[8 * 512];

	world_begin();
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 512);
	ASSERT_EQ(run_command(0, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = WORLD_CONCAT}, NULL, 0), NVME_SUCCESS);
	EXPECT_EQ(namespace->blocks, 2 * WORLD_BLOCKS);
	EXPECT_EQ(namespace->map.extents, 2u);
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = WORLD_BLOCKS - 3, .dw12 = 7}, data, sizeof(data)), NVME_SUCCESS);
	world_read_file(WORLD_PLAIN, (WORLD_BLOCKS - 3) * 512ull, there, 3 * 512);
	world_read_file(WORLD_CAPSULE, 0, there + 3 * 512, 5 * 512);
	EXPECT_MEMEQ(data, there, sizeof(data));

	world_resize(WORLD_PLAIN, WORLD_BLOCKS + 100);
	world_run(20);
	EXPECT_EQ(fabric_storage(WORLD_PLAIN)->blocks, WORLD_BLOCKS + 100);
	EXPECT_EQ(namespace->blocks, 2 * WORLD_BLOCKS);
	EXPECT_EQ(namespace->map.extent[1].first, WORLD_BLOCKS);
	world_resize(WORLD_CAPSULE, WORLD_BLOCKS + 64);
	world_run(20);
	EXPECT_EQ(namespace->blocks, 2 * WORLD_BLOCKS + 64);
	EXPECT_EQ(namespace->map.extent[1].blocks, WORLD_BLOCKS + 64);
	memset(fake_see_buffer(0), 0, sizeof(data));
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_READ, .nsid = 1, .dw10 = WORLD_BLOCKS - 3, .dw12 = 7}, NULL, sizeof(data)), NVME_SUCCESS);
	EXPECT_MEMEQ(data, fake_see_buffer(waited_for), sizeof(data));
	world_resize(WORLD_PLAIN, WORLD_BLOCKS);
	world_resize(WORLD_CAPSULE, WORLD_BLOCKS);
	world_run(20);
}

TEST(firmware_layout, storages_with_long_blocks)
{
	uint8_t *identify = fake_see_buffer(0);

	load_run(WORLD_LONG, 300, NULL);
	EXPECT_EQ(fake_see.namespaces[1].blocks, WORLD_BYTES / 4096);
	EXPECT_EQ(run_command(1, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .dw10 = NVME_CNS_NAMESPACE}, NULL, 0), NVME_SUCCESS);
	EXPECT_EQ(waited_for, 0u);
	EXPECT_EQ(identify[NVME_IDNS_LBAF0 + 2], 12);
	load_run(WORLD_LONG_STRIPE, 400, NULL);
	EXPECT_EQ(fake_see.namespaces[1].blocks, 2 * WORLD_BYTES / 4096);
	load_run(WORLD_PLAIN, 100, NULL);
	EXPECT_EQ(fake_see.namespaces[1].map.block_shift, 0);
}

static void lose_a_long_one(unsigned k)
{
	if (k == 80)
		mode(WORLD_LONG_TOO, TARGET_REFUSES);
	else if (k == 200)
		mode(WORLD_LONG_TOO, TARGET_RUNS);
}

static bool long_mirror_caught_up(void)
{
	return mirror_stale(WORLD_LONG_MIRROR) == 0;
}

/* Its pieces are copied in blocks of 4 KiB. */
TEST(firmware_layout, a_mirror_with_long_blocks_catches_up)
{
	static uint8_t first[WORLD_BYTES], second[WORLD_BYTES];

	load_begin(WORLD_LONG_MIRROR);
	mirror_behind(WORLD_LONG_MIRROR, 1);
	ASSERT_TRUE(world_run_until(long_mirror_caught_up, 20000));
	load_run(WORLD_LONG_MIRROR, 400, lose_a_long_one);
	ASSERT_TRUE(world_run_until(long_mirror_caught_up, 20000));
	world_read_file(WORLD_LONG, 0, first, sizeof(first));
	world_read_file(WORLD_LONG_TOO, 0, second, sizeof(second));
	EXPECT_MEMEQ(first, second, sizeof(first));
}

TEST(firmware_layout, storages_with_different_blocks_make_no_volume)
{
	load_begin(WORLD_PLAIN);
	EXPECT_TRUE(layout_is_mixed(WORLD_MIXED));
	EXPECT_FALSE(layout_info(WORLD_MIXED)->known);
	EXPECT_EQ(run_command(0, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = WORLD_MIXED}, NULL, 0), NVME_INVALID_FIELD | NVME_STATUS_DNR);
	EXPECT_EQ(controller_of(1)->volume, (uint32_t)WORLD_PLAIN);
}

/* What comes for a namespace that the function has no more: neither the command nor a part of it reaches a storage. */
TEST(firmware_layout, commands_of_a_namespace_that_is_gone)
{
	load_begin(WORLD_PLAIN);
	fake_see.namespaces[1].gone = true;
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = 4}, NULL, 4096), NVME_INVALID_NAMESPACE | NVME_STATUS_DNR);
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_DATASET_MANAGEMENT, .nsid = 1, .dw11 = 4}, NULL, 16), NVME_INVALID_NAMESPACE | NVME_STATUS_DNR);
	fake_see.namespaces[1].gone = false;
	EXPECT_EQ(run_command(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = 4}, NULL, 512), NVME_SUCCESS);
}

/* A mirror that had short blocks, of which one member comes back with long ones: that one is not used, and what the other has is not lost. */
TEST(firmware_layout, a_member_with_other_blocks_is_not_used)
{
	unsigned member = 7;

	load_begin(WORLD_LONG_MIRROR);
	ASSERT_TRUE(world_run_until(long_mirror_caught_up, 20000));
	volume_note(WORLD_LONG_MIRROR)->lba_shift = 9;
	EXPECT_TRUE(layout_member_is_foreign(WORLD_LONG_MIRROR, 0));
	EXPECT_FALSE(layout_member_ready(WORLD_LONG_MIRROR, 1));
	EXPECT_FALSE(mirror_reader(WORLD_LONG_MIRROR, 0, &member));
	EXPECT_NE(mirror_may_write(WORLD_LONG_MIRROR, 0, 0, 1), MIRROR_SEND);
	EXPECT_TRUE(layout_is_mixed(WORLD_LONG_MIRROR));
	layout_judge(WORLD_LONG_MIRROR); /* all of them have others now */
	EXPECT_FALSE(layout_is_mixed(WORLD_LONG_MIRROR));
	EXPECT_EQ(volume_note(WORLD_LONG_MIRROR)->lba_shift, 12);
	EXPECT_EQ(layout_info(WORLD_LONG_MIRROR)->blocks, WORLD_BYTES / 4096);
	volume_note(WORLD_LONG_MIRROR)->stale = 0;
	mirror_init();
}

/* The sizes that a concatenation has noted are of use only as long as they count the same blocks. */
TEST(firmware_layout, sizes_in_other_blocks_are_forgotten)
{
	struct volume_note *note = volume_note(WORLD_CONCAT);

	load_begin(WORLD_PLAIN);
	EXPECT_EQ(note->lba_shift, 9);
	note->member[0].blocks = WORLD_BLOCKS / 8;
	layout_judge(WORLD_CONCAT);
	EXPECT_EQ(layout_info(WORLD_CONCAT)->blocks, WORLD_BLOCKS / 8 + WORLD_BLOCKS);
	note->lba_shift = 12;
	layout_judge(WORLD_CONCAT);
	EXPECT_EQ(layout_info(WORLD_CONCAT)->blocks, 2 * WORLD_BLOCKS);
	EXPECT_EQ(note->lba_shift, 9);
}
