#include "firmware/update/update.h"

#include "firmware/boot/keep.h"
#include "firmware/boot/system.h"
#include "firmware/core/log.h"
#include "sys_regs.h"

#include <string.h>

#define WORDS (SYS_FLASH_SLOT_BYTES / 4)

/* What has been downloaded so far, and which words of it. */
static uint8_t staged[SYS_FLASH_SLOT_BYTES] __attribute__((section(".noinit"), aligned(8)));
static uint32_t have[WORDS / 32];
static uint32_t staged_bytes; /* to the end of the last piece */
static bool used;	      /* by a request: the next download begins a new image */

static struct boot_record record;
static int record_sector; /* that it is in, -1: none */
static char running[IMAGE_REVISION_BYTES];
static uint32_t running_security;
static bool confirm_wanted; /* the least security version must go up */
static bool activated; /* an image waits for the next restart */

/* The request under way. */
static enum step { IDLE, BEGIN, ERASE, PROGRAM, RECORD_ERASE, RECORD_PROGRAM, RECORD_CHECK } step;
static struct update_request request;
static enum update_result outcome; /* if nothing fails any more */
static void (*done)(enum update_result result);
static uint32_t at, bytes; /* in the slot */
static struct boot_record next;

static const struct image_header *header_of(unsigned slot)
{
	return &((const struct image *)(const void *)(system_flash() + boot_slot_offset(slot)))->header;
}

void update_init(void)
{
	const struct image_header *header = header_of(system_booted_slot());

	record_sector = boot_record_read(system_flash(), &record);
	memcpy(running, header->info.revision, sizeof(running));
	running_security = header->info.security_version;
	step = IDLE;
	activated = confirm_wanted = false;
}

/* --- download ---------------------------------------------------------------------------------------------------- */

void update_forget(void)
{
	memset(have, 0, sizeof(have));
	staged_bytes = 0;
	used = false;
}

int update_download(uint32_t offset, const uint8_t *data, uint32_t length)
{
	if (offset > sizeof(staged) || length > sizeof(staged) - offset || offset % 4 != 0 || length % 4 != 0)
		return -1;
	if (used)
		update_forget();
	for (uint32_t word = offset / 4; word < (offset + length) / 4; word++)
		if (have[word / 32] >> word % 32 & 1)
			return -2;
	for (uint32_t word = offset / 4; word < (offset + length) / 4; word++)
		have[word / 32] |= 1u << word % 32;
	memcpy(staged + offset, data, length);
	if (offset + length > staged_bytes)
		staged_bytes = offset + length;
	return 0;
}

static bool is_whole(void)
{
	for (uint32_t word = 0; word < staged_bytes / 4; word++)
		if (!(have[word / 32] >> word % 32 & 1))
			return false;
	return staged_bytes > 0;
}

/* --- commit ------------------------------------------------------------------------------------------------------ */

static bool is_good(unsigned slot)
{
	return image_judge(system_flash() + boot_slot_offset(slot), SYS_FLASH_SLOT_BYTES, record.least_security_version) == IMAGE_GOOD;
}

static enum update_result judge(void)
{
	const struct image *image = (const struct image *)(const void *)(request.replace ? staged : system_flash() + boot_slot_offset(request.slot));
	enum image_verdict verdict;

	if (request.replace && !is_whole())
		return UPDATE_BAD_IMAGE;
	verdict = image_judge(image, request.replace ? staged_bytes : SYS_FLASH_SLOT_BYTES, record.least_security_version);
	if (verdict != IMAGE_GOOD)
		return verdict == IMAGE_OLD ? UPDATE_TOO_OLD : UPDATE_BAD_IMAGE;
	if (request.replace && request.slot == record.slot && !is_good(3 - request.slot))
		return UPDATE_BAD_SLOT;
	bytes = (uint32_t)sizeof(*image) + image->header.payload_bytes;
	if (request.at_once && image->header.info.keep_layout != KEEP_LAYOUT)
		return UPDATE_NEEDS_RESET;
	return UPDATE_DONE;
}

