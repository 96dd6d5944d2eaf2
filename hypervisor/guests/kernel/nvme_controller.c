/* Bringing the controller up through its admin queue, polled. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/guests/kernel/nvme_private.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define ADMIN_ENTRIES 8u
#define TICKS_PER_CAP_UNIT 5000000u
#define COMMAND_TICKS 100000000u
#define LBADS_MIN 9u
#define LBADS_MAX 12u
#define EVENT_CID 1u          /* of the request for events; other admin commands have 0 */
#define NGUID 104u
#define LONGEST_BYTES 524288u /* of a transfer, where the controller sets no limit or a higher one */

static uint32_t read32(const struct nvme_controller *c, uint32_t offset) {
    return *(volatile uint32_t *)(c->registers + offset);
}

static void write32(const struct nvme_controller *c, uint32_t offset, uint32_t value) {
    *(volatile uint32_t *)(c->registers + offset) = value;
}

static bool wait_ready(const struct nvme_controller *c, uint32_t ready) {
    uint64_t units = (*(volatile uint64_t *)(c->registers + NVME_CAP) >> 24) & 0xff;
    uint64_t limit = csr_read(time) + (units + 1) * TICKS_PER_CAP_UNIT;
    while ((read32(c, NVME_CSTS) & NVME_CSTS_READY) != ready)
        if (csr_read(time) > limit || (read32(c, NVME_CSTS) & NVME_CSTS_FATAL))
            return false;
    return true;
}

static bool enable(struct nvme_controller *c) {
    write32(c, NVME_CC, 0);
    if (!wait_ready(c, 0) || !nvme_queue_create(&c->admin, c->registers, 0, ADMIN_ENTRIES))
        return false;
    write32(c, NVME_AQA, (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1));
    *(volatile uint64_t *)(c->registers + NVME_ASQ) = (uint64_t)c->admin.sq;
    *(volatile uint64_t *)(c->registers + NVME_ACQ) = (uint64_t)c->admin.cq;
    write32(c, NVME_CC, NVME_CC_QUEUE_SIZES | NVME_CC_ENABLE);
    return wait_ready(c, NVME_CSTS_READY);
}

/* Takes a completion of the admin queue; an event's is kept. @return whether there was one of another command */
static bool take_admin(struct nvme_controller *c, uint16_t *status) {
    uint16_t request;
    if (!nvme_queue_next(&c->admin, &request, status))
        return false;
    nvme_queue_release(&c->admin);
    if (request != EVENT_CID)
        return true;
    if (*status || c->admin.dw0 != NVME_EVENT_NAMESPACES)
        print("nvme: event 0x%x, status 0x%x", c->admin.dw0, *status);
    c->event = true;
    return false;
}

/* @return false, with a line, when the command fails or is not answered */
static bool admin(struct nvme_controller *c, struct nvme_sqe command) {
    uint16_t status;
    uint64_t limit = csr_read(time) + COMMAND_TICKS;
    nvme_queue_submit(&c->admin, &command);
    while (!take_admin(c, &status))
        if (csr_read(time) > limit) {
            print("nvme: admin command 0x%x is not answered", command.opcode);
            return false;
        }
    if (status)
        print("nvme: admin command 0x%x fails with status 0x%x", command.opcode, status);
    return status == 0;
}

static bool identify_controller(struct nvme_controller *c) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_IDENTIFY, .prp1 = (uint64_t)c->data, .cdw10 = NVME_IDENTIFY_CONTROLLER};
    if (!admin(c, command))
        return false;
    uint8_t mdts = c->data[77];
    c->most_bytes = mdts && mdts < 8 ? (uint32_t)PAGE_BYTES << mdts : LONGEST_BYTES;
    return true;
}

/* One that is not there has no blocks, and is said to have those of 512 bytes. */
static bool identify_namespace(struct nvme_controller *c) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = (uint64_t)c->data, .cdw10 = NVME_IDENTIFY_NAMESPACE};
    if (!admin(c, command))
        return false;
    c->blocks = *(uint64_t *)c->data;
    memcpy(c->id, c->data + NGUID, sizeof c->id);
    const uint8_t *format = c->data + 128 + 4 * (c->data[26] & 15);
    uint32_t lbads = c->blocks ? format[2] : LBADS_MIN;
    if (format[0] | format[1] || lbads < LBADS_MIN || lbads > LBADS_MAX)
        return false;
    c->block_bytes = 1u << lbads;
    c->most_blocks = c->most_bytes >> lbads;
    return true;
}

