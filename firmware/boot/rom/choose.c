#include "firmware/boot/rom/rom.h"

#include "sys_regs.h"

static bool try_slot(const uint8_t *flash, unsigned slot, uint32_t least, void (*say)(unsigned slot, const char *why))
{
	const uint8_t *image = flash + boot_slot_offset(slot);
	enum image_verdict verdict = image_judge(image, SYS_FLASH_SLOT_BYTES, least);

	if (verdict != IMAGE_GOOD)
		say(slot, image_verdict_text(verdict));
	return verdict == IMAGE_GOOD;
}

/* A slot whose turns are used up gives way; where both have crashed, nothing is started until power goes and comes. */
unsigned boot_choose(const uint8_t *flash, uint64_t attempts, void (*say)(unsigned slot, const char *why))
{
	struct boot_record record;
	unsigned slot;

	boot_record_read(flash, &record);
	slot = record.slot;
	if (attempts >= 2 * ROM_BOOT_ATTEMPTS)
		return 0;
	if (attempts >= ROM_BOOT_ATTEMPTS) {
		say(slot, "crashes");
		slot = 3 - slot;
	}
	if (try_slot(flash, slot, record.least_security_version, say))
		return slot;
	return try_slot(flash, 3 - slot, record.least_security_version, say) ? 3 - slot : 0;
}
