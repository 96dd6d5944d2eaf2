/* An NVMe controller's admin queue, polled (NVMe 1.4, sections 3.1, 4.1, 7.6.1). */
#include "hypervisor/drivers/nvme_admin.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/mailbox_wire.h"

#define ENTRIES 16u
#define TICKS_PER_CAP_UNIT 5000000u /* CAP.TO counts 500 ms */
#define COMMAND_TICKS 100000000u    /* 10 s: a volume's target may be far away */

static uint32_t read32(const struct nvme_admin *a, uint32_t offset) {
    return *(volatile uint32_t *)(a->registers + offset);
}

static void write32(const struct nvme_admin *a, uint32_t offset, uint32_t value) {
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint32_t *)(a->registers + offset) = value;
}

static void write64(const struct nvme_admin *a, uint32_t offset, uint64_t value) {
    *(volatile uint64_t *)(a->registers + offset) = value;
}

static int wait_ready(const struct nvme_admin *a, uint32_t ready) {
    uint64_t units = (*(volatile uint64_t *)(a->registers + NVME_CAP) >> 24) & 0xff;
    uint64_t limit = csr_read(time) + (units + 1) * TICKS_PER_CAP_UNIT;
    while ((read32(a, NVME_CSTS) & NVME_CSTS_READY) != ready) {
        if (read32(a, NVME_CSTS) & NVME_CSTS_FATAL)
            return MAILBOX_DEVICE_ERROR;
        if (csr_read(time) > limit)
            return MAILBOX_TIMEOUT;
    }
    return MAILBOX_OK;
}

int nvme_admin_start(struct nvme_admin *a, uint64_t bar) {
    a->registers = (volatile uint8_t *)bar;
    if (!a->sq) {
        a->sq = memory_page_alloc();
        a->cq = memory_page_alloc();
        a->data = memory_page_alloc();
    }
    if (!a->sq || !a->cq || !a->data)
        return MAILBOX_NO_MEMORY;
    write32(a, NVME_CC, 0);
    int status = wait_ready(a, 0);
    if (status != MAILBOX_OK)
        return status;
    write32(a, NVME_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    write64(a, NVME_ASQ, (uint64_t)a->sq);
    write64(a, NVME_ACQ, (uint64_t)a->cq);
    a->tail = a->head = 0;
    a->phase = 1;
    write32(a, NVME_CC, NVME_CC_QUEUE_SIZES | NVME_CC_ENABLE);
    return wait_ready(a, NVME_CSTS_READY);
}

/* Completions of commands that timed out earlier are skipped by their command id. */
static int wait_completion(struct nvme_admin *a, uint16_t cid, uint16_t *nvme_error) {
    uint64_t limit = csr_read(time) + COMMAND_TICKS;
    for (;;) {
        volatile struct nvme_cqe *cqe = &a->cq[a->head];
        while ((cqe->status & 1u) != a->phase) {
            irq_poll(); /* what ends the command may need us: a held write of a device, for one */
            if (csr_read(time) > limit)
                return MAILBOX_TIMEOUT;
        }
        __asm__ volatile("fence r, rw" ::: "memory");
        uint16_t done = cqe->cid, status = cqe->status;
        a->head = (a->head + 1) % ENTRIES;
        a->phase ^= a->head == 0;
        write32(a, NVME_DOORBELLS + 4, a->head);
        if (done == cid) {
            *nvme_error = nvme_status(status);
            return MAILBOX_OK;
        }
    }
}

int nvme_admin_execute(struct nvme_admin *a, struct nvme_sqe *command, uint16_t *nvme_error) {
    command->cid = a->next_cid++;
    a->sq[a->tail] = *command;
    a->tail = (a->tail + 1) % ENTRIES;
    write32(a, NVME_DOORBELLS, a->tail);
    return wait_completion(a, command->cid, nvme_error);
}
