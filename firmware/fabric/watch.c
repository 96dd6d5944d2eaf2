/* Watching a ready path: an Asynchronous Event Request stays with it. When it comes back, the log page that it names is
 * read, which lets the next event through, and a changed namespace is identified anew (NVMe 1.4 section 5.2). */
#include "firmware/fabric/storage.h"

#include "firmware/core/log.h"

#include <string.h>

#define EVENT_TYPE(result) ((result) & 7)
#define EVENT_PAGE(result) ((result) >> 16 & 0xff)
#define LOG_BYTES 512u

static struct path *path_of_watch(struct fabric_command *command)
{
	return (struct path *)(void *)((uint8_t *)command - offsetof(struct path, watch));
}

static void watch_send(struct path *path, const struct nvme_sqe *sqe, uint32_t bytes,
	void (*done)(struct fabric_command *command))
{
	struct fabric_command *command = &path->watch;

	command->capsule.sqe = *sqe;
	command->data = path->watch_data;
	command->bytes = bytes;
	command->to_storage = false;
	command->done = done;
	fabric_queue_submit(&path->admin, command, PATH_INDEX_WATCH);
}

static void namespace_identified(struct fabric_command *command)
{
	struct path *path = path_of_watch(command);
	uint64_t before = path->found.blocks;

	if (command->status != NVME_SUCCESS || !setup_take_namespace(path, path->watch_data)) {
		if (path->ana) {
			if (ana_usable(path->ana_state))
				ana_doubt(path); /* it may be that it cannot be reached this way any more */
			watch_begin(path);
			return;
		}
		fabric_queue_fail(&path->admin, "the namespace is gone");
		return;
	}
	if (!storage_same_namespace(path->storage, path)) {
		fabric_queue_fail(&path->admin, "another namespace than before");
		return;
	}
	if (path->found.blocks != before) {
		log_line("%s: now %lu blocks", path->name, (unsigned long)path->found.blocks);
		storage_path_ready(path->storage, path);
	}
	watch_begin(path);
}

static void log_read(struct fabric_command *command)
{
	struct path *path = path_of_watch(command);
	struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = path->volume->nsid,
		.dw10 = NVME_CNS_NAMESPACE};

	if (path->watch_page == NVME_LOG_CHANGED_NAMESPACES)
		watch_send(path, &identify, NVME_PAGE_BYTES, namespace_identified);
	else
		watch_begin(path);
}

static void event_arrived(struct fabric_command *command)
{
	struct path *path = path_of_watch(command);
	uint8_t page = (uint8_t)EVENT_PAGE(command->result);
	uint32_t bytes = page == NVME_LOG_CHANGED_NAMESPACES ? NVME_PAGE_BYTES : LOG_BYTES;
	struct nvme_sqe get_log = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL,
		.dw10 = (bytes / 4 - 1) << 16 | page};

	if (command->status != NVME_SUCCESS)
		return; /* it has no events to give */
	log_line("%s: event of type %u, log page %x", path->name, (unsigned)EVENT_TYPE(command->result), page);
	if (page == NVME_LOG_ANA && path->ana) {
		path->ana_ticks = 0; /* reading the page lets the next event through */
		watch_begin(path);
		return;
	}
	path->watch_page = page;
	watch_send(path, &get_log, bytes, log_read);
}

void watch_begin(struct path *path)
{
	struct nvme_sqe request = {.opcode = NVME_ADMIN_ASYNC_EVENT};

	watch_send(path, &request, 0, event_arrived);
}
