/* From an open TCP connection to a ready storage: a list of admin commands, each started when the one before it succeeded.
 * NVMe-oF 1.1 section 3.3 (Connect, properties), NVMe 1.4 section 7.6.1 (initialisation). */
#include "firmware/fabric/storage.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"

#include <string.h>

#define CC_ENABLE 0x00460001u /* IOCQES 4, IOSQES 6, EN */
#define RDY_POLL_MS 1
#define MDTS_NEEDED 5 /* 128 KiB in pages of 4 KiB, what our own controllers promise */

enum outcome { NEXT, AGAIN, FAILED };

struct step {
	const char *name;
	bool on_io_queue;
	bool optional; /* a target may refuse it */
	void (*start)(struct storage *storage, struct nvme_sqe *sqe);
	enum outcome (*finish)(struct storage *storage, uint64_t result);
};

static void fabrics_command(struct nvme_sqe *sqe, enum nvme_fabrics_type type)
{
	sqe->opcode = NVME_ADMIN_FABRICS;
	sqe->nsid = type;
}

static void connect_command(struct storage *storage, struct nvme_sqe *sqe, uint16_t qid, uint16_t entries)
{
	struct nvme_connect_data *data = (struct nvme_connect_data *)(void *)storage->setup_data;
	uint32_t attributes = qid > 0 && storage->no_flow_control ? NVME_CONNECT_NO_FLOW_CONTROL : 0;

	memset(data, 0, sizeof(*data));
	memcpy(data->host_id, "assay nic host 0", sizeof(data->host_id));
	data->cntlid = storage->cntlid;
	strcpy(data->subnqn, storage->volume->nqn);
	strcpy(data->hostnqn, "nqn.2026-11.assay:nic");
	fabrics_command(sqe, NVME_FABRICS_CONNECT);
	sqe->dw10 = (uint32_t)qid << 16;
	sqe->dw11 = attributes << 16 | (entries - 1u);
	sqe->dw12 = qid == 0 ? storage->kato_ms : 0;
	storage->setup.data = storage->setup_data;
	storage->setup.bytes = sizeof(*data);
	storage->setup.to_storage = true;
}

static void start_connect_admin(struct storage *storage, struct nvme_sqe *sqe)
{
	storage->cntlid = 0xffff;
	connect_command(storage, sqe, 0, STORAGE_ADMIN_ENTRIES);
}

static enum outcome finish_connect_admin(struct storage *storage, uint64_t result)
{
	storage->cntlid = (uint16_t)result;
	return result >> 16 == 0 ? NEXT : FAILED; /* the upper half asks for authentication */
}

static void start_get_cap(struct storage *storage, struct nvme_sqe *sqe)
{
	(void)storage;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw10 = 1; /* eight bytes */
	sqe->dw11 = NVME_PROPERTY_CAP;
}

static enum outcome finish_get_cap(struct storage *storage, uint64_t cap)
{
	uint32_t entries = (uint32_t)(cap & 0xffff) + 1;

	storage->limit = (uint16_t)((entries < STORAGE_QUEUE_ENTRIES ? entries : STORAGE_QUEUE_ENTRIES) - 1);
	storage->deadline_ticks = clock_ticks() + ((cap >> 24 & 0xff) + 2) * 500 * CLOCK_TICKS_PER_MS;
	return storage->limit > 0 ? NEXT : FAILED;
}

static void start_set_cc(struct storage *storage, struct nvme_sqe *sqe)
{
	(void)storage;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_SET);
	sqe->dw11 = NVME_PROPERTY_CC;
	sqe->dw12 = CC_ENABLE;
}

static enum outcome finish_plainly(struct storage *storage, uint64_t result)
{
	(void)storage;
	(void)result;
	return NEXT;
}

static void start_get_csts(struct storage *storage, struct nvme_sqe *sqe)
{
	(void)storage;
	fabrics_command(sqe, NVME_FABRICS_PROPERTY_GET);
	sqe->dw11 = NVME_PROPERTY_CSTS;
}

static enum outcome finish_get_csts(struct storage *storage, uint64_t csts)
{
	(void)storage;
	if (csts & 2)
		return FAILED;
	return csts & 1 ? NEXT : AGAIN;
}

static void start_identify(struct storage *storage, struct nvme_sqe *sqe, enum nvme_cns cns, uint32_t nsid)
{
	sqe->opcode = NVME_ADMIN_IDENTIFY;
	sqe->nsid = nsid;
	sqe->dw10 = cns;
	storage->setup.data = storage->setup_data;
	storage->setup.bytes = NVME_PAGE_BYTES;
}

static void start_identify_controller(struct storage *storage, struct nvme_sqe *sqe)
{
	start_identify(storage, sqe, NVME_CNS_CONTROLLER, 0);
}

