#include "firmware/fabric/storage.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/net/lan.h"

#include <string.h>

#define SETUP_MS 5000
#define STALL_MS 10000
#define BACKOFF_FIRST_MS 10
#define BACKOFF_LAST_MS 1000

static uint64_t after_ms(uint64_t ms)
{
	return clock_ticks() + ms * CLOCK_TICKS_PER_MS;
}

static void on_admin_open(struct fabric_queue *queue)
{
	setup_begin(queue->owner);
}

static void on_io_open(struct fabric_queue *queue)
{
	setup_repeat(queue->owner);
}

static void storage_connect(struct storage *storage)
{
	storage->state = STORAGE_SETUP;
	storage->deadline_ticks = after_ms(SETUP_MS);
	storage->retry_ticks = 0;
	storage->keep_alive_out = false;
	if (!fabric_queue_open(&storage->admin, storage->volume->address, storage->volume->port))
		fabric_queue_fail(&storage->admin, "no connection block free");
	lan_timers_changed();
}

void storage_init(struct storage *storage, unsigned id, const struct config *config)
{
	storage->id = id;
	storage->volume = &config->volumes[id];
	storage->kato_ms = config->kato_ms;
	if (!storage->volume->present)
		return;
	storage->info.present = true;
	storage->info.nqn = storage->volume->nqn;
	storage->info.nsid = storage->volume->nsid;
	storage->no_flow_control = true;
	storage->backoff_ms = BACKOFF_FIRST_MS;
	storage->admin.owner = storage->io.owner = storage;
	storage->admin.opened = on_admin_open;
	storage->io.opened = on_io_open;
	storage->io.qid = 1;
	storage_connect(storage);
}

void storage_open_io(struct storage *storage)
{
	if (!fabric_queue_open(&storage->io, storage->volume->address, storage->volume->port))
		fabric_queue_fail(&storage->admin, "no connection block free");
}

void storage_is_ready(struct storage *storage)
{
	const uint8_t *address = storage->volume->address;

	log_line("storage %u: ready: %s at %u.%u.%u.%u:%u, %lu blocks, %u bytes in capsule", storage->id,
		storage->volume->nqn, address[0], address[1], address[2], address[3], storage->volume->port,
		(unsigned long)storage->info.blocks, storage->io.capsule_data_bytes);
	storage->state = STORAGE_READY;
	storage->deadline_ticks = after_ms(STALL_MS);
	storage->keep_alive_ticks = storage->kato_ms ? after_ms(storage->kato_ms / 2) : UINT64_MAX;
	storage->responses_seen = storage->responses;
	storage->backoff_ms = BACKOFF_FIRST_MS;
	storage->attempts = 0;
	storage->info.ready = storage->info.known = true;
	watch_begin(storage);
	fabric_storage_ready(storage);
}

static void storage_lost(struct storage *storage, const char *why)
{
	storage->attempts++;
	if ((storage->attempts & (storage->attempts - 1)) == 0) /* an absent target fills no log */
		log_line("storage %u: %s; next attempt in %u ms", storage->id, why, storage->backoff_ms);
	storage->info.ready = false;
	fabric_queue_close(&storage->admin);
	fabric_queue_close(&storage->io);
	while (fabric_queue_take(&storage->admin))
		; /* set-up and keep-alive commands die with their connection */
	fabric_storage_lost(storage);
	storage->admin.failure = storage->io.failure = NULL;
	storage->state = STORAGE_BACKOFF;
	storage->deadline_ticks = after_ms(storage->backoff_ms);
	storage->backoff_ms = storage->backoff_ms * 2 < BACKOFF_LAST_MS ? storage->backoff_ms * 2 : BACKOFF_LAST_MS;
}

static void keep_alive_done(struct fabric_command *command)
{
	struct storage *storage = (struct storage *)(void *)((uint8_t *)command - offsetof(struct storage, keep_alive));

	storage->keep_alive_out = false;
	if (command->status != NVME_SUCCESS)
		fabric_queue_fail(&storage->admin, "Keep Alive failed");
}

static void keep_alive_due(struct storage *storage)
{
	struct fabric_command *command = &storage->keep_alive;

	storage->keep_alive_ticks = after_ms(storage->kato_ms / 2);
	if (storage->keep_alive_out) {
		fabric_queue_fail(&storage->admin, "no answer to Keep Alive");
		return;
	}
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	command->capsule.sqe.opcode = NVME_ADMIN_KEEP_ALIVE;
	command->bytes = 0;
	command->done = keep_alive_done;
	storage->keep_alive_out = true;
	fabric_queue_submit(&storage->admin, command, STORAGE_INDEX_KEEP_ALIVE);
}

/* A ready storage that owes answers and has given none for a whole period is taken for dead. */
static void stall_check(struct storage *storage)
{
	if (storage->io.inflight > 0 && storage->responses == storage->responses_seen)
		fabric_queue_fail(&storage->io, "no response");
	storage->responses_seen = storage->responses;
	storage->deadline_ticks = after_ms(STALL_MS);
}

static void deadline_passed(struct storage *storage)
{
	if (storage->state == STORAGE_BACKOFF)
		storage_connect(storage);
	else if (storage->state == STORAGE_SETUP)
		fabric_queue_fail(&storage->admin, "set-up took too long");
	else
		stall_check(storage);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t storage_run(struct storage *storage)
{
	uint64_t now = clock_ticks(), next;

	if (storage->state == STORAGE_ABSENT)
		return UINT64_MAX;
	if (now >= storage->deadline_ticks)
		deadline_passed(storage);
	if (storage->state == STORAGE_SETUP && storage->retry_ticks != 0 && now >= storage->retry_ticks)
		setup_repeat(storage);
	if (storage->state == STORAGE_READY && now >= storage->keep_alive_ticks)
		keep_alive_due(storage);
	if (storage->state != STORAGE_BACKOFF && (storage->admin.failure || storage->io.failure))
		storage_lost(storage, storage->admin.failure ? storage->admin.failure : storage->io.failure);
	next = storage->deadline_ticks;
	if (storage->state == STORAGE_SETUP && storage->retry_ticks != 0)
		next = earliest(next, storage->retry_ticks);
	if (storage->state == STORAGE_READY)
		next = earliest(next, storage->keep_alive_ticks);
	return next;
}
