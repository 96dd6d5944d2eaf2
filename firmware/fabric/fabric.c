#include "firmware/fabric/fabric.h"

#include "firmware/core/clock.h"
#include "firmware/core/crc32c.h"
#include "firmware/core/log.h"
#include "firmware/fabric/storage.h"

#include <string.h>

/* A command whose data was damaged on the way is sent again so often before the host hears of it. */
#define TRANSPORT_ERRORS_MAX 8

/* Of a Write Zeroes to a controller that refuses larger ones. */
#define ZEROES_BYTES 131072u

#define STATUS_TYPE(status) ((status) >> 8 & 7)
#define STATUS_TYPE_PATH 3

static struct {
	struct storage storages[CONFIG_VOLUMES_MAX];
	unsigned used; /* one past the last storage configured */
	struct request requests[FABRIC_TAGS];
	const struct fabric_events *events;
	uint64_t next_ticks; /* when the first storage has something to do */
} fabric;

unsigned fabric_tag(const struct request *request)
{
	return (unsigned)(request - fabric.requests);
}

void fabric_request_over(struct request *request, uint16_t status)
{
	request->busy = false;
	fabric.events->done(fabric_tag(request), status);
}

void fabric_storage_ready(struct storage *storage)
{
	fabric.events->ready(storage->id);
}

static bool names_blocks(uint8_t opcode)
{
	return opcode == NVME_IO_READ || opcode == NVME_IO_WRITE || opcode == NVME_IO_COMPARE || opcode == NVME_IO_WRITE_ZEROES;
}

static void take_blocks(struct request *request, const struct fabric_request *wanted)
{
	request->data = wanted->data;
	request->lba = (uint64_t)wanted->dw[1] << 32 | wanted->dw[0];
	request->blocks = names_blocks(wanted->opcode) ? (wanted->dw[2] & 0xffff) + 1 : 0;
	request->block_bytes = request->blocks ? wanted->bytes / request->blocks : 0;
	request->done_blocks = 0;
}

void fabric_request_piece(struct request *request, const struct path *path)
{
	struct fabric_command *command = &request->command;
	struct nvme_sqe *sqe = &command->capsule.sqe;
	uint32_t most = (request->block_bytes ? path->most_bytes : path->zeroes_bytes) >> path->found.lba_shift;
	uint32_t left = request->blocks - request->done_blocks;
	uint64_t lba = request->lba + request->done_blocks;

	if (request->blocks == 0)
		return;
	request->piece_blocks = left < most ? left : most;
	if (request->block_bytes > 0)
		command->data = request->data + (size_t)request->done_blocks * request->block_bytes;
	command->bytes = request->piece_blocks * request->block_bytes;
	sqe->dw10 = (uint32_t)lba;
	sqe->dw11 = (uint32_t)(lba >> 32);
	sqe->dw12 = (sqe->dw12 & 0xffff0000u) | (request->piece_blocks - 1);
}

/* A piece has been done. @return whether there is another one. */
static bool piece_done(struct request *request)
{
	request->done_blocks += request->piece_blocks;
	request->transport_errors = 0;
	return request->done_blocks < request->blocks;
}

/* A Write Zeroes has no limit of its own before NVMe 2.0, and some controllers have one nevertheless: so much a command from now on. */
static bool zeroes_too_many(const struct request *request, uint16_t status)
{
	struct path *path = request->path;
	uint32_t less = path->most_bytes < ZEROES_BYTES ? path->most_bytes : ZEROES_BYTES;

	if (request->command.capsule.sqe.opcode != NVME_IO_WRITE_ZEROES || (status & NVME_STATUS_MASK) != NVME_INVALID_FIELD ||
	    request->piece_blocks <= less >> path->found.lba_shift)
		return false;
	path->zeroes_bytes = less;
	return true;
}

/* Whether the command goes out again instead of the host hearing of its end. */
static bool again(struct request *request, uint16_t status)
{
	if (request->cancelled)
		return false;
	if (STATUS_TYPE(status) == STATUS_TYPE_PATH) {
		path_refused(request->path, status);
		return true;
	}
	if (zeroes_too_many(request, status))
		return true;
	return (status & NVME_STATUS_MASK) == NVME_TRANSIENT_TRANSPORT_ERROR &&
	       ++request->transport_errors < TRANSPORT_ERRORS_MAX;
}

static void command_done(struct fabric_command *command)
{
	struct request *request = (struct request *)(void *)command;
	struct storage *storage = request->storage;
	bool more = command->status == NVME_SUCCESS && piece_done(request);

	if ((more && !request->cancelled) || (!more && again(request, command->status)))
		storage_requeue(storage, request);
	else
		fabric_request_over(request, more ? NVME_ABORTED_BY_REQUEST : command->status);
	if (storage->first)
		storage_send_waiting(storage);
}

void fabric_init(const struct config *config, const struct fabric_events *events)
{
	crc32c_init();
	fabric.events = events;
	for (unsigned id = 0; id < CONFIG_VOLUMES_MAX; id++) {
		storage_init(&fabric.storages[id], id, config);
		if (config->volumes[id].present)
			fabric.used = id + 1;
	}
}

void fabric_submit(unsigned storage, unsigned tag, const struct fabric_request *wanted)
{
	struct request *request = &fabric.requests[tag];
	struct fabric_command *command = &request->command;
	struct nvme_sqe *sqe = &command->capsule.sqe;

	CHECK(storage < CONFIG_VOLUMES_MAX && tag < FABRIC_TAGS && !request->busy);
	request->storage = &fabric.storages[storage];
	request->busy = true;
	request->cancelled = false;
	request->transport_errors = 0;
	take_blocks(request, wanted);
	command->data = wanted->data;
	command->bytes = wanted->bytes;
	command->to_storage = wanted->to_storage;
	command->done = command_done;
	sqe->opcode = wanted->opcode;
	sqe->nsid = wanted->nsid;
	memcpy(&sqe->dw10, wanted->dw, sizeof(wanted->dw));
	storage_submit(request->storage, request);
}

bool fabric_abort(unsigned tag)
{
	struct request *request = &fabric.requests[tag];

	if (!request->busy || !request->waiting)
		return false;
	storage_unlink(request->storage, request);
	fabric_request_over(request, NVME_ABORTED_BY_REQUEST);
	return true;
}

void fabric_cancel(unsigned tag)
{
	struct request *request = &fabric.requests[tag];

	if (request->busy && !fabric_abort(tag))
		request->cancelled = true;
}

const struct fabric_storage_info *fabric_storage(unsigned storage)
{
	return &fabric.storages[storage].info;
}

void fabric_flush(void)
{
	fabric_queue_flush();
}

uint64_t fabric_run(void)
{
	uint64_t next = UINT64_MAX;

	if (!fabric_attention && clock_ticks() < fabric.next_ticks)
		return fabric.next_ticks;
	fabric_attention = false;
	for (unsigned id = 0; id < fabric.used; id++) {
		uint64_t deadline = storage_run(&fabric.storages[id]);

		next = deadline < next ? deadline : next;
	}
	fabric.next_ticks = next;
	return fabric_attention ? 0 : next;
}
