/* What the two halves of the BAU's driver share. */
#ifndef HYPERVISOR_DRIVERS_BAU_WIRE_H
#define HYPERVISOR_DRIVERS_BAU_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/drivers/bau.h"

#define BAU_IRQ_NOTIFY 40u

extern uint64_t bau_window; /* 0: no unit */
extern uint64_t bau_page;   /* offset of the partition's page */

static inline uint64_t bau_read(uint64_t offset) {
    uint64_t value = *(volatile uint64_t *)(bau_window + offset);
    __asm__ volatile("fence i, rw" ::: "memory");
    return value;
}

/** What was written to memory before is seen by the unit that this write starts. */
static inline void bau_write(uint64_t offset, uint64_t value) {
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint64_t *)(bau_window + offset) = value;
}

/** Carries out @p count commands and a fence, and waits for all. */
void bau_execute(const uint64_t *commands, unsigned count);

/* Held writes (bau_hold.c): the page-event queue, a ring as word 5 of a device-table entry (0: no memory), and serving the events. */
bool bau_hold_setup(void);
uint64_t bau_hold_make_ring(void);
void bau_hold_free_ring(uint64_t ring);
void bau_hold_drain(void);

/** Replaces a device-table entry (8 words); when it returns nothing uses the old one or translations of @p vmid. */
void bau_set_device(uint16_t rid, const uint64_t *words, uint32_t vmid);
/** PLIC handler: targets that have got an interrupt while no hart held them. */
void bau_serve_broadcast(uint32_t source);

#endif
