/* The boot ROM: the first stage of the NIC's processor. It starts the image of the slot that the boot record names, or the other one if that
 * one is absent, malformed, forged, too old, or has been started BOOT_ATTEMPTS times without calling itself good.
 *
 * What the ROM can do, firmware may call: a table of functions lies at ROM_CALLS.
 */
#ifndef ASSAY_FIRMWARE_BOOT_ROM_ROM_H
#define ASSAY_FIRMWARE_BOOT_ROM_ROM_H

#include "firmware/boot/image.h"

#define ROM_BASE 0x10000ul
#define ROM_CALLS (ROM_BASE + 64)
#define ROM_WATCHDOG_CYCLES 20000000u /* for the ROM, and the firmware until it sets its own */
#define ROM_BOOT_ATTEMPTS 3 /* of a slot, before the other one's turn comes */

struct rom_calls {
	enum image_verdict (*judge)(const void *image, size_t bytes, uint32_t least);
	int (*record_read)(const uint8_t *flash, struct boot_record *record);
	void (*record_seal)(struct boot_record *record);
};

/**
 * Finds a slot to start.
 * @param flash contents of the slot flash
 * @param attempts boots before this one that nobody has called good
 * @param say is told of each slot that is passed over
 * @return the slot, 0 if there is none
 */
unsigned boot_choose(const uint8_t *flash, uint64_t attempts, void (*say)(unsigned slot, const char *why));

#endif
