/* Identify data and log pages: what the target says of itself (NVM Express 1.4, 5.14 and 5.15; NVMe-oF 1.1, 4.1). */
#include <stdio.h>
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/crc32c.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_NSID = 4,
	SQE_CDW10 = 40,
	SQE_LOG_OFFSET = 48,
	CNS_NAMESPACE = 0x00,
	CNS_CONTROLLER = 0x01,
	CNS_ACTIVE_LIST = 0x02,
	CNS_DESCRIPTORS = 0x03,
	LOG_ERROR = 0x01,
	LOG_HEALTH = 0x02,
	LOG_FIRMWARE = 0x03,
	LOG_CHANGED = 0x04,
	LOG_ANA = 0x0c,
	LOG_DISCOVERY = 0x70,
	LOG_CHANGED_BYTES = 4096,
	DESCRIPTOR_NGUID = 2,
	DESCRIPTOR_UUID = 3,
	DESCRIPTOR_COMMAND_SET = 4,
	KEEP_ALIVE_GRANULE = 10, /* 1 s in units of 100 ms */
	SGL_OFFSETS = 1 << 20,
	SGL_SUPPORT = 1 | SGL_OFFSETS | 1 << 21,
	FORMATS = 32,
	FORMAT_USED = 18,
};

/* Fixed-width ASCII, padded with spaces. */
static void put_text(uint8_t *to, size_t width, const char *text)
{
	size_t length = strlen(text);

	memset(to, ' ', width);
	memcpy(to, text, length < width ? length : width);
}

static void identify_fabrics(const struct target *target, uint8_t *data)
{
	memcpy(data + 768, target->nqn, strlen(target->nqn));
	store_le32(data + 1792, (SQE_BYTES + (target->config.no_capsule ? 0 : target->config.in_capsule_bytes)) / 16); /* IOCCSZ */
	store_le32(data + 1796, CQE_BYTES / 16);                                     /* IORCSZ */
	store_le16(data + 1800, has_quirk(target, TARGET_CAPSULE_OFFSET));           /* ICDOFF */
	data[1802] = 0;                                                              /* FCATT: dynamic controllers */
	data[1803] = 1;                                                              /* MSDBD */
	store_le16(data + 1804, 1);                                                  /* OFCS: Disconnect */
}

static uint16_t identify_controller(struct target *target, struct command *command)
{
	uint8_t *data = command_data(target, command);
	char serial[21];

	snprintf(serial, sizeof(serial), "ASSAY%08X", (unsigned)crc32c(0, target->nqn, strlen(target->nqn)));
	put_text(data + 4, 20, serial);
	put_text(data + 24, 40, "Assay NVMe/TCP target");
	put_text(data + 64, 8, "1.0");
	data[76] = 1 << 1;                                                                     /* CMIC: several controllers */
	data[77] = (uint8_t)__builtin_ctz(target->config.transfer_bytes / page_bytes(target)); /* MDTS: 2^n of the smallest pages */
	store_le16(data + 78, controller_identifier(target, command_connection(target, command)->controller)); /* CNTLID */
	store_le32(data + 80, VERSION_1_4);
	store_le32(data + 92, 1 << 8); /* OAES: namespace attributes */
	if (target->config.ana != TARGET_ANA_NONE)
		target_ana_identify(target, data);
	store_le32(data + 96, 1);      /* CTRATT: 128-bit host identifier */
	data[111] = 1;                 /* CNTRLTYPE: I/O */
	data[258] = 3;                 /* ACL */
	data[259] = AER_MAX - 1;       /* AERL */
	data[260] = 3;                 /* FRMW: one slot, read-only */
	data[261] = 1 << 2;            /* LPA: 32-bit lengths and offsets */
	store_le16(data + 266, 0x157); /* WCTEMP */
	store_le16(data + 268, 0x175); /* CCTEMP */
	store_le16(data + 320, has_quirk(target, TARGET_NO_KEEP_ALIVE) ? 0 : KEEP_ALIVE_GRANULE);
	data[512] = 0x66; /* SQES */
	data[513] = 0x44; /* CQES */
	store_le16(data + 514, (uint16_t)queue_entries(target)); /* MAXCMD */
	store_le32(data + 516, target->config.namespaces);
	store_le16(data + 520, 1 << 0 | 1 << 2 | 1 << 3); /* ONCS: compare, dataset management, write zeroes */
	store_le32(data + 536, capsule_bytes(target) ? SGL_SUPPORT : SGL_SUPPORT & ~SGL_OFFSETS);
	identify_fabrics(target, data);
	if (has_quirk(target, TARGET_SETS_RESERVED)) {
		memset(data + 1806, 0xff, 2048 - 1806); /* reserved for fabrics */
		store_le32(data + 536, load_le32(data + 536) | 0xff000000u);
	}
	return NVME_SUCCESS;
}

