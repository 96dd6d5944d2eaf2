/* The NIC's system controller as its processor sees it (models/nic/registers.tcl): watchdog, warm resets, the slot flash's commands.
 *
 * Event driven, as the port: nothing happens between the cycles that system_next_event() names. The whole state is struct system.
 */
#ifndef ASSAY_MODELS_NIC_SYSTEM_H
#define ASSAY_MODELS_NIC_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "models/nic/flash.h"
#include "sys_regs.h"

struct system {
	struct flash flash;
	uint64_t wdt_period, wdt_due; /**< due: cycle of the next warning or reset, UINT64_MAX if the watchdog is off */
	bool wdt_warned;
	bool reset_wanted; /**< the owner resets the processor and calls system_was_reset() */
	uint64_t reset_cause;
	uint64_t cause, reset_pc, resets, attempts, booted;
};

/** Power-on. */
void system_reset(struct system *system);

/** Register read of 8 bytes; unknown offsets read 0. */
uint64_t system_read(struct system *system, uint8_t *flash, uint64_t offset, uint64_t now);

/** Register write of 8 bytes; unknown and read-only offsets ignore it. */
void system_write(struct system *system, uint8_t *flash, uint64_t offset, uint64_t value, uint64_t now);

/** @return the cycle at which system_advance() has something to do, UINT64_MAX if never. */
static inline uint64_t system_next_event(const struct system *system)
{
	return system->wdt_due;
}

/** Does what is due at cycle @p now. */
void system_advance(struct system *system, uint64_t now);

/** The processor has been reset; it stood at @p pc. */
void system_was_reset(struct system *system, uint64_t pc);

#endif
