/* Which path a request takes, and what happens when there is none. */
#include "firmware/fabric/storage.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/net/port.h"

#include <stdio.h>
#include <string.h>

static bool same_id(const uint8_t *a, const uint8_t *b, size_t bytes)
{
	return memcmp(a, b, bytes) == 0;
}

/* Linux's target makes up a new UUID whenever its namespace is set up anew, as after a reset of its machine: it must be one on paths that are in use
 * together; where all were lost, the path's configured name stands for the namespace. */
static bool same_uuid(const struct storage *storage, const struct path *path)
{
	for (unsigned i = 0; i < storage->path_count; i++) {
		const struct path *other = &storage->paths[i];

		if (other != path && other->state == PATH_READY && other->identified && !same_id(other->found.uuid, path->found.uuid, sizeof(path->found.uuid)))
			return false;
	}
	return true;
}

/* What the first path has shown holds for all: a controller that shows another namespace would give somebody else's data. */
bool storage_same_namespace(const struct storage *storage, const struct path *path)
{
	const struct fabric_storage_info *is = &storage->info, *found = &path->found;

	return !is->known || (is->lba_shift == found->lba_shift && same_id(is->nguid, found->nguid, sizeof(is->nguid)) &&
	                      same_id(is->eui64, found->eui64, sizeof(is->eui64)) && same_uuid(storage, path));
}

void storage_begin_path(struct storage *storage, unsigned number, const uint8_t address[4], uint16_t port)
{
	struct path *path = &storage->paths[number];

	path->storage = storage;
	path->volume = storage->volume;
	path->listed = true;
	if (number == 0)
		snprintf(path->name, sizeof(path->name), "storage %u", storage->id);
	else
		snprintf(path->name, sizeof(path->name), "storage %u path %u", storage->id, number);
	port_add_storage(address, port, storage->own_address);
	path_init(path, address, port, storage->kato_ms);
}

static void add_path(struct storage *storage, const uint8_t address[4], uint16_t port)
{
	storage_begin_path(storage, storage->path_count++, address, port);
}

void storage_init(struct storage *storage, unsigned id, const struct config *config)
{
	const struct config_volume *volume = &config->volumes[id];

	storage->id = id;
	storage->volume = volume;
	storage->kato_ms = config->kato_ms;
	memcpy(storage->own_address, config->ip, sizeof(storage->own_address));
	if (!volume->present)
		return;
	storage->info.present = true;
	storage->info.nqn = volume->nqn;
	storage->info.nsid = volume->nsid;
	storage->down_ticks = clock_ticks() + 1;
	if (volume->discover) {
		discovery_begin(storage);
		return;
	}
	for (unsigned i = 0; i < volume->path_count; i++)
		add_path(storage, volume->paths[i].address, volume->paths[i].port);
}

/* --- the way of a request --------------------------------------------------------------------------------------------- */

static unsigned path_inflight(const struct path *path)
{
	unsigned inflight = 0;

	for (unsigned i = 0; i < path->queues; i++)
		inflight += path->io[i].inflight;
	return inflight;
}

/* An optimized path before one that is not, then the one with the least to do. */
static struct path *best_path(struct storage *storage)
{
	struct path *best = NULL;

	for (unsigned i = 0; i < storage->path_count; i++) {
		struct path *path = &storage->paths[i];

		if (!path_usable(path))
			continue;
		if (!best || path->ana_state < best->ana_state ||
		    (path->ana_state == best->ana_state && path_inflight(path) < path_inflight(best)))
			best = path;
	}
	return best;
}

bool storage_usable(struct storage *storage)
{
	return best_path(storage) != NULL;
}

static struct fabric_queue *best_queue(struct path *path)
{
	struct fabric_queue *best = NULL;

	for (unsigned i = 0; i < path->queues; i++) {
		struct fabric_queue *queue = &path->io[i];

		if (queue->inflight < path->limit && (!best || queue->inflight < best->inflight))
			best = queue;
	}
	return best;
}

/* @return whether there was a way. */
static bool send(struct storage *storage, struct request *request)
{
	struct path *path = best_path(storage);
	struct fabric_queue *queue = path ? best_queue(path) : NULL;

	if (!queue)
		return false;
	request->path = path;
	fabric_request_piece(request, path);
	fabric_queue_submit(queue, &request->command, fabric_tag(request));
	return true;
}

