/* Digests, several queues, two paths to one namespace: what was acknowledged is there, whatever happens to one of the two. */
#include "firmware/fabric/fabric.h"
#include "firmware/fabric/queue.h"
#include "firmware/nvme/nvme_wire.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

static uint64_t commands_of(enum world_volume volume)
{
	return target_get_stats(world_target(volume))->commands;
}

static void ana(enum world_volume volume, enum target_ana state)
{
	EXPECT_EQ(target_set_ana(world_target(volume), state, storage_server_now()), 0);
}

static void mode(enum world_volume volume, enum target_mode wanted)
{
	target_set_mode(world_target(volume), wanted, storage_server_now());
}

TEST(firmware_digest, random_io_reads_back)
{
	uint64_t errors = target_get_stats(world_target(WORLD_DIGEST))->digest_errors;

	load_run(WORLD_DIGEST, 800, NULL);
	EXPECT_EQ(target_get_stats(world_target(WORLD_DIGEST))->digest_errors, errors);
}

static void damage_in_the_middle(unsigned k)
{
	storage_server_damage(k > 50 && k < 500 ? 20 : 0);
}

TEST(firmware_digest, damaged_bytes_are_never_taken_for_data)
{
	struct fabric_counters before = fabric_counters;
	unsigned damaged = storage_server_damaged();
	uint64_t errors = target_get_stats(world_target(WORLD_DIGEST))->digest_errors;

	load_run(WORLD_DIGEST, 800, damage_in_the_middle);
	EXPECT_GT(storage_server_damaged(), damaged + 20);
	EXPECT_GT(fabric_counters.data_digest_errors, before.data_digest_errors);
	EXPECT_GT(fabric_counters.header_digest_errors, before.header_digest_errors);
	EXPECT_GT(target_get_stats(world_target(WORLD_DIGEST))->digest_errors, errors);
}

TEST(firmware_digest, every_queue_is_used)
{
	uint64_t connections = target_get_stats(world_target(WORLD_DIGEST))->connections;

	load_begin(WORLD_DIGEST);
	storage_server_cut(world_target(WORLD_DIGEST));
	load_run(WORLD_DIGEST, 200, NULL);
	EXPECT_EQ(target_get_stats(world_target(WORLD_DIGEST))->connections, connections + 4); /* admin and three */
}

TEST(firmware_multipath, the_optimized_path_is_taken)
{
	uint64_t first, second;

	load_begin(WORLD_TWIN);
	first = commands_of(WORLD_TWIN);
	second = commands_of(WORLD_FOUND);
	load_run(WORLD_TWIN, 300, NULL);
	EXPECT_GE(commands_of(WORLD_TWIN), first + 300);
	EXPECT_LE(commands_of(WORLD_FOUND), second + 20);
}

TEST(firmware_multipath, discovery_finds_both)
{
	load_run(WORLD_FOUND, 300, NULL);
	ana(WORLD_TWIN, TARGET_ANA_INACCESSIBLE);
	load_run(WORLD_FOUND, 100, NULL);
	ana(WORLD_TWIN, TARGET_ANA_OPTIMIZED);
	world_run(50);
}

static void peers(unsigned count, const struct target_peer *named)
{
	EXPECT_EQ(target_set_peers(world_target(WORLD_FOUND), named, count), 0);
	world_run(12000);
}

/* The discovery log page changes: controllers that nobody has are tried, more than there is room for; then they are gone, and a new one takes the place of
 * one of them. With the others dead, it alone serves. */
TEST(firmware_multipath, discovery_follows_what_changes)
{
	static const struct target_peer many[] = {{"10.0.0.10", 4425}, {"10.0.0.10", 4490}, {"10.0.0.10", 4491}, {"10.0.0.10", 4492}, {"10.0.0.10", 4493},
		{"10.0.0.10", 4494}};
	static const struct target_peer moved[] = {{"10.0.0.10", 4425}, {"10.0.0.10", 4423}};

	load_begin(WORLD_FOUND);
	peers(6, many);
	world_third_twin();
	EXPECT_EQ(target_get_stats(world_target(WORLD_ABSENT))->connections, 0u);
	peers(2, moved);
	EXPECT_GE(target_get_stats(world_target(WORLD_ABSENT))->connections, 2u);
	mode(WORLD_TWIN, TARGET_REFUSES);
	mode(WORLD_FOUND, TARGET_REFUSES);
	load_run(WORLD_FOUND, 100, NULL);
	EXPECT_GE(commands_of(WORLD_ABSENT), 100u);
	mode(WORLD_TWIN, TARGET_RUNS);
	mode(WORLD_FOUND, TARGET_RUNS);
	world_run(2000);
	load_run(WORLD_FOUND, 50, NULL);
	mode(WORLD_ABSENT, TARGET_REFUSES);
	peers(1, moved);
}

