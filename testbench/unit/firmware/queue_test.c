/* The PDU parser of a queue against a target that breaks the rules: the queue fails, and nothing is written that must not be. */
#include "firmware/fabric/queue.h"
#include "firmware/net/place.h"
#include "testbench/gtest/test.h"

static struct fabric_queue queue;
static struct fabric_command command;
static unsigned done_count;
static uint8_t buffer[4096 + 64];

static void done(struct fabric_command *over)
{
	EXPECT_TRUE(over == &command);
	done_count++;
}

static void opened(struct fabric_queue *over)
{
	(void)over;
}

/* An open queue with one read (or write) of 4 KiB in flight, identifier 0x0103. */
static void begin(bool write)
{
	memset(&queue, 0, sizeof(queue));
	memset(&command, 0, sizeof(command));
	memset(buffer, 0x77, sizeof(buffer));
	done_count = 0;
	queue.opened = opened;
	queue.open = true;
	queue.pad_unit = 4;
	queue.receive.need = sizeof(struct nvme_tcp_response);
	queue.inflight = 1;
	queue.commands[3] = &command;
	command.index = 3;
	command.capsule.sqe.cid = 0x0103;
	command.data = buffer;
	command.bytes = 4096;
	command.to_storage = write;
	command.in_capsule = false;
	command.done = done;
}

static const struct place_report nothing_placed = {.from = PLACE_NOWHERE};

static void feed(const void *bytes, uint32_t count)
{
	fabric_queue_receive(&queue, bytes, count, &nothing_placed);
}

static struct nvme_tcp_data data_pdu(uint32_t offset, uint32_t length)
{
	return (struct nvme_tcp_data){
		.common = {NVME_TCP_C2H_DATA, NVME_TCP_FLAG_LAST, 24, 24, 24 + length},
		.cccid = 0x0103,
		.offset = offset,
		.length = length,
	};
}

static struct nvme_tcp_response response_pdu(uint16_t cid, uint16_t status)
{
	return (struct nvme_tcp_response){
		.common = {NVME_TCP_RESPONSE, 0, 24, 0, 24},
		.cqe = {.cid = cid, .status = (uint16_t)(status << 1)},
	};
}

TEST(firmware_queue, takes_a_read_byte_by_byte)
{
	struct nvme_tcp_data header = data_pdu(0, 4096);
	struct nvme_tcp_response response = response_pdu(0x0103, 0);
	uint8_t data[4096];

	begin(false);
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (unsigned i = 0; i < sizeof(header); i++)
		feed((const uint8_t *)&header + i, 1);
	for (unsigned i = 0; i < sizeof(data); i++)
		feed(data + i, 1);
	for (unsigned i = 0; i < sizeof(response); i++)
		feed((const uint8_t *)&response + i, 1);
	EXPECT_TRUE(queue.failure == NULL);
	EXPECT_EQ(done_count, 1u);
	EXPECT_EQ(command.status, NVME_SUCCESS);
	EXPECT_MEMEQ(buffer, data, sizeof(data));
	EXPECT_EQ(buffer[4096], 0x77);
}

TEST(firmware_queue, success_flag_ends_a_read)
{
	struct nvme_tcp_data header = data_pdu(0, 4096);
	uint8_t data[4096 + 8] = {0};

	begin(false);
	header.common.flags |= NVME_TCP_FLAG_SUCCESS;
	header.common.pdo = 32; /* eight bytes of padding */
	header.common.plen += 8;
	data[8] = 0x11;
	feed(&header, sizeof(header));
	feed(data, sizeof(data));
	EXPECT_EQ(done_count, 1u);
	EXPECT_EQ(command.status, NVME_SUCCESS);
	EXPECT_EQ(buffer[0], 0x11);
}

TEST(firmware_queue, short_data_is_no_success)
{
	struct nvme_tcp_response response = response_pdu(0x0103, 0);

	begin(false);
	feed(&response, sizeof(response));
	EXPECT_EQ(done_count, 1u);
	EXPECT_EQ(command.status, NVME_DATA_TRANSFER_ERROR);
}

TEST(firmware_queue, a_write_without_its_data_is_no_success)
{
	struct nvme_tcp_response response = response_pdu(0x0103, 0);

	begin(true);
	feed(&response, sizeof(response));
	EXPECT_EQ(done_count, 1u);
	EXPECT_EQ(command.status, NVME_DATA_TRANSFER_ERROR);
}

