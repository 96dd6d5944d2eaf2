#include "models/nic/system.h"

#include <string.h>

#include "rtl/gen/field.h"

void system_reset(struct system *system)
{
	memset(system, 0, sizeof *system);
	system->wdt_due = UINT64_MAX;
}

static bool in_buffer(uint64_t offset)
{
	return offset >= SYS_FLASH_BUFFER && offset < SYS_FLASH_BUFFER + SYS_FLASH_PAGE && offset % 8 == 0;
}

static uint64_t flash_status(struct system *system, uint8_t *contents, uint64_t now)
{
	return FIELD_PREP(SYS_FLASH_STATUS_BUSY, flash_busy(&system->flash, contents, now)) | FIELD_PREP(SYS_FLASH_STATUS_ERROR, system->flash.error);
}

uint64_t system_read(struct system *system, uint8_t *flash, uint64_t offset, uint64_t now)
{
	uint64_t word;

	switch (offset) {
	case SYS_ID:
		return SYS_ID_RESET;
	case SYS_WDT_PERIOD:
		return system->wdt_period;
	case SYS_WDT_STATUS:
		return system->wdt_warned;
	case SYS_CAUSE:
		return system->cause;
	case SYS_RESET_PC:
		return system->reset_pc;
	case SYS_RESETS:
		return system->resets;
	case SYS_ATTEMPTS:
		return system->attempts;
	case SYS_BOOTED:
		return system->booted;
	case SYS_FLASH_ADDRESS:
		return system->flash.address;
	case SYS_FLASH_LENGTH:
		return system->flash.length;
	case SYS_FLASH_STATUS:
		return flash_status(system, flash, now);
	default:
		if (!in_buffer(offset))
			return 0;
		memcpy(&word, system->flash.buffer + offset - SYS_FLASH_BUFFER, sizeof word);
		return word;
	}
}

static void kick(struct system *system, uint64_t now)
{
	system->wdt_warned = false;
	system->wdt_due = system->wdt_period ? now + system->wdt_period : UINT64_MAX;
}

static void want_reset(struct system *system, uint64_t cause)
{
	system->reset_wanted = true;
	system->reset_cause = cause;
	system->wdt_due = UINT64_MAX;
}

void system_write(struct system *system, uint8_t *flash, uint64_t offset, uint64_t value, uint64_t now)
{
	switch (offset) {
	case SYS_WDT_PERIOD:
		system->wdt_period = value & SYS_WDT_PERIOD_CYCLES_MASK;
		kick(system, now);
		break;
	case SYS_WDT_KICK:
		kick(system, now);
		break;
	case SYS_RESET:
		if ((value & SYS_RESET_KEY_MASK) == SYS_RESET_KEY)
			want_reset(system, FIELD_GET(SYS_RESET_CAUSE, value));
		break;
	case SYS_ATTEMPTS:
		system->attempts = value;
		break;
	case SYS_BOOTED:
		system->booted = value;
		break;
	case SYS_FLASH_ADDRESS:
		system->flash.address = value;
		break;
	case SYS_FLASH_LENGTH:
		system->flash.length = value;
		break;
	case SYS_FLASH_COMMAND:
		flash_command(&system->flash, flash, value, now);
		break;
	default:
		if (in_buffer(offset))
			memcpy(system->flash.buffer + offset - SYS_FLASH_BUFFER, &value, sizeof value);
	}
}

void system_advance(struct system *system, uint64_t now)
{
	if (now < system->wdt_due)
		return;
	if (system->wdt_warned) {
		want_reset(system, SYS_CAUSE_WATCHDOG);
		return;
	}
	system->wdt_warned = true;
	system->wdt_due = now + system->wdt_period;
}

void system_was_reset(struct system *system, uint64_t pc)
{
	system->cause = system->reset_cause;
	system->reset_pc = pc;
	system->resets++;
	system->reset_wanted = system->wdt_warned = false;
	system->wdt_period = 0;
	system->wdt_due = UINT64_MAX;
}
