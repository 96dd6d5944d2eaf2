/* One NVMe controller's admin queue, polled. Answers enum mailbox_status. */
#ifndef HYPERVISOR_DRIVERS_NVME_ADMIN_H
#define HYPERVISOR_DRIVERS_NVME_ADMIN_H

#include <stdint.h>

#include "hypervisor/lib/nvme_wire.h"

#define NVME_PAGE_BYTES 4096u

struct nvme_admin {
    volatile uint8_t *registers;
    struct nvme_sqe *sq;
    volatile struct nvme_cqe *cq;
    uint8_t *data; /* a page for what commands transfer */
    uint32_t tail, head, phase;
    uint16_t next_cid;
};

/** Resets the controller whose BAR0 is at @p bar and enables it with an admin queue of its own. */
int nvme_admin_start(struct nvme_admin *a, uint64_t bar);
/** Executes one command. @p nvme_error gets the status field of its completion, 0 for success. */
int nvme_admin_execute(struct nvme_admin *a, struct nvme_sqe *command, uint16_t *nvme_error);

#endif
