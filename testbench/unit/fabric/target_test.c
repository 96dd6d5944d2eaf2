/* The target as a host sees it: bringing up, I/O by every way of moving data, statuses. */
#include "sim/fabric/bytes.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/fabric/host_side.h"

enum { BLOCKS = 2048 };

static struct host_side admin, io;
static struct target *target;

/* Both queues up. The I/O queue gets its own digests. */
static bool start(struct target_config config, bool digests, uint32_t max_r2t, uint8_t attributes)
{
	uint16_t controller;

	target = host_make_target(&config, BLOCKS);
	if (!target)
		return false;
	host_open(&admin, target);
	controller = host_bring_up(&admin, digests, digests);
	host_open(&io, target);
	return controller && host_initialize(&io, digests, digests, max_r2t) &&
		host_connect(&io, 1, 63, controller, attributes, 0) == NVME_SUCCESS;
}

static void stop(void)
{
	target_destroy(target);
	target = NULL;
}

static void io_sqe(uint8_t sqe[SQE_BYTES], uint8_t opcode, uint16_t id, uint64_t block, uint32_t blocks)
{
	host_sqe(sqe, opcode, id, 1);
	store_le64(sqe + 40, block);
	store_le32(sqe + 48, blocks - 1);
	host_sqe_sgl(sqe, SGL_TRANSPORT, blocks * 512);
}

static uint8_t pattern(uint32_t i)
{
	return (uint8_t)(i * 13 + (i >> 9) + 5);
}

/* Reads blocks and returns the data, or NULL. Accepts any split into PDUs and both ways of saying success. */
static const uint8_t *read_blocks(uint64_t block, uint32_t blocks)
{
	static uint8_t data[TARGET_TRANSFER_BYTES];
	uint8_t sqe[SQE_BYTES];
	uint32_t at = 0;

	io_sqe(sqe, NVME_READ, 77, block, blocks);
	host_command(&io, sqe, NULL, 0);
	for (;;) {
		const struct host_pdu *pdu = host_next(&io);

		if (pdu && pdu->type == PDU_RESPONSE)
			return at == blocks * 512 && load_le16(pdu->header + 22) == 0 ? data : NULL;
		if (!pdu || pdu->type != PDU_C2H_DATA || load_le32(pdu->header + 12) != at || !pdu->digest_ok)
			return NULL;
		memcpy(data + at, host_pdu_data(&io, pdu), pdu->data_bytes);
		at += pdu->data_bytes;
		if (pdu->flags & PDU_FLAG_SUCCESS)
			return at == blocks * 512 ? data : NULL;
		if (!(pdu->flags & PDU_FLAG_LAST) != (at < blocks * 512))
			return NULL;
	}
}

/* Serves R2Ts of a command in pieces of at most @p piece. Returns the status. */
static uint16_t serve_r2t(const uint8_t sqe[SQE_BYTES], const uint8_t *data, uint32_t piece, unsigned *r2ts)
{
	*r2ts = 0;
	for (;;) {
		const struct host_pdu *pdu = host_next(&io);
		uint32_t at, end;

		if (!pdu || (pdu->type != PDU_R2T && pdu->type != PDU_RESPONSE))
			return 0xffff;
		if (pdu->type == PDU_RESPONSE)
			return (uint16_t)(load_le16(pdu->header + 22) >> 1);
		++*r2ts;
		at = load_le32(pdu->header + 12);
		end = at + load_le32(pdu->header + 16);
		while (at < end) {
			uint32_t now = end - at < piece ? end - at : piece;

			host_data(&io, sqe, load_le16(pdu->header + 10), at, data + at, now, at + now == end);
			at += now;
		}
	}
}

