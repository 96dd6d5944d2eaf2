/* An NVMe controller's I/O queue pair, polled. */
#include "hypervisor/drivers/nvme_io.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/mailbox_wire.h"

#define QUEUE_ID 1u
#define ENTRIES 64u /* one page of submission entries */
#define LBADS_MIN 9u
#define LBADS_MAX 12u

static void ring(const struct nvme_io *io, uint32_t doorbell, uint32_t value) {
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint32_t *)(io->registers + NVME_DOORBELLS + doorbell) = value;
}

static int create_queue(struct nvme_admin *admin, uint8_t opcode, uint64_t address, uint32_t attributes, uint16_t *nvme_error) {
    struct nvme_sqe command = {
        .opcode = opcode, .prp1 = address, .cdw10 = (ENTRIES - 1) << 16 | QUEUE_ID, .cdw11 = attributes | NVME_QUEUE_CONTIGUOUS};
    return nvme_admin_execute(admin, &command, nvme_error);
}

static int create_queues(struct nvme_io *io, struct nvme_admin *admin, uint16_t *nvme_error) {
    io->sq = memory_page_alloc();
    io->cq = memory_page_alloc();
    if (!io->sq || !io->cq)
        return MAILBOX_NO_MEMORY;
    int status = create_queue(admin, NVME_ADMIN_CREATE_CQ, (uint64_t)io->cq, 0, nvme_error);
    if (status == MAILBOX_OK && !*nvme_error)
        status = create_queue(admin, NVME_ADMIN_CREATE_SQ, (uint64_t)io->sq, QUEUE_ID << 16, nvme_error);
    if (status != MAILBOX_OK || *nvme_error)
        return status;
    io->registers = admin->registers;
    io->tail = io->head = 0;
    io->phase = 1;
    return MAILBOX_OK;
}

/* NVMe 1.4, section 5.15.2.1: NSZE, FLBAS, and of the format in use MS and LBADS. No namespace attached: all zeroes, so no blocks. */
static int take_namespace(struct nvme_io *io, const uint8_t *data, uint64_t *blocks) {
    const uint8_t *format = data + 128 + 4 * (data[26] & 15);
    *blocks = *(const uint64_t *)data;
    if (*blocks && (format[0] | format[1] || format[2] < LBADS_MIN || format[2] > LBADS_MAX))
        return MAILBOX_DEVICE_ERROR;
    io->block_shift = *blocks ? format[2] - LBADS_MIN : 0;
    *blocks <<= io->block_shift;
    return MAILBOX_OK;
}

int nvme_io_open(struct nvme_io *io, struct nvme_admin *admin, uint64_t *blocks, uint16_t *nvme_error) {
    struct nvme_sqe identify = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = (uint64_t)admin->data, .cdw10 = NVME_IDENTIFY_NAMESPACE};
    int status = io->registers ? MAILBOX_OK : create_queues(io, admin, nvme_error);
    if (status != MAILBOX_OK || *nvme_error)
        return status;
    status = nvme_admin_execute(admin, &identify, nvme_error);
    return status == MAILBOX_OK && !*nvme_error ? take_namespace(io, admin->data, blocks) : status;
}

void nvme_io_submit(struct nvme_io *io, uint32_t tag, uint8_t opcode, uint64_t lba, uint32_t blocks, uint64_t prp1, uint64_t prp2) {
    lba >>= io->block_shift;
    blocks >>= io->block_shift;
    io->sq[io->tail] = (struct nvme_sqe){
        .opcode = opcode, .cid = (uint16_t)tag, .nsid = 1, .prp1 = prp1, .prp2 = prp2,
        .cdw10 = (uint32_t)lba, .cdw11 = (uint32_t)(lba >> 32), .cdw12 = blocks ? blocks - 1 : 0};
    io->tail = (io->tail + 1) % ENTRIES;
    ring(io, 8 * QUEUE_ID, io->tail);
}

bool nvme_io_poll(struct nvme_io *io, uint32_t *tag, uint16_t *nvme_error) {
    if (!io->registers)
        return false;
    const volatile struct nvme_cqe *cqe = &io->cq[io->head];
    uint16_t status = cqe->status;
    if ((status & 1u) != io->phase)
        return false;
    __asm__ volatile("fence r, rw" ::: "memory");
    *tag = cqe->cid;
    *nvme_error = nvme_status(status);
    io->head = (io->head + 1) % ENTRIES;
    io->phase ^= io->head == 0;
    ring(io, 8 * QUEUE_ID + 4, io->head);
    return true;
}
