#include "firmware/boot/system.h"

#include <string.h>

#include "firmware/boot/platform.h"
#include "firmware/boot/rom/rom.h"
#include "rtl/gen/field.h"
#include "sys_regs.h"

static uint64_t get(uint32_t offset)
{
	return mmio_read64(PLATFORM_SYSTEM + offset);
}

static void put(uint32_t offset, uint64_t value)
{
	mmio_write64(PLATFORM_SYSTEM + offset, value);
}

unsigned system_booted_slot(void)
{
	return (unsigned)FIELD_GET(SYS_BOOTED_SLOT, get(SYS_BOOTED));
}

void system_boot_is_good(void)
{
	put(SYS_ATTEMPTS, 0);
}

void system_restart(unsigned cause)
{
	__asm__ volatile("fence rw, rw" ::: "memory");
	put(SYS_RESET, SYS_RESET_KEY | cause);
	for (;;)
		__asm__ volatile("wfi");
}

void system_watchdog(uint32_t cycles)
{
	put(SYS_WDT_PERIOD, cycles);
}

void system_watchdog_kick(void)
{
	put(SYS_WDT_KICK, 0);
}

bool system_is_restart(void)
{
	return get(SYS_RESETS) != 0;
}

const uint8_t *system_flash(void)
{
	return (const uint8_t *)PLATFORM_SLOT_FLASH;
}

void system_flash_erase(uint32_t offset)
{
	put(SYS_FLASH_ADDRESS, offset);
	put(SYS_FLASH_COMMAND, SYS_FLASH_ERASE);
}

void system_flash_program(uint32_t offset, const uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i += 8) {
		uint64_t word = UINT64_MAX;

		memcpy(&word, data + i, bytes - i < 8 ? bytes - i : 8);
		put(SYS_FLASH_BUFFER + i, word);
	}
	put(SYS_FLASH_ADDRESS, offset);
	put(SYS_FLASH_LENGTH, bytes);
	put(SYS_FLASH_COMMAND, SYS_FLASH_PROGRAM);
}

bool system_flash_busy(void)
{
	bool busy = (get(SYS_FLASH_STATUS) & SYS_FLASH_STATUS_BUSY_MASK) != 0;

	__asm__ volatile("fence rw, rw" ::: "memory");
	return busy;
}

/* What the boot ROM does for the firmware: image.h. */
static const struct rom_calls *rom(void)
{
	return (const struct rom_calls *)ROM_CALLS;
}

enum image_verdict image_judge(const void *image, size_t bytes, uint32_t least)
{
	return rom()->judge(image, bytes, least);
}

int boot_record_read(const uint8_t *flash, struct boot_record *record)
{
	return rom()->record_read(flash, record);
}

void boot_record_seal(struct boot_record *record)
{
	rom()->record_seal(record);
}

uint32_t boot_slot_offset(unsigned slot)
{
	return slot == 1 ? SYS_FLASH_SLOT_1 : SYS_FLASH_SLOT_2;
}
