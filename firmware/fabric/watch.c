/* Watching a ready storage: an Asynchronous Event Request stays with it. When it comes back, the log page that it names is
 * read, which lets the next event through, and a changed namespace is identified anew (NVMe 1.4 section 5.2). */
#include "firmware/fabric/storage.h"

#include "firmware/core/log.h"

#include <string.h>

#define EVENT_TYPE(result) ((result) & 7)
#define EVENT_PAGE(result) ((result) >> 16 & 0xff)
#define LOG_BYTES 512u

static struct storage *storage_of_watch(struct fabric_command *command)
{
	return (struct storage *)(void *)((uint8_t *)command - offsetof(struct storage, watch));
}

static void watch_send(struct storage *storage, const struct nvme_sqe *sqe, uint32_t bytes,
	void (*done)(struct fabric_command *command))
{
	struct fabric_command *command = &storage->watch;

	command->capsule.sqe = *sqe;
	command->data = storage->watch_data;
	command->bytes = bytes;
	command->to_storage = false;
	command->done = done;
	fabric_queue_submit(&storage->admin, command, STORAGE_INDEX_WATCH);
}

static void namespace_identified(struct fabric_command *command)
{
	struct storage *storage = storage_of_watch(command);
	uint64_t before = storage->info.blocks;

	if (command->status != NVME_SUCCESS || !setup_take_namespace(storage, storage->watch_data)) {
		fabric_queue_fail(&storage->admin, "the namespace is gone");
		return;
	}
	if (storage->info.blocks != before) {
		log_line("storage %u: now %lu blocks", storage->id, (unsigned long)storage->info.blocks);
		fabric_storage_ready(storage);
	}
	watch_begin(storage);
}

static void log_read(struct fabric_command *command)
{
	struct storage *storage = storage_of_watch(command);
	struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = storage->volume->nsid,
		.dw10 = NVME_CNS_NAMESPACE};

	if (storage->watch_page == NVME_LOG_CHANGED_NAMESPACES)
		watch_send(storage, &identify, NVME_PAGE_BYTES, namespace_identified);
	else
		watch_begin(storage);
}

static void event_arrived(struct fabric_command *command)
{
	struct storage *storage = storage_of_watch(command);
	uint8_t page = (uint8_t)EVENT_PAGE(command->result);
	uint32_t bytes = page == NVME_LOG_CHANGED_NAMESPACES ? NVME_PAGE_BYTES : LOG_BYTES;
	struct nvme_sqe get_log = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL,
		.dw10 = (bytes / 4 - 1) << 16 | page};

	if (command->status != NVME_SUCCESS)
		return; /* it has no events to give */
	log_line("storage %u: event of type %u, log page %x", storage->id, (unsigned)EVENT_TYPE(command->result), page);
	storage->watch_page = page;
	watch_send(storage, &get_log, bytes, log_read);
}

void watch_begin(struct storage *storage)
{
	struct nvme_sqe request = {.opcode = NVME_ADMIN_ASYNC_EVENT};

	watch_send(storage, &request, 0, event_arrived);
}
