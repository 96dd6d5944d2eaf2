/* Identify, NVMe 1.4 section 5.15. Every function is a subsystem of its own with one controller and up to one namespace. */
#include "firmware/nvme/controller.h"

#include "firmware/nvme/layout.h"
#include "firmware/update/update.h"

#include <stdio.h>
#include <string.h>

#define VERSION_1_4 0x00010400u
#define MDTS_128_KIB 5
#define OAES_NAMESPACE 0x100u
#define OACS_FIRMWARE 4u
#define NAMESPACES 1u
#define NAME_BYTES 32
#define LBA_FORMAT(block_shift) ((9u + (block_shift)) << 16) /* LBADS; no metadata */

static void put16(uint8_t *data, unsigned offset, uint32_t value)
{
	data[offset] = (uint8_t)value;
	data[offset + 1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *data, unsigned offset, uint32_t value)
{
	put16(data, offset, value);
	put16(data, offset + 2, value >> 16);
}

static void put64(uint8_t *data, unsigned offset, uint64_t value)
{
	put32(data, offset, (uint32_t)value);
	put32(data, offset + 4, (uint32_t)(value >> 32));
}

/* ASCII fields are filled up with blanks. */
static void put_text(uint8_t *data, unsigned offset, unsigned bytes, const char *text)
{
	size_t length = strlen(text);

	memset(data + offset, ' ', bytes);
	memcpy(data + offset, text, length < bytes ? length : bytes);
}

static const struct fabric_storage_info *storage_of(const struct controller *controller)
{
	return controller->volume == CONTROLLER_NO_VOLUME ? NULL : layout_info(controller->volume);
}

static void identify_names(const struct controller *controller, uint8_t *data)
{
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), "ASSAY%04u", controller->function);
	put_text(data, NVME_IDCTRL_SN, 20, name);
	put_text(data, NVME_IDCTRL_MN, 40, "Assay SmartNIC");
	memcpy(data + NVME_IDCTRL_FR, update_revision(0), IMAGE_REVISION_BYTES);
	snprintf((char *)data + NVME_IDCTRL_SUBNQN, 256, "nqn.2026-11.assay:nic:function%u", controller->function);
}

/* The PF updates the firmware of all; a VF sees what runs, in one slot that it cannot write. */
static void identify_firmware(const struct controller *controller, uint8_t *data)
{
	if (controller->function != 0) {
		data[NVME_IDCTRL_FRMW] = 1 << 1 | 1;
		return;
	}
	put16(data, NVME_IDCTRL_OACS, OACS_FIRMWARE);
	data[NVME_IDCTRL_FRMW] = 1 << 4 | IMAGE_SLOTS << 1; /* activation without reset */
	put16(data, NVME_IDCTRL_MTFA, 1);
	data[NVME_IDCTRL_FWUG] = 0xff; /* pieces of any size */
}

static uint16_t identify_controller(const struct admin_command *command, uint8_t *data)
{
	const struct fabric_storage_info *storage = storage_of(command->controller);

	identify_names(command->controller, data);
	put16(data, NVME_IDCTRL_VID, SEE_VENDOR_ID);
	put16(data, NVME_IDCTRL_SSVID, SEE_VENDOR_ID);
	data[NVME_IDCTRL_MDTS] = MDTS_128_KIB;
	put16(data, NVME_IDCTRL_CNTLID, command->controller->function);
	put32(data, NVME_IDCTRL_VER, VERSION_1_4);
	put32(data, NVME_IDCTRL_OAES, OAES_NAMESPACE);
	data[NVME_IDCTRL_CNTRLTYPE] = 1;
	data[NVME_IDCTRL_ACL] = 3;
	data[NVME_IDCTRL_AERL] = CONTROLLER_AERS - 1;
	identify_firmware(command->controller, data);
	data[NVME_IDCTRL_LPA] = 1 << 2 | 1 << 1; /* 32-bit lengths and offsets of log pages; commands and effects */
	data[NVME_IDCTRL_LPA + 1] = CONTROLLER_ERRORS - 1;
	put16(data, NVME_IDCTRL_WCTEMP, CONTROLLER_WARNING_KELVIN);
	put16(data, NVME_IDCTRL_CCTEMP, CONTROLLER_CRITICAL_KELVIN);
	data[NVME_IDCTRL_SQES] = 0x66;
	data[NVME_IDCTRL_CQES] = 0x44;
	put32(data, NVME_IDCTRL_NN, NAMESPACES);
	if (storage) {
		put16(data, NVME_IDCTRL_ONCS,
			storage->oncs & (NVME_ONCS_COMPARE | NVME_ONCS_DATASET_MANAGEMENT | NVME_ONCS_WRITE_ZEROES));
		data[NVME_IDCTRL_VWC] = storage->write_cache;
	} else {
		/* A driver that asks now may ask no more when a volume comes, and it must flush that. */
		data[NVME_IDCTRL_VWC] = 1;
	}
	put16(data, NVME_IDCTRL_PSD0, 2500); /* 25 W in units of 0.01 W */
	return NVME_SUCCESS;
}

