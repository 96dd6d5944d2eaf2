/* One I/O queue pair of an NVMe controller, polled (NVMe 1.4, sections 5.3, 5.4, 6). Answers enum mailbox_status. */
#ifndef HYPERVISOR_DRIVERS_NVME_IO_H
#define HYPERVISOR_DRIVERS_NVME_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/drivers/nvme_admin.h"

struct nvme_io {
    volatile uint8_t *registers;
    struct nvme_sqe *sq;
    volatile struct nvme_cqe *cq;
    uint32_t tail, head, phase;
    uint32_t block_shift; /* a block of the namespace has 512 << block_shift bytes */
};

/** Creates queue pair 1, once, and reads how large namespace 1 is. @p blocks: of 512 bytes, whatever blocks the namespace has */
int nvme_io_open(struct nvme_io *io, struct nvme_admin *admin, uint64_t *blocks, uint16_t *nvme_error);
/** Puts a command for blocks of 512 bytes: whole blocks of the namespace, which pages of 4 KiB are. The caller keeps fewer in flight than the queue has entries. @p tag becomes its command id */
void nvme_io_submit(struct nvme_io *io, uint32_t tag, uint8_t opcode, uint64_t lba, uint32_t blocks, uint64_t prp1, uint64_t prp2);
/** Takes one completion. @return false when there is none */
bool nvme_io_poll(struct nvme_io *io, uint32_t *tag, uint16_t *nvme_error);

#endif
