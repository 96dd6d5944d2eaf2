/* Hosts that break the rules of the transport: a termination request that names the cause, a closed connection, nothing else. */
#include "sim/fabric/bytes.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

static struct host_side admin, io;
static struct target *target;

static bool start(struct target_config config, bool digests)
{
	uint16_t controller;

	target = host_make_target(&config, 1024);
	if (!target)
		return false;
	host_open(&admin, target);
	controller = host_bring_up(&admin, false, false);
	host_open(&io, target);
	return controller && host_initialize(&io, digests, digests, 3) && host_connect(&io, 1, 63, controller, 0, 0) == NVME_SUCCESS;
}

static void stop(void)
{
	target_destroy(target);
	target = NULL;
}

/* The connection must have ended with this termination request as its last PDU. */
static void expect_term(const struct host_side *host, enum pdu_fatal status, uint32_t information)
{
	const struct host_pdu *last = host->pdus ? &host->pdu[host->pdus - 1] : NULL;

	EXPECT_TRUE(host->closed);
	EXPECT_FALSE(host->broken);
	ASSERT_TRUE(last != NULL);
	EXPECT_EQ(last->type, PDU_C2H_TERM);
	EXPECT_EQ(load_le16(last->header + 8), (unsigned)status);
	EXPECT_EQ(load_le32(last->header + 10), information);
	EXPECT_LE(8u, last->data_bytes);
}

static void io_sqe(uint8_t sqe[SQE_BYTES], uint8_t opcode, uint16_t id, uint32_t blocks)
{
	host_sqe(sqe, opcode, id, 1);
	store_le32(sqe + 48, blocks - 1);
	host_sqe_sgl(sqe, SGL_TRANSPORT, blocks * 512);
}

/* Starts a write and returns the tag of its first R2T. */
static uint16_t start_write(uint8_t sqe[SQE_BYTES], uint32_t blocks)
{
	const struct host_pdu *r2t;

	io_sqe(sqe, NVME_WRITE, 11, blocks);
	host_command(&io, sqe, NULL, 0);
	r2t = host_next(&io);
	return r2t && r2t->type == PDU_R2T ? load_le16(r2t->header + 10) : 0xffff;
}

TEST(hostile, connections_begin_with_one_initialisation)
{
	struct target_config config = {0};
	uint8_t sqe[SQE_BYTES], request[PDU_IC_BYTES] = {PDU_IC_REQ, 0, PDU_IC_BYTES, 0, PDU_IC_BYTES};

	target = host_make_target(&config, 64);
	host_open(&io, target);
	io_sqe(sqe, NVME_READ, 1, 1);
	host_command(&io, sqe, NULL, 0);
	expect_term(&io, PDU_FATAL_SEQUENCE, 0);
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0));
	host_send(&io, request, sizeof(request));
	expect_term(&io, PDU_FATAL_SEQUENCE, 0);
	stop();
}

TEST(hostile, initialisation_with_unknown_parameters)
{
	static const struct {
		uint8_t at, value;
		enum pdu_fatal status;
		uint32_t information;
	} wrongs[] = {
		{8, 1, PDU_FATAL_PARAMETER, 8}, {9, 1, PDU_FATAL_PARAMETER, 8}, {10, 32, PDU_FATAL_HEADER_FIELD, 10},
		{11, 4, PDU_FATAL_HEADER_FIELD, 11}, {2, 24, PDU_FATAL_HEADER_FIELD, 2}, {4, 129, PDU_FATAL_HEADER_FIELD, 4},
		{4, 0, PDU_FATAL_HEADER_FIELD, 4}, {1, 1, PDU_FATAL_HEADER_FIELD, 1}, {0, PDU_IC_RESP, PDU_FATAL_HEADER_FIELD, 0},
		{0, PDU_C2H_DATA, PDU_FATAL_HEADER_FIELD, 0},
	};
	struct target_config config = {0};

	target = host_make_target(&config, 64);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		uint8_t request[PDU_IC_BYTES] = {PDU_IC_REQ, 0, PDU_IC_BYTES, 0, PDU_IC_BYTES};

		request[wrongs[i].at] = wrongs[i].value;
		host_open(&io, target);
		host_send(&io, request, sizeof(request));
		expect_term(&io, wrongs[i].status, wrongs[i].information);
	}
	EXPECT_EQ(target_get_stats(target)->terminated, sizeof(wrongs) / sizeof(wrongs[0]));
	stop();
}

