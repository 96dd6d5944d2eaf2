/* Shared by host.c, host_bus.c, host_bau.c and host_boot.c. */
#ifndef ASSAY_MODELS_BOARD_HOST_INTERNAL_H
#define ASSAY_MODELS_BOARD_HOST_INTERNAL_H

#include "models/board/host.h"

/* Loads and stores of harts outside RAM (struct hart_bus_ops). */
int host_bus_load(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value);
int host_bus_store(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value);

/* Tries again what found the PCIe bridge full. */
void host_retry_pcie(struct host *host);

/** A partition's UART may have changed its interrupt line. */
void host_update_uart(struct host *host, unsigned partition);

/* Gives the interrupt lines as they are now to the harts and finds the next cycle at which a timer changes them. */
void host_update_lines(struct host *host);

/* Answers a hart that waits for the BAU or the link. */
void host_answer(struct host *host, unsigned hart, uint64_t value);

/* A cycle's work at the BAU's ports, and of the link's end. */
void host_bau_cycle(struct host *host);
void host_link_cycle(struct host *host);

/* Whether anything moves at the BAU's ports. */
bool host_bau_is_active(const struct host *host);

#endif
