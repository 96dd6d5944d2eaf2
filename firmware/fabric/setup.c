/* From an open TCP connection to a ready path: a list of admin commands, each started when the one before it succeeded.
 * NVMe-oF 1.1 section 3.3 (Connect, properties), NVMe 1.4 section 7.6.1 (initialisation). */
#include "firmware/fabric/storage.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"

#include <string.h>

#define CC_ENABLE 0x00460001u /* IOCQES 4, IOSQES 6, EN */
#define RDY_POLL_MS 1
#define MDTS_NEEDED 5 /* 128 KiB in pages of 4 KiB, what our own controllers promise */
#define LBA_SHIFT_MIN 9
#define LBA_SHIFT_MAX 12 /* a page: some hosts take no longer blocks */

enum outcome { NEXT, AGAIN, WAIT, FAILED };

struct step {
	const char *name;
	bool on_io_queue;
	bool optional; /* a target may refuse it */
	bool (*wanted)(const struct path *path); /* NULL: by all */
	void (*start)(struct path *path, struct nvme_sqe *sqe);
	enum outcome (*finish)(struct path *path, uint64_t result);
};

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
	sqe->dw12 = qid == 0 ? path->kato_ms : 0;
	path->setup.data = path->setup_data;
	path->setup.bytes = sizeof(*data);
	path->setup.to_storage = true;
}

static void start_connect_admin(struct path *path, struct nvme_sqe *sqe)
{
	path->cntlid = 0xffff;
	connect_command(path, sqe, 0, PATH_ADMIN_ENTRIES);
}

static enum outcome finish_connect_admin(struct path *path, uint64_t result)
{
	path->cntlid = (uint16_t)result;
	return result >> 16 == 0 ? NEXT : FAILED; /* the upper half asks for authentication */
}

static void start_get_cap(struct path *path, struct nvme_sqe *sqe)
{
	(void)path;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw10 = 1; /* eight bytes */
	sqe->dw11 = NVME_PROPERTY_CAP;
}

static enum outcome finish_get_cap(struct path *path, uint64_t cap)
{
	uint32_t entries = (uint32_t)(cap & 0xffff) + 1;

	path->limit = (uint16_t)((entries < PATH_QUEUE_ENTRIES ? entries : PATH_QUEUE_ENTRIES) - 1);
	path->deadline_ticks = clock_ticks() + ((cap >> 24 & 0xff) + 2) * 500 * CLOCK_TICKS_PER_MS;
	return path->limit > 0 ? NEXT : FAILED;
}

static void start_set_cc(struct path *path, struct nvme_sqe *sqe)
{
	(void)path;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_SET);
	sqe->dw11 = NVME_PROPERTY_CC;
	sqe->dw12 = CC_ENABLE;
}

static enum outcome finish_plainly(struct path *path, uint64_t result)
{
	(void)path;
	(void)result;
	return NEXT;
}

static void start_get_csts(struct path *path, struct nvme_sqe *sqe)
{
	(void)path;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw11 = NVME_PROPERTY_CSTS;
}

static enum outcome finish_get_csts(struct path *path, uint64_t csts)
{
	(void)path;
	if (csts & 2)
		return FAILED;
	return csts & 1 ? NEXT : AGAIN;
}

static void start_identify(struct path *path, struct nvme_sqe *sqe, enum nvme_cns cns, uint32_t nsid)
{
	sqe->opcode = NVME_ADMIN_IDENTIFY;
	sqe->nsid = nsid;
	sqe->dw10 = cns;
	path->setup.data = path->setup_data;
	path->setup.bytes = NVME_PAGE_BYTES;
}

static void start_identify_controller(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_CONTROLLER, 0);
}

static uint32_t field32(const uint8_t *data, unsigned offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

static enum outcome finish_identify_controller(struct path *path, uint64_t result)
{
	const uint8_t *data = path->setup_data;
	uint32_t capsule = field32(data, NVME_IDCTRL_IOCCSZ), icdoff = field32(data, NVME_IDCTRL_IOCCSZ + 8) & 0xffff;

	(void)result;
	if (data[NVME_IDCTRL_MDTS] != 0 && data[NVME_IDCTRL_MDTS] < MDTS_NEEDED) {
		log_line("%s: takes 2^%u pages a command only", path->name, data[NVME_IDCTRL_MDTS]);
		return FAILED;
	}
	if (capsule < 4 || capsule > 0x100000 || icdoff != 0)
		return FAILED;
	path->io_capsule_bytes = capsule * 16 - (uint32_t)sizeof(struct nvme_sqe);
	path->ana = data[NVME_IDCTRL_CMIC] & NVME_CMIC_ANA;
	path->events = field32(data, NVME_IDCTRL_OAES) & (NVME_ASYNC_NAMESPACE | (path->ana ? NVME_ASYNC_ANA : 0));
	path->found.oncs = (uint16_t)field32(data, NVME_IDCTRL_ONCS);
	path->found.write_cache = data[NVME_IDCTRL_VWC] & 1;
	return NEXT;
}

static void start_set_queues(struct path *path, struct nvme_sqe *sqe)
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

static enum outcome finish_set_queues(struct path *path, uint64_t result)
{
	uint32_t sqs = (uint32_t)(result & 0xffff) + 1, cqs = (uint32_t)(result >> 16 & 0xffff) + 1;

	path->queues_granted = least(path->volume->queues, least(sqs, cqs));
	return NEXT;
}

static void start_set_events(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_SET_FEATURES;
	sqe->dw10 = NVME_FEATURE_ASYNC_EVENTS;
	sqe->dw11 = path->events;
}

static void start_identify_namespace(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_NAMESPACE, path->volume->nsid);
}

