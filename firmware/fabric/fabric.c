#include "firmware/fabric/fabric.h"

#include "firmware/core/log.h"
#include "firmware/fabric/storage.h"

#include <string.h>

/* A request on its way. It is replayed on a new connection until it is answered once. */
struct request {
	struct fabric_command command; /* first: `done` gets its address */
	struct storage *storage;
	bool busy;
	bool cancelled;
	bool waiting;
	struct request *next;
};

static struct {
	struct storage storages[CONFIG_VOLUMES_MAX];
	unsigned used; /* one past the last storage configured */
	struct request requests[FABRIC_TAGS];
	struct {
		struct request *first, *last;
	} waiting[CONFIG_VOLUMES_MAX];
	const struct fabric_events *events;
} fabric;

static unsigned tag_of(const struct request *request)
{
	return (unsigned)(request - fabric.requests);
}

static void request_over(struct request *request, uint16_t status)
{
	request->busy = false;
	fabric.events->done(tag_of(request), status);
}

static void request_wait(struct request *request)
{
	unsigned id = request->storage->id;

	request->waiting = true;
	request->next = NULL;
	if (fabric.waiting[id].first)
		fabric.waiting[id].last->next = request;
	else
		fabric.waiting[id].first = request;
	fabric.waiting[id].last = request;
}

static bool can_send(const struct storage *storage)
{
	return storage->state == STORAGE_READY && storage->io.inflight < storage->limit && !storage->io.failure;
}

static void send_waiting(struct storage *storage)
{
	while (fabric.waiting[storage->id].first && can_send(storage)) {
		struct request *request = fabric.waiting[storage->id].first;

		fabric.waiting[storage->id].first = request->next;
		request->waiting = false;
		fabric_queue_submit(&storage->io, &request->command, tag_of(request));
	}
}

static void command_done(struct fabric_command *command)
{
	struct request *request = (struct request *)(void *)command;
	struct storage *storage = request->storage;

	storage->responses++;
	request_over(request, command->status);
	if (fabric.waiting[storage->id].first)
		send_waiting(storage);
}

void fabric_init(const struct config *config, const struct fabric_events *events)
{
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
	command->data = wanted->data;
	command->bytes = wanted->bytes;
	command->to_storage = wanted->to_storage;
	command->done = command_done;
	sqe->opcode = wanted->opcode;
	sqe->nsid = wanted->nsid;
	memcpy(&sqe->dw10, wanted->dw, sizeof(wanted->dw));
	if (!fabric.waiting[storage].first && can_send(request->storage))
		fabric_queue_submit(&request->storage->io, command, tag);
	else
		request_wait(request);
}

static void unlink_waiting(struct request *request)
{
	struct request **link = &fabric.waiting[request->storage->id].first, *before = NULL;

	for (; *link != request; link = &(*link)->next)
		before = *link;
	*link = request->next;
	if (fabric.waiting[request->storage->id].last == request)
		fabric.waiting[request->storage->id].last = before;
	request->waiting = false;
}

bool fabric_abort(unsigned tag)
{
	struct request *request = &fabric.requests[tag];

	if (!request->busy || !request->waiting)
		return false;
	unlink_waiting(request);
	request_over(request, NVME_ABORTED_BY_REQUEST);
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

void fabric_storage_ready(struct storage *storage)
{
	send_waiting(storage);
	fabric.events->ready(storage->id);
}

void fabric_storage_lost(struct storage *storage)
{
	struct fabric_command *command;

	while ((command = fabric_queue_take(&storage->io)) != NULL) {
		struct request *request = (struct request *)(void *)command;

		if (command == &storage->setup)
			continue;
		if (request->cancelled)
			request_over(request, NVME_ABORTED_BY_REQUEST);
		else
			request_wait(request);
	}
}

void fabric_flush(void)
{
	for (unsigned id = 0; id < fabric.used; id++) {
		fabric_queue_flush(&fabric.storages[id].io);
		fabric_queue_flush(&fabric.storages[id].admin);
	}
}

uint64_t fabric_run(void)
{
	uint64_t next = UINT64_MAX;

	for (unsigned id = 0; id < fabric.used; id++) {
		uint64_t deadline = storage_run(&fabric.storages[id]);

		next = deadline < next ? deadline : next;
	}
	return next;
}
