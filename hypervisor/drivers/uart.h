/* The host's console: the 16550 that the device tree names, polled. */
#ifndef HYPERVISOR_DRIVERS_UART_H
#define HYPERVISOR_DRIVERS_UART_H

#include "hypervisor/lib/fdt.h"

/** Finds the UART; without one, lines go out through the firmware's legacy console. */
void uart_setup(const struct fdt *fdt);
/** Writes prefix, text and a newline as one unit. */
void uart_write_line(const char *prefix, const char *text);

#endif