static void end(enum update_result result)
{
	step = IDLE;
	if (!done)
		return; /* a confirmation of the firmware's own: what a host is downloading stays */
	used = true;
	done(result);
}

static void begin_record(void)
{
	next = (struct boot_record){
		.sequence = record.sequence + 1, .slot = request.activate ? request.slot : record.slot, .least_security_version = record.least_security_version,
	};
	if (confirm_wanted && running_security > next.least_security_version)
		next.least_security_version = running_security;
	confirm_wanted = false;
	boot_record_seal(&next);
	step = RECORD_ERASE;
	system_flash_erase(record_sector == 0 ? SYS_FLASH_RECORD_B : SYS_FLASH_RECORD_A);
}

void update_begin(const struct update_request *wanted, void (*over)(enum update_result result))
{
	enum update_result verdict;

	request = *wanted;
	done = over;
	if (request.slot == 0)
		request.slot = 3 - system_booted_slot();
	verdict = judge();
	if (verdict != UPDATE_DONE && verdict != UPDATE_NEEDS_RESET) {
		end(verdict);
		return;
	}
	outcome = verdict;
	step = BEGIN;
}

/* The flash has other users: it may be busy when a request comes. */
static void begin(void)
{
	at = 0;
	if (request.replace) {
		step = ERASE;
		system_flash_erase(boot_slot_offset(request.slot));
	} else {
		begin_record();
	}
}

bool update_busy(void)
{
	return step != IDLE;
}

static void erase_next(void)
{
	at += SYS_FLASH_SECTOR;
	if (at < bytes) {
		system_flash_erase(boot_slot_offset(request.slot) + at);
		return;
	}
	at = 0;
	step = PROGRAM;
}

static void program_next(void)
{
	uint32_t piece = bytes - at < SYS_FLASH_PAGE ? bytes - at : SYS_FLASH_PAGE;

	if (at < bytes) {
		system_flash_program(boot_slot_offset(request.slot) + at, staged + at, piece);
		at += piece;
	} else if (memcmp(system_flash() + boot_slot_offset(request.slot), staged, bytes) != 0) {
		end(UPDATE_FLASH_FAILED);
	} else if (request.activate) {
		begin_record();
	} else {
		end(UPDATE_DONE);
	}
}

static void check_record(void)
{
	struct boot_record now;
	int sector = boot_record_read(system_flash(), &now);

	if (now.sequence != next.sequence) {
		end(UPDATE_FLASH_FAILED);
		return;
	}
	record = now;
	record_sector = sector;
	if (request.activate) {
		activated = true;
		log_line("firmware: slot %u is started next", record.slot);
	}
	end(outcome);
}

bool update_run(void)
{
	if (step == IDLE && confirm_wanted) {
		request = (struct update_request){0};
		done = NULL;
		step = BEGIN;
	}
	if (step == IDLE)
		return false;
	if (system_flash_busy())
		return true;
	switch (step) {
	case BEGIN:
		begin();
		break;
	case ERASE:
		erase_next();
		break;
	case PROGRAM:
		program_next();
		break;
	case RECORD_ERASE:
		step = RECORD_PROGRAM;
		system_flash_program(record_sector == 0 ? SYS_FLASH_RECORD_B : SYS_FLASH_RECORD_A, (const uint8_t *)&next, sizeof(next));
		break;
	default:
		check_record();
		break;
	}
	return step != IDLE;
}

/* --- what there is ------------------------------------------------------------------------------------------------ */

bool update_pending(void)
{
	return activated;
}

unsigned update_active_slot(void)
{
	return system_booted_slot();
}

unsigned update_next_slot(void)
{
	return record.slot;
}

const char *update_revision(unsigned slot)
{
	static char text[IMAGE_REVISION_BYTES];

	if (slot == 0)
		return running;
	memset(text, ' ', sizeof(text));
	if (header_of(slot)->magic == IMAGE_MAGIC)
		memcpy(text, header_of(slot)->info.revision, sizeof(text));
	return text;
}

void update_confirm(void)
{
	system_boot_is_good();
	confirm_wanted = running_security > record.least_security_version;
}
