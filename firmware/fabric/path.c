#include "firmware/fabric/path.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/fabric/storage.h"
#include "firmware/net/lan.h"

#include <string.h>

#define SETUP_MS 5000
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

static void path_connect(struct path *path)
{
	path->state = PATH_SETUP;
	fabric_attention = true;
	path->deadline_ticks = after_ms(SETUP_MS);
	path->retry_ticks = 0;
	path->keep_alive_out = path->ana_out = false;
	path->queues = path->queue_at = 0;
	path->ana = false;
	path->ana_state = ANA_OPTIMIZED;
	path->ana_ticks = path->ana_patience_ticks = UINT64_MAX;
	path->identified = false;
	if (!fabric_queue_open(&path->admin, path->address, path->port))
		fabric_queue_fail(&path->admin, "no connection block free");
	lan_timers_changed();
}

static void queue_init(struct path *path, struct fabric_queue *queue, unsigned qid)
{
	queue->owner = path;
	queue->qid = (uint16_t)qid;
	queue->opened = qid == 0 ? on_admin_open : on_io_open;
	queue->wants_header_digest = path->volume->header_digest;
	queue->wants_data_digest = path->volume->data_digest;
}

void path_init(struct path *path, const uint8_t address[4], uint16_t port, uint32_t kato_ms)
{
	memcpy(path->address, address, sizeof(path->address));
	path->port = port;
	path->kato_ms = kato_ms;
	path->no_flow_control = true;
	path->no_keep_alive = false;
	path->most_entries = PATH_QUEUE_ENTRIES;
	path->any_cntlid = PATH_DYNAMIC_CONTROLLER;
	path->backoff_ms = BACKOFF_FIRST_MS;
	queue_init(path, &path->admin, 0);
	for (unsigned i = 0; i < CONFIG_QUEUES_MAX; i++)
		queue_init(path, &path->io[i], i + 1);
	path_connect(path);
}

bool path_usable(const struct path *path)
{
	return path->state == PATH_READY && ana_usable(path->ana_state) && !path->admin.failure;
}

void path_open_io(struct path *path)
{
	path->queues = path->queue_at + 1;
	if (!fabric_queue_open(&path->io[path->queue_at], path->address, path->port))
		fabric_queue_fail(&path->admin, "no connection block free");
	lan_timers_changed();
}

static void log_ready(const struct path *path)
{
	const uint8_t *address = path->address;

	if (!path->identified) {
		log_line("%s: stands by: asymmetric access state %u", path->name, path->ana_state);
		return;
	}
	log_line("%s: ready: %s at %u.%u.%u.%u:%u, %lu blocks of %u bytes, %u in capsule%s", path->name, path->volume->nqn,
		address[0], address[1], address[2], address[3], path->port, (unsigned long)path->found.blocks,
		1u << path->found.lba_shift, path->io_capsule_bytes, path->ana_state == ANA_OPTIMIZED ? "" : ", not optimized");
}

void path_is_ready(struct path *path)
{
	if (path->identified && !storage_same_namespace(path->storage, path)) {
		fabric_queue_fail(&path->admin, "another namespace than before");
		return;
	}
	log_ready(path);
	path->state = PATH_READY;
	fabric_attention = true;
	path->deadline_ticks = after_ms(path->volume->timeout_ms);
	path->keep_alive_ticks = path->kato_ms && !path->no_keep_alive ? after_ms(path->kato_ms / 2) : UINT64_MAX;
	for (unsigned i = 0; i < path->queues; i++)
		path->io[i].owed_seen = false;
	path->backoff_ms = BACKOFF_FIRST_MS;
	path->attempts = 0;
	watch_begin(path);
	if (path->identified)
		storage_path_ready(path->storage, path);
}

static void close_queues(struct path *path)
{
	fabric_queue_close(&path->admin);
	for (unsigned i = 0; i < path->queues; i++)
		fabric_queue_close(&path->io[i]);
	while (fabric_queue_take(&path->admin))
		; /* set-up and keep-alive commands die with their connection */
}

static void back_off(struct path *path, uint32_t ms)
{
	path->state = PATH_BACKOFF;
	path->deadline_ticks = after_ms(ms);
	path->admin.failure = NULL;
	for (unsigned i = 0; i < path->queues; i++)
		path->io[i].failure = NULL;
	path->queues = 0;
}

/* The log page is read again from time to time, since a controller may be there that was not, or elsewhere than it was. */
void path_discovered(struct path *path)
{
	path->backoff_ms = discovery_next(path->storage);
	path->attempts = 0;
	path->left = true;
	fabric_attention = true;
}

static const char *failure_of(const struct path *path)
{
	if (path->admin.failure)
		return path->admin.failure;
	for (unsigned i = 0; i < path->queues; i++)
		if (path->io[i].failure)
			return path->io[i].failure;
	return NULL;
}