/* Names that stay the same as long as NQN and namespace id do. */
static void unique_id(const struct target *target, uint32_t namespace_id, uint32_t salt, uint8_t id[16])
{
	for (uint32_t i = 0; i < 4; i++) {
		uint8_t word[12];

		store_le32(word, namespace_id);
		store_le32(word + 4, i);
		store_le32(word + 8, salt);
		store_le32(id + 4 * i, crc32c(crc32c(0, target->nqn, strlen(target->nqn)), word, sizeof(word)));
	}
}

/* The upper bits of the format's number are bits 6:5 of FLBAS if there are more than 16; number 2, which is what the lower ones say, has metadata. */
static void many_formats(uint8_t *data)
{
	data[25] = FORMATS - 1;
	data[26] = FORMAT_USED % 16 | FORMAT_USED / 16 << 5;
	data[128 + 4 * FORMAT_USED + 2] = data[130];
	store_le32(data + 128 + 4 * (FORMAT_USED % 16), 13u << 16 | 8);
	data[130] = 13;
}

static uint16_t identify_namespace(struct target *target, struct command *command)
{
	uint32_t namespace_id = load_le32(command->sqe + SQE_NSID);
	const struct volume *volume = namespace_volume(target, namespace_id);
	uint8_t *data = command_data(target, command);

	if (!volume)
		return NVME_INVALID_NAMESPACE | NVME_DNR;
	store_le32(data + 92, target_ana_group_of(target, namespace_id)); /* ANAGRPID */
	if (target_ana_hides(target, namespace_id))
		return NVME_SUCCESS;
	for (unsigned at = 0; at < 24; at += 8) /* NSZE, NCAP, NUSE */
		store_le64(data + at, volume->bytes / volume->block_bytes);
	data[30] = 1;                      /* NMIC: may be shared */
	data[33] = 1;                      /* DLFEAT: deallocated blocks read zeroes */
	data[99] = volume->read_only;      /* NSATTR: write protected */
	if (!has_quirk(target, TARGET_NO_NAMES))
		unique_id(target, namespace_id, DESCRIPTOR_NGUID, data + 104);
	data[130] = (uint8_t)__builtin_ctz(volume->block_bytes); /* LBAF0.LBADS */
	if (has_quirk(target, TARGET_MANY_FORMATS))
		many_formats(data);
	if (has_quirk(target, TARGET_SETS_RESERVED)) {
		memset(data + 96, 0xff, 3);
		data[133 - 2] |= 0xfc; /* above LBAF0's relative performance */
	}
	return NVME_SUCCESS;
}

static uint16_t identify_list(struct target *target, struct command *command)
{
	uint32_t after = load_le32(command->sqe + SQE_NSID);
	uint8_t *data = command_data(target, command);
	unsigned count = 0;

	if (after >= 0xfffffffe)
		return NVME_INVALID_NAMESPACE | NVME_DNR;
	for (uint32_t id = after + 1; id <= target->config.namespaces; id++)
		store_le32(data + 4 * count++, id);
	return NVME_SUCCESS;
}

static uint16_t identify_descriptors(struct target *target, struct command *command)
{
	uint32_t namespace_id = load_le32(command->sqe + SQE_NSID);
	uint8_t *data = command_data(target, command);

	if (has_quirk(target, TARGET_NO_NAMES))
		return NVME_INVALID_FIELD | NVME_DNR;
	if (!namespace_volume(target, namespace_id))
		return NVME_INVALID_NAMESPACE | NVME_DNR;
	if (target_ana_hides(target, namespace_id))
		return NVME_SUCCESS;
	data[0] = DESCRIPTOR_NGUID;
	data[1] = 16;
	unique_id(target, namespace_id, DESCRIPTOR_NGUID, data + 4);
	data[20] = DESCRIPTOR_UUID;
	data[21] = 16;
	unique_id(target, namespace_id, DESCRIPTOR_UUID, data + 24);
	data[24 + 6] = (uint8_t)((data[24 + 6] & 0x0f) | 0x80); /* version 8: vendor specific */
	data[24 + 8] = (uint8_t)((data[24 + 8] & 0x3f) | 0x80);
	if (has_quirk(target, TARGET_SAYS_COMMAND_SET))
		memcpy(data + 40, (uint8_t[]){DESCRIPTOR_COMMAND_SET, 1, 0, 0, 0}, 5);
	return NVME_SUCCESS;
}