static void expect_failure(const void *pdu, uint32_t bytes)
{
	feed(pdu, bytes);
	EXPECT_TRUE(queue.failure != NULL);
	EXPECT_EQ(done_count, 0u);
	for (unsigned i = 0; i < sizeof(buffer); i++)
		ASSERT_EQ(buffer[i], 0x77);
}

TEST(firmware_queue, data_outside_the_buffer_fails)
{
	static const struct {
		uint32_t offset, length;
	} bad[] = {{0, 4097}, {4096, 4}, {4, 4}, {0xffffff00u, 0x200}, {0, 0xffffffe8u}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nvme_tcp_data pdu = data_pdu(bad[i].offset, bad[i].length);

		begin(false);
		expect_failure(&pdu, sizeof(pdu));
	}
}

TEST(firmware_queue, lengths_that_disagree_fail)
{
	struct nvme_tcp_data pdu = data_pdu(0, 512);

	begin(false);
	pdu.common.plen--;
	expect_failure(&pdu, sizeof(pdu));
	begin(false);
	pdu = data_pdu(0, 512);
	pdu.common.pdo = 20;
	expect_failure(&pdu, sizeof(pdu));
	begin(false);
	pdu = data_pdu(0, 512);
	pdu.common.hlen = 28;
	expect_failure(&pdu, sizeof(pdu));
	begin(false);
	pdu = data_pdu(0, 512);
	pdu.common.flags |= 1; /* a digest that nobody agreed to */
	expect_failure(&pdu, sizeof(pdu));
}

TEST(firmware_queue, unknown_commands_fail)
{
	static const uint16_t bad[] = {0x0003, 0x0203, 0x0104, 0x0140, 0xffff};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nvme_tcp_response pdu = response_pdu(bad[i], 0);

		begin(false);
		expect_failure(&pdu, sizeof(pdu));
	}
}

TEST(firmware_queue, data_for_a_write_and_requests_for_a_read_fail)
{
	struct nvme_tcp_data data = data_pdu(0, 512);
	struct nvme_tcp_r2t r2t = {.common = {NVME_TCP_R2T, 0, 24, 0, 24}, .cccid = 0x0103, .length = 512};

	begin(true);
	expect_failure(&data, sizeof(data));
	begin(false);
	expect_failure(&r2t, sizeof(r2t));
}

TEST(firmware_queue, bad_requests_for_data_fail)
{
	static const struct {
		uint32_t offset, length;
	} bad[] = {{0, 0}, {0, 4097}, {512, 512}, {4096, 512}, {0xfffffe00u, 512}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nvme_tcp_r2t r2t = {.common = {NVME_TCP_R2T, 0, 24, 0, 24}, .cccid = 0x0103,
			.offset = bad[i].offset, .length = bad[i].length};

		begin(true);
		expect_failure(&r2t, sizeof(r2t));
	}
}

TEST(firmware_queue, unknown_types_and_an_early_response_fail)
{
	static const uint8_t bad[] = {NVME_TCP_ICREQ, NVME_TCP_COMMAND, NVME_TCP_H2C_DATA, 0x08, 0x0a, 0xff};

	for (size_t i = 0; i < sizeof(bad); i++) {
		struct nvme_tcp_response pdu = response_pdu(0x0103, 0);

		begin(false);
		pdu.common.type = bad[i];
		expect_failure(&pdu, sizeof(pdu));
	}
	begin(false);
	queue.open = false; /* before ICResp */
	struct nvme_tcp_response pdu = response_pdu(0x0103, 0);
	expect_failure(&pdu, sizeof(pdu));
}

TEST(firmware_queue, an_unacceptable_icresp_fails)
{
	struct nvme_tcp_icresp good = {.common = {NVME_TCP_ICRESP, 0, 128, 0, 128}, .maxh2cdata = 4096};
	struct nvme_tcp_icresp bad[5] = {good, good, good, good, good};

	bad[0].pfv = 1;
	bad[1].dgst = 1;
	bad[2].cpda = 32;
	bad[3].maxh2cdata = 4092;
	bad[4].common.plen = 132;
	for (unsigned i = 0; i < 5; i++) {
		begin(false);
		queue.open = false;
		expect_failure(&bad[i], sizeof(bad[i]));
		EXPECT_FALSE(queue.open);
	}
	begin(false);
	queue.open = false;
	good.cpda = 31;
	feed(&good, sizeof(good));
	EXPECT_TRUE(queue.open);
	EXPECT_EQ(queue.pad_unit, 128);
}
