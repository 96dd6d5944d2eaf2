/* What the parts of the NVMe driver share: queues and their entries. */
#ifndef HYPERVISOR_GUESTS_KERNEL_NVME_PRIVATE_H
#define HYPERVISOR_GUESTS_KERNEL_NVME_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/nvme_wire.h"

#define NVME_QUEUES_MOST 8u

struct nvme_queue {
    struct nvme_sqe *sq;
    volatile struct nvme_cqe *cq;
    volatile uint32_t *sq_doorbell, *cq_doorbell;
    uint32_t entries, tail, head, phase;
    uint32_t dw0; /* of the completion that was taken last */
};

/** Gives queue pair @p id memory, the first time, and empties it. @return false when there is none */
bool nvme_queue_create(struct nvme_queue *q, volatile uint8_t *registers, uint32_t id, uint32_t entries);
/** Puts a command and rings the doorbell. */
void nvme_queue_submit(struct nvme_queue *q, const struct nvme_sqe *command);
/** Takes the next completion. @return false when there is none */
bool nvme_queue_next(struct nvme_queue *q, uint16_t *request, uint16_t *status);
/** Tells the controller what was taken. */
void nvme_queue_release(struct nvme_queue *q);

struct nvme_controller {
    volatile uint8_t *registers;
    uint16_t rid;
    struct nvme_queue admin;
    struct nvme_queue io[NVME_QUEUES_MOST]; /* queue pair q at [q - 1] */
    uint32_t queues;
    uint8_t *data; /* a page for identify data */
    uint64_t blocks;
    uint32_t block_bytes;
    uint32_t most_bytes, most_blocks; /* of a transfer */
    uint8_t id[NVME_ID_BYTES]; /* NGUID of namespace 1 */
    bool watches;       /* an asynchronous event request is there, or its event */
    bool event;         /* it has come */
};

/** Resets and enables the controller, reads what it is, creates its I/O queue pairs; pair q has vector q, if @p interrupts. May be called again. */
bool nvme_controller_start(struct nvme_controller *c, bool interrupts);
/** Asks for events of namespaces. Again after each event. @return false, with a line, when it is refused */
bool nvme_controller_watch(struct nvme_controller *c);
/** @return whether an event has come since the last call; then another is asked for */
bool nvme_controller_take_event(struct nvme_controller *c);
/** Reads the changed namespace list, which namespaces there are, and what namespace 1 is. @return false, with a line, when that fails */
bool nvme_controller_reread(struct nvme_controller *c, bool *listed);
/** @return whether it does not answer, or has been reset since it was started */
bool nvme_controller_is_gone(const struct nvme_controller *c);

#endif
