/* Interrupts of the NIC's processor, taken as events: the main loop sleeps in WFI and asks the PLIC who called. */
#ifndef ASSAY_FIRMWARE_BOOT_INTERRUPT_H
#define ASSAY_FIRMWARE_BOOT_INTERRUPT_H

#include <stdint.h>

/** Enables the sources of platform.h at the PLIC, and external and timer interrupts as wake-ups. */
void interrupt_init(void);

/** @return the source that calls now and claims it, or 0. */
uint32_t interrupt_claim(void);

/** Ends the handling of @p source; while its line is still high it calls again. */
void interrupt_complete(uint32_t source);

/** Sleeps until a source calls or the clock reaches @p deadline_ticks (clock.h). */
void interrupt_wait(uint64_t deadline_ticks);

#endif
