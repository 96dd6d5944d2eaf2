/* The system controller: how the firmware was started, restarts, the slot flash (models/nic/registers.tcl). Unit tests replace this driver. */
#ifndef ASSAY_FIRMWARE_BOOT_SYSTEM_H
#define ASSAY_FIRMWARE_BOOT_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/** @return the slot, 1 or 2, of the image that runs. */
unsigned system_booted_slot(void);

/** Says that this image works: the boot ROM begins to count anew. */
void system_boot_is_good(void);

/** Restarts the firmware through the boot ROM. @param cause SYS_CAUSE_* */
_Noreturn void system_restart(unsigned cause);

/* Longer than anything that the main loop does to its end: two signatures take 7.2 ms. */
#define SYSTEM_WATCHDOG_CYCLES 20000000u

/** From now on the watchdog wants to be kicked, or set, every @p cycles cycles; 0: no more. */
void system_watchdog(uint32_t cycles);
void system_watchdog_kick(void);

/** @return whether this is a restart, of which memory that is kept knows, and not power-on. */
bool system_is_restart(void);

/** The slot flash as it can be read now. */
const uint8_t *system_flash(void);

/** Commands of the flash; none may be given while system_flash_busy(). @param bytes at most SYS_FLASH_PAGE, within one page */
void system_flash_erase(uint32_t offset);
void system_flash_program(uint32_t offset, const uint8_t *data, uint32_t bytes);
bool system_flash_busy(void);

#endif