static void check_io(uint32_t write_bytes, uint32_t piece, unsigned expected_r2ts)
{
	static uint8_t data[TARGET_TRANSFER_BYTES];
	uint8_t sqe[SQE_BYTES];
	const uint8_t *back = read_blocks(8, 200);
	unsigned r2ts;

	ASSERT_TRUE(back != NULL);
	for (uint32_t i = 0; i < 200 * 512; i++)
		ASSERT_EQ(back[i], host_volume_byte(8 * 512 + i));
	for (uint32_t i = 0; i < write_bytes; i++)
		data[i] = pattern(i);
	io_sqe(sqe, NVME_WRITE, 5, 100, write_bytes / 512);
	host_command(&io, sqe, NULL, 0);
	ASSERT_EQ(serve_r2t(sqe, data, piece, &r2ts), NVME_SUCCESS);
	EXPECT_EQ(r2ts, expected_r2ts);
	back = read_blocks(100, write_bytes / 512);
	ASSERT_TRUE(back != NULL);
	EXPECT_MEMEQ(back, data, write_bytes);
}

TEST(target, reads_and_writes)
{
	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	check_io(128 * 1024, 128 * 1024, 1);
	stop();
}

TEST(target, reads_and_writes_with_digests)
{
	ASSERT_TRUE(start((struct target_config){0}, true, 0, 0));
	check_io(64 * 1024, 10000, 1);
	stop();
}

TEST(target, moves_data_in_small_pieces_through_a_narrow_transport)
{
	ASSERT_TRUE(start((struct target_config){.r2t_bytes = 8192, .c2h_data_bytes = 4096, .h2c_data_bytes = 4096}, true, 2, 4));
	io.room = 1500;
	check_io(60 * 1024, 4096, 8);
	stop();
}

TEST(target, takes_data_in_the_capsule)
{
	uint8_t sqe[SQE_BYTES], data[8192];
	const uint8_t *back;

	ASSERT_TRUE(start((struct target_config){0}, true, 0, 4));
	for (uint32_t i = 0; i < sizeof(data); i++)
		data[i] = pattern(i);
	io_sqe(sqe, NVME_WRITE, 9, 3, 16);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
	host_command(&io, sqe, data, sizeof(data));
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	back = read_blocks(3, 16);
	ASSERT_TRUE(back != NULL);
	EXPECT_MEMEQ(back, data, sizeof(data));
	io_sqe(sqe, NVME_COMPARE, 10, 3, 16);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
	host_command(&io, sqe, data, sizeof(data));
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	data[8191] ^= 1;
	host_command(&io, sqe, data, sizeof(data));
	EXPECT_EQ(host_status(&io), NVME_COMPARE_FAILURE);
	stop();
}

TEST(target, zeroes_and_deallocates)
{
	uint8_t sqe[SQE_BYTES], range[32] = {0};
	const uint8_t *back;

	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	io_sqe(sqe, NVME_WRITE_ZEROES, 1, 10, 100);
	host_command(&io, sqe, NULL, 0);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	store_le32(range + 4, 2);
	store_le64(range + 8, 200);
	store_le32(range + 20, 1);
	store_le64(range + 24, 300);
	host_sqe(sqe, NVME_DATASET, 2, 1);
	sqe[40] = 1;
	sqe[44] = 4;
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(range));
	host_command(&io, sqe, range, sizeof(range));
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	back = read_blocks(9, 300);
	ASSERT_TRUE(back != NULL);
	for (uint32_t i = 0; i < 300 * 512; i++) {
		uint64_t block = 9 + i / 512;
		bool zero = (block >= 10 && block < 110) || block == 200 || block == 201 || block == 300;

		ASSERT_EQ(back[i], zero ? 0 : host_volume_byte(9 * 512 + i));
	}
	stop();
}

struct refusal {
	uint8_t opcode;
	uint32_t namespace_id;
	uint64_t block;
	uint32_t blocks;
	uint8_t sgl;
	uint32_t length;
	uint8_t flags;
	uint16_t status;
};