uint16_t identify_execute(struct target *target, struct command *command)
{
	memset(command_data(target, command), 0, IDENTIFY_BYTES);
	if (command_controller(target, command)->discovery) {
		if (command->sqe[SQE_CDW10] != CNS_CONTROLLER)
			return NVME_INVALID_FIELD | NVME_DNR;
		discovery_identify(target, command, command_data(target, command));
		return NVME_SUCCESS;
	}
	switch (command->sqe[SQE_CDW10]) {
	case CNS_NAMESPACE: return identify_namespace(target, command);
	case CNS_CONTROLLER: return identify_controller(target, command);
	case CNS_ACTIVE_LIST: return identify_list(target, command);
	case CNS_DESCRIPTORS: return identify_descriptors(target, command);
	default: return NVME_INVALID_FIELD | NVME_DNR;
	}
}

static void log_health(const struct target *target, uint8_t *page)
{
	store_le16(page + 1, 300); /* composite temperature, kelvin */
	page[3] = 100;             /* spare, percent */
	page[4] = 10;
	store_le64(page + 32, (target->stats.read_bytes + 511999) / 512000);
	store_le64(page + 48, (target->stats.written_bytes + 511999) / 512000);
	store_le64(page + 64, target->stats.commands);
}

static void log_changed(struct target *target, struct controller *controller, uint8_t *page)
{
	unsigned count = 0;

	for (uint32_t id = 1; id <= target->config.namespaces; id++) {
		if (controller->changed >> id & 1)
			store_le32(page + 4 * count++, id);
	}
}

/* Reading a log page lets its event be reported again, unless the host asks to keep it (RAE). */
static void log_clear(struct controller *controller, const struct command *command, uint8_t id)
{
	if (load_le32(command->sqe + SQE_CDW10) & 1u << 15)
		return;
	controller->event_mask &= ~(1u << (id & 31));
	if (id == LOG_CHANGED)
		controller->changed = 0;
}

uint16_t log_execute(struct target *target, struct command *command)
{
	struct controller *controller = command_controller(target, command);
	uint64_t offset = load_le64(command->sqe + SQE_LOG_OFFSET);
	uint8_t page[LOG_PAGE_MAX] = {0}, id = command->sqe[SQE_CDW10];
	size_t size = 512;

	if (controller->discovery != (id == LOG_DISCOVERY))
		return NVME_INVALID_LOG | NVME_DNR;
	switch (id) {
	case LOG_DISCOVERY: size = discovery_log(target, page); break;
	case LOG_ERROR: size = 64; break;
	case LOG_HEALTH: log_health(target, page); break;
	case LOG_FIRMWARE:
		page[0] = 1;
		put_text(page + 8, 8, "1.0");
		break;
	case LOG_CHANGED:
		size = LOG_CHANGED_BYTES;
		log_changed(target, controller, page);
		break;
	case LOG_ANA:
		if (target->config.ana == TARGET_ANA_NONE)
			return NVME_INVALID_LOG | NVME_DNR;
		size = target_ana_log(target, command->sqe[SQE_CDW10 + 1] & 1, page);
		break;
	default: return NVME_INVALID_LOG | NVME_DNR;
	}
	if (offset % 4 || offset > size)
		return NVME_INVALID_FIELD | NVME_DNR;
	/* What is asked for beyond the page's end is undefined; it reads as zeroes here. */
	memset(command_data(target, command), 0, command->data_bytes);
	memcpy(command_data(target, command), page + offset, size - offset < command->data_bytes ? size - offset : command->data_bytes);
	log_clear(controller, command, id);
	return NVME_SUCCESS;
}