static bool namespace_active(const struct controller *controller, uint32_t nsid)
{
	return nsid == 1 && controller->volume != CONTROLLER_NO_VOLUME;
}

static uint16_t identify_namespace(const struct admin_command *command, uint8_t *data)
{
	const struct controller *controller = command->controller;
	uint32_t nsid = command->sqe->nsid;

	if (nsid == 0 || nsid > NAMESPACES)
		return NVME_INVALID_NAMESPACE;
	if (!namespace_active(controller, nsid))
		return NVME_SUCCESS; /* an inactive namespace is all zeroes */
	put64(data, NVME_IDNS_NSZE, controller->blocks);
	put64(data, NVME_IDNS_NCAP, controller->blocks);
	put64(data, NVME_IDNS_NUSE, controller->blocks);
	memcpy(data + NVME_IDNS_NGUID, storage_of(controller)->nguid, 16);
	memcpy(data + NVME_IDNS_EUI64, storage_of(controller)->eui64, 8);
	put32(data, NVME_IDNS_LBAF0, LBA_FORMAT(controller->block_shift));
	return NVME_SUCCESS;
}

static uint16_t identify_list(const struct admin_command *command, uint8_t *data)
{
	uint32_t after = command->sqe->nsid;

	if (after >= 0xfffffffeu)
		return NVME_INVALID_NAMESPACE;
	if (after < 1 && namespace_active(command->controller, 1))
		put32(data, 0, 1);
	return NVME_SUCCESS;
}

static bool any_set(const uint8_t *bytes, unsigned count)
{
	uint8_t all = 0;

	while (count--)
		all |= *bytes++;
	return all != 0;
}

static uint8_t *put_descriptor(uint8_t *at, uint8_t type, const uint8_t *identifier, uint8_t bytes)
{
	at[0] = type;
	at[1] = bytes;
	memcpy(at + 4, identifier, bytes);
	return at + 4 + bytes;
}

/* Namespace Identification Descriptors: what the storage gives; if it gives none, a UUID made of the volume's number. */
static uint16_t identify_descriptors(const struct admin_command *command, uint8_t *data)
{
	const struct controller *controller = command->controller;
	const struct fabric_storage_info *storage = storage_of(controller);
	uint8_t uuid[16] = {0xa5, 0x5a, 0, 0, 0, 0, 0x40, 0, 0x80};
	uint8_t *at = data;

	if (!namespace_active(controller, command->sqe->nsid))
		return NVME_INVALID_NAMESPACE;
	if (any_set(storage->eui64, 8))
		at = put_descriptor(at, NVME_DESCRIPTOR_EUI64, storage->eui64, 8);
	if (any_set(storage->nguid, 16))
		at = put_descriptor(at, NVME_DESCRIPTOR_NGUID, storage->nguid, 16);
	if (any_set(storage->uuid, 16))
		at = put_descriptor(at, NVME_DESCRIPTOR_UUID, storage->uuid, 16);
	uuid[15] = (uint8_t)controller->volume;
	if (at == data)
		put_descriptor(at, NVME_DESCRIPTOR_UUID, uuid, 16);
	return NVME_SUCCESS;
}

/* Controller lists: the number of identifiers and the identifiers not below DW10 31:16. */
static uint16_t identify_controllers(const struct admin_command *command, uint8_t *data)
{
	if (command->sqe->dw10 >> 16 <= command->controller->function) {
		put16(data, 0, 1);
		put16(data, 2, command->controller->function);
	}
	return NVME_SUCCESS;
}

static uint16_t identify_namespace_controllers(const struct admin_command *command, uint8_t *data)
{
	if (command->sqe->nsid == 0 || command->sqe->nsid > NAMESPACES)
		return NVME_INVALID_NAMESPACE;
	return namespace_active(command->controller, command->sqe->nsid) ? identify_controllers(command, data)
									: NVME_SUCCESS;
}

static const struct {
	uint8_t cns;
	uint16_t (*fill)(const struct admin_command *command, uint8_t *data);
} structures[] = {
	{NVME_CNS_NAMESPACE, identify_namespace},
	{NVME_CNS_CONTROLLER, identify_controller},
	{NVME_CNS_ACTIVE_LIST, identify_list},
	{NVME_CNS_DESCRIPTORS, identify_descriptors},
	{NVME_CNS_ALLOCATED_LIST, identify_list},
	{NVME_CNS_ALLOCATED_NAMESPACE, identify_namespace},
	{NVME_CNS_NAMESPACE_CONTROLLERS, identify_namespace_controllers},
	{NVME_CNS_CONTROLLERS, identify_controllers},
};

void admin_identify(const struct admin_command *command)
{
	uint8_t cns = command->sqe->dw10 & 0xff, *data = command->descriptor->buffer;
	uint16_t status = NVME_INVALID_FIELD;

	memset(data, 0, NVME_PAGE_BYTES);
	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]); i++)
		if (structures[i].cns == cns)
			status = structures[i].fill(command, data);
	if (status == NVME_SUCCESS)
		admin_complete_data(command, NVME_PAGE_BYTES);
	else
		admin_complete(command, status | NVME_STATUS_DNR, 0);
}
