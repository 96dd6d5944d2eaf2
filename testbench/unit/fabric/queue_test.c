/* Finer rules of queues and data: what is outstanding, queue heads, alignment, aborts, order, protection. */
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

static struct host_side admin, io;
static struct target *target;

static bool start(struct target_config config, uint32_t max_r2t, uint8_t attributes)
{
	uint16_t controller;

	target = host_make_target(&config, 1024);
	if (!target)
		return false;
	host_open(&admin, target);
	controller = host_bring_up(&admin, false, false);
	host_open(&io, target);
	return controller && host_initialize(&io, false, false, max_r2t) && host_connect(&io, 1, 7, controller, attributes, 0) == NVME_SUCCESS;
}

static void stop(void)
{
	target_destroy(target);
	target = NULL;
}

static void io_command(uint8_t opcode, uint16_t id, uint64_t block, uint32_t blocks)
{
	uint8_t sqe[SQE_BYTES];

	host_sqe(sqe, opcode, id, 1);
	store_le64(sqe + 40, block);
	store_le32(sqe + 48, blocks - 1);
	host_sqe_sgl(sqe, SGL_TRANSPORT, blocks * 512);
	host_command(&io, sqe, NULL, 0);
}

static void admin_command_10(uint8_t opcode, uint16_t id, uint32_t dword10)
{
	uint8_t sqe[SQE_BYTES];

	host_sqe(sqe, opcode, id, 0);
	store_le32(sqe + 40, dword10);
	host_command(&admin, sqe, NULL, 0);
}

TEST(queue, no_more_r2ts_than_the_host_allows)
{
	for (uint32_t more = 0; more < 6; more++) {
		uint32_t allowed = more < 3 ? more + 1 : 4; /* the target itself asks for at most four */

		ASSERT_TRUE(start((struct target_config){.r2t_bytes = 2048}, more, 0));
		io_command(NVME_WRITE, 1, 0, 64);
		EXPECT_EQ(io.pdus - io.taken, allowed);
		stop();
	}
}

TEST(queue, responses_tell_the_head)
{
	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	for (unsigned i = 0; i < 20; i++) {
		io_command(NVME_FLUSH, (uint16_t)i, 0, 1);
		EXPECT_EQ(host_status(&io), NVME_SUCCESS);
		/* Connect was the first entry of the eight. */
		EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 16), (i + 2) % 8);
		EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 18), 1);
	}
	stop();
}

TEST(queue, without_flow_control_data_says_success)
{
	const struct host_pdu *pdu;

	ASSERT_TRUE(start((struct target_config){.c2h_data_bytes = 4096}, 0, 4));
	io_command(NVME_READ, 1, 0, 16);
	pdu = host_next(&io);
	ASSERT_TRUE(pdu != NULL);
	EXPECT_EQ(pdu->flags, 0);
	pdu = host_next(&io);
	ASSERT_TRUE(pdu != NULL);
	EXPECT_EQ(pdu->flags, PDU_FLAG_LAST | PDU_FLAG_SUCCESS);
	EXPECT_TRUE(host_next(&io) == NULL);
	io_command(NVME_FLUSH, 2, 0, 1);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 16), 0xffff);
	stop();
}

TEST(queue, data_lies_where_the_host_wants_it)
{
	static const uint8_t alignments[] = {0, 1, 3, 7, 15, 31};

	for (size_t i = 0; i < sizeof(alignments); i++) {
		uint8_t request[PDU_IC_BYTES] = {PDU_IC_REQ, 0, PDU_IC_BYTES, 0, PDU_IC_BYTES};
		const struct host_pdu *pdu;

		ASSERT_TRUE(start((struct target_config){0}, 0, 0));
		target_closed(target, io.connection, io.now);
		host_open(&io, target);
		request[10] = alignments[i];
		host_send(&io, request, sizeof(request));
		ASSERT_TRUE(host_next(&io) && host_connect(&io, 1, 7, 1, 0, 0) == NVME_SUCCESS);
		io_command(NVME_READ, 1, 0, 1);
		pdu = host_next(&io);
		ASSERT_TRUE(pdu && pdu->type == PDU_C2H_DATA);
		EXPECT_EQ(pdu->header[3] % ((alignments[i] + 1) * 4), 0);
		EXPECT_LE(24, pdu->header[3]);
		stop();
	}
}

TEST(queue, the_capsule_offset_is_zero)
{
	uint8_t sqe[SQE_BYTES], data[512] = {0};

	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	host_sqe(sqe, NVME_WRITE, 1, 1);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
	store_le64(sqe + 24, 4);
	host_command(&io, sqe, data, sizeof(data));
	EXPECT_EQ(host_status(&io), NVME_SGL_OFFSET | NVME_DNR);
	stop();
}

TEST(queue, dataset_ranges_are_checked_before_any_is_touched)
{
	uint8_t sqe[SQE_BYTES], ranges[32] = {0};

	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	store_le32(ranges + 4, 8);
	store_le32(ranges + 20, 25);
	store_le64(ranges + 24, 1000); /* 1000 + 25 > 1024 */
	host_sqe(sqe, NVME_DATASET, 1, 1);
	sqe[40] = 1;
	sqe[44] = 4;
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(ranges));
	host_command(&io, sqe, ranges, sizeof(ranges));
	EXPECT_EQ(host_status(&io), NVME_LBA_RANGE | NVME_DNR);
	io_command(NVME_READ, 2, 0, 1);
	ASSERT_TRUE(host_next(&io) != NULL);
	EXPECT_EQ(host_pdu_data(&io, &io.pdu[io.taken - 1])[5], host_volume_byte(5));
	stop();
}

