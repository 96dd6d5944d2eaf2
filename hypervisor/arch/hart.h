/* The harts of the machine: one context each, reachable through tp. */
#ifndef HYPERVISOR_ARCH_HART_H
#define HYPERVISOR_ARCH_HART_H

#define MAX_HARTS 8
#define HART_STACK_BYTES 16384

/* Offsets that assembly uses. */
#define HART_SCRATCH 0
#define HART_STACK_TOP 8
#define HART_ID 16
#define HART_BYTES 64

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

struct vcpu;

struct hart {
    uint64_t scratch;   /* of the trap vector */
    uint64_t stack_top;
    uint64_t id;        /* SBI's hart id */
    uint32_t index;     /* position in the device tree's /cpus */
    uint32_t plic_context;
    uint32_t plic_phandle; /* of the hart's local interrupt controller */
    bool online;
    struct vcpu *loaded; /* whose VS-level registers the hart holds */
    uint64_t timer_deadline;
    uint64_t slice_end;
};

extern struct hart harts[MAX_HARTS];
extern uint32_t hart_count;
extern uint32_t harts_known; /* harts[] is complete: harts that come late may look themselves up */

_Static_assert(offsetof(struct hart, scratch) == HART_SCRATCH, "assembly reads it");
_Static_assert(offsetof(struct hart, stack_top) == HART_STACK_TOP, "assembly reads it");
_Static_assert(offsetof(struct hart, id) == HART_ID, "assembly reads it");
_Static_assert(sizeof(struct hart) == HART_BYTES, "assembly steps by it");

static inline struct hart *hart_self(void) {
    struct hart *self;
    __asm__ volatile("mv %0, tp" : "=r"(self));
    return self;
}

/** Fills harts[] from /cpus. @return false when the calling hart is not among them or a hart has no hypervisor extension */
bool hart_discover(const struct fdt *fdt, uint64_t boot_id);
/** Starts every other hart at hart_main(); @return the number that refused. */
unsigned hart_start_others(void);
/** Sets the registers that a hart needs before it may run a guest. */
void hart_setup(void);
/** Interrupts hart @p h: a guest that runs there exits, a sleeping hypervisor loop wakes. */
void hart_kick(const struct hart *h);
/** The hart on which the management loop runs. */
struct hart *hart_manager(void);
/** True when guests may run on it: all harts but the manager, unless it is the only one. */
bool hart_runs_guests(const struct hart *h);
/** Arms the hart's timer for the earlier of what it is armed for and @p deadline. */
void hart_timer_before(uint64_t deadline);
/** Forgets the timer (UINT64_MAX: never). */
void hart_timer_reset(void);
#endif

#endif
