/* A queue whose pieces have been followed by the port's placement unit: what is in place is not copied, digests are the unit's, except where it did not follow. */
#include "firmware/core/crc32c.h"
#include "firmware/fabric/queue.h"
#include "firmware/net/place.h"
#include "testbench/gtest/test.h"

#include <string.h>

enum { BYTES = 512 };

static struct fabric_queue queue;
static struct fabric_command command;
static uint8_t buffer[BYTES];
static unsigned done_count;
static struct {
	struct nvme_tcp_data header;
	uint32_t header_digest;
	uint8_t data[BYTES];
	uint32_t digest;
} __attribute__((packed)) pdu;

static void done(struct fabric_command *c)
{
	(void)c;
	done_count++;
}

/* One read in flight; the unit has its data in place already, which is other data than the frame's. */
static void begin(void)
{
	crc32c_init();
	memset(&queue, 0, sizeof(queue));
	memset(&command, 0, sizeof(command));
	memset(buffer, 0x5a, sizeof(buffer));
	done_count = 0;
	queue.open = queue.data_digest = true;
	queue.header_digest_bytes = 4;
	queue.pad_unit = 4;
	queue.receive.need = sizeof(struct nvme_tcp_response);
	queue.inflight = 1;
	queue.commands[3] = &command;
	command.index = 3;
	command.capsule.sqe.cid = 0x0103;
	command.data = buffer;
	command.bytes = BYTES;
	command.done = done;
	memset(pdu.data, 0x11, sizeof(pdu.data));
	pdu.header = (struct nvme_tcp_data){
		.common = {NVME_TCP_C2H_DATA, NVME_TCP_FLAG_LAST | NVME_TCP_FLAG_SUCCESS | NVME_TCP_FLAG_HEADER_DIGEST | NVME_TCP_FLAG_DATA_DIGEST, 24, 28,
			sizeof(pdu)},
		.cccid = 0x0103,
		.length = BYTES,
	};
	pdu.header_digest = crc32c_update(0, &pdu.header, sizeof(pdu.header));
	pdu.digest = crc32c_update(0, pdu.data, BYTES);
}

static void feed(uint32_t from, uint32_t count, struct place_report report)
{
	fabric_queue_receive(&queue, (const uint8_t *)&pdu + from, count, &report);
}

TEST(firmware_placed, data_in_place_is_not_copied)
{
	begin();
	feed(0, sizeof(pdu), (struct place_report){.from = 0});
	EXPECT_EQ(done_count, 1u);
	EXPECT_EQ(command.status, NVME_SUCCESS);
	EXPECT_EQ(buffer[0], 0x5a);
	EXPECT_EQ(buffer[BYTES - 1], 0x5a);
}

TEST(firmware_placed, the_units_digests_count)
{
	begin();
	pdu.digest ^= 1;
	pdu.header_digest ^= 1; /* it has said that both are right */
	feed(0, sizeof(pdu), (struct place_report){.from = 0});
	EXPECT_TRUE(queue.failure == NULL);
	EXPECT_EQ(command.status, NVME_SUCCESS);
	begin();
	feed(0, sizeof(pdu), (struct place_report){.from = 0, .bad_data = true});
	EXPECT_EQ(command.status, NVME_TRANSIENT_TRANSPORT_ERROR);
	begin();
	pdu.header_digest ^= 1;
	feed(0, sizeof(pdu), (struct place_report){.from = 0, .bad_header = true});
	EXPECT_TRUE(queue.failure != NULL);
	EXPECT_EQ(done_count, 0u);
	begin(); /* the wrong header digest of that frame is another PDU's */
	feed(0, sizeof(pdu), (struct place_report){.from = 0, .bad_header = true});
	EXPECT_TRUE(queue.failure == NULL);
	EXPECT_EQ(done_count, 1u);
}

/* The middle of a PDU was lost, and has come again unfollowed; its end in a frame of either kind. */
TEST(firmware_placed, data_that_was_not_followed_is_copied_and_summed)
{
	static const struct place_report followed = {.from = 0}, not = {.from = PLACE_NOWHERE};

	for (unsigned wrong = 0; wrong < 2; wrong++) {
		begin();
		memset(buffer, 0x11, 200);
		pdu.data[250] ^= (uint8_t)wrong;
		feed(0, 228, followed);
		feed(228, 100, not);
		feed(328, sizeof(pdu) - 328, not);
		EXPECT_EQ(done_count, 1u);
		EXPECT_EQ(command.status, wrong ? NVME_TRANSIENT_TRANSPORT_ERROR : NVME_SUCCESS);
		EXPECT_MEMEQ(buffer, pdu.data, BYTES);
	}
	begin();
	memset(buffer, 0x11, BYTES);
	memset(buffer + 200, 0, 100);
	feed(0, 228, followed);
	feed(228, 100, not);
	feed(328, sizeof(pdu) - 328, followed);
	EXPECT_EQ(command.status, NVME_SUCCESS);
	EXPECT_MEMEQ(buffer, pdu.data, BYTES);
}

TEST(firmware_placed, a_piece_that_is_followed_from_its_middle_on)
{
	struct nvme_tcp_response response = {.common = {NVME_TCP_RESPONSE, NVME_TCP_FLAG_HEADER_DIGEST, 24, 0, 28}, .cqe = {.cid = 0x0103}};
	uint8_t piece[28 + sizeof(pdu)];
	uint32_t digest = crc32c_update(0, &response, sizeof(response));

	/* A response of another command first. */
	static struct fabric_command other;
	begin();
	other = (struct fabric_command){.index = 4, .done = done};
	other.capsule.sqe.cid = response.cqe.cid = 0x0004;
	digest = crc32c_update(0, &response, sizeof(response));
	queue.commands[4] = &other;
	queue.inflight = 2;
	memcpy(piece, &response, 24);
	memcpy(piece + 24, &digest, 4);
	memcpy(piece + 28, &pdu, sizeof(pdu));
	fabric_queue_receive(&queue, piece, sizeof(piece), &(struct place_report){.from = 28});
	EXPECT_TRUE(queue.failure == NULL);
	EXPECT_EQ(done_count, 2u);
	EXPECT_EQ(buffer[0], 0x5a);
	EXPECT_EQ(queue.receive.sequence, (uint32_t)sizeof(piece));
}
