/* The hart's own interrupts, polled by the scheduler's loop (in HS-mode they stay disabled), and the host's PLIC. */
#ifndef HYPERVISOR_DRIVERS_IRQ_H
#define HYPERVISOR_DRIVERS_IRQ_H

#include <stdint.h>

#include "hypervisor/lib/fdt.h"

#define IRQ_SOURCES 96

typedef void irq_handler(uint32_t source);

/** Finds the PLIC and each hart's context in it. */
void irq_setup(const struct fdt *fdt);
/** Opens the calling hart's context. */
void irq_setup_hart(void);
/** Routes @p source to the calling hart. */
void irq_enable(uint32_t source, irq_handler *handler);
/** Acknowledges IPIs and timer, serves external interrupts. */
void irq_poll(void);

#endif
