/* Asymmetric namespace access: which state the namespace has on a path (NVMe 1.4 sections 5.14.1.12 and 8.20).
 *
 * The log page is read piece by piece as far as the group that has the namespace: an array may have hundreds of groups, and any number of
 * namespaces in each. A namespace can change its group, so it is looked for by itself; its ANAGRPID is asked only of a page that names no namespaces.
 * What took more than one piece counts if the page's change count is still the same afterwards. */
#include "firmware/fabric/storage.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"

#include <string.h>

enum {
	HEADER_BYTES = 16,
	HEADER_GROUPS = 8,
	GROUP_BYTES = 32,
	GROUP_NAMESPACES = 4,
	GROUP_STATE = 16,
	PAGE_MOST = 1 << 20, /* of the log page: 256 pieces */
	RESTARTS_MAX = 8,
	POLL_MS = 100,
	DOUBT_MS = 1,
	ANATT_S = 10, /* if the controller says nothing of it */
};

bool ana_usable(enum ana_state state)
{
	return state == ANA_OPTIMIZED || state == ANA_NON_OPTIMIZED;
}

void ana_begin(struct path *path)
{
	memset(&path->reading, 0, sizeof(path->reading));
}

uint32_t ana_command(const struct path *path, struct nvme_sqe *sqe)
{
	uint32_t bytes = path->reading.verifies ? HEADER_BYTES : NVME_PAGE_BYTES;

	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->nsid = NVME_NSID_ALL;
	sqe->dw10 = (bytes / 4 - 1) << 16 | NVME_LOG_ANA;
	sqe->dw12 = path->reading.verifies ? 0 : path->reading.at;
	return bytes;
}

/* The head of a group. */
static void take_group(struct path *path, const uint8_t *group)
{
	struct ana_reading *reading = &path->reading;

	reading->namespaces = nvme_field32(group, GROUP_NAMESPACES);
	reading->state = group[GROUP_STATE] & 0xf;
	if (nvme_field32(group, 0) == path->ana_group)
		reading->of_group = reading->state;
	if (reading->namespaces == 0)
		reading->groups--;
}

static void take_namespaces(struct path *path, const uint8_t *list, uint32_t count)
{
	struct ana_reading *reading = &path->reading;

	for (uint32_t i = 0; i < count && !reading->found; i++)
		reading->found = nvme_field32(list, 4 * i) == path->volume->nsid;
	reading->namespaces -= count;
	if (reading->namespaces == 0)
		reading->groups--;
}

/* @return how many bytes of this piece have been dealt with; a group's head that is not whole stays for the next. */
static uint32_t take_piece(struct path *path, const uint8_t *page)
{
	struct ana_reading *reading = &path->reading;
	uint32_t at = 0;

	if (reading->at == 0) {
		memcpy(&reading->changes, page, sizeof(reading->changes));
		memcpy(&reading->groups, page + HEADER_GROUPS, sizeof(reading->groups));
		at = HEADER_BYTES;
	}
	while (reading->groups > 0 && !reading->found) {
		uint32_t room = (NVME_PAGE_BYTES - at) / 4, now = reading->namespaces < room ? reading->namespaces : room;

		if (reading->namespaces > 0 ? now == 0 : at + GROUP_BYTES > NVME_PAGE_BYTES)
			break;
		if (reading->namespaces > 0) {
			take_namespaces(path, page + at, now);
			at += 4 * now;
		} else {
			take_group(path, page + at);
			at += GROUP_BYTES;
		}
	}
	return at;
}

static enum ana_state state_read(const struct path *path)
{
	const struct ana_reading *reading = &path->reading;

	if (reading->found)
		return reading->state;
	if (path->ana_group == 0)
		return ANA_OPTIMIZED; /* in no group: nothing is said of it */
	return reading->of_group ? reading->of_group : ANA_INACCESSIBLE;
}

bool ana_take(struct path *path, const uint8_t *page, enum ana_state *state)
{
	struct ana_reading *reading = &path->reading;
	uint32_t taken;

	if (reading->verifies) {
		uint8_t restarts = reading->restarts;

		*state = state_read(path);
		if (memcmp(&reading->changes, page, sizeof(reading->changes)) == 0 || restarts == RESTARTS_MAX)
			return true;
		ana_begin(path);
		reading->restarts = restarts + 1u;
		return false;
	}
	taken = take_piece(path, page);
	*state = state_read(path);
	reading->verifies = reading->at > 0 && (reading->found || reading->groups == 0 || reading->at + taken > PAGE_MOST);
	if (reading->at == 0 && (reading->found || reading->groups == 0))
		return true;
	reading->at += taken;
	return false;
}

