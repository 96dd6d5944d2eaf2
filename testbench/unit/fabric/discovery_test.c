/* The discovery controller. */
#include "sim/fabric/bytes.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

static struct host_side admin, io;

/* Connects queue @p queue of @p controller to the subsystem @p name. */
static uint16_t connect_to(struct host_side *host, const char *name, uint16_t queue, uint16_t controller)
{
	uint8_t sqe[SQE_BYTES], data[CONNECT_DATA_BYTES] = {0};

	host_sqe(sqe, NVME_FABRICS, 1, FABRICS_CONNECT);
	store_le16(sqe + 42, queue);
	store_le16(sqe + 44, 31);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
	store_le16(data + 16, controller);
	strcpy((char *)data + 256, name);
	strcpy((char *)data + 512, "nqn.2026-11.assay:host");
	host_command(host, sqe, data, sizeof(data));
	return host_status(host);
}

static uint16_t command(uint8_t opcode, uint32_t dword10, uint32_t bytes)
{
	uint8_t sqe[SQE_BYTES];
	const struct host_pdu *pdu;

	host_sqe(sqe, opcode, 9, 0);
	store_le32(sqe + 40, dword10);
	host_sqe_sgl(sqe, SGL_TRANSPORT, bytes);
	host_command(&admin, sqe, NULL, 0);
	pdu = host_next(&admin);
	if (pdu && pdu->type == PDU_RESPONSE)
		return (uint16_t)(load_le16(pdu->header + 22) >> 1);
	return host_status(&admin);
}

static uint16_t enable(void)
{
	uint8_t sqe[SQE_BYTES];

	host_sqe(sqe, NVME_FABRICS, 2, FABRICS_PROPERTY_SET);
	store_le32(sqe + 44, PROPERTY_CC);
	store_le32(sqe + 48, 0x00460001);
	host_command(&admin, sqe, NULL, 0);
	return host_status(&admin);
}

TEST(discovery, names_the_target)
{
	struct target_config config = {.address = "10.0.0.10", .tcp_port = 4420};
	struct target *target = host_make_target(&config, 64);
	const uint8_t *page;

	host_open(&admin, target);
	ASSERT_TRUE(host_initialize(&admin, false, false, 0));
	ASSERT_EQ(connect_to(&admin, NVME_DISCOVERY_NQN, 0, 0xffff), NVME_SUCCESS);
	ASSERT_EQ(enable(), NVME_SUCCESS);
	ASSERT_EQ(command(NVME_ADMIN_GET_LOG, 0x70 | 511u << 16, 2048), NVME_SUCCESS);
	page = host_pdu_data(&admin, &admin.pdu[admin.taken - 2]);
	EXPECT_EQ(load_le64(page + 8), 1u);
	EXPECT_EQ(page[1024], 3);
	EXPECT_MEMEQ(page + 1024 + 32, "4420    ", 8);
	EXPECT_STREQ((const char *)page + 1024 + 256, "nqn.2026-11.assay:unit");
	EXPECT_MEMEQ(page + 1024 + 512, "10.0.0.10  ", 11);
	ASSERT_EQ(command(NVME_ADMIN_IDENTIFY, 1, 4096), NVME_SUCCESS);
	EXPECT_EQ(host_pdu_data(&admin, &admin.pdu[admin.taken - 2])[111], 2);
	EXPECT_EQ(command(NVME_ADMIN_IDENTIFY, 2, 4096), NVME_INVALID_FIELD | NVME_DNR);
	EXPECT_EQ(command(NVME_ADMIN_GET_LOG, 0x02 | 127u << 16, 512), NVME_INVALID_LOG | NVME_DNR);
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0));
	EXPECT_EQ(connect_to(&io, NVME_DISCOVERY_NQN, 1, 1), NVME_CONNECT_PARAMETER | NVME_DNR);
	EXPECT_EQ(connect_to(&io, "nqn.2026-11.assay:unit", 1, 1), NVME_CONNECT_PARAMETER | NVME_DNR);
	target_destroy(target);
}

TEST(discovery, is_not_there_without_an_address)
{
	struct target_config config = {0};
	struct target *target = host_make_target(&config, 64);

	host_open(&admin, target);
	ASSERT_TRUE(host_initialize(&admin, false, false, 0));
	EXPECT_EQ(connect_to(&admin, NVME_DISCOVERY_NQN, 0, 0xffff), NVME_CONNECT_PARAMETER | NVME_DNR);
	ASSERT_EQ(connect_to(&admin, "nqn.2026-11.assay:unit", 0, 0xffff), NVME_SUCCESS);
	ASSERT_EQ(enable(), NVME_SUCCESS);
	EXPECT_EQ(command(NVME_ADMIN_GET_LOG, 0x70 | 511u << 16, 2048), NVME_INVALID_LOG | NVME_DNR);
	target_destroy(target);
}