TEST(queue, a_protected_volume_is_not_written)
{
	struct target_config config = {0};

	config.volume[0].read_only = true;
	ASSERT_TRUE(start(config, 0, 0));
	io_command(NVME_WRITE, 1, 0, 1);
	EXPECT_EQ(host_status(&io), NVME_WRITE_PROTECTED | NVME_DNR);
	io_command(NVME_WRITE_ZEROES, 1, 0, 1);
	EXPECT_EQ(host_status(&io), NVME_WRITE_PROTECTED | NVME_DNR);
	io_command(NVME_READ, 1, 0, 1);
	EXPECT_TRUE(host_next(&io) && host_status(&io) == NVME_SUCCESS);
	stop();
}

TEST(queue, aborts_what_waits)
{
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start((struct target_config){.read_latency_cycles = 1000000}, 0, 0));
	io_command(NVME_READ, 33, 0, 1);
	io_command(NVME_READ, 34, 8, 1);
	admin_command_10(NVME_ADMIN_ABORT, 4, 1 | 99 << 16);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 1u); /* not found */
	admin_command_10(NVME_ADMIN_ABORT, 5, 1 | 33 << 16);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	EXPECT_EQ(host_result(&admin), 0u);
	EXPECT_EQ(host_status(&io), NVME_ABORT_REQUESTED);
	EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 20), 33);
	EXPECT_TRUE(host_next(&io) && host_status(&io) == NVME_SUCCESS); /* 34 goes on */
	EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 20), 34);
	EXPECT_TRUE(host_next(&io) == NULL);
	host_sqe(sqe, NVME_FLUSH, 33, 1); /* the identifier is free again */
	host_command(&io, sqe, NULL, 0);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	stop();
}

TEST(queue, equal_services_end_in_order_of_arrival)
{
	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	for (uint16_t id = 7; id > 0; id--)
		io_command(NVME_FLUSH, id, 0, 1);
	for (uint16_t id = 7; id > 0; id--) {
		EXPECT_EQ(host_status(&io), NVME_SUCCESS);
		EXPECT_EQ(load_le16(io.pdu[io.taken - 1].header + 20), id);
	}
	stop();
}

TEST(queue, io_queues_want_the_same_host)
{
	uint8_t sqe[SQE_BYTES], data[CONNECT_DATA_BYTES] = {0};

	for (unsigned wrong = 0; wrong < 3; wrong++) {
		ASSERT_TRUE(start((struct target_config){0}, 0, 0));
		host_open(&io, target);
		ASSERT_TRUE(host_initialize(&io, false, false, 0));
		host_sqe(sqe, NVME_FABRICS, 1, FABRICS_CONNECT);
		store_le16(sqe + 42, 2);
		store_le16(sqe + 44, 7);
		host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
		memset(data, wrong == 0 ? 0x5b : 0x5a, 16);
		store_le16(data + 16, 1);
		strcpy((char *)data + 256, wrong == 1 ? "nqn.2026-11.assay:other" : "nqn.2026-11.assay:unit");
		strcpy((char *)data + 512, wrong == 2 ? "nqn.2026-11.assay:guest" : "nqn.2026-11.assay:host");
		host_command(&io, sqe, data, sizeof(data));
		EXPECT_EQ(host_status(&io), NVME_CONNECT_PARAMETER | NVME_DNR);
		EXPECT_EQ(host_result(&io), (wrong == 0 ? 0u : wrong == 1 ? 256u : 512u) | 1u << 16);
		stop();
	}
}

TEST(queue, disconnected_queues_take_nothing_more)
{
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	host_sqe(sqe, NVME_FABRICS, 1, FABRICS_DISCONNECT);
	host_command(&io, sqe, NULL, 0);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	io_command(NVME_FLUSH, 2, 0, 1);
	EXPECT_EQ(host_status(&io), NVME_SEQUENCE_ERROR | NVME_DNR);
	host_sqe(sqe, NVME_FABRICS, 1, FABRICS_DISCONNECT);
	host_command(&admin, sqe, NULL, 0);
	EXPECT_EQ(host_status(&admin), NVME_INVALID_QUEUE | NVME_DNR);
	host_open(&io, target); /* its number may be connected again */
	EXPECT_TRUE(host_initialize(&io, false, false, 0) && host_connect(&io, 1, 7, 1, 0, 0) == NVME_SUCCESS);
	stop();
}

TEST(queue, log_pages_are_read_from_an_offset)
{
	uint8_t sqe[SQE_BYTES];
	const struct host_pdu *pdu;

	ASSERT_TRUE(start((struct target_config){0}, 0, 0));
	host_sqe(sqe, NVME_ADMIN_GET_LOG, 1, 0xffffffff);
	store_le32(sqe + 40, 2 | 1u << 16); /* two dwords */
	store_le64(sqe + 48, 64);           /* host reads, as this target counts them: commands */
	host_sqe_sgl(sqe, SGL_TRANSPORT, 8);
	host_command(&admin, sqe, NULL, 0);
	pdu = host_next(&admin);
	ASSERT_TRUE(pdu && pdu->type == PDU_C2H_DATA);
	EXPECT_EQ(load_le64(host_pdu_data(&admin, pdu)), target_get_stats(target)->commands);
	EXPECT_EQ(host_status(&admin), NVME_SUCCESS);
	store_le64(sqe + 48, 516);
	host_command(&admin, sqe, NULL, 0);
	EXPECT_EQ(host_status(&admin), NVME_INVALID_FIELD | NVME_DNR);
	stop();
}