bool setup_take_namespace(struct path *path, const uint8_t *data)
{
	uint32_t format = field32(data, NVME_IDNS_LBAF0 + 4u * (data[NVME_IDNS_FLBAS] & 0xf));

	memcpy(&path->found.blocks, data + NVME_IDNS_NSZE, sizeof(path->found.blocks));
	path->ana_group = field32(data, NVME_IDNS_ANAGRPID);
	memcpy(path->found.nguid, data + NVME_IDNS_NGUID, sizeof(path->found.nguid));
	memcpy(path->found.eui64, data + NVME_IDNS_EUI64, sizeof(path->found.eui64));
	path->found.lba_shift = (uint8_t)(format >> 16);
	if (path->found.blocks > 0 && path->found.lba_shift >= LBA_SHIFT_MIN && path->found.lba_shift <= LBA_SHIFT_MAX && (format & 0xffff) == 0)
		return true;
	log_line("%s: namespace %u: %lu blocks of 2^%u bytes and %u of metadata: not usable", path->name, path->volume->nsid,
		(unsigned long)path->found.blocks, path->found.lba_shift, format & 0xffff);
	return false;
}

static enum outcome finish_identify_namespace(struct path *path, uint64_t result)
{
	(void)result;
	return setup_take_namespace(path, path->setup_data) ? NEXT : FAILED;
}

static void start_identify_descriptors(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_DESCRIPTORS, path->volume->nsid);
}

/* NVMe 1.4 section 5.15.2.4. Some storages have no other name of a namespace than the UUID; a target that knows no such list is none the worse for it. */
static enum outcome finish_identify_descriptors(struct path *path, uint64_t result)
{
	const uint8_t *data = path->setup_data;

	(void)result;
	memset(path->found.uuid, 0, sizeof(path->found.uuid));
	if (path->setup.status != NVME_SUCCESS)
		return NEXT;
	for (uint32_t at = 0; at + 4 <= NVME_PAGE_BYTES && data[at + 1] != 0; at += 4u + data[at + 1])
		if (data[at] == NVME_DESCRIPTOR_UUID && data[at + 1] == sizeof(path->found.uuid) && at + 4 + sizeof(path->found.uuid) <= NVME_PAGE_BYTES)
			memcpy(path->found.uuid, data + at + 4, sizeof(path->found.uuid));
	return NEXT;
}

static void start_get_ana(struct path *path, struct nvme_sqe *sqe)
{
	ana_command(sqe);
	path->setup.data = path->setup_data;
	path->setup.bytes = NVME_PAGE_BYTES;
}

static enum outcome finish_get_ana(struct path *path, uint64_t result)
{
	(void)result;
	ana_take(path, path->setup_data);
	if (path->ana_state != ANA_OPTIMIZED && path->ana_state != ANA_NON_OPTIMIZED)
		path->ana_ticks = 0; /* to be looked at again */
	return NEXT;
}

static void start_connect_io(struct path *path, struct nvme_sqe *sqe)
{
	connect_command(path, sqe, (uint16_t)(path->queue_at + 1), (uint16_t)(path->limit + 1));
}

static enum outcome finish_connect_io(struct path *path, uint64_t result)
{
	(void)result;
	path->io[path->queue_at].capsule_data_bytes = path->io_capsule_bytes;
	if (++path->queue_at < path->queues_granted) {
		path_open_io(path);
		return WAIT;
	}
	path_is_ready(path);
	return NEXT;
}

#define DISCOVERY_RECORD_BYTES 1024u /* and as many of the page's header */
#define DISCOVERY_RECORDS_MAX 256u

static void start_get_discovery_header(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->dw10 = (DISCOVERY_RECORD_BYTES / 4 - 1) << 16 | NVME_LOG_DISCOVERY;
	path->setup.data = path->setup_data;
	path->setup.bytes = DISCOVERY_RECORD_BYTES;
}

static enum outcome finish_get_discovery_header(struct path *path, uint64_t result)
{
	uint64_t records;

