/* libFuzzer on all of the firmware's initiator above its queues: setting paths up, asymmetric access, discovery, events, requests and their pieces. The
 * queues are ours: the input opens and breaks them, and answers their commands in any order, with what a target in form would say or with that bent.
 *
 * Whatever comes: a request ends once; its pieces are within its data and blocks, and within what the controller takes; one that succeeds has had
 * all of its blocks done, each in a piece that succeeded; after a loss no command of a queue is left behind.
 */
#include <string.h>

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/fabric/fabric.c" /* its state begins anew with each input */
#include "firmware/net/lan.h"
#include "firmware/net/port.h"
#include "testbench/fuzz/input.h"

enum { STORAGES = 3, TAGS = 8, MOST_BLOCKS = 64, BLOCK_MOST = 4096, NAMESPACE_BLOCKS = 4096 };

static const char configuration[] =
	"ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 200\n"
	"volume 0 nvme-tcp 10.0.0.10:4420 nqn.a:0 nsid 1 path 10.0.0.11:4420 queues 2 timeout 300 apd fail 500\n"
	"volume 1 discovery 10.0.0.12:4420 nqn.a:1 nsid 7 timeout 300\n"
	"volume 2 nvme-tcp 10.0.0.13:4420 nqn.a:2 nsid 1 timeout 300\n";

static struct {
	bool busy;
	unsigned storage;
	uint8_t opcode;
	uint64_t lba;
	uint32_t blocks, done;
} requests[TAGS];

static uint8_t data[TAGS][MOST_BLOCKS * BLOCK_MOST];
static struct config config;
static uint64_t now;
static struct fabric_queue *queues[256];
static unsigned queue_count;
bool fabric_attention;

uint64_t clock_ticks(void)
{
	return now;
}

void log_line(const char *format, ...)
{
	(void)format;
}

void log_panic(const char *format, ...)
{
	(void)format;
	abort();
}

void lan_timers_changed(void)
{
}

void port_add_storage(const uint8_t address[4], uint16_t port, const uint8_t own[4])
{
	(void)address;
	(void)port;
	(void)own;
}

/* ---- the queues ---- */

void fabric_queue_fail(struct fabric_queue *queue, const char *why)
{
	if (!queue->failure)
		queue->failure = why;
	fabric_attention = true;
}

bool fabric_queue_open(struct fabric_queue *queue, const uint8_t address[4], uint16_t port)
{
	unsigned at = 0;

	(void)address;
	(void)port;
	REQUIRE(!queue->connected);
	memset(queue->commands, 0, sizeof(queue->commands));
	queue->failure = NULL;
	queue->inflight = 0;
	queue->open = false;
	queue->connected = true;
	while (at < queue_count && queues[at] != queue)
		at++;
	REQUIRE(at < 256);
	queues[at] = queue;
	queue_count += at == queue_count;
	return true;
}

void fabric_queue_close(struct fabric_queue *queue)
{
	queue->connected = queue->open = false;
}

struct fabric_command *fabric_queue_take(struct fabric_queue *queue)
{
	for (unsigned i = 0; i < FABRIC_QUEUE_COMMANDS; i++) {
		struct fabric_command *command = queue->commands[i];

		if (!command)
			continue;
		queue->commands[i] = NULL;
		queue->inflight--;
		return command;
	}
	return NULL;
}

static void check_piece(const struct fabric_queue *queue, const struct fabric_command *command, unsigned tag)
{
	const struct path *path = queue->owner;
	const struct nvme_sqe *sqe = &command->capsule.sqe;
	uint64_t lba = (uint64_t)sqe->dw11 << 32 | sqe->dw10;
	uint32_t blocks = (sqe->dw12 & 0xffff) + 1, block = 1u << path->found.lba_shift;

	REQUIRE(tag < TAGS && requests[tag].busy && sqe->opcode == requests[tag].opcode);
	if (sqe->opcode == NVME_IO_FLUSH)
		return;
	REQUIRE(lba == requests[tag].lba + requests[tag].done && blocks <= requests[tag].blocks - requests[tag].done);
	if (sqe->opcode == NVME_IO_WRITE_ZEROES)
		return;
	REQUIRE(command->bytes <= path->most_bytes && command->data == data[tag] + requests[tag].done * (command->bytes / blocks));
	REQUIRE(command->bytes == blocks * block);
}

void fabric_queue_submit(struct fabric_queue *queue, struct fabric_command *command, unsigned index)
{
	REQUIRE(queue->connected && index < FABRIC_QUEUE_COMMANDS && !queue->commands[index]);
	if (queue->qid > 0 && command->capsule.sqe.opcode != NVME_ADMIN_FABRICS)
		check_piece(queue, command, index);
	command->index = (uint8_t)index;
	queue->commands[index] = command;
	queue->inflight++;
}

void fabric_queue_flush(void)
{
}

