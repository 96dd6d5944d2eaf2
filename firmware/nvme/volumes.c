/* Which volume stands behind a function's namespace, and the vendor commands of the PF that decide it:
 *
 *   C0h attach: DW10 function, DW11 volume (all ones: detach). Answered when the volume's storage has been reached once,
 *       or with Namespace Not Ready when that takes too long; with Invalid Field if there is no such volume, or if its storages cannot make one.
 *   C4h list: 4 KiB of text, a line a volume, ended by NUL.
 */
#include "firmware/nvme/controller.h"

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/nvme/io.h"

#include <stdio.h>
#include <string.h>

#define ATTACH_PATIENCE_MS 10000

static struct attachment {
	bool busy;
	uint8_t function;
	uint32_t volume;
	uint64_t deadline_ticks;
} attachments[SEE_NUM_SLOTS]; /* by the slot of the command */
static unsigned attachments_busy;

/* What the configuration says of each function; used once. */
static uint8_t configured[SEE_NUM_FUNCTIONS];

_Static_assert(CONFIG_FUNCTIONS_MAX == SEE_NUM_FUNCTIONS, "the configuration knows every function");

void volumes_init(const struct config *config)
{
	memcpy(configured, config->attach, sizeof(configured));
}

void volumes_reset(void)
{
	memset(attachments, 0, sizeof(attachments));
	attachments_busy = 0;
}

static void namespace_changed(struct controller *controller)
{
	controller->namespace_changed = true;
	async_raise(controller, ASYNC_NAMESPACE_CHANGED);
}

static void volume_attach(struct controller *controller, uint32_t volume)
{
	struct see_map map;

	layout_map(volume, &map);
	controller->volume = volume;
	controller->blocks = map.blocks;
	controller->block_shift = map.block_shift;
	controller->remote_nsid = layout_info(volume)->nsid;
	see_attach(controller->function, &map);
	log_line("volume %u: attached to function %u, %lu blocks of %u bytes", volume, controller->function,
		(unsigned long)controller->blocks, 512u << controller->block_shift);
	namespace_changed(controller);
}

static void volume_detach(struct controller *controller)
{
	if (controller->volume == CONTROLLER_NO_VOLUME)
		return;
	log_line("volume %u: detached from function %u", controller->volume, controller->function);
	see_detach(controller->function);
	controller->volume = CONTROLLER_NO_VOLUME;
	controller->blocks = 0;
	namespace_changed(controller);
}

static void attachment_over(unsigned slot, uint16_t status)
{
	attachments[slot].busy = false;
	attachments_busy--;
	see_complete(slot, status, 0, 0);
}

static void volume_resize(struct controller *controller)
{
	struct see_map map;

	controller->blocks = layout_info(controller->volume)->blocks;
	layout_map(controller->volume, &map);
	see_resize(controller->function, &map);
	namespace_changed(controller);
}

static void attachments_over(uint32_t volume, uint16_t status)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && attachments_busy > 0; slot++) {
		if (!attachments[slot].busy || attachments[slot].volume != volume)
			continue;
		if (status == NVME_SUCCESS)
			volume_attach(controller_of(attachments[slot].function), volume);
		attachment_over(slot, status);
	}
}

/* A volume can be used, or can be used again, perhaps with another size; or it turns out that it never can. */
static void volume_ready(uint32_t volume)
{
	layout_judge(volume);
	if (layout_is_mixed(volume))
		attachments_over(volume, NVME_INVALID_FIELD | NVME_STATUS_DNR);
	if (!layout_info(volume)->known)
		return;
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++) {
		struct controller *controller = controller_of(function);

		if (controller->volume == volume && controller->blocks != layout_info(volume)->blocks)
			volume_resize(controller);
		if (configured[function] == 1 + volume && controller->volume == CONTROLLER_NO_VOLUME) {
			configured[function] = 0;
			volume_attach(controller, volume);
		}
	}
	attachments_over(volume, NVME_SUCCESS);
}

static bool volume_exists(uint32_t volume)
{
	return volume < CONFIG_VOLUMES_MAX && layout_info(volume)->present && !layout_is_mixed(volume);
}

void admin_attach_volume(const struct admin_command *command)
{
	uint32_t function = command->sqe->dw10, volume = command->sqe->dw11;

	if (function >= SEE_NUM_FUNCTIONS || (volume != CONTROLLER_NO_VOLUME && !volume_exists(volume))) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	volume_detach(controller_of(function));
	if (volume == CONTROLLER_NO_VOLUME) {
		admin_complete(command, NVME_SUCCESS, 0);
		return;
	}
	attachments[command->descriptor->slot] = (struct attachment){true, (uint8_t)function, volume,
		clock_ticks() + ATTACH_PATIENCE_MS * CLOCK_TICKS_PER_MS};
	attachments_busy++;
	volume_ready(volume);
}

void volumes_storage_ready(unsigned storage)
{
	controller_attention = true;
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++)
		if (layout_has(volume, storage))
			volume_ready(volume);
}

bool volumes_run(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && attachments_busy > 0; slot++)
		if (attachments[slot].busy && clock_ticks() >= attachments[slot].deadline_ticks)
			attachment_over(slot, NVME_NAMESPACE_NOT_READY);
	return attachments_busy > 0;
}

/* The PF's reset ends the attachments that it asked for. */
void volumes_forget(struct controller *controller)
{
	if (controller->function != 0)
		return;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && attachments_busy > 0; slot++)
		if (attachments[slot].busy)
			attachment_over(slot, NVME_ABORTED_BY_REQUEST);
}

static int print_function(char *text, size_t room, uint32_t volume)
{
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		if (controller_of(function)->volume == volume)
			return snprintf(text, room, " function %u", function);
	return snprintf(text, room, " free");
}

void admin_list_volumes(const struct admin_command *command)
{
	char *text = (char *)command->descriptor->buffer;
	size_t used = 0;

	memset(text, 0, NVME_PAGE_BYTES);
	for (uint32_t volume = 0; volume < CONFIG_VOLUMES_MAX; volume++) {
		const struct fabric_storage_info *info = layout_info(volume);

		if (!info->present || used + CONFIG_NQN_BYTES + 80 > NVME_PAGE_BYTES)
			continue;
		used += (size_t)sprintf(text + used, "volume %u %s %lu blocks", volume,
			mirror_stale(volume) ? "degraded" : info->ready ? "ready" : "away", (unsigned long)info->blocks);
		if (info->lba_shift > 9)
			used += (size_t)sprintf(text + used, " of %u bytes", 1u << info->lba_shift);
		used += (size_t)print_function(text + used, 32, volume);
		used += (size_t)sprintf(text + used, " %s\n", info->nqn);
	}
	admin_complete_data(command, NVME_PAGE_BYTES);
}
