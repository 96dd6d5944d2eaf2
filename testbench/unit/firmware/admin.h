/* Admin commands, sent to a function of the world and answered at once. The slot of the last one stays readable. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_ADMIN_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_ADMIN_H

#include "firmware/nvme/nvme_wire.h"

#include <stdint.h>

#define DNR(status) ((uint32_t)(status) | NVME_STATUS_DNR)
#define QSIZE(entries) (((entries) - 1u) << 16)

extern unsigned last_slot;

/** Runs a command. @return its status field; the test fails if it is not answered at once. */
uint32_t run(unsigned function, struct nvme_sqe sqe);
uint32_t run3(unsigned function, uint8_t opcode, uint32_t dw10, uint32_t dw11);

/** DW0 of the last answer, and the data that came with it. */
uint32_t dw0(void);
const uint8_t *data(void);
uint32_t word(unsigned offset);

/** Create I/O queues of function 1. */
uint32_t create_cq(uint32_t dw10, uint32_t dw11, uint64_t address);
uint32_t create_sq(uint32_t dw10, uint32_t dw11, uint64_t address);

/** Attaches volume WORLD_PLAIN to function 1. */
void attach(void);

#endif
