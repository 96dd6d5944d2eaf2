#include "firmware/nvme/layout.h"

#include "firmware/core/log.h"
#include "firmware/nvme/volume_record.h"

#include <string.h>

static const struct config_layout *layouts;
static struct fabric_storage_info joined; /* of a volume that is made of others */

void layout_init(const struct config *config)
{
	layouts = config->layouts;
}

enum config_kind layout_kind(unsigned volume)
{
	return (enum config_kind)layouts[volume].kind;
}

unsigned layout_members(unsigned volume)
{
	return layouts[volume].members;
}

bool layout_has(unsigned volume, unsigned storage)
{
	const struct config_layout *layout = &layouts[volume];

	for (unsigned i = 0; i < layout->members; i++)
		if (layout->member[i] == storage)
			return true;
	return layout->kind == CONFIG_PLAIN && volume == storage;
}

static struct volume_note *note_of(const struct config_layout *layout)
{
	return volume_note((unsigned)(layout - layouts));
}

/* log2 of the bytes of a block: what the first member that is known has, of a mirror what it had before. 0: not known. */
static uint8_t lba_shift_of(const struct config_layout *layout)
{
	uint8_t shift = layout->kind == CONFIG_MIRROR ? note_of(layout)->lba_shift : 0;

	for (unsigned i = 0; shift == 0 && i < layout->members; i++)
		shift = fabric_storage(layout->member[i])->known ? fabric_storage(layout->member[i])->lba_shift : 0;
	return shift;
}

/* A member with blocks of another size is never used: what is a block here would be part of one there. */
static bool member_fits(const struct config_layout *layout, unsigned i)
{
	const struct fabric_storage_info *member = fabric_storage(layout->member[i]);

	return member->known && member->lba_shift == lba_shift_of(layout);
}

bool layout_member_is_foreign(unsigned volume, unsigned member)
{
	return fabric_storage(layouts[volume].member[member])->known && !member_fits(&layouts[volume], member);
}

bool layout_member_ready(unsigned volume, unsigned member)
{
	return fabric_storage(layouts[volume].member[member])->ready && member_fits(&layouts[volume], member);
}

/* A mirror has the blocks that all of its members have when all are there for the first time, and keeps them until all have others. Sizes that were
 * noted in other blocks, of a concatenation too, are of a volume that is gone. */
static void note_lba_shift(const struct config_layout *layout)
{
	struct volume_note *note = note_of(layout);
	uint8_t shift = fabric_storage(layout->member[0])->lba_shift;

	for (unsigned i = 0; i < layout->members; i++)
		if (!fabric_storage(layout->member[i])->known || fabric_storage(layout->member[i])->lba_shift != shift)
			return;
	if (note->lba_shift == shift)
		return;
	for (unsigned i = 0; note->lba_shift != 0 && i < layout->members; i++)
		note->member[i].blocks = 0;
	note->lba_shift = shift;
	volume_note_changed();
}

void layout_judge(unsigned volume)
{
	const struct config_layout *layout = &layouts[volume];

	if (layout->kind == CONFIG_MIRROR || layout->kind == CONFIG_CONCAT)
		note_lba_shift(layout);
	for (unsigned i = 0; i < layout->members; i++)
		if (layout_member_is_foreign(volume, i))
			log_line("volume %u: storage %u has blocks of %u bytes and not of %u: not used", volume, layout->member[i],
				1u << fabric_storage(layout->member[i])->lba_shift, 1u << lba_shift_of(layout));
}

static uint64_t smallest_member(const struct config_layout *layout)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < layout->members; i++) {
		uint64_t blocks = fabric_storage(layout->member[i])->blocks;

		least = blocks < least ? blocks : least;
	}
	return least;
}

static void note_blocks(struct volume_note *note, unsigned member, uint64_t blocks)
{
	if (note->member[member].blocks == blocks)
		return;
	note->member[member].blocks = blocks;
	volume_note_changed();
}

/* A mirror's member that is away has the size that it had. */
static uint64_t smallest_mirrored(const struct config_layout *layout)
{
	struct volume_note *note = note_of(layout);
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < layout->members; i++) {
		const struct fabric_storage_info *member = fabric_storage(layout->member[i]);

		if (note->lba_shift && member_fits(layout, i))
			note_blocks(note, i, member->blocks);
		least = note->member[i].blocks < least ? note->member[i].blocks : least;
	}
	return least;
}

