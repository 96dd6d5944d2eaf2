/* Bringing up, properties, identify, features, events, keep-alive, and the ends of associations. */
#include <stdio.h>
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

static struct host_side admin, io;
static struct target *target;

static bool start(void)
{
	struct target_config config = {0};

	target = host_make_target(&config, 64);
	host_open(&admin, target);
	return target && host_bring_up(&admin, false, false) == 1;
}

static void stop(void)
{
	target_destroy(target);
	target = NULL;
}

/* Sends an admin command with dwords 10 and 11. */
static uint16_t command(uint8_t opcode, uint32_t namespace_id, uint32_t dword10, uint32_t dword11, uint32_t bytes)
{
	uint8_t sqe[SQE_BYTES];

	host_sqe(sqe, opcode, 100, namespace_id);
	store_le32(sqe + 40, dword10);
	store_le32(sqe + 44, dword11);
	host_sqe_sgl(sqe, SGL_TRANSPORT, bytes);
	host_command(&admin, sqe, NULL, 0);
	if (bytes && admin.taken < HOST_PDUS_MAX) {
		const struct host_pdu *pdu = host_next(&admin);

		if (pdu && pdu->type == PDU_RESPONSE)
			return (uint16_t)(load_le16(pdu->header + 22) >> 1);
	}
	return host_status(&admin);
}

/* The data that came before the last response. */
static const uint8_t *data(void)
{
	return host_pdu_data(&admin, &admin.pdu[admin.taken - 2]);
}

static uint16_t property(uint8_t type, uint8_t wide, uint32_t offset, uint64_t value)
{
	uint8_t sqe[SQE_BYTES];

	host_sqe(sqe, NVME_FABRICS, 50, type);
	sqe[40] = wide;
	store_le32(sqe + 44, offset);
	store_le64(sqe + 48, value);
	host_command(&admin, sqe, NULL, 0);
	return host_status(&admin);
}

TEST(target_admin, connect_checks_what_it_is_told)
{
	struct target_config config = {0};

	target = host_make_target(&config, 64);
	host_open(&admin, target);
	ASSERT_TRUE(host_initialize(&admin, false, false, 0));
	EXPECT_EQ(host_connect(&admin, 0, 30, 0xffff, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(host_result(&admin), 44u);
	EXPECT_EQ(host_connect(&admin, 0, 128, 0xffff, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(host_connect(&admin, 17, 31, 1, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(host_result(&admin), 42u);
	EXPECT_EQ(host_connect(&admin, 0, 31, 1, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(host_result(&admin), 16u | 1u << 16);
	EXPECT_EQ(host_connect(&admin, 1, 31, 1, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 1, 0, 4096), NVME_SEQUENCE_ERROR | NVME_DNR);
	EXPECT_EQ(host_connect(&admin, 0, 31, 0xffff, 0, 0), NVME_SUCCESS);
	EXPECT_EQ(host_connect(&admin, 0, 31, 0xffff, 0, 0), NVME_SEQUENCE_ERROR | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 1, 0, 4096), NVME_SEQUENCE_ERROR); /* not enabled yet */
	stop();
}

TEST(target_admin, io_queues_belong_to_their_controller)
{
	ASSERT_TRUE(start());
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0));
	EXPECT_EQ(host_connect(&io, 1, 31, 2, 0, 0), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(host_connect(&io, 1, 31, 1, 0, 0), NVME_SUCCESS);
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0));
	EXPECT_EQ(host_connect(&io, 1, 31, 1, 0, 0), NVME_SEQUENCE_ERROR | NVME_DNR); /* taken */
	EXPECT_EQ(host_connect(&io, 16, 127, 1, 0, 0), NVME_SUCCESS);
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 7, 0x00030003, 0), NVME_SEQUENCE_ERROR | NVME_DNR);
	EXPECT_EQ(property(FABRICS_PROPERTY_SET, 0, PROPERTY_CC, 0x00460000), NVME_SUCCESS); /* disable */
	EXPECT_TRUE(io.closed);
	EXPECT_FALSE(admin.closed);
	stop();
}

TEST(target_admin, properties)
{
	ASSERT_TRUE(start());
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 1, PROPERTY_CAP, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin) & 0x1ffff, 127u | 1u << 16);
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, PROPERTY_VS, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0x10400u);
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, PROPERTY_CSTS, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 1u);
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, PROPERTY_CAP, 0), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, 0x40, 0), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(property(FABRICS_PROPERTY_SET, 0, PROPERTY_CSTS, 0), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(property(FABRICS_PROPERTY_SET, 0, PROPERTY_CC, 0x00464001), NVME_SUCCESS); /* shut down */
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, PROPERTY_CSTS, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 1u | 2u << 2);
	EXPECT_EQ(property(FABRICS_PROPERTY_SET, 0, PROPERTY_CC, 0), NVME_SUCCESS);
	EXPECT_EQ(property(FABRICS_PROPERTY_SET, 0, PROPERTY_CC, 1), NVME_SUCCESS); /* without entry sizes */
	EXPECT_EQ(property(FABRICS_PROPERTY_GET, 0, PROPERTY_CSTS, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 2u);
	stop();
}

