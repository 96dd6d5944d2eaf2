/* Shared by nic.c, nic_bus.c, nic_see.c and nic_flow.c. */
#ifndef ASSAY_MODELS_NIC_NIC_INTERNAL_H
#define ASSAY_MODELS_NIC_NIC_INTERNAL_H

#include "models/nic/nic.h"

/* Loads and stores of the processor outside memory (struct hart_bus_ops). */
int nic_bus_load(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value);
int nic_bus_store(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value);

/* Gives the interrupt lines as they are now to the processor and finds the next cycle at which the timer changes them. */
void nic_update_lines(struct nic *nic);

/* A cycle's work at the SEE's ports, and of the link's end. */
void nic_see_cycle(struct nic *nic);
void nic_link_cycle(struct nic *nic);
bool nic_see_is_active(const struct nic *nic);

/* A cycle's work at the flow classifier's ports, of the exchange and of the network functions. */
void nic_flow_cycle(struct nic *nic);
bool nic_flow_is_active(const struct nic *nic);

/* Writes NIC memory as a device does. @return 0, or negative if the range is not all memory. */
int nic_memory_write(struct nic *nic, uint64_t address, const void *bytes, size_t length);

/* Does what the port has due by the present cycle. */
void nic_port_cycle(struct nic *nic);

#endif