static void finish(struct fabric_queue *queue, struct fabric_command *command, uint16_t status)
{
	unsigned tag = command->index;

	command->status = status;
	queue->commands[tag] = NULL;
	queue->inflight--;
	queue->finished++;
	fabric_attention |= queue->qid == 0;
	if (queue->qid > 0 && command->capsule.sqe.opcode != NVME_ADMIN_FABRICS && status == NVME_SUCCESS)
		requests[tag].done += (command->capsule.sqe.dw12 & 0xffff) + 1;
	command->done(command);
}

/* ---- what a target in form says ---- */

static void put(uint8_t *to, uint32_t offset, uint64_t value, unsigned bytes)
{
	memcpy(to + offset, &value, bytes);
}

static void identify(struct fabric_command *command)
{
	uint8_t *to = command->data;

	switch (command->capsule.sqe.dw10 & 0xff) {
	case NVME_CNS_CONTROLLER:
		put(to, NVME_IDCTRL_MDTS, 1, 1);
		put(to, NVME_IDCTRL_CMIC, NVME_CMIC_ANA, 1);
		put(to, NVME_IDCTRL_OAES, NVME_ASYNC_NAMESPACE | NVME_ASYNC_ANA, 4);
		put(to, NVME_IDCTRL_IOCCSZ, 4 + 512 / 16, 4);
		put(to, NVME_IDCTRL_SGLS, NVME_SGLS_OFFSETS, 4);
		break;
	case NVME_CNS_NAMESPACE:
		put(to, NVME_IDNS_NSZE, NAMESPACE_BLOCKS, 8);
		put(to, NVME_IDNS_LBAF0, 9 << 16, 4);
		put(to, NVME_IDNS_ANAGRPID, 3, 4);
		break;
	default: break;
	}
}

static void log_page(const struct path *path, struct fabric_command *command)
{
	uint8_t *to = command->data;
	const char *nqn = path->volume->nqn;

	if ((command->capsule.sqe.dw10 & 0xff) == NVME_LOG_ANA && command->bytes >= 64 && command->capsule.sqe.dw12 == 0) {
		put(to, 8, 1, 2);
		put(to, 16, 3, 4);
		put(to, 20, 1, 4);
		put(to, 32, ANA_OPTIMIZED, 1);
		put(to, 48, path->volume->nsid, 4);
	} else if ((command->capsule.sqe.dw10 & 0xff) == NVME_LOG_DISCOVERY) {
		if (command->capsule.sqe.dw12 == 0)
			put(to, 8, 2, 8);
		for (uint32_t at = 0; command->capsule.sqe.dw12 > 0 && at + 1024 <= command->bytes; at += 1024) {
			memcpy(to + at, (uint8_t[]){3, 1, at ? 1 : 2}, 3);
			memcpy(to + at + 32, "4420 ", 5);
			memcpy(to + at + 256, nqn, strlen(nqn));
			memcpy(to + at + 512, "10.0.0.14 ", 10);
		}
	}
}

static void answer_in_form(const struct path *path, struct fabric_command *command)
{
	const struct nvme_sqe *sqe = &command->capsule.sqe;

	command->result = 0;
	if (command->bytes > 0 && !command->to_storage && sqe->opcode != NVME_IO_READ)
		memset(command->data, 0, command->bytes);
	if (sqe->opcode == NVME_ADMIN_FABRICS && sqe->nsid == NVME_FABRICS_PROPERTY_GET)
		command->result = sqe->dw11 == NVME_PROPERTY_CAP ? 127 | 2ull << 24 : 1;
	else if (sqe->opcode == NVME_ADMIN_SET_FEATURES)
		command->result = 3u << 16 | 3;
	else if (sqe->opcode == NVME_ADMIN_IDENTIFY)
		identify(command);
	else if (sqe->opcode == NVME_ADMIN_GET_LOG_PAGE)
		log_page(path, command);
	else if (sqe->opcode == NVME_ADMIN_ASYNC_EVENT)
		command->result = 2 | 3 << 8 | NVME_LOG_ANA << 16;
}

/* ---- acts ---- */

static void request_done(unsigned tag, uint16_t status)
{
	REQUIRE(tag < TAGS && requests[tag].busy);
	if (status == NVME_SUCCESS && requests[tag].opcode != NVME_IO_FLUSH)
		REQUIRE(requests[tag].done == requests[tag].blocks);
	requests[tag].busy = false;
}

static void storage_ready(unsigned storage)
{
	REQUIRE(storage < STORAGES && fabric_storage(storage)->known && fabric_storage(storage)->blocks > 0);
}

static struct fabric_command *pick(struct fabric_queue *queue, unsigned number)
{
	for (unsigned i = 0; queue->inflight > 0 && i < FABRIC_QUEUE_COMMANDS; i++) {
		struct fabric_command *command = queue->commands[(number + i) % FABRIC_QUEUE_COMMANDS];

		if (command)
			return command;
	}
	return NULL;
}

