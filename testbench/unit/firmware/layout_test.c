/* Volumes of several storages under random I/O: parts that arrive in any order, members that go away and catch up. */
#include "firmware/nvme/io.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

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