void storage_requeue(struct storage *storage, struct request *request)
{
	fabric_attention = true;
	request->waiting = true;
	request->next = NULL;
	if (storage->first)
		storage->last->next = request;
	else
		storage->first = request;
	storage->last = request;
}

void storage_unlink(struct storage *storage, struct request *request)
{
	struct request **link = &storage->first, *before = NULL;

	for (; *link != request; link = &(*link)->next)
		before = *link;
	*link = request->next;
	if (storage->last == request)
		storage->last = before;
	request->waiting = false;
}

void storage_submit(struct storage *storage, struct request *request)
{
	if (storage->first || !send(storage, request))
		storage_requeue(storage, request);
}

void storage_send_waiting(struct storage *storage)
{
	while (storage->first) {
		struct request *request = storage->first, *next = request->next;

		if (!send(storage, request))
			return;
		request->waiting = false;
		storage->first = next;
	}
}

/* --- paths that come and go ------------------------------------------------------------------------------------------- */

/* A change of access is over soon, so it does not count as a loss; where the namespace cannot be reached, it does. */
static bool any_ready(const struct storage *storage)
{
	for (unsigned i = 0; i < storage->path_count; i++) {
		const struct path *path = &storage->paths[i];

		if (path->state == PATH_READY && (ana_usable(path->ana_state) || path->ana_state == ANA_CHANGE))
			return true;
	}
	return false;
}

void storage_access_changed(struct storage *storage)
{
	fabric_attention = true;
	storage->info.ready = storage->info.known && any_ready(storage);
	storage_send_waiting(storage);
}

void storage_path_ready(struct storage *storage, struct path *path)
{
	struct fabric_storage_info *info = &storage->info;

	info->blocks = path->found.blocks;
	info->lba_shift = path->found.lba_shift;
	info->oncs = path->found.oncs;
	info->write_cache = path->found.write_cache;
	memcpy(info->nguid, path->found.nguid, sizeof(info->nguid));
	memcpy(info->eui64, path->found.eui64, sizeof(info->eui64));
	if (!info->known) /* hosts have seen it: they would take another for another namespace */
		memcpy(info->uuid, path->found.uuid, sizeof(info->uuid));
	info->known = true;
	info->ready = any_ready(storage);
	storage_send_waiting(storage);
	fabric_storage_ready(storage);
}

void storage_path_lost(struct storage *storage, struct path *path)
{
	struct fabric_command *command;

	for (unsigned i = 0; i < path->queues; i++) {
		while ((command = fabric_queue_take(&path->io[i])) != NULL) {
			struct request *request = (struct request *)(void *)command;

			if (command == &path->setup)
				continue;
			if (request->cancelled)
				fabric_request_over(request, NVME_ABORTED_BY_REQUEST);
			else
				storage_requeue(storage, request);
		}
	}
	storage->info.ready = any_ready(storage);
	storage_send_waiting(storage);
}

/* All paths down: requests wait for ever, or for so long and fail then, as do those that come after. */
static uint64_t run_policy(struct storage *storage)
{
	uint64_t now = clock_ticks(), patience = storage->volume->apd_ms * CLOCK_TICKS_PER_MS;

	if (best_path(storage)) {
		if (storage->failing)
			log_line("storage %u: a path is back", storage->id);
		storage->down_ticks = 0;
		storage->failing = false;
		return UINT64_MAX;
	}
	if (storage->down_ticks == 0)
		storage->down_ticks = now;
	if (!storage->volume->apd_fails)
		return UINT64_MAX;
	if (now < storage->down_ticks + patience)
		return storage->down_ticks + patience;
	if (!storage->failing)
		log_line("storage %u: no path for %u ms: commands fail", storage->id, storage->volume->apd_ms);
	storage->failing = true;
	while (storage->first) {
		struct request *request = storage->first;

		storage_unlink(storage, request);
		fabric_request_over(request, NVME_INTERNAL_PATH_ERROR | NVME_STATUS_DNR);
	}
	return UINT64_MAX;
}

uint64_t storage_run(struct storage *storage)
{
	uint64_t next = path_run(&storage->discovery);

	if (!storage->info.present)
		return UINT64_MAX;
	for (unsigned i = 0; i < storage->path_count; i++) {
		uint64_t deadline = path_run(&storage->paths[i]);

		next = deadline < next ? deadline : next;
	}
	if (storage->first)
		storage_send_waiting(storage);
	uint64_t deadline = run_policy(storage);

	return deadline < next ? deadline : next;
}