TEST(target_admin, identify)
{
	ASSERT_TRUE(start());
	ASSERT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 1, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le32(data() + 80), 0x10400u);
	EXPECT_EQ(load_le16(data() + 78), 1);
	EXPECT_EQ(load_le32(data() + 1792), (64u + 8192) / 16);
	EXPECT_STREQ((const char *)data() + 768, "nqn.2026-11.assay:unit");
	ASSERT_EQ(command(NVME_ADMIN_IDENTIFY, 1, 0, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le64(data()), 64u);
	EXPECT_EQ(data()[130], 9);
	ASSERT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 2, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le64(data()), 1u);
	ASSERT_EQ(command(NVME_ADMIN_IDENTIFY, 1, 3, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le16(data()), 0x1002);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 2, 0, 0, 4096), NVME_INVALID_NAMESPACE | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 0x99, 0, 4096), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 0, 1, 0, 512), NVME_SGL_LENGTH | NVME_DNR);
	stop();
}

TEST(target_admin, features_and_logs)
{
	ASSERT_TRUE(start());
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 7, 0x00030007, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0x00030003u);
	EXPECT_EQ(command(NVME_ADMIN_GET_FEATURES, 0, 7, 0, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0x00030003u);
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 7, 0xffffffff, 0), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 0x80000001, 1, 0), NVME_FEATURE_NOT_SAVEABLE | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 0x04, 0x150, 0), NVME_SUCCESS);
	EXPECT_EQ(command(NVME_ADMIN_GET_FEATURES, 0, 0x04, 0, 0), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0x150u);
	EXPECT_EQ(command(NVME_ADMIN_GET_FEATURES, 0, 0x77, 0, 0), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_GET_LOG, 0xffffffff, 2 | 127u << 16, 0, 512), NVME_SUCCESS);
	EXPECT_EQ(load_le16(data() + 1), 300);
	EXPECT_EQ(command(NVME_ADMIN_GET_LOG, 0, 0xf0 | 127u << 16, 0, 512), NVME_INVALID_LOG | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_KEEP_ALIVE, 0, 0, 0, 0), NVME_KEEP_ALIVE_INVALID | NVME_DNR);
	EXPECT_EQ(command(0xee, 0, 0, 0, 0), NVME_INVALID_OPCODE | NVME_DNR);
	stop();
}

TEST(target_admin, silence_ends_the_association)
{
	ASSERT_TRUE(start());
	EXPECT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 15, 10, 0), NVME_SUCCESS);
	EXPECT_EQ(command(NVME_ADMIN_KEEP_ALIVE, 0, 0, 0, 0), NVME_SUCCESS);
	target_advance(target, target_next_event(target) - 1);
	EXPECT_FALSE(admin.closed);
	EXPECT_LT(admin.now + 9900000, target_next_event(target));
	target_advance(target, target_next_event(target));
	EXPECT_TRUE(admin.closed);
	EXPECT_EQ(target_get_stats(target)->keep_alive_expired, 1u);
	stop();
}

