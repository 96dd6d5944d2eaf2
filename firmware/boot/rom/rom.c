/* The boot ROM's own part: devices, and the jump. */
#include "firmware/boot/rom/rom.h"

#include <string.h>

#include "firmware/boot/platform.h"
#include "rtl/gen/field.h"
#include "sys_regs.h"

const struct rom_calls rom_calls __attribute__((section(".calls"))) = {image_judge, boot_record_read, boot_record_seal};

_Static_assert(PLATFORM_SYSTEM + SYS_RESET == 0x10010020 && (SYS_RESET_KEY | SYS_CAUSE_CRASH) == 0x52535402, "entry.S knows them");

/** Called by entry.S. @return where the image begins. Ends the NIC's run if there is none. */
uint64_t rom_main(void);

static void print(const char *text)
{
	for (; *text; text++)
		mmio_write8(PLATFORM_UART, (uint8_t)*text);
}

static void say(unsigned slot, const char *why)
{
	const char digit[2] = {(char)('0' + slot), '\0'};

	print("boot: slot ");
	print(digit);
	print(": ");
	print(why);
	print("\n");
}

uint64_t rom_main(void)
{
	const uint8_t *flash = (const uint8_t *)PLATFORM_SLOT_FLASH;
	uint64_t attempts = mmio_read64(PLATFORM_SYSTEM + SYS_ATTEMPTS);
	const struct image *image;
	struct boot_record record;
	unsigned slot;

	mmio_write64(PLATFORM_SYSTEM + SYS_WDT_PERIOD, ROM_WATCHDOG_CYCLES);
	/* A command that a restart interrupts ends by itself; until then the flash shows what was. */
	while (mmio_read64(PLATFORM_SYSTEM + SYS_FLASH_STATUS) & SYS_FLASH_STATUS_BUSY_MASK)
		;
	mmio_write64(PLATFORM_SYSTEM + SYS_ATTEMPTS, attempts + 1);
	slot = boot_choose(flash, attempts, say);
	if (slot == 0) {
		print("boot: no image can be started\n");
		mmio_write32(PLATFORM_FINISHER, PLATFORM_FINISHER_FAIL(2u));
		for (;;)
			__asm__ volatile("csrw mie, zero\n\twfi");
	}
	boot_record_read(flash, &record);
	mmio_write64(PLATFORM_SYSTEM + SYS_BOOTED, FIELD_PREP(SYS_BOOTED_SLOT, slot) | FIELD_PREP(SYS_BOOTED_FALLBACK, slot != record.slot));
	image = (const struct image *)(const void *)(flash + boot_slot_offset(slot));
	memcpy((void *)(uintptr_t)image->header.load_address, image->payload, image->header.payload_bytes);
	return image->header.entry;
}