struct bad_data {
	int tag_off;
	uint16_t id;
	uint32_t offset;
	uint32_t length;
	bool last;
	enum pdu_fatal status;
	uint32_t information;
};

TEST(hostile, data_that_nobody_asked_for)
{
	static const struct bad_data bads[] = {
		{1, 11, 0, 512, false, PDU_FATAL_HEADER_FIELD, 10},    /* a tag that is not in use */
		{5000, 11, 0, 512, false, PDU_FATAL_HEADER_FIELD, 10}, /* one that cannot be */
		{0, 12, 0, 512, false, PDU_FATAL_HEADER_FIELD, 8},     /* another command's identifier */
		{0, 11, 512, 512, false, PDU_FATAL_OUT_OF_RANGE, 0},   /* a hole */
		{0, 11, 0, 4096, true, PDU_FATAL_OUT_OF_RANGE, 0},     /* over the end of the first R2T */
		{0, 11, 0, 2048, false, PDU_FATAL_HEADER_FIELD, 1},    /* its end without LAST */
		{0, 11, 0, 512, true, PDU_FATAL_HEADER_FIELD, 1},      /* LAST in its middle */
	};
	static uint8_t data[8192];

	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct bad_data *bad = &bads[i];
		uint8_t sqe[SQE_BYTES];
		uint16_t tag;

		ASSERT_TRUE(start((struct target_config){.r2t_bytes = 2048}, false));
		tag = start_write(sqe, 8);
		ASSERT_NE(tag, 0xffff);
		store_le16(sqe + 2, bad->id);
		host_data(&io, sqe, (uint16_t)(tag + bad->tag_off), bad->offset, data, bad->length, bad->last);
		expect_term(&io, bad->status, bad->information);
		EXPECT_FALSE(admin.closed);
		stop();
	}
}

TEST(hostile, data_length_that_contradicts_the_pdu)
{
	uint8_t sqe[SQE_BYTES], header[PDU_DATA_BYTES] = {0}, data[512] = {0};
	uint16_t tag;

	ASSERT_TRUE(start((struct target_config){0}, false));
	tag = start_write(sqe, 8);
	memcpy(header + 8, sqe + 2, 2);
	store_le16(header + 10, tag);
	store_le32(header + 16, 1024);
	host_send_pdu(&io, PDU_H2C_DATA, 0, header, sizeof(header), data, sizeof(data));
	expect_term(&io, PDU_FATAL_HEADER_FIELD, 16);
	stop();
}

TEST(hostile, more_in_the_capsule_than_it_holds)
{
	static uint8_t data[16384];
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start((struct target_config){0}, false));
	io_sqe(sqe, NVME_WRITE, 1, 17);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, 8704);
	host_command(&io, sqe, data, 8704);
	expect_term(&io, PDU_FATAL_HEADER_FIELD, 4);
	stop();
}

TEST(hostile, header_digest_errors_are_fatal)
{
	uint8_t bytes[PDU_COMMAND_BYTES + 8] = {0};
	struct pdu_layout layout = {.type = PDU_COMMAND, .header_bytes = PDU_COMMAND_BYTES, .header_digest = true};
	size_t length;

	ASSERT_TRUE(start((struct target_config){0}, true));
	length = pdu_finish_header(bytes, &layout);
	bytes[30] ^= 4;
	host_send(&io, bytes, length);
	EXPECT_TRUE(io.closed);
	EXPECT_EQ(load_le16(io.pdu[io.pdus - 1].header + 8), PDU_FATAL_HEADER_DIGEST);
	stop();
}