static void ask_for_event(struct nvme_controller *c) {
    struct nvme_sqe request = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = EVENT_CID};
    nvme_queue_submit(&c->admin, &request);
}

bool nvme_controller_watch(struct nvme_controller *c) {
    struct nvme_sqe configure = {.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_EVENTS, .cdw11 = NVME_EVENTS_OF_NAMESPACES};
    c->watches = true;
    c->event = false;
    if (!admin(c, configure))
        return false;
    ask_for_event(c);
    return true;
}

bool nvme_controller_take_event(struct nvme_controller *c) {
    uint16_t status;
    while (take_admin(c, &status))
        print("nvme: an admin command that nobody has sent has status 0x%x", status);
    bool event = c->event;
    c->event = false;
    if (event)
        ask_for_event(c);
    return event;
}

bool nvme_controller_reread(struct nvme_controller *c, bool *listed) {
    struct nvme_sqe changed = {.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_ALL_NAMESPACES, .prp1 = (uint64_t)c->data,
                               .cdw10 = (PAGE_BYTES / 4 - 1) << 16 | NVME_LOG_CHANGED_NAMESPACES};
    struct nvme_sqe active = {.opcode = NVME_ADMIN_IDENTIFY, .prp1 = (uint64_t)c->data, .cdw10 = NVME_IDENTIFY_ACTIVE};
    if (!admin(c, changed))
        return false;
    *listed = *(uint32_t *)c->data == 1;
    if (!admin(c, active))
        return false;
    bool is_active = *(uint32_t *)c->data == 1;
    if (!identify_namespace(c))
        return false;
    bool listed_again; /* if it has changed between the two */
    return is_active == (c->blocks != 0) || nvme_controller_reread(c, &listed_again);
}

static bool create_queue(struct nvme_controller *c, uint32_t id, bool interrupts) {
    struct nvme_queue *q = &c->io[id - 1];
    if (!nvme_queue_create(q, c->registers, id, NVME_QUEUE_ENTRIES))
        return false;
    struct nvme_sqe cq = {.opcode = NVME_ADMIN_CREATE_CQ,
                          .prp1 = (uint64_t)q->cq,
                          .cdw10 = (NVME_QUEUE_ENTRIES - 1) << 16 | id,
                          .cdw11 = (interrupts ? id << 16 | 2u : 0) | 1};
    struct nvme_sqe sq = {.opcode = NVME_ADMIN_CREATE_SQ,
                          .prp1 = (uint64_t)q->sq,
                          .cdw10 = (NVME_QUEUE_ENTRIES - 1) << 16 | id,
                          .cdw11 = id << 16 | 1};
    return admin(c, cq) && admin(c, sq);
}

static bool create_queues(struct nvme_controller *c, bool interrupts) {
    struct nvme_sqe number = {.opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FEATURE_QUEUES, .cdw11 = (c->queues - 1) << 16 | (c->queues - 1)};
    if (c->queues > 1 && !admin(c, number))
        return false;
    for (uint32_t id = 1; id <= c->queues; id++)
        if (!create_queue(c, id, interrupts))
            return false;
    return true;
}

bool nvme_controller_is_gone(const struct nvme_controller *c) {
    uint32_t status = read32(c, NVME_CSTS);
    return status == UINT32_MAX || !(status & NVME_CSTS_READY);
}

bool nvme_controller_start(struct nvme_controller *c, bool interrupts) {
    if (!c->data)
        c->data = memory_take(PAGE_BYTES, PAGE_BYTES);
    if (!c->data || !enable(c)) {
        print("nvme: the controller does not become ready");
        return false;
    }
    if (!identify_controller(c) || !identify_namespace(c) || !create_queues(c, interrupts) || (c->watches && !nvme_controller_watch(c))) {
        print("nvme: no namespace with blocks of 512 to 4096 bytes, or no queues");
        return false;
    }
    return true;
}
