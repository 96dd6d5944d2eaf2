/* libFuzzer on the firmware's initiator: the input is what a target sends on one queue with commands in flight.
 *
 * First byte: digests agreed upon (bits 0 and 1). Then steps, each a kind byte and its operands: raw bytes, or a PDU in form for one of the
 * commands with some of its header overwritten and its digests made right. Whatever comes: each command ends at most once, nothing is
 * written outside the data of commands in flight, and after a failure the queue is silent.
 */
#include <stdlib.h>
#include <string.h>

#include "firmware/core/crc32c.h"
#include "firmware/core/log.h"
#include "firmware/fabric/queue.h"
#include "firmware/net/lan.h"
#include "firmware/net/place.h"
#include "lwip/sys.h"
#include "testbench/fuzz/input.h"

enum { COMMANDS = 8, DATA_BYTES = 2048, GUARD_BYTES = 64 };

static struct fabric_queue queue;
static struct fabric_command commands[COMMANDS];
static unsigned answers[COMMANDS];
static uint8_t buffers[COMMANDS][DATA_BYTES + GUARD_BYTES];

void log_line(const char *format, ...)
{
	(void)format;
}

void log_panic(const char *format, ...)
{
	(void)format;
	abort();
}

uint32_t lwip_platform_random(void)
{
	return 1;
}

void lwip_platform_assert(const char *message, const char *file, int line)
{
	(void)message;
	(void)file;
	(void)line;
	abort();
}

u32_t sys_now(void)
{
	return 0;
}

static void done(struct fabric_command *command)
{
	answers[command - commands]++;
}

static void opened(struct fabric_queue *over)
{
	(void)over;
}

static void begin(uint8_t digests)
{
	memset(&queue, 0, sizeof(queue));
	memset(commands, 0, sizeof(commands));
	memset(answers, 0, sizeof(answers));
	memset(buffers, 0x77, sizeof(buffers));
	queue.opened = opened;
	queue.open = true;
	queue.pad_unit = 4;
	queue.header_digest_bytes = digests & 1 ? NVME_TCP_DIGEST_BYTES : 0;
	queue.data_digest = digests & 2;
	queue.receive.need = sizeof(struct nvme_tcp_response);
	queue.inflight = COMMANDS;
	for (unsigned i = 0; i < COMMANDS; i++) {
		queue.commands[i] = &commands[i];
		commands[i] = (struct fabric_command){.index = (uint8_t)i, .data = buffers[i], .bytes = DATA_BYTES, .to_storage = i % 4 == 3,
			.done = done};
		commands[i].capsule.sqe.cid = (uint16_t)(0x5500 | i);
	}
}

static void check(void)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		REQUIRE(answers[i] <= 1);
		for (unsigned k = 0; k < GUARD_BYTES; k++)
			REQUIRE(buffers[i][DATA_BYTES + k] == 0x77);
	}
}

static void feed(const uint8_t *bytes, size_t count)
{
	bool failed = queue.failure != NULL;
	unsigned before[COMMANDS];

	memcpy(before, answers, sizeof(before));
	fabric_queue_receive(&queue, bytes, (uint32_t)count, &(struct place_report){.from = PLACE_NOWHERE});
	if (failed)
		REQUIRE(memcmp(before, answers, sizeof(before)) == 0);
	check();
}

/* Data, a response or an R2T for a command, bent, then with the digests that its bytes have. */
static void feed_pdu(struct input *input)
{
	uint8_t shape = take(input), pdu[24 + 4 + 512 + 4] = {0};
	unsigned index = shape & 7;
	uint16_t cid = (uint16_t)(0x5500 | index);
	uint32_t length = shape & 8 ? 512 : 4, header = 24 + queue.header_digest_bytes, total = header, digest;
	struct nvme_tcp_common *common = (struct nvme_tcp_common *)(void *)pdu;

	common->type = shape & 0x80 ? NVME_TCP_RESPONSE : commands[index].to_storage ? NVME_TCP_R2T : NVME_TCP_C2H_DATA;
	common->hlen = 24;
	common->flags = queue.header_digest_bytes ? NVME_TCP_FLAG_HEADER_DIGEST : 0;
	if (common->type == NVME_TCP_RESPONSE) {
		memcpy(pdu + 20, &cid, 2);
	} else {
		memcpy(pdu + 8, &cid, 2);
		memcpy(pdu + 12, &commands[index].received, 4);
		memcpy(pdu + 16, &length, 4);
	}
	if (common->type == NVME_TCP_C2H_DATA) {
		common->pdo = (uint8_t)header;
		common->flags |= (uint8_t)((queue.data_digest ? NVME_TCP_FLAG_DATA_DIGEST : 0) | (shape & 0x40 ? NVME_TCP_FLAG_LAST | NVME_TCP_FLAG_SUCCESS : 0));
		total += length + (queue.data_digest ? 4 : 0);
	}
	common->plen = total;
	for (unsigned bends = shape >> 4 & 3; bends > 0; bends--) {
		uint8_t at = take(input);

		pdu[at % 24] = take(input);
	}
	digest = crc32c_update(0, pdu, 24);
	if (queue.header_digest_bytes)
		memcpy(pdu + 24, &digest, 4);
	digest = crc32c_update(0, pdu + header, length);
	if (queue.data_digest && common->type == NVME_TCP_C2H_DATA)
		memcpy(pdu + header + length, &digest, 4);
	feed(pdu, total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	static bool ready;

	if (!ready)
		crc32c_init();
	ready = true;
	begin(take(&input));
	while (input.left > 0) {
		if (take(&input) & 1) {
			feed_pdu(&input);
			continue;
		}
		size_t piece = take(&input);

		piece = piece < input.left ? piece : input.left;
		feed(input.at, piece);
		input.at += piece;
		input.left -= piece;
	}
	return 0;
}
