/* Asymmetric namespace access as arrays have it: hundreds of groups, namespaces of one path in several of them, group numbers that differ from path
 * to path and change, namespaces that show nothing while they cannot be reached, changes that take longer than they may. */
#include "firmware/core/config.h"
#include "firmware/fabric/storage.h"
#include "firmware/nvme/nvme_wire.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

#include <string.h>

#define FIRST_GROUP 59u /* of namespace 3 */
#define SECOND_GROUP 7u

static uint64_t commands_of(enum world_volume volume)
{
	return target_get_stats(world_target(volume))->commands;
}

static void access(enum world_volume volume, uint32_t namespace_id, uint32_t group, enum target_ana state)
{
	EXPECT_EQ(target_set_namespace_ana(world_target(volume), namespace_id, group, state, storage_server_now()), 0);
}

static void first(enum target_ana state)
{
	access(WORLD_GROUPS, WORLD_GROUPS_NSID, FIRST_GROUP, state);
}

static void second(enum target_ana state)
{
	access(WORLD_GROUPS_TOO, WORLD_GROUPS_NSID, SECOND_GROUP, state);
}

/* @return whether the first path has carried the commands, and the second none of them. */
static bool first_carries(unsigned count)
{
	uint64_t on_first, on_second;

	load_begin(WORLD_GROUPS);
	on_first = commands_of(WORLD_GROUPS);
	on_second = commands_of(WORLD_GROUPS_TOO);
	load_run(WORLD_GROUPS, count, NULL);
	return commands_of(WORLD_GROUPS) >= on_first + count && commands_of(WORLD_GROUPS_TOO) < on_second + count / 4;
}

TEST(firmware_ana, a_group_far_behind_in_the_log_page)
{
	load_begin(WORLD_GROUPS);
	world_run(100); /* both paths */
	EXPECT_TRUE(first_carries(200));
}

TEST(firmware_ana, other_namespaces_of_the_path_do_not_matter)
{
	load_begin(WORLD_GROUPS);
	access(WORLD_GROUPS, 1, 57, TARGET_ANA_INACCESSIBLE);
	access(WORLD_GROUPS, 2, 58, TARGET_ANA_PERSISTENT_LOSS);
	world_run(300);
	EXPECT_TRUE(first_carries(200));
}

static void every_state(unsigned k)
{
	static const enum target_ana states[] = {TARGET_ANA_NON_OPTIMIZED, TARGET_ANA_INACCESSIBLE, TARGET_ANA_CHANGE, TARGET_ANA_OPTIMIZED, TARGET_ANA_PERSISTENT_LOSS,
		TARGET_ANA_CHANGE, TARGET_ANA_NON_OPTIMIZED, TARGET_ANA_OPTIMIZED};

	if (k % 50 == 25)
		first(states[k / 50 % 8]);
	if (k % 400 == 30 || k % 400 == 60) /* while the first can be reached */
		second(k % 400 == 60 ? TARGET_ANA_NON_OPTIMIZED : TARGET_ANA_INACCESSIBLE);
}

TEST(firmware_ana, every_state_under_load)
{
	load_run(WORLD_GROUPS, 800, every_state);
	first(TARGET_ANA_OPTIMIZED);
	second(TARGET_ANA_NON_OPTIMIZED);
	world_run(300);
	EXPECT_TRUE(first_carries(100));
}

/* The namespace is in another group now; that the old one cannot be reached does not matter. */
TEST(firmware_ana, a_namespace_that_changes_its_group)
{
	load_begin(WORLD_GROUPS);
	access(WORLD_GROUPS, WORLD_GROUPS_NSID, 250, TARGET_ANA_OPTIMIZED);
	world_run(300);
	EXPECT_TRUE(first_carries(100));
	access(WORLD_GROUPS, WORLD_GROUPS_NSID, 2, TARGET_ANA_INACCESSIBLE);
	world_run(300);
	EXPECT_FALSE(first_carries(100));
	first(TARGET_ANA_OPTIMIZED);
	world_run(300);
	EXPECT_TRUE(first_carries(100));
}

static bool away(void)
{
	return !fabric_storage(WORLD_GROUPS)->ready;
}

static bool back(void)
{
	return fabric_storage(WORLD_GROUPS)->ready;
}

/* Nobody can see the namespace, not even who connects anew; it grows meanwhile. */
TEST(firmware_ana, a_namespace_that_shows_nothing_while_it_cannot_be_reached)
{
	uint64_t connections;

	load_begin(WORLD_GROUPS);
	first(TARGET_ANA_INACCESSIBLE);
	second(TARGET_ANA_PERSISTENT_LOSS);
	EXPECT_TRUE(world_run_until(away, 500));
	storage_server_cut(world_target(WORLD_GROUPS));
	world_run(500);
	connections = target_get_stats(world_target(WORLD_GROUPS))->connections;
	world_resize(WORLD_GROUPS, WORLD_BLOCKS + 16);
	world_run(3000);
	EXPECT_TRUE(away());
	EXPECT_EQ(target_get_stats(world_target(WORLD_GROUPS))->connections, connections); /* it stands by, and is not tried again and again */
	storage_server_cut(world_target(WORLD_GROUPS_TOO));
	world_run(300);
	first(TARGET_ANA_OPTIMIZED);
	EXPECT_TRUE(world_run_until(back, 500));
	EXPECT_EQ(fabric_storage(WORLD_GROUPS)->blocks, WORLD_BLOCKS + 16u);
	world_resize(WORLD_GROUPS, WORLD_BLOCKS);
	second(TARGET_ANA_NON_OPTIMIZED);
	world_run(500);
	EXPECT_EQ(fabric_storage(WORLD_GROUPS)->blocks, WORLD_BLOCKS);
	load_run(WORLD_GROUPS, 100, NULL);
	first(TARGET_ANA_INACCESSIBLE); /* the other path is in use, too: both have shown the same names */
	world_run(300);
	EXPECT_TRUE(back());
	load_run(WORLD_GROUPS, 100, NULL);
	first(TARGET_ANA_OPTIMIZED);
	world_run(300);
}