static void answer(struct input *input, bool bent)
{
	static const uint16_t statuses[] = {0x001, 0x002, 0x182, 0x300, 0x302, 0x303, 0x022, 0x280};
	struct fabric_queue *queue = queues[take(input) % queue_count];
	struct fabric_command *command = pick(queue, take(input));
	uint16_t status = NVME_SUCCESS;

	if (!queue->connected || queue->failure || !command)
		return;
	answer_in_form(queue->owner, command);
	for (unsigned bends = bent ? take(input) & 15 : 0; bends > 0 && command->bytes > 0 && !command->to_storage && command->capsule.sqe.opcode != NVME_IO_READ; bends--) {
		uint16_t at = (uint16_t)take_bytes(input, 2);

		command->data[at % command->bytes] = take(input);
	}
	if (bent && take(input) % 4 == 0)
		status = statuses[take(input) % 8];
	if (bent && take(input) % 4 == 0)
		command->result = take_bytes(input, 8);
	finish(queue, command, status);
}

static void submit(struct input *input)
{
	static const uint8_t opcodes[] = {NVME_IO_READ, NVME_IO_WRITE, NVME_IO_COMPARE, NVME_IO_WRITE_ZEROES, NVME_IO_FLUSH};
	unsigned tag = take(input) % TAGS, storage = take(input) % STORAGES;
	uint8_t opcode = opcodes[take(input) % 5];
	uint32_t blocks = 1 + take(input) % MOST_BLOCKS, block = 1u << fabric_storage(storage)->lba_shift;
	struct fabric_request request = {.opcode = opcode, .to_storage = opcode != NVME_IO_READ, .nsid = 1};

	if (requests[tag].busy || !fabric_storage(storage)->known)
		return;
	if (opcode == NVME_IO_WRITE_ZEROES)
		blocks = 1 + (uint32_t)take_bytes(input, 2);
	requests[tag].busy = true;
	requests[tag].storage = storage;
	requests[tag].opcode = opcode;
	requests[tag].blocks = blocks;
	requests[tag].lba = take_bytes(input, 3);
	requests[tag].done = 0;
	request.dw[0] = (uint32_t)requests[tag].lba;
	request.dw[2] = opcode == NVME_IO_FLUSH ? 0 : blocks - 1;
	if (opcode == NVME_IO_READ || opcode == NVME_IO_WRITE || opcode == NVME_IO_COMPARE) {
		request.data = data[tag];
		request.bytes = blocks * block;
	}
	fabric_submit(storage, tag, &request);
}

static void pass_time(uint32_t ms)
{
	now += ms * CLOCK_TICKS_PER_MS;
	fabric_run();
	fabric_run();
}

static void open_queues(void)
{
	for (unsigned i = 0; i < queue_count; i++) {
		if (!queues[i]->connected || queues[i]->open || queues[i]->failure)
			continue;
		queues[i]->open = true;
		queues[i]->opened(queues[i]);
	}
}

/* Every queue opens, and every command but event requests is answered in form, for so many turns. */
static void all_goes_well(unsigned turns)
{
	for (unsigned i = 0; i < turns; i++) {
		open_queues();
		for (unsigned k = 0; k < queue_count; k++) {
			struct fabric_queue *queue = queues[k];
			struct fabric_command *command = pick(queue, 0);

			if (!queue->connected || !queue->open || queue->failure || !command || command->capsule.sqe.opcode == NVME_ADMIN_ASYNC_EVENT)
				continue;
			answer_in_form(queue->owner, command);
			finish(queue, command, NVME_SUCCESS);
		}
		pass_time(1);
	}
}

static void act(struct input *input)
{
	uint8_t kind = take(input);
	unsigned tag;

	switch (kind % 8) {
	case 0: pass_time(1 + kind / 8 * 8); break;
	case 1: open_queues(); break;
	case 2: fabric_queue_fail(queues[take(input) % queue_count], "broken"); break;
	case 3: answer(input, true); break;
	case 4: submit(input); break;
	case 5:
		tag = take(input) % TAGS;
		if (kind & 8)
			fabric_abort(tag);
		else
			fabric_cancel(tag);
		break;
	case 6: answer(input, false); break;
	default: all_goes_well(1 + kind / 32); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct fabric_events events = {request_done, storage_ready};
	struct config_error error;
	struct input input = {bytes, size};

	memset(requests, 0, sizeof(requests));
	queue_count = 0;
	now = 1;
	memset(fabric.storages, 0, STORAGES * sizeof(fabric.storages[0]));
	memset(fabric.requests, 0, sizeof(fabric.requests));
	fabric.next_ticks = 0;
	if (config_parse(configuration, sizeof(configuration), &config, &error) != 0)
		abort();
	fabric_init(&config, &events);
	all_goes_well(take(&input) & 1 ? 0 : 24);
	while (input.left > 0)
		act(&input);
	return 0;
}