TEST(target_admin, losing_the_admin_queue_closes_the_others)
{
	ASSERT_TRUE(start());
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0) && host_connect(&io, 1, 31, 1, 0, 0) == NVME_SUCCESS);
	target_closed(target, admin.connection, admin.now);
	EXPECT_TRUE(io.closed);
	stop();
}

TEST(target_admin, a_resize_is_announced_once_until_its_log_is_read)
{
	struct target_config config = {.nqn = "nqn.2026-11.assay:unit", .namespaces = 1};
	uint8_t sqe[SQE_BYTES];
	char message[200];
	const char *path = host_make_volume(1, 64);

	config.volume[0].path = path;
	target = target_create(&config, message, sizeof(message));
	ASSERT_TRUE(target != NULL);
	host_open(&admin, target);
	ASSERT_EQ(host_bring_up(&admin, false, false), 1u);
	ASSERT_EQ(command(NVME_ADMIN_SET_FEATURES, 0, 11, 1 << 8, 0), NVME_SUCCESS);
	for (uint16_t id = 1; id <= 4; id++) {
		host_sqe(sqe, NVME_ADMIN_ASYNC_EVENT, id, 0);
		host_command(&admin, sqe, NULL, 0);
	}
	host_sqe(sqe, NVME_ADMIN_ASYNC_EVENT, 5, 0);
	host_command(&admin, sqe, NULL, 0);
	EXPECT_EQ(host_status(&admin), NVME_AER_LIMIT | NVME_DNR);
	ASSERT_EQ(truncate(path, 128 * 512), 0);
	EXPECT_EQ(target_resize(target, 1, admin.now), 0);
	EXPECT_EQ(target_resize(target, 1, admin.now), 0);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0x00040002u);
	EXPECT_TRUE(host_next(&admin) == NULL);
	EXPECT_EQ(command(NVME_ADMIN_GET_LOG, 0xffffffff, 4 | 1023u << 16, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le64(data()), 1u);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 1, 0, 0, 4096), NVME_SUCCESS);
	EXPECT_EQ(load_le64(data()), 128u);
	EXPECT_EQ(target_resize(target, 1, admin.now), 0);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	unlink(path);
	stop();
}

TEST(target_admin, modes)
{
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start());
	target_set_mode(target, TARGET_STALLS, admin.now);
	host_sqe(sqe, NVME_FABRICS, 7, FABRICS_PROPERTY_GET);
	store_le32(sqe + 44, PROPERTY_VS);
	host_command(&admin, sqe, NULL, 0);
	EXPECT_EQ(target_next_event(target), UINT64_MAX);
	target_advance(target, admin.now + 1000000);
	EXPECT_EQ(admin.taken, admin.pdus);
	target_set_mode(target, TARGET_RUNS, admin.now + 1000000);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	target_set_mode(target, TARGET_REFUSES, admin.now);
	EXPECT_TRUE(admin.closed);
	host_open(&io, target);
	EXPECT_EQ(io.connection, TARGET_NO_CONNECTION);
	target_set_mode(target, TARGET_RUNS, admin.now);
	host_open(&io, target);
	EXPECT_NE(io.connection, TARGET_NO_CONNECTION);
	stop();
}

static void expect_refusal(struct target_config config, const char *words)
{
	char message[200] = "";

	EXPECT_TRUE(target_create(&config, message, sizeof(message)) == NULL);
	if (!strstr(message, words))
		EXPECT_STREQ(message, words);
}

TEST(target_admin, wrong_configurations_are_named)
{
	struct target_config good = {.nqn = "nqn.x", .namespaces = 1}, bad;

	good.volume[0].path = host_make_volume(2, 4);
	bad = good;
	bad.volume[0].path = "/nonexistent/volume.img";
	expect_refusal(bad, "volume file /nonexistent/volume.img: No such file");
	bad = good;
	bad.volume[0].bytes = 4096;
	expect_refusal(bad, "has 2048 bytes, needed are 4096");
	bad = good;
	bad.volume[0].path = "/tmp";
	expect_refusal(bad, "volume file /tmp: ");
	bad = good;
	bad.nqn = "";
	expect_refusal(bad, "NQN");
	bad = good;
	bad.in_capsule_bytes = 100;
	expect_refusal(bad, "in_capsule_bytes");
	unlink(good.volume[0].path);
}
