/* The volume that stands behind a function's namespace, and the PF's vendor command C4h: 4 KiB of text, a line a volume, ended by NUL.
 * (C0h, which decides it: attach.c) */
#include "firmware/nvme/controller.h"

#include "firmware/boot/keep.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/nvme/io.h"

#include <stdio.h>
#include <string.h>

/* What the configuration says of each function, at power-on: 1 + the volume. Used once, and over with what the PF says. */
static uint8_t configured[SEE_NUM_FUNCTIONS] KEEP;

_Static_assert(CONFIG_FUNCTIONS_MAX == SEE_NUM_FUNCTIONS, "the configuration knows every function");

void volumes_init(const struct config *config)
{
	memcpy(configured, config->attach, sizeof(configured));
}

static void namespace_changed(struct controller *controller)
{
	controller->namespace_changed = true;
	async_raise(controller, ASYNC_NAMESPACE_CHANGED);
}

void namespace_attach(struct controller *controller, uint32_t volume)
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

void namespace_detach(struct controller *controller)
{
	if (controller->volume == CONTROLLER_NO_VOLUME)
		return;
	log_line("volume %u: detached from function %u", controller->volume, controller->function);
	see_detach(controller->function);
	controller->volume = CONTROLLER_NO_VOLUME;
	controller->blocks = 0;
	io_detach(controller->function);
	namespace_changed(controller);
}

static void volume_resize(struct controller *controller)
{
	struct see_map map;

	controller->blocks = layout_info(controller->volume)->blocks;
	layout_map(controller->volume, &map);
	see_resize(controller->function, &map);
	namespace_changed(controller);
}

/* A volume can be used, or can be used again, perhaps with another size; or it turns out that it never can. */
static void volume_ready(uint32_t volume)
{
	layout_judge(volume);
	if (!layout_info(volume)->known)
		return;
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++) {
		struct controller *controller = controller_of(function);

		if (controller->volume == volume && controller->blocks != layout_info(volume)->blocks)
			volume_resize(controller);
		if (configured[function] == 1 + volume && controller->volume == CONTROLLER_NO_VOLUME) {
			configured[function] = 0;
			namespace_attach(controller, volume);
		}
	}
}

void namespace_chosen(unsigned function, uint32_t volume)
{
	configured[function] = 0;
	if (volume != CONTROLLER_NO_VOLUME)
		volume_ready(volume);
}

void volumes_storage_ready(unsigned storage)
{
	controller_attention = true;
	for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++)
		if (layout_has(volume, storage))
			volume_ready(volume);
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
