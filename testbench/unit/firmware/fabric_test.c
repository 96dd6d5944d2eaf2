/* Commands of a function through the firmware's whole I/O path to targets of sim/fabric, with read-back. */
#include "firmware/fabric/setup.h"
#include "firmware/nvme/controller.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_board.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"
#include "testbench/unit/firmware/world.h"


#define BLOCK 512u

TEST(firmware_fabric, connects_to_every_target_that_is_there)
{
	load_begin(WORLD_PLAIN);
	EXPECT_EQ(fabric_storage(WORLD_PLAIN)->blocks, WORLD_BLOCKS);
	EXPECT_EQ(fabric_storage(WORLD_SMALL)->blocks, WORLD_BLOCKS);
	EXPECT_TRUE(fabric_storage(WORLD_ABSENT)->present);
	EXPECT_FALSE(fabric_storage(WORLD_ABSENT)->ready);
	EXPECT_FALSE(fabric_storage(WORLD_MIXED)->present);
}

TEST(firmware_fabric, random_io_reads_back)
{
	load_run(WORLD_PLAIN, 1500, NULL);
}

TEST(firmware_fabric, data_in_many_small_pieces)
{
	load_run(WORLD_SMALL, 800, NULL);
}

TEST(firmware_fabric, large_capsules)
{
	load_run(WORLD_CAPSULE, 800, NULL);
}

static void lossy(unsigned k)
{
	fake_link.lose_of_1000 = k < 700 ? 10 : 0;
}

TEST(firmware_fabric, lost_frames_are_sent_again)
{
	uint64_t lost = fake_link.lost;

	load_run(WORLD_PLAIN, 800, lossy);
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
	load_run(WORLD_SMALL, 800, cut_sometimes);
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
	load_run(WORLD_PLAIN, 200, stall_once);
}

TEST(firmware_fabric, other_commands_reach_the_storage)
{
	struct nvme_sqe flush = {.opcode = NVME_IO_FLUSH, .nsid = 1};
	struct nvme_sqe zeroes = {.opcode = NVME_IO_WRITE_ZEROES, .nsid = 1, .dw10 = 100, .dw12 = 49};
	struct nvme_sqe compare = {.opcode = NVME_IO_COMPARE, .nsid = 1, .dw10 = 100, .dw12 = 7};
	unsigned slots[3];

	load_begin(WORLD_PLAIN);
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

	load_begin(WORLD_PLAIN);
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

	load_begin(WORLD_CAPSULE);
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

/* What the target says of its namespace stands in the descriptor list that a host reads. */
TEST(firmware_fabric, a_host_sees_the_storage_s_uuid)
{
	static const uint8_t none[16];
	const uint8_t *list;

	load_begin(WORLD_LONG);
	list = fake_see_buffer(fake_see_submit(1, 0, &(struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .dw10 = NVME_CNS_DESCRIPTORS}, 0));
	EXPECT_EQ(list[0], NVME_DESCRIPTOR_NGUID);
	EXPECT_MEMEQ(list + 4, fabric_storage(WORLD_LONG)->nguid, 16);
	EXPECT_EQ(list[20], NVME_DESCRIPTOR_UUID);
	EXPECT_MEMEQ(list + 24, fabric_storage(WORLD_LONG)->uuid, 16);
	EXPECT_EQ(list[40], 0);
	EXPECT_NE(memcmp(fabric_storage(WORLD_LONG)->uuid, none, 16), 0);
	EXPECT_NE(memcmp(fabric_storage(WORLD_LONG)->uuid, fabric_storage(WORLD_LONG_TOO)->uuid, 16), 0);
}

/* A target whose namespace was set up anew has another UUID; beside a path that is in use it would be another namespace. */
TEST(firmware_fabric, another_uuid_only_after_all_paths_were_lost)
{
	static struct storage storage;
	struct path *path = &storage.paths[1];

	memset(&storage, 0, sizeof(storage));
	storage.path_count = 2;
	storage.info.known = true;
	storage.paths[0].state = PATH_READY;
	EXPECT_TRUE(storage_same_namespace(&storage, path));
	path->found.uuid[0] = 7;
	EXPECT_TRUE(storage_same_namespace(&storage, path)); /* the other one stands by, and has shown no name */
	storage.paths[0].identified = true;
	EXPECT_FALSE(storage_same_namespace(&storage, path));
	storage.paths[0].state = PATH_BACKOFF;
	EXPECT_TRUE(storage_same_namespace(&storage, path));
	path->found.nguid[0] = 7;
	EXPECT_FALSE(storage_same_namespace(&storage, path));
}

/* Of NVMe 2.0's command sets, only blocks can be used. A list that ends in the middle of a descriptor says nothing of it. */
TEST(firmware_fabric, namespaces_of_zones_or_keys_are_not_used)
{
	static struct path path = {.volume = &world_config.volumes[WORLD_PLAIN], .name = "storage 0"};
	uint8_t *data = path.setup_data;

	world_begin();
	memcpy(data, (uint8_t[]){3, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 4, 1, 0, 0, 0}, 25);
	EXPECT_EQ(setup_finish_identify_descriptors(&path, 0), SETUP_NEXT);
	EXPECT_EQ(path.found.uuid[15], 16);
	data[24] = 2;
	EXPECT_EQ(setup_finish_identify_descriptors(&path, 0), SETUP_FAILED);
	for (uint32_t at = 0; at < NVME_PAGE_BYTES; at += 12)
		memcpy(data + at, (uint8_t[]){2, 8, 0, 0}, 4);
	memset(data + 4092, 0, 4);
	data[4092] = 4;
	data[4093] = 200;
	EXPECT_EQ(setup_finish_identify_descriptors(&path, 0), SETUP_NEXT);
}

/* Blocks of 512 to 4096 bytes without metadata, in whatever format is in use. */
TEST(firmware_fabric, formats_that_can_be_used)
{
	static const struct {
		uint8_t lbads;
		uint16_t metadata;
		bool good;
	} formats[] = {{9, 0, true}, {12, 0, true}, {11, 0, true}, {8, 0, false}, {13, 0, false}, {0, 0, false}, {9, 8, false}, {12, 64, false}, {9, 0x100, false}};
	static struct path path = {.volume = &world_config.volumes[WORLD_PLAIN], .name = "storage 0"};
	static uint8_t data[NVME_PAGE_BYTES];

	world_begin();
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		memset(data, 0, sizeof(data));
		data[NVME_IDNS_NSZE] = 100;
		data[NVME_IDNS_FLBAS] = 5;
		data[NVME_IDNS_LBAF0 + 4 * 5] = (uint8_t)formats[i].metadata;
		data[NVME_IDNS_LBAF0 + 4 * 5 + 1] = (uint8_t)(formats[i].metadata >> 8);
		data[NVME_IDNS_LBAF0 + 4 * 5 + 2] = formats[i].lbads;
		EXPECT_EQ(setup_take_namespace(&path, data), formats[i].good);
	}
	data[NVME_IDNS_NSZE] = 0;
	EXPECT_FALSE(setup_take_namespace(&path, data));
}
