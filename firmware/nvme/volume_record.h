/* What has to be known of volumes of several storages after a loss of power: which members of a mirror have missed writes, whether members may
 * differ since a write was under way, and how large the members were when the volume was first put together.
 *
 * It lies in two sectors of the slot flash (SYS_FLASH_VOLUMES_A, _B); the sound one with the later sequence holds, and the other one is written and
 * read back, so that a power cut leaves at least one. Members are known by their NQN and namespace, whatever their place in the configuration is.
 * Whoever changes a note calls volume_note_changed(), and waits for volume_record_saved() before a host hears of what depends on it.
 */
#ifndef ASSAY_FIRMWARE_NVME_VOLUME_RECORD_H
#define ASSAY_FIRMWARE_NVME_VOLUME_RECORD_H

#include "firmware/core/config.h"

#include <stdbool.h>
#include <stdint.h>

struct volume_member {
	uint32_t name;     /* CRC32C of NQN and NSID */
	uint32_t reserved;
	uint64_t blocks;   /* when it was first known, 0: never; of a mirror: when it was last known */
};

struct volume_note {
	uint8_t members;
	uint8_t stale;   /* bit m: member m of the mirror has missed writes */
	uint8_t writing; /* writes to the mirror are under way, or were when power went: members may differ */
	uint8_t unsure;  /* they were when power went, and no member has been made the one to copy from yet */
	uint8_t lba_shift; /* of the blocks of a mirror or concatenation, 0: not known yet */
	uint8_t reserved[3];
	struct volume_member member[CONFIG_MEMBERS_MAX];
};

/* Little-endian, in flash. */
struct volume_record {
	uint32_t magic;
	uint32_t sequence;
	struct volume_note note[CONFIG_VOLUMES_MAX];
	uint32_t reserved;
	uint32_t check; /* CRC32C of what is before */
};
_Static_assert(sizeof(struct volume_record) == 2192, "volume record");
#define VOLUME_RECORD_MAGIC 0x524c4f56u /* "VOLR" */

/** @param kept after a restart of the firmware: memory knows more than the flash. crc32c_init() has been called. */
void volume_record_init(const struct config *config, bool kept);

struct volume_note *volume_note(unsigned volume);

void volume_note_changed(void);

/** @return whether the flash knows all that the notes say. */
bool volume_record_saved(void);

/** Carries on with the writing. @return whether to call again soon. */
bool volume_record_run(void);

#endif