static uint32_t field32(const uint8_t *data, unsigned offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

static enum outcome finish_identify_controller(struct storage *storage, uint64_t result)
{
	const uint8_t *data = storage->setup_data;
	uint32_t capsule = field32(data, NVME_IDCTRL_IOCCSZ), icdoff = field32(data, NVME_IDCTRL_IOCCSZ + 8) & 0xffff;

	(void)result;
	if (data[NVME_IDCTRL_MDTS] != 0 && data[NVME_IDCTRL_MDTS] < MDTS_NEEDED) {
		log_line("storage %u: takes 2^%u pages a command only", storage->id, data[NVME_IDCTRL_MDTS]);
		return FAILED;
	}
	if (capsule < 4 || capsule > 0x100000 || icdoff != 0)
		return FAILED;
	storage->io.capsule_data_bytes = capsule * 16 - (uint32_t)sizeof(struct nvme_sqe);
	storage->info.oncs = (uint16_t)field32(data, NVME_IDCTRL_ONCS);
	storage->info.write_cache = data[NVME_IDCTRL_VWC] & 1;
	return NEXT;
}

static void start_set_queues(struct storage *storage, struct nvme_sqe *sqe)
{
	(void)storage;
	sqe->opcode = NVME_ADMIN_SET_FEATURES;
	sqe->dw10 = NVME_FEATURE_QUEUES;
	sqe->dw11 = 0; /* one of each, 0's based */
}

static void start_set_events(struct storage *storage, struct nvme_sqe *sqe)
{
	(void)storage;
	sqe->opcode = NVME_ADMIN_SET_FEATURES;
	sqe->dw10 = NVME_FEATURE_ASYNC_EVENTS;
	sqe->dw11 = 1u << 8; /* namespace attribute notices */
}

static void start_identify_namespace(struct storage *storage, struct nvme_sqe *sqe)
{
	start_identify(storage, sqe, NVME_CNS_NAMESPACE, storage->volume->nsid);
}

bool setup_take_namespace(struct storage *storage, const uint8_t *data)
{
	uint32_t format = field32(data, NVME_IDNS_LBAF0 + 4u * (data[NVME_IDNS_FLBAS] & 0xf));

	memcpy(&storage->info.blocks, data + NVME_IDNS_NSZE, sizeof(storage->info.blocks));
	memcpy(storage->info.nguid, data + NVME_IDNS_NGUID, sizeof(storage->info.nguid));
	memcpy(storage->info.eui64, data + NVME_IDNS_EUI64, sizeof(storage->info.eui64));
	storage->info.lba_shift = (uint8_t)(format >> 16);
	if (storage->info.blocks == 0 || storage->info.lba_shift != 9 || (format & 0xffff) != 0) {
		log_line("storage %u: namespace %u: %lu blocks of 2^%u bytes: not usable", storage->id,
			storage->volume->nsid, (unsigned long)storage->info.blocks, storage->info.lba_shift);
		return false;
	}
	return true;
}

static enum outcome finish_identify_namespace(struct storage *storage, uint64_t result)
{
	(void)result;
	if (!setup_take_namespace(storage, storage->setup_data))
		return FAILED;
	storage_open_io(storage);
	return NEXT;
}

static void start_connect_io(struct storage *storage, struct nvme_sqe *sqe)
{
	connect_command(storage, sqe, 1, (uint16_t)(storage->limit + 1));
}

static enum outcome finish_connect_io(struct storage *storage, uint64_t result)
{
	(void)result;
	storage_is_ready(storage);
	return NEXT;
}

static const struct step steps[] = {
	{"Connect (admin)", false, false, start_connect_admin, finish_connect_admin},
	{"Property Get CAP", false, false, start_get_cap, finish_get_cap},
	{"Property Set CC", false, false, start_set_cc, finish_plainly},
	{"Property Get CSTS", false, false, start_get_csts, finish_get_csts},
	{"Identify Controller", false, false, start_identify_controller, finish_identify_controller},
	{"Set Features, number of queues", false, false, start_set_queues, finish_plainly},
	{"Set Features, asynchronous events", false, true, start_set_events, finish_plainly},
	{"Identify Namespace", false, false, start_identify_namespace, finish_identify_namespace},
	{"Connect (I/O)", true, false, start_connect_io, finish_connect_io},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct storage *storage_of_setup(struct fabric_command *command)
{
	return (struct storage *)(void *)((uint8_t *)command - offsetof(struct storage, setup));
}

static void setup_failed(struct storage *storage, uint16_t status)
{
	const struct step *step = &steps[storage->step];

	log_line("storage %u: %s failed, status %x", storage->id, step->name, status);
	if (step->on_io_queue && (status & NVME_STATUS_MASK) == NVME_CONNECT_INVALID_PARAMETERS)
		storage->no_flow_control = false; /* next time without */
	fabric_queue_fail(&storage->admin, "set-up failed");
}

static void setup_done(struct fabric_command *command)
{
	struct storage *storage = storage_of_setup(command);
	const struct step *step = &steps[storage->step];
	enum outcome outcome;

	if (command->status != NVME_SUCCESS && !step->optional) {
		setup_failed(storage, command->status);
		return;
	}
	outcome = step->finish(storage, command->result);
	if (outcome == FAILED) {
		setup_failed(storage, NVME_SUCCESS);
	} else if (outcome == AGAIN) {
		storage->retry_ticks = clock_ticks() + RDY_POLL_MS * CLOCK_TICKS_PER_MS;
	} else if (++storage->step < STEPS && !steps[storage->step].on_io_queue) {
		setup_repeat(storage);
	}
}

void setup_repeat(struct storage *storage)
{
	const struct step *step = &steps[storage->step];
	struct fabric_command *command = &storage->setup;
	struct fabric_queue *queue = step->on_io_queue ? &storage->io : &storage->admin;
	uint32_t capsule_bytes = queue->capsule_data_bytes;

	storage->retry_ticks = 0;
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	command->data = NULL;
	command->bytes = 0;
	command->to_storage = false;
	command->done = setup_done;
	step->start(storage, &command->capsule.sqe);
	queue->capsule_data_bytes = STORAGE_ADMIN_CAPSULE_BYTES;
	fabric_queue_submit(queue, command, STORAGE_INDEX_SETUP);
	if (step->on_io_queue)
		queue->capsule_data_bytes = capsule_bytes;
}

void setup_begin(struct storage *storage)
{
	storage->step = 0;
	setup_repeat(storage);
}
