#include "firmware/nvme/volume_record.h"

#include "firmware/boot/keep.h"
#include "firmware/boot/system.h"
#include "firmware/core/crc32c.h"
#include "firmware/core/log.h"
#include "firmware/nvme/controller.h"
#include "sys_regs.h"

#include <string.h>

/* The notes of now; the sequence is that of the record in flash. */
static struct volume_record now KEEP;

static enum { IDLE, ERASE, PROGRAM } step;
static struct volume_record next; /* what is being written */
static uint32_t at;
static int holds;      /* the sector of the record in flash, -1: there is none */
static bool erased[2]; /* sectors that can be written at once */
static uint32_t version, version_saved, version_next; /* of the notes */
static bool failed; /* the flash did not take the last record */

static uint32_t offset_of(int sector)
{
	return sector == 0 ? SYS_FLASH_VOLUMES_A : SYS_FLASH_VOLUMES_B;
}

static uint32_t check_of(const struct volume_record *record)
{
	return crc32c_update(0, record, offsetof(struct volume_record, check));
}

/* In steps of eight bytes: this is part of the time that an interrupt may have to wait at the start. */
static bool same_notes(const struct volume_record *a, const struct volume_record *b)
{
	const uint64_t *words_a = (const uint64_t *)(const void *)a->note, *words_b = (const uint64_t *)(const void *)b->note;

	for (uint32_t i = 0; i < sizeof(a->note) / 8; i++)
		if (words_a[i] != words_b[i])
			return false;
	return true;
}

/* Whether the sectors are erased is not looked at, which would take longer than all the rest: the free one is erased once more. */
static const struct volume_record *read_flash(void)
{
	static const struct volume_record nothing;
	const struct volume_record *found = &nothing;

	holds = -1;
	for (int sector = 0; sector < 2; sector++) {
		const struct volume_record *candidate = (const struct volume_record *)(const void *)(system_flash() + offset_of(sector));

		erased[sector] = false;
		if (candidate->magic != VOLUME_RECORD_MAGIC || candidate->check != check_of(candidate) ||
		    (holds >= 0 && (int32_t)(candidate->sequence - found->sequence) < 0))
			continue;
		found = candidate;
		holds = sector;
	}
	return found;
}

static uint32_t name_of(const struct config_volume *volume)
{
	uint32_t name = crc32c_update(0, volume->nqn, strlen(volume->nqn));

	return crc32c_update(name, &volume->nsid, sizeof(volume->nsid));
}

static int place_in(const struct volume_note *note, uint32_t name)
{
	for (int i = 0; i < note->members && i < CONFIG_MEMBERS_MAX; i++)
		if (note->member[i].name == name)
			return i;
	return -1;
}

/* The note of a volume as it is configured now, with what is known of members that it had before. A member that a mirror did not have is behind. */
static void adopt(const struct config *config, unsigned volume, const struct volume_note *before)
{
	const struct config_layout *layout = &config->layouts[volume];
	struct volume_note *note = &now.note[volume];
	uint8_t strangers = 0;

	*note = (struct volume_note){0};
	if (layout->kind == CONFIG_PLAIN)
		return;
	note->members = layout->members;
	note->lba_shift = before->lba_shift;
	for (unsigned i = 0; i < layout->members; i++) {
		uint32_t name = name_of(&config->volumes[layout->member[i]]);
		int place = place_in(before, name);

		note->member[i].name = name;
		if (place < 0) {
			strangers |= (uint8_t)(1u << i);
			continue;
		}
		note->member[i].blocks = before->member[place].blocks;
		note->stale |= (uint8_t)((before->stale >> place & 1u) << i);
	}
	if (layout->kind != CONFIG_MIRROR || strangers == (1u << layout->members) - 1)
		return;
	note->stale |= strangers;
	note->writing = before->writing;
	note->unsure = before->writing | before->unsure;
}

void volume_record_init(const struct config *config, bool kept)
{
	const struct volume_record *found = read_flash();

	step = IDLE;
	failed = false;
	version = version_saved = 1;
	now.sequence = found->sequence;
	if (!kept || now.magic != VOLUME_RECORD_MAGIC) {
		now.magic = VOLUME_RECORD_MAGIC;
		now.reserved = 0;
		for (unsigned volume = 0; volume < CONFIG_VOLUMES_MAX; volume++)
			adopt(config, volume, &found->note[volume]);
	}
	if (!same_notes(&now, found))
		version++;
}

struct volume_note *volume_note(unsigned volume)
{
	return &now.note[volume];
}

void volume_note_changed(void)
{
	controller_attention = true;
	version++;
}

bool volume_record_saved(void)
{
	return version == version_saved;
}

static int free_sector(void)
{
	return holds == 0 ? 1 : 0;
}

static void erase(void)
{
	step = ERASE;
	erased[free_sector()] = false;
	system_flash_erase(offset_of(free_sector()));
}

static void begin(void)
{
	next = now;
	next.sequence++;
	next.check = check_of(&next);
	version_next = version;
	at = 0;
	step = PROGRAM;
	erased[free_sector()] = false;
}

static void over(void)
{
	bool good = memcmp(system_flash() + offset_of(free_sector()), &next, sizeof(next)) == 0;

	if (!good && !failed)
		log_line("volumes: the flash does not take their record");
	failed = !good;
	step = IDLE;
	if (!good)
		return;
	holds = free_sector();
	now.sequence = next.sequence;
	version_saved = version_next;
}

static void program(void)
{
	uint32_t left = (uint32_t)sizeof(next) - at, piece = left < SYS_FLASH_PAGE ? left : SYS_FLASH_PAGE;

	if (piece == 0) {
		over();
		return;
	}
	system_flash_program(offset_of(free_sector()) + at, (const uint8_t *)&next + at, piece);
	at += piece;
}

/* The sector that does not hold is erased as soon as it can be, so that a note that somebody waits for takes the time of the programming only. */
bool volume_record_run(void)
{
	if (step == IDLE && version == version_saved && (holds < 0 || erased[free_sector()]))
		return false;
	if (system_flash_busy())
		return true;
	if (step == ERASE) {
		erased[free_sector()] = true;
		step = IDLE;
	}
	if (step == PROGRAM)
		program();
	else if (!erased[free_sector()])
		erase();
	else if (version != version_saved)
		begin();
	return true;
}
