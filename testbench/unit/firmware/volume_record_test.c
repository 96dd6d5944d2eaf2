/* What is known of volumes of several storages is not lost with power: mirrors' members that are behind, sizes of a concatenation's members. */
#include "firmware/nvme/volume_record.h"

#include "firmware/core/clock.h"
#include "firmware/nvme/io.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/fake_system.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

#include <string.h>

static unsigned waited_for;

static bool answered(void)
{
	return !fake_see.answers[waited_for].open;
}

static void submit(unsigned function, unsigned qid, struct nvme_sqe sqe, uint32_t bytes)
{
	waited_for = 0;
	while (fake_see.answers[waited_for].open)
		waited_for++;
	if (bytes > 0)
		memset(fake_see_buffer(waited_for), (int)(sqe.dw10 * 7 + 1), bytes);
	EXPECT_EQ(fake_see_submit(function, qid, &sqe, bytes), waited_for);
}

static void submit_write(uint32_t lba, uint32_t blocks)
{
	submit(1, 1, (struct nvme_sqe){.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = lba, .dw12 = blocks - 1}, blocks * 512);
}

static uint16_t write_blocks(uint32_t lba, uint32_t blocks)
{
	submit_write(lba, blocks);
	EXPECT_TRUE(world_run_until(answered, 20000));
	return fake_see_status(waited_for);
}

static uint16_t attach(enum world_volume volume)
{
	submit(0, 0, (struct nvme_sqe){.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = volume}, 0);
	EXPECT_TRUE(world_run_until(answered, 20000));
	return fake_see_status(waited_for);
}

static bool caught_up(void)
{
	return mirror_stale(WORLD_MIRROR) == 0;
}

static void members_become_equal(void)
{
	static uint8_t first[WORLD_BLOCKS * 512], second[sizeof(first)];

	ASSERT_TRUE(world_run_until(caught_up, 20000));
	world_read_file(WORLD_PLAIN, 0, first, sizeof(first));
	world_read_file(WORLD_CAPSULE, 0, second, sizeof(second));
	EXPECT_MEMEQ(first, second, sizeof(first));
}

static void second_member(enum target_mode mode)
{
	target_set_mode(world_target(WORLD_CAPSULE), mode, storage_server_now());
}

/* Power goes when the host has just heard of a write that a member has missed; again and again while that one is away, and while it catches up. */
TEST(volume_record, a_member_that_has_missed_a_write_is_behind_after_a_loss_of_power)
{
	load_begin(WORLD_MIRROR);
	mirror_behind(WORLD_MIRROR, 1);
	members_become_equal();
	second_member(TARGET_REFUSES);
	for (unsigned k = 0; k < 6; k++) {
		EXPECT_EQ(write_blocks(100 + 64 * k, 1 + k), NVME_SUCCESS);
		world_lose_power();
		EXPECT_EQ(mirror_stale(WORLD_MIRROR), 2u);
		world_run(k);
	}
	second_member(TARGET_RUNS);
	for (unsigned k = 0; k < 6; k++) {
		world_run(2 + k);
		world_lose_power();
		EXPECT_TRUE(mirror_stale(WORLD_MIRROR) == 2u || k > 0);
	}
	members_become_equal();
	world_run(1);
	world_lose_power();
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 0u);
}

/* Power goes under a write, of which one member may have something that the other has not. */
TEST(volume_record, members_are_made_equal_after_a_loss_of_power_under_writes)
{
	load_begin(WORLD_MIRROR);
	members_become_equal();
	world_run(1200);
	world_lose_power();
	EXPECT_EQ(volume_note(WORLD_MIRROR)->unsure, 0u);
	submit_write(77, 9);
	world_run(1);
	world_lose_power();
	EXPECT_EQ(volume_note(WORLD_MIRROR)->unsure, 1u);
	EXPECT_TRUE(world_run_until(answered, 20000));
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 2u);
	members_become_equal();
	/* The mark goes when nothing has been written for a while: then there is nothing to copy. */
	EXPECT_EQ(write_blocks(500, 8), NVME_SUCCESS);
	world_run(1200);
	world_lose_power();
	EXPECT_EQ(volume_note(WORLD_MIRROR)->unsure, 0u);
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 0u);
}

/* No write leaves before the flash knows of it. */
TEST(volume_record, the_mark_comes_before_the_write)
{
	load_begin(WORLD_MIRROR);
	members_become_equal();
	world_run(1200);
	submit_write(300, 9);
	EXPECT_EQ(volume_note(WORLD_MIRROR)->writing, 1u);
	EXPECT_FALSE(volume_record_saved());
	while (!volume_record_saved()) {
		EXPECT_EQ(io_of(waited_for)->outstanding, 0u);
		fake_clock_set(clock_ticks() + 10);
		volume_record_run();
	}
	io_run();
	EXPECT_EQ(io_of(waited_for)->outstanding, 2u);
	EXPECT_TRUE(world_run_until(answered, 20000));
}