	(void)result;
	memcpy(&records, path->setup_data + 8, sizeof(records));
	storage_discovery_begins(path->storage);
	path->log_at = DISCOVERY_RECORD_BYTES;
	path->log_bytes = (uint32_t)(records < DISCOVERY_RECORDS_MAX ? records + 1 : DISCOVERY_RECORDS_MAX + 1) * DISCOVERY_RECORD_BYTES;
	if (records > 0)
		return NEXT;
	path_discovered(path);
	return WAIT;
}

/* As many records as there is room for, and not beyond the end of the page. */
static uint32_t discovery_piece(const struct path *path)
{
	return least(path->log_bytes - path->log_at, NVME_PAGE_BYTES);
}

static void start_get_discovery(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
	sqe->dw10 = (discovery_piece(path) / 4 - 1) << 16 | NVME_LOG_DISCOVERY;
	sqe->dw12 = path->log_at;
	path->setup.data = path->setup_data;
	path->setup.bytes = discovery_piece(path);
}

static enum outcome finish_get_discovery(struct path *path, uint64_t result)
{
	uint32_t bytes = discovery_piece(path);

	(void)result;
	storage_discovered(path->storage, path->setup_data, bytes / DISCOVERY_RECORD_BYTES);
	path->log_at += bytes;
	if (path->log_at < path->log_bytes)
		return AGAIN;
	path_discovered(path);
	return WAIT;
}

static bool is_storage(const struct path *path)
{
	return !path->discovers;
}

static bool has_ana(const struct path *path)
{
	return path->ana;
}

static bool is_discovery(const struct path *path)
{
	return path->discovers;
}

static const struct step steps[] = {
	{"Connect (admin)", false, false, NULL, start_connect_admin, finish_connect_admin},
	{"Property Get CAP", false, false, NULL, start_get_cap, finish_get_cap},
	{"Property Set CC", false, false, NULL, start_set_cc, finish_plainly},
	{"Property Get CSTS", false, false, NULL, start_get_csts, finish_get_csts},
	{"Get Log Page, discovery header", false, false, is_discovery, start_get_discovery_header, finish_get_discovery_header},
	{"Get Log Page, discovery", false, false, is_discovery, start_get_discovery, finish_get_discovery},
	{"Identify Controller", false, false, is_storage, start_identify_controller, finish_identify_controller},
	{"Set Features, number of queues", false, false, is_storage, start_set_queues, finish_set_queues},
	{"Set Features, asynchronous events", false, true, is_storage, start_set_events, finish_plainly},
	{"Identify Namespace", false, false, is_storage, start_identify_namespace, finish_identify_namespace},
	{"Identify Namespace, descriptors", false, true, is_storage, start_identify_descriptors, finish_identify_descriptors},
	{"Get Log Page, asymmetric access", false, false, has_ana, start_get_ana, finish_get_ana},
	{"Connect (I/O)", true, false, is_storage, start_connect_io, finish_connect_io},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct path *path_of_setup(struct fabric_command *command)
{
	return (struct path *)(void *)((uint8_t *)command - offsetof(struct path, setup));
}

static void setup_failed(struct path *path, uint16_t status)
{
	const struct step *step = &steps[path->step];

	log_line("%s: %s failed, status %x", path->name, step->name, status);
	if (step->on_io_queue && (status & NVME_STATUS_MASK) == NVME_CONNECT_INVALID_PARAMETERS)
		path->no_flow_control = false; /* next time without */
	fabric_queue_fail(&path->admin, "set-up failed");
}

static void next_step(struct path *path)
{
	do {
		path->step++;
	} while (path->step < STEPS && steps[path->step].wanted && !steps[path->step].wanted(path));
	if (path->step == STEPS)
		return;
	if (steps[path->step].on_io_queue)
		path_open_io(path); /* and the step when it is open */
	else
		setup_repeat(path);
}

static void setup_done(struct fabric_command *command)
{
	struct path *path = path_of_setup(command);
	const struct step *step = &steps[path->step];
	enum outcome outcome;

	if (command->status != NVME_SUCCESS && !step->optional) {
		setup_failed(path, command->status);
		return;
	}
	outcome = step->finish(path, command->result);
	if (outcome == FAILED)
		setup_failed(path, NVME_SUCCESS);
	else if (outcome == AGAIN)
		path->retry_ticks = clock_ticks() + RDY_POLL_MS * CLOCK_TICKS_PER_MS;
	else if (outcome == NEXT)
		next_step(path);
}

void setup_repeat(struct path *path)
{
	const struct step *step = &steps[path->step];
	struct fabric_command *command = &path->setup;
	struct fabric_queue *queue = step->on_io_queue ? &path->io[path->queue_at] : &path->admin;

	path->retry_ticks = 0;
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	command->data = NULL;
	command->bytes = 0;
	command->to_storage = false;
	command->done = setup_done;
	step->start(path, &command->capsule.sqe);
	queue->capsule_data_bytes = PATH_ADMIN_CAPSULE_BYTES;
	fabric_queue_submit(queue, command, PATH_INDEX_SETUP);
}

void setup_begin(struct path *path)
{
	path->step = 0;
	setup_repeat(path);
}
