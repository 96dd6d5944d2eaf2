/* Emits events into the simulator's log (events_wire.h). Without an event port, as on QEMU, nothing happens. */
#ifndef HYPERVISOR_DRIVERS_EVENT_PORT_H
#define HYPERVISOR_DRIVERS_EVENT_PORT_H

#include "hypervisor/events_wire.h"
#include "hypervisor/lib/fdt.h"

void event_port_setup(const struct fdt *fdt);

/** Emits one event in the caller's name. What function, id and value mean stands beside the code. */
void event_emit(enum event_software code, uint16_t function, uint32_t id, uint64_t value);

#endif
