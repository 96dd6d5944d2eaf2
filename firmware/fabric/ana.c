/* Asymmetric namespace access: which state the namespace has on a path (NVMe 1.4 sections 5.14.1.12 and 8.20). */
#include "firmware/fabric/storage.h"

#include "firmware/core/log.h"

#include <string.h>

enum {
	HEADER_BYTES = 16,
	HEADER_GROUPS = 8,
	GROUP_BYTES = 32,
	GROUP_STATE = 16,
	GROUPS_ONLY = 1 << 8, /* descriptors without their lists of namespaces */
};

void ana_command(struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->nsid = NVME_NSID_ALL;
	sqe->dw10 = (NVME_PAGE_BYTES / 4 - 1) << 16 | GROUPS_ONLY | NVME_LOG_ANA;
}

void ana_take(struct path *path, const uint8_t *page)
{
	enum ana_state before = path->ana_state;
	uint32_t at = HEADER_BYTES, namespaces, group;
	uint16_t groups;

	memcpy(&groups, page + HEADER_GROUPS, sizeof(groups));
	path->ana_state = ANA_INACCESSIBLE; /* a group that is not there */
	for (; groups > 0 && at + GROUP_BYTES <= NVME_PAGE_BYTES; groups--) {
		memcpy(&group, page + at, sizeof(group));
		memcpy(&namespaces, page + at + 4, sizeof(namespaces));
		if (group == path->ana_group) {
			path->ana_state = page[at + GROUP_STATE] & 0xf;
			break;
		}
		if (namespaces > NVME_PAGE_BYTES / 4)
			break;
		at += GROUP_BYTES + 4 * namespaces;
	}
	if (path->ana_state != before)
		log_line("%s: asymmetric access state %u, was %u", path->name, path->ana_state, before);
}

static void page_read(struct fabric_command *command)
{
	struct path *path = (struct path *)(void *)((uint8_t *)command - offsetof(struct path, ana_read));

	path->ana_out = false;
	if (command->status != NVME_SUCCESS) {
		fabric_queue_fail(&path->admin, "the ANA log page cannot be read");
		return;
	}
	ana_take(path, path->ana_data);
	if (path->ana_again)
		path->ana_ticks = 0;
	else if (path->ana_state == ANA_OPTIMIZED || path->ana_state == ANA_NON_OPTIMIZED)
		path->ana_ticks = UINT64_MAX;
	storage_send_waiting(path->storage);
}

void ana_due(struct path *path)
{
	struct fabric_command *command = &path->ana_read;

	path->ana_again = path->ana_out;
	if (path->ana_out)
		return;
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	ana_command(&command->capsule.sqe);
	command->data = path->ana_data;
	command->bytes = NVME_PAGE_BYTES;
	command->to_storage = false;
	command->done = page_read;
	path->ana_out = true;
	fabric_queue_submit(&path->admin, command, PATH_INDEX_ANA);
}
