/*
 * DMA writes of guests' devices to write-protected pages (rtl/bau/README.md, "Held writes"): each VF has a hold ring; for each page event
 * the handler decides. Manager hart only. Without a BAU, and without a handler that makes pages writable, nothing is ever held for long.
 */
#ifndef HYPERVISOR_DRIVERS_BAU_HOLD_H
#define HYPERVISOR_DRIVERS_BAU_HOLD_H

#include <stdbool.h>
#include <stdint.h>

struct vm;

enum bau_hold_answer {
    BAU_HOLD_DENY,   /* the device may not write there: its write is refused, a fault */
    BAU_HOLD_RESUME, /* the page is writable now */
    BAU_HOLD_LATER   /* bau_hold_resume() will be called */
};

/** Decides about a write of a device of @p vm at guest-physical @p address. */
typedef enum bau_hold_answer bau_hold_handler(struct vm *vm, uint64_t address, uint16_t rid);

/** @p handler decides from now on; NULL: every such write is refused, as at the start. */
void bau_hold_set_handler(bau_hold_handler *handler);
/** Goes on with what the device of VF @p rid has under way since its write met a protected page. Without need it does no harm. */
void bau_hold_resume(uint16_t rid);
/** As above for every device. */
void bau_hold_resume_all(void);
/** Forgets what the device holds, after a reset of the function. */
void bau_hold_drop(uint16_t rid);
/** Page events served so far. */
uint64_t bau_hold_events(void);

#endif