TEST(hostile, a_host_may_terminate)
{
	uint8_t request[PDU_TERM_BYTES + 8] = {PDU_H2C_TERM, 0, PDU_TERM_BYTES, 0, PDU_TERM_BYTES + 8, 0, 0, 0, 1};

	ASSERT_TRUE(start((struct target_config){0}, false));
	host_send(&io, request, sizeof(request));
	EXPECT_TRUE(io.closed);
	EXPECT_NE(io.pdu[io.pdus - 1].type, PDU_C2H_TERM);
	stop();
}

/* A conversation with everything in it, as bytes: what a fuzzer damages. */
static size_t record_conversation(uint8_t *bytes, size_t room)
{
	uint8_t ic[PDU_IC_BYTES] = {PDU_IC_REQ, 0, PDU_IC_BYTES, 0, PDU_IC_BYTES};
	size_t at = sizeof(ic);

	memcpy(bytes, ic, sizeof(ic));
	for (unsigned i = 0; i < 12; i++) {
		static const uint8_t opcodes[] = {NVME_FABRICS, NVME_FABRICS, NVME_READ, NVME_WRITE, NVME_ADMIN_IDENTIFY, NVME_DATASET};
		struct pdu_layout layout = {.type = PDU_COMMAND, .header_bytes = PDU_COMMAND_BYTES, .data_bytes = i % 2 || i == 0 ? 1024 : 0};
		uint8_t *sqe = bytes + at + 8;

		if (at + 2048 > room)
			break;
		host_sqe(sqe, opcodes[i % 6], (uint16_t)i, i % 6 == 0 ? FABRICS_CONNECT : i % 6 == 1 ? FABRICS_PROPERTY_SET : 1);
		host_sqe_sgl(sqe, layout.data_bytes ? SGL_CAPSULE_OFFSET : SGL_TRANSPORT, layout.data_bytes ? 1024 : 4096);
		if (i == 0) {
			sqe[44] = 31;
			memset(sqe + 64, 0, 1024);
			memset(sqe + 64 + 16, 0xff, 2);
			strcpy((char *)sqe + 64 + 256, "nqn.2026-11.assay:unit");
			strcpy((char *)sqe + 64 + 512, "nqn.2026-11.assay:host");
		} else {
			store_le32(sqe + 44, PROPERTY_CC);
			store_le32(sqe + 48, i % 6 == 1 ? 0x00460001 : 1);
		}
		at += pdu_finish_header(bytes + at, &layout) + layout.data_bytes;
	}
	return at;
}

TEST(hostile, damaged_conversations_leave_the_target_whole)
{
	static uint8_t good[32768], bad[32768];
	struct target_config config = {0};
	uint64_t random = test_seed() * 2 + 1;
	size_t length = record_conversation(good, sizeof(good));

	target = host_make_target(&config, 1024);
	for (unsigned round = 0; round < 3000; round++) {
		memcpy(bad, good, length);
		for (unsigned k = 0; k < 1 + round % 5; k++) {
			random ^= random >> 12;
			random ^= random << 25;
			random ^= random >> 27;
			bad[(random >> 20) % length] = (uint8_t)(random >> 8);
		}
		host_open(&io, target);
		ASSERT_NE(io.connection, TARGET_NO_CONNECTION);
		host_send(&io, bad, length);
		target_advance(target, io.now += 50000);
		if (!io.closed)
			target_closed(target, io.connection, io.now);
	}
	/* Every buffer and command has come back: 56 writes can be asked for at once. */
	host_open(&admin, target);
	ASSERT_EQ(host_bring_up(&admin, false, false), 1u);
	host_open(&io, target);
	ASSERT_TRUE(host_initialize(&io, false, false, 0) && host_connect(&io, 1, 63, 1, 0, 0) == NVME_SUCCESS);
	for (uint16_t i = 0; i < 60; i++) {
		uint8_t sqe[SQE_BYTES];

		io_sqe(sqe, NVME_WRITE, i, 1);
		host_command(&io, sqe, NULL, 0);
	}
	EXPECT_EQ(io.pdus - io.taken, 56u);
	stop();
}