/* A change of access that takes longer than the controller says is none: the path is set up anew (section 8.20.3.5). */
void ana_enter(struct path *path, enum ana_state state)
{
	if (path->ana_state != state)
		log_line("%s: asymmetric access state %u, was %u", path->name, state, path->ana_state);
	if (state != ANA_CHANGE)
		path->ana_patience_ticks = UINT64_MAX;
	else if (path->ana_patience_ticks == UINT64_MAX)
		path->ana_patience_ticks = clock_ticks() + (path->ana_change_s ? path->ana_change_s : ANATT_S) * 1000u * CLOCK_TICKS_PER_MS;
	path->ana_state = state;
	path->ana_ticks = ana_usable(state) ? UINT64_MAX : clock_ticks() + POLL_MS * CLOCK_TICKS_PER_MS;
	storage_access_changed(path->storage);
}

void ana_doubt(struct path *path)
{
	ana_enter(path, ANA_CHANGE);
	path->ana_ticks = clock_ticks() + DOUBT_MS * CLOCK_TICKS_PER_MS;
}

static struct path *path_of_read(struct fabric_command *command)
{
	return (struct path *)(void *)((uint8_t *)command - offsetof(struct path, ana_read));
}

static void read_send(struct path *path, const struct nvme_sqe *sqe, uint32_t bytes, void (*done)(struct fabric_command *command))
{
	struct fabric_command *command = &path->ana_read;

	command->capsule.sqe = *sqe;
	command->data = path->ana_data;
	command->bytes = bytes;
	command->to_storage = false;
	command->done = done;
	path->ana_out = true;
	fabric_queue_submit(&path->admin, command, PATH_INDEX_ANA);
}

static void read_over(struct path *path)
{
	path->ana_out = false;
	if (path->ana_again)
		path->ana_ticks = 0;
}

/* The namespace can be reached again this way: it may have another size than before, or be another one. */
static void identified(struct fabric_command *command)
{
	struct path *path = path_of_read(command);

	if (command->status != NVME_SUCCESS || !setup_take_namespace(path, path->ana_data)) {
		fabric_queue_fail(&path->admin, "the namespace is gone");
		return;
	}
	if (!storage_same_namespace(path->storage, path)) {
		fabric_queue_fail(&path->admin, "another namespace than before");
		return;
	}
	ana_enter(path, path->ana_next);
	read_over(path);
	storage_path_ready(path->storage, path);
}

static void page_read(struct fabric_command *command)
{
	struct path *path = path_of_read(command);
	struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = path->volume->nsid, .dw10 = NVME_CNS_NAMESPACE}, next = {.opcode = 0};

	if (command->status != NVME_SUCCESS) {
		fabric_queue_fail(&path->admin, "the ANA log page cannot be read");
		return;
	}
	if (!ana_take(path, path->ana_data, &path->ana_next)) {
		uint32_t bytes = ana_command(path, &next);

		read_send(path, &next, bytes, page_read);
		return;
	}
	if (ana_usable(path->ana_next) && !path->identified) {
		fabric_queue_fail(&path->admin, "the namespace shows itself: once more, with its names");
		return;
	}
	if (ana_usable(path->ana_next) && !ana_usable(path->ana_state)) {
		read_send(path, &identify, NVME_PAGE_BYTES, identified);
		return;
	}
	ana_enter(path, path->ana_next);
	read_over(path);
}

void ana_due(struct path *path)
{
	struct nvme_sqe sqe = {.opcode = 0};
	uint32_t bytes;

	if (clock_ticks() >= path->ana_patience_ticks) {
		fabric_queue_fail(&path->admin, "the change of access takes too long");
		return;
	}
	path->ana_ticks = clock_ticks() + POLL_MS * CLOCK_TICKS_PER_MS;
	path->ana_again = path->ana_out;
	if (path->ana_out)
		return;
	ana_begin(path);
	bytes = ana_command(path, &sqe);
	read_send(path, &sqe, bytes, page_read);
}