TEST(target, refuses_wrong_commands_with_their_status)
{
	static const struct refusal refusals[] = {
		{NVME_READ, 2, 0, 1, SGL_TRANSPORT, 512, 0x40, NVME_INVALID_NAMESPACE | NVME_DNR},
		{NVME_READ, 0, 0, 1, SGL_TRANSPORT, 512, 0x40, NVME_INVALID_NAMESPACE | NVME_DNR},
		{NVME_READ, 1, BLOCKS, 1, SGL_TRANSPORT, 512, 0x40, NVME_LBA_RANGE | NVME_DNR},
		{NVME_READ, 1, UINT64_MAX, 2, SGL_TRANSPORT, 1024, 0x40, NVME_LBA_RANGE | NVME_DNR},
		{NVME_WRITE, 1, BLOCKS - 1, 2, SGL_TRANSPORT, 1024, 0x40, NVME_LBA_RANGE | NVME_DNR},
		{NVME_READ, 1, 0, 2, SGL_TRANSPORT, 512, 0x40, NVME_SGL_LENGTH | NVME_DNR},
		{NVME_READ, 1, 0, 2, SGL_TRANSPORT, 1536, 0x40, NVME_SGL_LENGTH | NVME_DNR},
		{NVME_READ, 1, 0, 1, SGL_CAPSULE_OFFSET, 512, 0x40, NVME_SGL_TYPE | NVME_DNR},
		{NVME_READ, 1, 0, 1, 0x00, 512, 0x40, NVME_SGL_TYPE | NVME_DNR},
		{NVME_WRITE, 1, 0, 1, SGL_CAPSULE_OFFSET, 512, 0x40, NVME_SGL_LENGTH | NVME_DNR},
		{NVME_READ, 1, 0, 1, SGL_TRANSPORT, 512, 0x00, NVME_INVALID_FIELD | NVME_DNR},
		{NVME_READ, 1, 0, 1, SGL_TRANSPORT, 512, 0x41, NVME_INVALID_FIELD | NVME_DNR},
		{NVME_READ, 1, 0, 1024, SGL_TRANSPORT, 1024 * 512, 0x40, NVME_INVALID_FIELD | NVME_DNR},
		{0x77, 1, 0, 1, SGL_TRANSPORT, 512, 0x40, NVME_INVALID_OPCODE | NVME_DNR},
		{NVME_WRITE_ZEROES, 1, BLOCKS, 1, 0, 0, 0x40, NVME_LBA_RANGE | NVME_DNR},
		{NVME_FLUSH, 9, 0, 1, 0, 0, 0x40, NVME_INVALID_NAMESPACE | NVME_DNR},
		{NVME_FLUSH, 0xffffffff, 0, 1, 0, 0, 0x40, NVME_SUCCESS},
	};

	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		uint8_t sqe[SQE_BYTES];

		io_sqe(sqe, r->opcode, (uint16_t)i, r->block, r->blocks);
		store_le32(sqe + 4, r->namespace_id);
		sqe[1] = r->flags;
		host_sqe_sgl(sqe, r->sgl, r->length);
		host_command(&io, sqe, NULL, 0);
		EXPECT_EQ(host_status(&io), r->status);
	}
	EXPECT_FALSE(io.closed);
	stop();
}

TEST(target, a_wrong_data_digest_fails_the_command_only)
{
	uint8_t header[PDU_COMMAND_BYTES] = {0}, bytes[1024], data[512] = {1};
	struct pdu_layout layout = {.type = PDU_COMMAND, .header_bytes = PDU_COMMAND_BYTES, .data_bytes = 512, .header_digest = true, .data_digest = true};
	size_t at;

	ASSERT_TRUE(start((struct target_config){0}, true, 0, 0));
	io_sqe(header + 8, NVME_WRITE, 4, 0, 1);
	host_sqe_sgl(header + 8, SGL_CAPSULE_OFFSET, 512);
	memcpy(bytes, header, sizeof(header));
	at = pdu_finish_header(bytes, &layout);
	memcpy(bytes + at, data, sizeof(data));
	memset(bytes + at + 512, 0xee, 4);
	host_send(&io, bytes, at + 516);
	EXPECT_EQ(host_status(&io), NVME_TRANSPORT_ERROR);
	EXPECT_EQ(read_blocks(0, 1)[0], host_volume_byte(0));
	EXPECT_EQ(target_get_stats(target)->digest_errors, 1u);
	stop();
}

