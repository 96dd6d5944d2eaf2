#include "models/nic/flash.h"

#include <string.h>

/* What a cell reads as whose erasure was broken off. */
#define HALF_ERASED 0xa5

static bool sensible(const struct flash *flash, uint64_t command)
{
	if (flash->command || flash->address >= SYS_FLASH_BYTES)
		return false;
	if (command == SYS_FLASH_ERASE)
		return true;
	return command == SYS_FLASH_PROGRAM && flash->length > 0 && flash->length <= SYS_FLASH_PAGE - flash->address % SYS_FLASH_PAGE;
}

void flash_command(struct flash *flash, uint8_t *contents, uint64_t command, uint64_t now)
{
	flash_busy(flash, contents, now);
	flash->error = !sensible(flash, command);
	if (flash->error)
		return;
	flash->command = (uint32_t)command;
	flash->begun = now;
	if (command == SYS_FLASH_ERASE) {
		flash->at = (uint32_t)flash->address / SYS_FLASH_SECTOR * SYS_FLASH_SECTOR;
		flash->bytes = SYS_FLASH_SECTOR;
		flash->due = now + SYS_FLASH_ERASE_CYCLES;
		return;
	}
	flash->at = (uint32_t)flash->address;
	flash->bytes = (uint32_t)flash->length;
	flash->due = now + SYS_FLASH_PROGRAM_CYCLES + flash->length * SYS_FLASH_BYTE_CYCLES;
	memcpy(flash->page, flash->buffer, sizeof flash->page);
}

static void change(struct flash *flash, uint8_t *contents, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++) {
		uint8_t *cell = contents + flash->at + i;
		*cell = flash->command == SYS_FLASH_ERASE ? 0xff : *cell & flash->page[i];
	}
}

bool flash_busy(struct flash *flash, uint8_t *contents, uint64_t now)
{
	if (!flash->command || now < flash->due)
		return flash->command != 0;
	change(flash, contents, flash->bytes);
	flash->command = 0;
	return false;
}

void flash_cut(struct flash *flash, uint8_t *contents, uint64_t now)
{
	if (!flash_busy(flash, contents, now))
		return;
	uint32_t done = (uint32_t)(flash->bytes * (now - flash->begun) / (flash->due - flash->begun));

	change(flash, contents, done);
	for (uint32_t i = done; flash->command == SYS_FLASH_ERASE && i < flash->bytes; i++)
		contents[flash->at + i] |= HALF_ERASED;
	flash->command = 0;
}
