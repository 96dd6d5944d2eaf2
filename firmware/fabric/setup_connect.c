/* Connect and the properties: NVMe-oF 1.1 section 3.3, NVMe 1.4 section 7.6.1 (initialisation). */
#include "firmware/fabric/setup.h"

#include "firmware/core/clock.h"

#include <string.h>

#define CC_ENABLE 0x00460001u /* IOCQES 4, IOSQES 6, EN */
#define CC_PAGE_SHIFT 7
#define KATO_MS 10000 /* where a controller does not do without */
#define AUTHENTICATION_MASK 0x70000u /* AUTHREQ of Connect's result */
/* Where a wrong field of Connect begins: in the command, or (bit 16) in its data. */
#define SIZE_FIELD 44u
#define KEEP_ALIVE_FIELD 48u
#define CONTROLLER_FIELD (1u << 16 | 16)

static void fabrics_command(struct nvme_sqe *sqe, enum nvme_fabrics_type type)
{
	sqe->opcode = NVME_ADMIN_FABRICS;
	sqe->nsid = type;
}

static void connect_command(struct path *path, struct nvme_sqe *sqe, uint16_t qid, uint16_t entries)
{
	struct nvme_connect_data *data = (struct nvme_connect_data *)(void *)path->setup_data;
	uint32_t attributes = qid > 0 && path->no_flow_control ? NVME_CONNECT_NO_FLOW_CONTROL : 0;

	memset(data, 0, sizeof(*data));
	memcpy(data->host_id, "assay nic host 0", sizeof(data->host_id));
	data->cntlid = path->cntlid;
	strcpy(data->subnqn, path->discovers ? NVME_DISCOVERY_NQN : path->volume->nqn);
	strcpy(data->hostnqn, "nqn.2026-11.assay:nic");
	fabrics_command(sqe, NVME_FABRICS_CONNECT);
	sqe->dw10 = (uint32_t)qid << 16;
	sqe->dw11 = attributes << 16 | (entries - 1u);
	sqe->dw12 = qid == 0 && !path->no_keep_alive ? path->kato_ms : 0;
	path->setup.data = path->setup_data;
	path->setup.bytes = sizeof(*data);
	path->setup.to_storage = true;
}

void setup_start_connect_admin(struct path *path, struct nvme_sqe *sqe)
{
	path->cntlid = path->any_cntlid;
	connect_command(path, sqe, 0, PATH_ADMIN_ENTRIES);
}

enum setup_outcome setup_finish_connect_admin(struct path *path, uint64_t result)
{
	path->cntlid = (uint16_t)result;
	return (result & AUTHENTICATION_MASK) == 0 ? SETUP_NEXT : SETUP_FAILED;
}

/* NVMe-oF 1.1 section 3.3, figure 21: DW0 says which field it was. Some say nothing useful: of an I/O queue it is most often the flow control. */
void setup_connect_refused(struct path *path, bool io_queue)
{
	uint32_t field = (uint32_t)path->setup.result & 0x1ffff;

	if (!io_queue && field == KEEP_ALIVE_FIELD && path->kato_ms == 0)
		path->kato_ms = KATO_MS;
	else if (!io_queue && field == KEEP_ALIVE_FIELD)
		path->no_keep_alive = true;
	else if (!io_queue && field == CONTROLLER_FIELD)
		path->any_cntlid = path->any_cntlid == PATH_DYNAMIC_CONTROLLER ? PATH_STATIC_CONTROLLER : PATH_DYNAMIC_CONTROLLER;
	else if (io_queue && field == SIZE_FIELD && path->limit > 1)
		path->most_entries = (uint16_t)((path->limit + 1) / 2);
	else if (io_queue)
		path->no_flow_control = false;
}

void setup_start_get_cap(struct path *path, struct nvme_sqe *sqe)
{
	(void)path;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw10 = 1; /* eight bytes */
	sqe->dw11 = NVME_PROPERTY_CAP;
}

enum setup_outcome setup_finish_get_cap(struct path *path, uint64_t cap)
{
	uint32_t entries = (uint32_t)(cap & 0xffff) + 1;

	path->page_shift = (uint8_t)(12 + (cap >> 48 & 0xf));
	path->limit = (uint16_t)((entries < path->most_entries ? entries : path->most_entries) - 1);
	path->deadline_ticks = clock_ticks() + ((cap >> 24 & 0xff) + 2) * 500 * CLOCK_TICKS_PER_MS;
	return path->limit > 0 ? SETUP_NEXT : SETUP_FAILED;
}

void setup_start_set_cc(struct path *path, struct nvme_sqe *sqe)
{
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_SET);
	sqe->dw11 = NVME_PROPERTY_CC;
	sqe->dw12 = CC_ENABLE | (path->page_shift - 12u) << CC_PAGE_SHIFT;
}

void setup_start_get_csts(struct path *path, struct nvme_sqe *sqe)
{
	(void)path;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw11 = NVME_PROPERTY_CSTS;
}

enum setup_outcome setup_finish_get_csts(struct path *path, uint64_t csts)
{
	(void)path;
	if (csts & 2)
		return SETUP_FAILED;
	return csts & 1 ? SETUP_NEXT : SETUP_AGAIN;
}

void setup_start_set_queues(struct path *path, struct nvme_sqe *sqe)
{
	uint32_t more = path->volume->queues - 1u; /* 0's based */

	sqe->opcode = NVME_ADMIN_SET_FEATURES;
	sqe->dw10 = NVME_FEATURE_QUEUES;
	sqe->dw11 = more << 16 | more;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

enum setup_outcome setup_finish_set_queues(struct path *path, uint64_t result)
{
	uint32_t sqs = (uint32_t)(result & 0xffff) + 1, cqs = (uint32_t)(result >> 16 & 0xffff) + 1;

	path->queues_granted = least(path->volume->queues, least(sqs, cqs));
	return SETUP_NEXT;
}

void setup_start_connect_io(struct path *path, struct nvme_sqe *sqe)
{
	connect_command(path, sqe, (uint16_t)(path->queue_at + 1), (uint16_t)(path->limit + 1));
}

enum setup_outcome setup_finish_connect_io(struct path *path, uint64_t result)
{
	(void)result;
	path->io[path->queue_at].capsule_data_bytes = path->io_capsule_bytes;
	if (++path->queue_at < path->queues_granted) {
		path_open_io(path);
		return SETUP_WAIT;
	}
	path_is_ready(path);
	return SETUP_NEXT;
}
