/* Get Log Page, NVMe 1.4 section 5.14: the four pages that are mandatory for an I/O controller. */
#include "firmware/nvme/controller.h"

#include "firmware/core/clock.h"
#include "firmware/nvme/layout.h"
#include "firmware/update/update.h"

#include <string.h>

#define RETAIN_EVENT (1u << 15)
#define EFFECT_SUPPORTED 1u
#define EFFECT_CONTENTS 2u
#define DATA_UNIT_BLOCKS 1000u

/* SMART / Health Information, section 5.14.1.2 (the 128-bit counters' upper halves stay 0). */
struct smart_page {
	uint8_t critical_warning;
	uint8_t temperature[2];
	uint8_t spare;
	uint8_t spare_threshold;
	uint8_t used;
	uint8_t reserved1[26];
	uint64_t units_read[2];
	uint64_t units_written[2];
	uint64_t reads[2];
	uint64_t writes[2];
	uint64_t busy_minutes[2];
	uint64_t power_cycles[2];
	uint64_t power_hours[2];
	uint64_t unsafe_shutdowns[2];
	uint64_t media_errors[2];
	uint64_t error_entries[2];
	uint8_t reserved2[320];
};
_Static_assert(sizeof(struct smart_page) == 512, "SMART page");

/* A page while it is read; the largest is the changed namespace list. */
static union {
	uint8_t bytes[4096];
	struct error_entry errors[CONTROLLER_ERRORS];
	struct smart_page smart;
	uint32_t effects[1024];
} page;

static uint32_t error_page(struct controller *controller)
{
	for (unsigned i = 0; i < CONTROLLER_ERRORS && i < controller->errors; i++)
		page.errors[i] = controller->error_log[(controller->errors - 1 - i) % CONTROLLER_ERRORS]; /* newest first */
	return sizeof(page.errors);
}

static uint64_t data_units(uint64_t blocks)
{
	return (blocks + DATA_UNIT_BLOCKS - 1) / DATA_UNIT_BLOCKS;
}

static uint32_t smart_page(struct controller *controller)
{
	struct smart_page *smart = &page.smart;
	smart->critical_warning = controller_is_hot(controller) ? 2 : 0;
	smart->temperature[0] = CONTROLLER_KELVIN & 0xff;
	smart->temperature[1] = CONTROLLER_KELVIN >> 8;
	smart->spare = 100;
	smart->spare_threshold = 10;
	smart->units_read[0] = data_units(controller->read_blocks);
	smart->units_written[0] = data_units(controller->written_blocks);
	smart->reads[0] = controller->read_commands;
	smart->writes[0] = controller->write_commands;
	smart->power_cycles[0] = controller->power_cycles;
	smart->power_hours[0] = clock_ticks() / (CLOCK_TICKS_PER_SECOND * 3600);
	smart->error_entries[0] = controller->errors;
	return sizeof(*smart);
}

/* Firmware Slot Information, section 5.14.1.3: slot n's revision at 8n. */
static uint32_t firmware_page(struct controller *controller)
{
	if (controller->function != 0) {
		page.bytes[0] = 1;
		memcpy(page.bytes + 8, update_revision(0), IMAGE_REVISION_BYTES);
		return 512;
	}
	page.bytes[0] = (uint8_t)update_active_slot();
	if (update_pending())
		page.bytes[0] |= (uint8_t)(update_next_slot() << 4);
	for (unsigned slot = 1; slot <= IMAGE_SLOTS; slot++)
		memcpy(page.bytes + 8 * slot, update_revision(slot), IMAGE_REVISION_BYTES);
	return 512;
}

static uint32_t changed_namespaces_page(struct controller *controller)
{
	page.bytes[0] = controller->namespace_changed;
	controller->namespace_changed = false;
	async_told(controller, ASYNC_NAMESPACE_CHANGED);
	return 4096;
}

/* Commands Supported and Effects, section 5.14.1.5: bit 0 supported, 1 changes contents, 4 changes the namespace inventory. */
static uint32_t effects_page(struct controller *controller)
{
	static const uint8_t io_commands[] = {NVME_IO_FLUSH, NVME_IO_WRITE, NVME_IO_READ};
	uint16_t oncs = controller->volume == CONTROLLER_NO_VOLUME ? 0 : layout_info(controller->volume)->oncs;
	uint32_t *admin = page.effects, *io = page.effects + 256;

	controller_admin_effects(controller, admin);
	for (size_t i = 0; i < sizeof(io_commands); i++)
		io[io_commands[i]] = EFFECT_SUPPORTED;
	io[NVME_IO_WRITE] |= EFFECT_CONTENTS;
	if (oncs & NVME_ONCS_COMPARE)
		io[NVME_IO_COMPARE] = EFFECT_SUPPORTED;
	if (oncs & NVME_ONCS_WRITE_ZEROES)
		io[NVME_IO_WRITE_ZEROES] = EFFECT_SUPPORTED | EFFECT_CONTENTS;
	if (oncs & NVME_ONCS_DATASET_MANAGEMENT)
		io[NVME_IO_DATASET_MANAGEMENT] = EFFECT_SUPPORTED | EFFECT_CONTENTS;
	return sizeof(page.bytes);
}

static const struct {
	uint8_t id;
	uint32_t (*fill)(struct controller *controller);
} pages[] = {
	{NVME_LOG_ERROR, error_page},
	{NVME_LOG_SMART, smart_page},
	{NVME_LOG_FIRMWARE, firmware_page},
	{NVME_LOG_CHANGED_NAMESPACES, changed_namespaces_page},
	{NVME_LOG_EFFECTS, effects_page},
};

static uint32_t fill_page(struct controller *controller, uint8_t id)
{
	memset(&page, 0, sizeof(page));
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].id == id)
			return pages[i].fill(controller);
	return 0;
}

/* The SMART page may be asked for the controller only (NSID 0 or all ones): there are none per namespace. */
static bool namespace_allowed(const struct nvme_sqe *sqe)
{
	return (sqe->dw10 & 0xff) != NVME_LOG_SMART || sqe->nsid == 0 || sqe->nsid == NVME_NSID_ALL;
}

void admin_get_log_page(const struct admin_command *command)
{
	const struct nvme_sqe *sqe = command->sqe;
	uint8_t id = sqe->dw10 & 0xff, *data = command->descriptor->buffer;
	uint64_t wanted = (((uint64_t)(sqe->dw11 & 0xffff) << 16 | sqe->dw10 >> 16) + 1) * 4;
	uint64_t offset = (uint64_t)sqe->dw13 << 32 | sqe->dw12;
	uint32_t size;

	if (!namespace_allowed(sqe) || wanted > SEE_MAX_TRANSFER_BYTES || offset % 4 != 0) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	size = fill_page(command->controller, id);
	if (size == 0 || offset > size) {
		admin_complete(command, (size == 0 ? NVME_INVALID_LOG_PAGE : NVME_INVALID_FIELD) | NVME_STATUS_DNR, 0);
		return;
	}
	memset(data, 0, wanted);
	memcpy(data, page.bytes + offset, size - offset < wanted ? size - offset : wanted);
	if (!(sqe->dw10 & RETAIN_EVENT))
		async_log_read(command->controller, id);
	admin_complete_data(command, (uint32_t)wanted);
}