/* Of a member that grew, what was behind it stays where it was, also when the firmware knows nothing but the flash. */
TEST(volume_record, a_concatenation_keeps_its_blocks_over_a_loss_of_power)
{
	load_begin(WORLD_PLAIN);
	EXPECT_EQ(attach(WORLD_CONCAT), NVME_SUCCESS);
	world_run(5);
	world_resize(WORLD_PLAIN, WORLD_BLOCKS + 100);
	world_run(20);
	world_lose_power();
	EXPECT_EQ(attach(WORLD_CONCAT), NVME_SUCCESS);
	EXPECT_EQ(fake_see.namespaces[1].map.extent[1].first, WORLD_BLOCKS);
	EXPECT_EQ(fake_see.namespaces[1].blocks, 2 * WORLD_BLOCKS);
	world_resize(WORLD_PLAIN, WORLD_BLOCKS);
	world_run(20);
}

/* A mirror serves without a member that was there when power went: it has the size that it had. */
TEST(volume_record, a_size_that_is_known_is_enough)
{
	struct volume_note *note;

	load_begin(WORLD_MIRROR);
	world_run(5);
	note = volume_note(WORLD_MIRROR);
	EXPECT_EQ(note->member[0].blocks, WORLD_BLOCKS);
	EXPECT_EQ(note->member[1].blocks, WORLD_BLOCKS);
	world_lose_power();
	EXPECT_EQ(note->member[1].blocks, WORLD_BLOCKS);
	EXPECT_TRUE(layout_info(WORLD_MIRROR)->known);
}

/* A flush waits for no member that is away; one that has missed a flush may have lost what it was told before. */
TEST(volume_record, a_flush_of_a_mirror_goes_on_without_a_member)
{
	load_begin(WORLD_MIRROR);
	members_become_equal();
	EXPECT_EQ(write_blocks(40, 4), NVME_SUCCESS);
	second_member(TARGET_REFUSES);
	submit(1, 1, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1}, 0);
	EXPECT_TRUE(world_run_until(answered, 1000));
	EXPECT_EQ(fake_see_status(waited_for), NVME_SUCCESS);
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 2u);
	world_lose_power();
	EXPECT_EQ(mirror_stale(WORLD_MIRROR), 2u);
	submit(1, 1, (struct nvme_sqe){.opcode = NVME_IO_FLUSH, .nsid = 1}, 0);
	EXPECT_TRUE(world_run_until(answered, 1000));
	EXPECT_EQ(fake_see_status(waited_for), NVME_SUCCESS);
	second_member(TARGET_RUNS);
	members_become_equal();
}

/* Members are known by name: whoever takes another's place has nothing of the volume, whoever changes places is what it was. */
TEST(volume_record, a_new_member_is_behind)
{
	struct config other = world_config;

	load_begin(WORLD_MIRROR);
	members_become_equal();
	world_run(1200);
	strcpy(other.volumes[WORLD_CAPSULE].nqn, "nqn.2026-11.assay:replacement");
	volume_record_init(&other, false);
	EXPECT_EQ(volume_note(WORLD_MIRROR)->stale, 2u);
	volume_record_init(&world_config, false);
	EXPECT_EQ(volume_note(WORLD_MIRROR)->stale, 0u);
	mirror_behind(WORLD_MIRROR, 1);
	world_run(1);
	other = world_config;
	other.layouts[WORLD_MIRROR].member[0] = WORLD_CAPSULE;
	other.layouts[WORLD_MIRROR].member[1] = WORLD_PLAIN;
	volume_record_init(&other, false);
	EXPECT_EQ(volume_note(WORLD_MIRROR)->stale, 1u);
	world_lose_power();
	members_become_equal();
}

/* Power goes at any point of the writing: the flash holds the old note or the new one, and the new one once it is said to be saved. */
static bool cut_after(unsigned ticks)
{
	bool saved;

	volume_record_init(&world_config, false);
	volume_note(WORLD_STRIPE)->reserved[0]++;
	volume_note_changed();
	for (unsigned i = 0; i < ticks && !volume_record_saved(); i++) {
		fake_clock_set(clock_ticks() + 1);
		volume_record_run();
	}
	saved = volume_record_saved();
	volume_note(WORLD_STRIPE)->member[0].blocks = 0;
	world_lose_power();
	EXPECT_EQ(volume_note(WORLD_STRIPE)->member[0].blocks, 12345u);
	return saved;
}

static void write_note(uint64_t blocks)
{
	volume_note(WORLD_STRIPE)->member[0].blocks = blocks;
	volume_note_changed();
	while (volume_record_run())
		fake_clock_set(clock_ticks() + 1);
}

TEST(volume_record, no_power_cut_loses_what_was_saved)
{
	unsigned cuts = 0;

	world_begin();
	world_lose_power();
	write_note(12345);
	while (!cut_after(cuts))
		cuts++;
	EXPECT_GT(cuts, 300u);
	write_note(0);
	world_run(1);
}
