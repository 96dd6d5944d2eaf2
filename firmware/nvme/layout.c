#include "firmware/nvme/layout.h"

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

static uint64_t smallest_member(const struct config_layout *layout)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < layout->members; i++) {
		uint64_t blocks = fabric_storage(layout->member[i])->blocks;

		least = blocks < least ? blocks : least;
	}
	return least;
}

static uint64_t joined_blocks(const struct config_layout *layout)
{
	uint64_t sum = 0;

	switch (layout->kind) {
	case CONFIG_STRIPE:
		return smallest_member(layout) / layout->chunk_blocks * layout->chunk_blocks * layout->members;
	case CONFIG_MIRROR:
		return smallest_member(layout);
	default:
		for (unsigned i = 0; i < layout->members; i++)
			sum += fabric_storage(layout->member[i])->blocks;
		return sum;
	}
}

/* Ranges of Dataset Management are not taken apart, so it is not offered. */
static void join(const struct config_layout *layout)
{
	static const char *const names[] = {"", "concat", "stripe", "mirror"};

	joined = (struct fabric_storage_info){
		.present = true, .ready = true, .known = true, .nqn = names[layout->kind], .lba_shift = 9,
		.oncs = NVME_ONCS_COMPARE | NVME_ONCS_WRITE_ZEROES,
	};
	for (unsigned i = 0; i < layout->members; i++) {
		const struct fabric_storage_info *member = fabric_storage(layout->member[i]);

		joined.ready &= member->ready;
		joined.known &= member->known;
		joined.write_cache |= member->write_cache;
		joined.oncs &= member->oncs;
	}
	joined.blocks = joined.known ? joined_blocks(layout) : 0;
}

const struct fabric_storage_info *layout_info(unsigned volume)
{
	if (layouts[volume].kind == CONFIG_PLAIN)
		return fabric_storage(volume);
	join(&layouts[volume]);
	return &joined;
}

struct layout_part layout_member(unsigned volume, unsigned member, uint64_t lba)
{
	unsigned storage = layouts[volume].member[member];

	return (struct layout_part){.storage = storage, .nsid = fabric_storage(storage)->nsid, .lba = lba};
}

static uint32_t at_most(uint64_t blocks, uint32_t limit)
{
	return blocks < limit ? (uint32_t)blocks : limit;
}

uint32_t layout_locate(unsigned volume, uint64_t lba, uint32_t blocks, struct layout_part *part)
{
	const struct config_layout *layout = &layouts[volume];
	unsigned member = 0;

	if (layout->kind == CONFIG_STRIPE) {
		uint64_t chunk = lba / layout->chunk_blocks, offset = lba % layout->chunk_blocks;

		*part = layout_member(volume, (unsigned)(chunk % layout->members),
			chunk / layout->members * layout->chunk_blocks + offset);
		return at_most(layout->chunk_blocks - offset, blocks);
	}
	while (member + 1u < layout->members && lba >= fabric_storage(layout->member[member])->blocks)
		lba -= fabric_storage(layout->member[member++])->blocks;
	*part = layout_member(volume, member, lba);
	return at_most(fabric_storage(layout->member[member])->blocks - lba, blocks);
}

unsigned layout_extents(unsigned volume, struct see_extent extents[SEE_NUM_EXTENTS])
{
	const struct config_layout *layout = &layouts[volume];
	uint64_t first = 0;

	if (layout->kind != CONFIG_CONCAT || layout->members > SEE_NUM_EXTENTS) {
		extents[0] = (struct see_extent){0, layout_info(volume)->blocks, volume, layout_info(volume)->nsid};
		return 1;
	}
	for (unsigned i = 0; i < layout->members; i++) {
		const struct fabric_storage_info *member = fabric_storage(layout->member[i]);

		extents[i] = (struct see_extent){first, member->blocks, layout->member[i], member->nsid};
		first += member->blocks;
	}
	return layout->members;
}
