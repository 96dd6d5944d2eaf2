/* Queue pairs (NVMe 1.4, section 4.1). */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme_private.h"

bool nvme_queue_create(struct nvme_queue *q, volatile uint8_t *registers, uint32_t id, uint32_t entries) {
    if (!q->sq) {
        q->sq = memory_take(entries * sizeof *q->sq, PAGE_BYTES);
        q->cq = memory_take(entries * sizeof *q->cq, PAGE_BYTES);
    }
    q->sq_doorbell = (volatile uint32_t *)(registers + NVME_DOORBELLS + 8 * id);
    q->cq_doorbell = q->sq_doorbell + 1;
    q->entries = entries;
    q->tail = q->head = 0;
    q->phase = 1;
    for (uint32_t i = 0; q->cq && i < entries; i++)
        q->cq[i].status = 0;
    return q->sq && q->cq;
}

void nvme_queue_submit(struct nvme_queue *q, const struct nvme_sqe *command) {
    q->sq[q->tail] = *command;
    q->tail = q->tail + 1 == q->entries ? 0 : q->tail + 1;
    __asm__ volatile("fence w, o" ::: "memory");
    *q->sq_doorbell = q->tail;
}

bool nvme_queue_next(struct nvme_queue *q, uint16_t *request, uint16_t *status) {
    volatile struct nvme_cqe *cqe = &q->cq[q->head];
    uint16_t word = cqe->status;
    if ((word & 1u) != q->phase)
        return false;
    __asm__ volatile("fence r, rw" ::: "memory");
    *request = cqe->cid;
    q->dw0 = cqe->dw0;
    *status = nvme_status(word);
    if (++q->head == q->entries) {
        q->head = 0;
        q->phase ^= 1;
    }
    return true;
}

void nvme_queue_release(struct nvme_queue *q) {
    __asm__ volatile("fence rw, o" ::: "memory");
    *q->cq_doorbell = q->head;
}
