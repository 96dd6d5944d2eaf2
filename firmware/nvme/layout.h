/* Volumes as hosts see them: one storage each, or made of several: concatenated, striped, mirrored (core/config.h). */
#ifndef ASSAY_FIRMWARE_NVME_LAYOUT_H
#define ASSAY_FIRMWARE_NVME_LAYOUT_H

#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/see/see.h"

/* Blocks that lie one after another at one storage. */
struct layout_part {
	uint32_t storage;
	uint32_t nsid;
	uint64_t lba;
};

void layout_init(const struct config *config);

enum config_kind layout_kind(unsigned volume);

/** After something of a storage of @p volume has changed: says in the log which of its storages cannot be used, since their blocks are of another size. */
void layout_judge(unsigned volume);

/** What is known of @p volume as if it were one storage; valid until the next call. */
const struct fabric_storage_info *layout_info(unsigned volume);

/** @return whether @p storage is @p volume, or a member of it. */
bool layout_has(unsigned volume, unsigned storage);

unsigned layout_members(unsigned volume);

/** @return whether @p volume cannot be used, since blocks of its storages are of different sizes. */
bool layout_is_mixed(unsigned volume);

/** @return whether @p member of @p volume is known to have blocks of another size than the volume: nothing may be sent to it. */
bool layout_member_is_foreign(unsigned volume, unsigned member);

/** @return whether @p member of @p volume can be reached, and is not foreign. */
bool layout_member_ready(unsigned volume, unsigned member);

/** Member @p member of @p volume, from its LBA @p lba on. */
struct layout_part layout_member(unsigned volume, unsigned member, uint64_t lba);

/** What the SEE is to know of @p volume: where its blocks lie, or, of a mirror, that they are the volume's. */
void layout_map(unsigned volume, struct see_map *map);

#endif