/* ANATT is one second. A shorter change is waited for; after a longer one the path is set up anew. */
TEST(firmware_ana, a_change_that_takes_too_long)
{
	uint64_t connections;

	load_begin(WORLD_GROUPS);
	connections = target_get_stats(world_target(WORLD_GROUPS))->connections;
	first(TARGET_ANA_CHANGE);
	second(TARGET_ANA_CHANGE);
	world_run(800);
	EXPECT_TRUE(fabric_storage(WORLD_GROUPS)->ready);
	EXPECT_EQ(target_get_stats(world_target(WORLD_GROUPS))->connections, connections);
	world_run(700);
	EXPECT_GT(target_get_stats(world_target(WORLD_GROUPS))->connections, connections);
	first(TARGET_ANA_OPTIMIZED);
	second(TARGET_ANA_NON_OPTIMIZED);
	world_run(300);
	EXPECT_TRUE(first_carries(100));
}

/* ---- the log page by itself ---- */

static struct path path;
static struct config_volume volume = {.nsid = 9};
static uint8_t page[NVME_PAGE_BYTES];

static void put32(uint32_t at, uint32_t value)
{
	memcpy(page + at, &value, sizeof(value));
}

static void begin(uint16_t groups, uint64_t changes)
{
	memset(page, 0, sizeof(page));
	memcpy(page, &changes, sizeof(changes));
	memcpy(page + 8, &groups, sizeof(groups));
}

static void group(uint32_t at, uint32_t number, uint32_t namespaces, uint8_t state)
{
	put32(at, number);
	put32(at + 4, namespaces);
	page[at + 16] = state;
}

static uint32_t offset_asked(void)
{
	struct nvme_sqe sqe = {.opcode = 0};

	ana_command(&path, &sqe);
	return sqe.dw12;
}

static void start_reading(uint32_t group_of_namespace)
{
	memset(&path, 0, sizeof(path));
	path.volume = &volume;
	path.ana_group = group_of_namespace;
	ana_begin(&path);
}

TEST(firmware_ana, a_page_without_namespaces_is_asked_for_the_group)
{
	enum ana_state state;

	start_reading(4);
	begin(2, 1);
	group(16, 3, 0, ANA_INACCESSIBLE);
	group(48, 4, 0, ANA_NON_OPTIMIZED);
	ASSERT_TRUE(ana_take(&path, page, &state));
	EXPECT_EQ(state, ANA_NON_OPTIMIZED);
	start_reading(5);
	ASSERT_TRUE(ana_take(&path, page, &state));
	EXPECT_EQ(state, ANA_INACCESSIBLE);
	start_reading(0);
	ASSERT_TRUE(ana_take(&path, page, &state));
	EXPECT_EQ(state, ANA_OPTIMIZED);
}

/* A list of namespaces goes on in the next piece, and the page changes while it is read: it is read again. */
TEST(firmware_ana, a_page_that_changes_while_it_is_read)
{
	enum ana_state state;

	start_reading(1);
	begin(2, 1);
	group(16, 8, 1500, ANA_OPTIMIZED);
	ASSERT_FALSE(ana_take(&path, page, &state));
	EXPECT_EQ(offset_asked(), 4096u);
	begin(0, 0);
	put32(400, 9); /* number 1112 of the list */
	ASSERT_FALSE(ana_take(&path, page, &state));
	EXPECT_EQ(offset_asked(), 0u);
	begin(2, 2);
	ASSERT_FALSE(ana_take(&path, page, &state));
	EXPECT_EQ(offset_asked(), 0u);
	group(16, 8, 1, ANA_OPTIMIZED);
	group(52, 1, 1, ANA_PERSISTENT_LOSS);
	put32(84, 9);
	ASSERT_TRUE(ana_take(&path, page, &state));
	EXPECT_EQ(state, ANA_PERSISTENT_LOSS);
}

/* Numbers that cannot be: the reading ends, and says that the namespace cannot be reached. */
TEST(firmware_ana, a_page_without_an_end)
{
	enum ana_state state;
	unsigned pieces = 0;

	start_reading(1);
	memset(page, 0xff, sizeof(page));
	while (!ana_take(&path, page, &state) && pieces < 10000)
		pieces++;
	EXPECT_LT(pieces, 400u);
	EXPECT_EQ(state, ANA_INACCESSIBLE);
}
