/* What a controller and its namespace are, and which events are wanted of them: NVMe 1.4 sections 5.15 and 5.21. */
#include "firmware/fabric/setup.h"

#include "firmware/core/log.h"

#include <string.h>

#define CAPSULE_MOST 131072u /* more than any command has */
#define LBA_SHIFT_MIN 9
#define LBA_SHIFT_MAX 12 /* a page: some hosts take no longer blocks */

static void start_identify(struct path *path, struct nvme_sqe *sqe, enum nvme_cns cns, uint32_t nsid)
{
	sqe->opcode = NVME_ADMIN_IDENTIFY;
	sqe->nsid = nsid;
	sqe->dw10 = cns;
	path->setup.data = path->setup_data;
	path->setup.bytes = NVME_PAGE_BYTES;
}

void setup_start_identify_controller(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_CONTROLLER, 0);
}

/* 2^@p log2_pages of the controller's smallest pages; what is beyond 32 bits is no limit to any command that moves data. */
static uint32_t bytes_of_pages(const struct path *path, uint32_t log2_pages)
{
	return log2_pages + path->page_shift < 32 ? 1u << (log2_pages + path->page_shift) : UINT32_MAX;
}

/* Data that a capsule of an I/O queue may have. None where SGLs cannot name its place, or that place is not right behind the command: R2Ts do as well. */
static uint32_t capsule_bytes(const uint8_t *data)
{
	uint32_t capsule = nvme_field32(data, NVME_IDCTRL_IOCCSZ), icdoff = nvme_field32(data, NVME_IDCTRL_IOCCSZ + 8) & 0xffff;

	if (capsule <= sizeof(struct nvme_sqe) / 16 || icdoff != 0 || !(nvme_field32(data, NVME_IDCTRL_SGLS) & NVME_SGLS_OFFSETS))
		return 0;
	return capsule < CAPSULE_MOST / 16 ? capsule * 16 - (uint32_t)sizeof(struct nvme_sqe) : CAPSULE_MOST;
}

enum setup_outcome setup_finish_identify_controller(struct path *path, uint64_t result)
{
	const uint8_t *data = path->setup_data;
	uint32_t commands = nvme_field32(data, NVME_IDCTRL_MAXCMD) & 0xffff;

	(void)result;
	path->most_bytes = data[NVME_IDCTRL_MDTS] == 0 ? UINT32_MAX : bytes_of_pages(path, data[NVME_IDCTRL_MDTS]);
	path->zeroes_bytes = UINT32_MAX;
	if (commands > 1 && commands <= path->limit)
		path->limit = (uint16_t)(commands - 1); /* entries of the queue, of which one stays empty */
	path->io_capsule_bytes = capsule_bytes(data);
	path->ana = data[NVME_IDCTRL_CMIC] & NVME_CMIC_ANA;
	path->ana_change_s = data[NVME_IDCTRL_ANATT];
	ana_begin(path);
	path->events = nvme_field32(data, NVME_IDCTRL_OAES) & (NVME_ASYNC_NAMESPACE | (path->ana ? NVME_ASYNC_ANA : 0));
	path->found.oncs = (uint16_t)nvme_field32(data, NVME_IDCTRL_ONCS);
	path->found.write_cache = data[NVME_IDCTRL_VWC] & 1;
	return SETUP_NEXT;
}

void setup_start_set_events(struct path *path, struct nvme_sqe *sqe)
{
	sqe->opcode = NVME_ADMIN_SET_FEATURES;
	sqe->dw10 = NVME_FEATURE_ASYNC_EVENTS;
	sqe->dw11 = path->events;
}

void setup_start_identify_namespace(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_NAMESPACE, path->volume->nsid);
}

/* Beyond 16 formats, as NVMe 2.0 has them, the number has two bits more. */
static uint32_t format_used(const uint8_t *data)
{
	uint32_t low = data[NVME_IDNS_FLBAS] & 0xf, high = data[NVME_IDNS_FLBAS] >> 5 & 3;

	return data[NVME_IDNS_NLBAF] < 16 ? low : high << 4 | low;
}

bool setup_take_namespace(struct path *path, const uint8_t *data)
{
	uint32_t format = nvme_field32(data, NVME_IDNS_LBAF0 + 4u * format_used(data));

	memcpy(&path->found.blocks, data + NVME_IDNS_NSZE, sizeof(path->found.blocks));
	path->ana_group = nvme_field32(data, NVME_IDNS_ANAGRPID);
	path->identified = false;
	memcpy(path->found.nguid, data + NVME_IDNS_NGUID, sizeof(path->found.nguid));
	memcpy(path->found.eui64, data + NVME_IDNS_EUI64, sizeof(path->found.eui64));
	path->found.lba_shift = (uint8_t)(format >> 16);
	if (path->found.blocks > 0 && path->found.lba_shift >= LBA_SHIFT_MIN && path->found.lba_shift <= LBA_SHIFT_MAX && (format & 0xffff) == 0) {
		path->identified = true;
		return true;
	}
	log_line("%s: namespace %u: %lu blocks of 2^%u bytes and %u of metadata: not usable", path->name, path->volume->nsid,
		(unsigned long)path->found.blocks, path->found.lba_shift, format & 0xffff);
	return false;
}

/* Nothing may be seen of a namespace that cannot be reached: what the log page says of it decides. */
enum setup_outcome setup_finish_identify_namespace(struct path *path, uint64_t result)
{
	bool shown = path->setup.status == NVME_SUCCESS && setup_take_namespace(path, path->setup_data);

	(void)result;
	return shown || path->ana ? SETUP_NEXT : SETUP_FAILED;
}

void setup_start_identify_descriptors(struct path *path, struct nvme_sqe *sqe)
{
	start_identify(path, sqe, NVME_CNS_DESCRIPTORS, path->volume->nsid);
}

/* NVMe 1.4 section 5.15.2.4. Some storages have no other name of a namespace than the UUID; a target that knows no such list is none the worse for it. */
enum setup_outcome setup_finish_identify_descriptors(struct path *path, uint64_t result)
{
	const uint8_t *data = path->setup_data;

	(void)result;
	memset(path->found.uuid, 0, sizeof(path->found.uuid));
	if (path->setup.status != NVME_SUCCESS)
		return SETUP_NEXT;
	for (uint32_t at = 0; at + 4 <= NVME_PAGE_BYTES && data[at + 1] != 0; at += 4u + data[at + 1]) {
		if (data[at] == NVME_DESCRIPTOR_UUID && data[at + 1] == sizeof(path->found.uuid) && at + 4 + sizeof(path->found.uuid) <= NVME_PAGE_BYTES)
			memcpy(path->found.uuid, data + at + 4, sizeof(path->found.uuid));
		if (data[at] != NVME_DESCRIPTOR_COMMAND_SET || at + 4 == NVME_PAGE_BYTES || data[at + 4] == 0)
			continue;
		log_line("%s: namespace %u: command set %u: not usable", path->name, path->volume->nsid, data[at + 4]);
		return SETUP_FAILED; /* zones or keys, not blocks */
	}
	return SETUP_NEXT;
}

void setup_start_get_ana(struct path *path, struct nvme_sqe *sqe)
{
	path->setup.data = path->setup_data;
	path->setup.bytes = ana_command(path, sqe);
}

enum setup_outcome setup_finish_get_ana(struct path *path, uint64_t result)
{
	(void)result;
	if (!ana_take(path, path->setup_data, &path->ana_next))
		return SETUP_MORE;
	ana_enter(path, path->ana_next);
	return path->identified || !ana_usable(path->ana_state) ? SETUP_NEXT : SETUP_FAILED;
}