static void switch_access(unsigned k)
{
	if (k == 100)
		ana(WORLD_TWIN, TARGET_ANA_INACCESSIBLE);
	else if (k == 200)
		ana(WORLD_TWIN, TARGET_ANA_CHANGE);
	else if (k == 300)
		ana(WORLD_TWIN, TARGET_ANA_OPTIMIZED);
}

TEST(firmware_multipath, access_changes_move_the_commands_and_bring_them_back)
{
	uint64_t first, second;

	load_run(WORLD_TWIN, 300, switch_access);
	second = commands_of(WORLD_FOUND);
	ana(WORLD_TWIN, TARGET_ANA_OPTIMIZED);
	world_run(50);
	first = commands_of(WORLD_TWIN);
	second = commands_of(WORLD_FOUND);
	load_run(WORLD_TWIN, 100, NULL); /* failback */
	EXPECT_GE(commands_of(WORLD_TWIN), first + 100);
	EXPECT_LE(commands_of(WORLD_FOUND), second + 20);
}

static void kill_first(unsigned k)
{
	if (k == 150)
		mode(WORLD_TWIN, TARGET_REFUSES);
}

TEST(firmware_multipath, a_dead_target_costs_no_data)
{
	uint64_t second;

	load_begin(WORLD_TWIN);
	second = commands_of(WORLD_FOUND);
	load_run(WORLD_TWIN, 500, kill_first);
	EXPECT_GT(commands_of(WORLD_FOUND), second + 300);
	mode(WORLD_TWIN, TARGET_RUNS);
	world_run(2000);
	second = commands_of(WORLD_FOUND);
	load_run(WORLD_TWIN, 100, NULL);
	EXPECT_LE(commands_of(WORLD_FOUND), second + 20);
}

static void stall_first(unsigned k)
{
	if (k == 150)
		mode(WORLD_TWIN, TARGET_STALLS);
	else if (k == 400)
		mode(WORLD_TWIN, TARGET_RUNS);
}

TEST(firmware_multipath, a_stalled_target_is_left_and_writes_nothing_late)
{
	load_run(WORLD_TWIN, 600, stall_first);
	world_run(2000);
	load_run(WORLD_TWIN, 50, NULL);
}

static void kill_alternately(unsigned k)
{
	if (k % 100 == 50)
		mode(k / 100 % 2 ? WORLD_TWIN : WORLD_FOUND, TARGET_REFUSES);
	else if (k % 100 == 90)
		mode(k / 100 % 2 ? WORLD_TWIN : WORLD_FOUND, TARGET_RUNS);
}

TEST(firmware_multipath, targets_that_take_turns_at_dying_cost_no_data)
{
	load_run(WORLD_TWIN, 1000, kill_alternately);
	mode(WORLD_TWIN, TARGET_RUNS);
	mode(WORLD_FOUND, TARGET_RUNS);
	world_run(2000);
}

static void kill_both(unsigned k)
{
	if (k == 100 || k == 140) {
		mode(WORLD_TWIN, k == 100 ? TARGET_REFUSES : TARGET_RUNS);
		mode(WORLD_FOUND, k == 100 ? TARGET_REFUSES : TARGET_RUNS);
		world_run(k == 100 ? 100 : 2000);
	}
}

/* Both gone for longer than 500 ms: what waits fails, what comes meanwhile too; afterwards all is well. */
TEST(firmware_multipath, without_a_path_commands_fail_after_their_time)
{
	unsigned failed = load_run_failing(WORLD_TWIN, 300, kill_both, NVME_INTERNAL_PATH_ERROR | NVME_STATUS_DNR);

	EXPECT_GE(failed, 30u);
	EXPECT_LE(failed, 120u);
	load_run(WORLD_TWIN, 100, NULL);
}

static void kill_found(unsigned k)
{
	if (k == 100) {
		mode(WORLD_TWIN, TARGET_REFUSES);
		mode(WORLD_FOUND, TARGET_REFUSES);
		world_run(3000);
		mode(WORLD_TWIN, TARGET_RUNS);
		mode(WORLD_FOUND, TARGET_RUNS);
	}
}

TEST(firmware_multipath, without_that_policy_they_wait)
{
	load_run(WORLD_FOUND, 200, kill_found);
}