static void path_lost(struct path *path, const char *why)
{
	path->attempts++;
	if ((path->attempts & (path->attempts - 1)) == 0) /* an absent target fills no log */
		log_line("%s: %s; next attempt in %u ms", path->name, why, path->backoff_ms);
	path->state = PATH_BACKOFF;
	close_queues(path);
	storage_path_lost(path->storage, path);
	back_off(path, path->discovers ? discovery_lost(path->storage, path->backoff_ms) : path->backoff_ms);
	path->backoff_ms = path->backoff_ms * 2 < BACKOFF_LAST_MS ? path->backoff_ms * 2 : BACKOFF_LAST_MS;
}

static void path_leave(struct path *path)
{
	path->left = false;
	close_queues(path);
	back_off(path, path->backoff_ms);
	path->backoff_ms = BACKOFF_FIRST_MS;
}

/* Of the path related statuses, those that tell of asymmetric access. */
static bool is_of_access(uint16_t status)
{
	status &= NVME_STATUS_MASK;
	return status == NVME_ANA_PERSISTENT_LOSS || status == NVME_ANA_INACCESSIBLE || status == NVME_ANA_TRANSITION;
}

void path_refused(struct path *path, uint16_t status)
{
	if (path->state != PATH_READY)
		return;
	if (!path->ana || !is_of_access(status)) {
		fabric_queue_fail(&path->admin, "path error");
		return;
	}
	if (ana_usable(path->ana_state))
		log_line("%s: status %x: asymmetric access", path->name, status);
	ana_doubt(path);
}

static void keep_alive_done(struct fabric_command *command)
{
	struct path *path = (struct path *)(void *)((uint8_t *)command - offsetof(struct path, keep_alive));

	path->keep_alive_out = false;
	if (command->status == NVME_SUCCESS)
		return;
	log_line("%s: Keep Alive refused, status %x: not sent any more", path->name, command->status);
	path->keep_alive_ticks = UINT64_MAX; /* who refuses it is alive */
	path->no_keep_alive = true;          /* should it count the time nevertheless, it will not the next time */
}

static void keep_alive_due(struct path *path)
{
	struct fabric_command *command = &path->keep_alive;

	path->keep_alive_ticks = after_ms(path->kato_ms / 2);
	if (path->keep_alive_out) {
		fabric_queue_fail(&path->admin, "no answer to Keep Alive");
		return;
	}
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	command->capsule.sqe.opcode = NVME_ADMIN_KEEP_ALIVE;
	command->bytes = 0;
	command->done = keep_alive_done;
	path->keep_alive_out = true;
	fabric_queue_submit(&path->admin, command, PATH_INDEX_KEEP_ALIVE);
}

/* A queue that has owed answers for a whole period and given none is taken for dead. */
static void stall_check(struct path *path)
{
	for (unsigned i = 0; i < path->queues; i++) {
		struct fabric_queue *queue = &path->io[i];

		if (queue->owed_seen && queue->inflight > 0 && queue->finished == queue->finished_seen)
			fabric_queue_fail(queue, "no response");
		queue->owed_seen = queue->inflight > 0;
		queue->finished_seen = queue->finished;
	}
	path->deadline_ticks = after_ms(path->volume->timeout_ms);
}

static void deadline_passed(struct path *path)
{
	if (path->state == PATH_BACKOFF)
		path_connect(path);
	else if (path->state == PATH_SETUP)
		fabric_queue_fail(&path->admin, "set-up took too long");
	else
		stall_check(path);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t path_run(struct path *path)
{
	uint64_t now = clock_ticks(), next;
	const char *failure;

	if (path->state == PATH_ABSENT)
		return UINT64_MAX;
	if (now >= path->deadline_ticks)
		deadline_passed(path);
	if (path->state == PATH_SETUP && path->retry_ticks != 0 && now >= path->retry_ticks)
		setup_repeat(path);
	if (path->state == PATH_READY && now >= path->keep_alive_ticks)
		keep_alive_due(path);
	if (path->state == PATH_READY && now >= path->ana_ticks)
		ana_due(path);
	failure = failure_of(path);
	if (path->left)
		path_leave(path);
	else if (path->state != PATH_BACKOFF && failure)
		path_lost(path, failure);
	if (path->state == PATH_ABSENT)
		return UINT64_MAX;
	next = path->deadline_ticks;
	if (path->state == PATH_SETUP && path->retry_ticks != 0)
		next = earliest(next, path->retry_ticks);
	if (path->state == PATH_READY)
		next = earliest(next, earliest(path->keep_alive_ticks, path->ana_ticks));
	return next;
}
