/* Random PDU streams, half right and half wrong, in random pieces: whatever a target sends, a queue answers each command at most
 * once, writes into no memory but the data of commands in flight, and is silent after it has failed. */
#include "firmware/fabric/queue.h"
#include "firmware/net/place.h"
#include "testbench/gtest/test.h"

#define COMMANDS 8
#define DATA_BYTES 2048u
#define GUARD_BYTES 64u
#define ROUNDS 3000
#define PDUS 24

static struct fabric_queue queue;
static struct fabric_command commands[COMMANDS];
static unsigned answers[COMMANDS];
static uint8_t buffers[COMMANDS][DATA_BYTES + GUARD_BYTES];
static uint64_t state;
static bool failed_before;

static uint32_t draw(uint32_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static void done(struct fabric_command *command)
{
	EXPECT_FALSE(failed_before);
	answers[command - commands]++;
}

static void opened(struct fabric_queue *over)
{
	(void)over;
}

static void begin(void)
{
	memset(&queue, 0, sizeof(queue));
	memset(commands, 0, sizeof(commands));
	memset(answers, 0, sizeof(answers));
	memset(buffers, 0x77, sizeof(buffers));
	failed_before = false;
	queue.opened = opened;
	queue.open = true;
	queue.pad_unit = 4;
	queue.receive.need = sizeof(struct nvme_tcp_response);
	queue.inflight = COMMANDS;
	for (unsigned i = 0; i < COMMANDS; i++) {
		queue.commands[i] = &commands[i];
		commands[i] = (struct fabric_command){.index = (uint8_t)i, .data = buffers[i], .bytes = DATA_BYTES,
			.to_storage = i % 4 == 3, .done = done};
		commands[i].capsule.sqe.cid = (uint16_t)(0x5500 | i);
	}
}

/* A command in flight, as long as luck lasts. */
static unsigned pick(void)
{
	unsigned index = draw(COMMANDS);

	for (unsigned tries = 0; tries < 8 && (!queue.commands[index] || commands[index].stage != FABRIC_STAGE_NONE); tries++)
		index = draw(COMMANDS);
	return index;
}

/* What the command at hand could rightly get next, before something is spoiled. */
static uint32_t make_pdu(struct nvme_tcp_data *pdu)
{
	unsigned index = pick();
	const struct fabric_command *command = &commands[index];
	uint32_t left = DATA_BYTES - command->received, length = left ? (1 + draw(left / 4)) * 4 : 0;

	memset(pdu, 0, sizeof(*pdu));
	pdu->common = (struct nvme_tcp_common){NVME_TCP_RESPONSE, 0, 24, 0, 24};
	((struct nvme_tcp_response *)(void *)pdu)->cqe.cid = (uint16_t)(0x5500 | index);
	if (draw(40) == 0 || (!command->to_storage && left == 0))
		return 0;
	pdu->cccid = (uint16_t)(0x5500 | index);
	pdu->ttag = (uint16_t)draw(16);
	if (command->to_storage) {
		pdu->common.type = NVME_TCP_R2T;
		pdu->length = DATA_BYTES;
		return 0;
	}
	pdu->common = (struct nvme_tcp_common){NVME_TCP_C2H_DATA, (uint8_t)(draw(3) << 2), 24, 24, 24 + length};
	pdu->offset = command->received;
	pdu->length = length;
	return length;
}

static void spoil(void *pdu)
{
	static const uint32_t tempting[] = {0, 1, 4, DATA_BYTES, DATA_BYTES + 4, 0x7fffffff, 0xffffffff, 0xfffffffc};
	uint8_t *bytes = pdu;
	uint32_t value = tempting[draw(8)];

	if (draw(2) == 0)
		bytes[draw(24)] = (uint8_t)draw(256);
	else
		memcpy(bytes + draw(6) * 4, &value, sizeof(value));
}

static const struct place_report nothing_placed = {.from = PLACE_NOWHERE};

static void feed(const uint8_t *bytes, uint32_t count)
{
	while (count > 0) {
		uint32_t now = 1 + draw(count);

		failed_before = queue.failure != NULL;
		fabric_queue_receive(&queue, bytes, now, &nothing_placed);
		bytes += now;
		count -= now;
	}
}

static void check(void)
{
	for (unsigned i = 0; i < COMMANDS; i++) {
		ASSERT_TRUE(answers[i] <= 1);
		ASSERT_TRUE((answers[i] == 1) == (queue.commands[i] == NULL));
		for (unsigned b = commands[i].to_storage ? 0 : DATA_BYTES; b < DATA_BYTES + GUARD_BYTES; b++)
			ASSERT_EQ(buffers[i][b], 0x77);
	}
}

TEST(firmware_hostile, random_pdu_streams)
{
	static uint8_t data[DATA_BYTES];
	unsigned failures = 0, successes = 0;

	state = test_seed() * 2 + 99;
	for (unsigned round = 0; round < ROUNDS && !test_has_failed(); round++) {
		begin();
		for (unsigned k = 0; k < PDUS; k++) {
			struct nvme_tcp_data pdu;
			uint32_t bytes = make_pdu(&pdu);

			if (draw(24) == 0)
				spoil(&pdu);
			feed((const uint8_t *)&pdu, sizeof(pdu));
			feed(data, bytes);
		}
		check();
		failures += queue.failure != NULL;
		for (unsigned i = 0; i < COMMANDS; i++)
			successes += answers[i] == 1 && commands[i].status == NVME_SUCCESS;
	}
	EXPECT_GT(failures, (unsigned)ROUNDS / 4);
	EXPECT_GT(successes, (unsigned)ROUNDS / 20);
}