TEST(target, a_queue_takes_as_many_commands_as_it_has_entries)
{
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	for (uint16_t i = 0; i < 64; i++) {
		io_sqe(sqe, NVME_READ, i, i, 1);
		host_command(&io, sqe, NULL, 0);
	}
	EXPECT_FALSE(io.closed);
	io_sqe(sqe, NVME_READ, 64, 0, 1);
	host_command(&io, sqe, NULL, 0);
	EXPECT_TRUE(io.closed); /* the 65th */
	stop();
}

TEST(target, keeps_identifiers_apart)
{
	uint8_t sqe[SQE_BYTES];

	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	io_sqe(sqe, NVME_READ, 6, 0, 1);
	host_command(&io, sqe, NULL, 0);
	host_command(&io, sqe, NULL, 0);
	EXPECT_EQ(host_status(&io), NVME_CID_CONFLICT | NVME_DNR);
	EXPECT_TRUE(host_next(&io) != NULL); /* the data */
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	host_command(&io, sqe, NULL, 0);
	EXPECT_TRUE(host_next(&io) != NULL);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	stop();
}

TEST(target, service_takes_latency_and_rate)
{
	uint8_t sqe[SQE_BYTES];
	uint64_t begin;

	ASSERT_TRUE(start((struct target_config){.read_latency_cycles = 5000, .rate_mbps = 8000}, false, 0, 0));
	begin = io.now;
	io_sqe(sqe, NVME_READ, 1, 0, 8);
	host_command(&io, sqe, NULL, 0);
	io_sqe(sqe, NVME_READ, 2, 0, 8);
	host_command(&io, sqe, NULL, 0);
	EXPECT_EQ(target_next_event(target), begin + 4096 + 5000); /* a byte a cycle */
	host_next(&io);
	host_next(&io);
	EXPECT_EQ(target_next_event(target), begin + 2 * 4096 + 5000);
	stop();
}

TEST(target, more_writes_than_buffers_wait_their_turn)
{
	static struct host_side second;
	static uint8_t data[512];
	uint8_t sqe[SQE_BYTES];
	unsigned asked = 0;

	ASSERT_TRUE(start((struct target_config){0}, false, 0, 0));
	host_open(&second, target);
	ASSERT_TRUE(host_initialize(&second, false, false, 0) && host_connect(&second, 2, 63, 1, 0, 0) == NVME_SUCCESS);
	for (uint16_t i = 0; i < 60; i++) {
		io_sqe(sqe, NVME_WRITE, i, i, 1);
		host_command(&io, sqe, NULL, 0);
	}
	while (io.taken < io.pdus && io.pdu[io.taken].type == PDU_R2T) {
		io.taken++;
		asked++;
	}
	EXPECT_EQ(asked, 56u); /* 64 buffers, 8 of them for reads */
	io_sqe(sqe, NVME_READ, 1, 0, 1);
	host_command(&second, sqe, NULL, 0);
	EXPECT_TRUE(host_next(&second) && host_status(&second) == NVME_SUCCESS);
	io_sqe(sqe, NVME_WRITE, 0, 0, 1);
	host_data(&io, sqe, load_le16(io.pdu[io.taken - 56].header + 10), 0, data, 512, true);
	EXPECT_EQ(host_status(&io), NVME_SUCCESS);
	EXPECT_EQ(io.pdu[io.pdus - 1].type, PDU_R2T); /* the 57th may come */
	stop();
}