/* Blocks of member @p i of a concatenation. Only the last one may grow: behind the others there are blocks of the volume already, also after a loss of power. */
static uint64_t concat_blocks(const struct config_layout *layout, unsigned i)
{
	uint64_t now = fabric_storage(layout->member[i])->blocks;

	if (i + 1u == layout->members)
		return now;
	if (note_of(layout)->member[i].blocks == 0)
		note_blocks(note_of(layout), i, now);
	return note_of(layout)->member[i].blocks;
}

static uint64_t joined_blocks(const struct config_layout *layout)
{
	uint64_t sum = 0, chunk;

	switch (layout->kind) {
	case CONFIG_STRIPE:
		chunk = layout->chunk_bytes >> lba_shift_of(layout);
		return smallest_member(layout) / chunk * chunk * layout->members;
	case CONFIG_MIRROR:
		return smallest_mirrored(layout);
	default:
		for (unsigned i = 0; i < layout->members; i++)
			sum += concat_blocks(layout, i);
		return sum;
	}
}

/* One member that is not behind is enough, once the sizes of all have been known. */
static void join_mirror(const struct config_layout *layout)
{
	const struct volume_note *note = note_of(layout);
	bool sized = true;

	joined.known = joined.ready = false;
	for (unsigned i = 0; i < layout->members; i++) {
		const struct fabric_storage_info *member = fabric_storage(layout->member[i]);
		bool serves = !(note->stale >> i & 1) && member_fits(layout, i);

		joined.known |= serves;
		joined.ready |= member->ready && serves;
		sized &= (note->lba_shift && member_fits(layout, i)) || note->member[i].blocks > 0;
	}
	joined.known &= sized;
}

/* Ranges of Dataset Management are not taken apart, so it is not offered. */
static void join(const struct config_layout *layout)
{
	static const char *const names[] = {"", "concat", "stripe", "mirror"};

	joined = (struct fabric_storage_info){
		.present = true, .ready = true, .known = true, .nqn = names[layout->kind], .lba_shift = lba_shift_of(layout),
		.oncs = NVME_ONCS_COMPARE | NVME_ONCS_WRITE_ZEROES,
	};
	for (unsigned i = 0; i < layout->members; i++) {
		const struct fabric_storage_info *member = fabric_storage(layout->member[i]);

		joined.ready &= member->ready;
		joined.known &= member_fits(layout, i);
		joined.write_cache |= member->write_cache;
		joined.oncs &= member->oncs;
	}
	if (layout->kind == CONFIG_MIRROR)
		join_mirror(layout);
	joined.blocks = joined.known ? joined_blocks(layout) : 0;
}

const struct fabric_storage_info *layout_info(unsigned volume)
{
	if (layouts[volume].kind == CONFIG_PLAIN)
		return fabric_storage(volume);
	join(&layouts[volume]);
	return &joined;
}

bool layout_is_mixed(unsigned volume)
{
	bool foreign = false;

	for (unsigned i = 0; i < layouts[volume].members; i++)
		foreign |= layout_member_is_foreign(volume, i);
	return foreign && !layout_info(volume)->known;
}

struct layout_part layout_member(unsigned volume, unsigned member, uint64_t lba)
{
	unsigned storage = layouts[volume].member[member];

	return (struct layout_part){.storage = storage, .nsid = fabric_storage(storage)->nsid, .lba = lba};
}

static void map_concat(const struct config_layout *layout, struct see_map *map)
{
	uint64_t first = 0;

	map->extents = layout->members;
	for (unsigned i = 0; i < layout->members; i++) {
		map->extent[i] = (struct see_extent){.first = first, .blocks = concat_blocks(layout, i), .member = (uint8_t)i};
		first += map->extent[i].blocks;
	}
}

void layout_map(unsigned volume, struct see_map *map)
{
	const struct config_layout *layout = &layouts[volume];
	const struct fabric_storage_info *info = layout_info(volume);

	*map = (struct see_map){.blocks = info->blocks, .block_shift = (uint8_t)(info->lba_shift - 9), .extents = 1, .targets = 1,
		.extent = {{.blocks = info->blocks}}, .target = {{volume, info->nsid}}};
	if (layout->kind != CONFIG_CONCAT && layout->kind != CONFIG_STRIPE)
		return;
	map->targets = layout->members;
	for (unsigned i = 0; i < layout->members; i++)
		map->target[i] = (struct see_target){layout->member[i], fabric_storage(layout->member[i])->nsid};
	if (layout->kind == CONFIG_CONCAT) {
		map_concat(layout, map);
	} else {
		map->extent[0].width = layout->members;
		map->extent[0].chunk_log2 = (uint8_t)__builtin_ctz(layout->chunk_bytes >> info->lba_shift);
	}
}
