/* Held DMA writes: rings, page-event queue, and the answers. */
#include "hypervisor/drivers/bau_hold.h"

#include "bau_regs.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau_wire.h"
#include "hypervisor/drivers/event_port.h"
#include "rtl/gen/field.h"

#define EVENT_LOG2 7u /* more than one event for each requester id is never on its way */
#define RING_LOG2 12u /* one 2 MiB frame: what 8 queues of a busy guest have under way */

_Static_assert((BAU_HOLD_PLACE_BYTES << RING_LOG2) == FRAME_BYTES, "a ring is one frame");
_Static_assert((1u << EVENT_LOG2) > BAU_NUM_DEVICES, "page events never wait for room");

static uint64_t *event_queue;
static bau_hold_handler *decide;
static uint64_t events;

uint64_t bau_hold_events(void) {
    return events;
}

void bau_hold_set_handler(bau_hold_handler *handler) {
    decide = handler;
}

bool bau_hold_setup(void) {
    event_queue = memory_page_alloc();
    if (!event_queue)
        return false;
    bau_write(bau_page + BAU_EVENT_BASE, (uint64_t)event_queue);
    bau_write(bau_page + BAU_EVENT_SIZE, EVENT_LOG2);
    return true;
}

uint64_t bau_hold_make_ring(void) {
    uint64_t ring = (uint64_t)memory_frames_alloc(1);
    return ring ? ring | FIELD_PREP(BAU_DTE_HOLD_LOG2, RING_LOG2) : 0;
}

void bau_hold_free_ring(uint64_t ring) {
    if (ring)
        memory_frames_free((void *)(ring & BAU_DTE_HOLD_RING_MASK), 1);
}

static void command(uint64_t flags) {
    uint64_t word = FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_RESUME) | flags;
    if (bau_present())
        bau_execute(&word, 1);
}

void bau_hold_resume(uint16_t rid) {
    command(FIELD_PREP(BAU_COMMAND_RID, rid));
}

void bau_hold_resume_all(void) {
    command(BAU_COMMAND_ALL_MASK);
}

void bau_hold_drop(uint16_t rid) {
    command(FIELD_PREP(BAU_COMMAND_RID, rid) | BAU_COMMAND_DROP_MASK);
}

static void answer(uint64_t vmid, uint64_t address, uint16_t rid) {
    struct vm *vm = vm_by_index(vmid - 1);
    enum bau_hold_answer answer = vm && decide ? decide(vm, address, rid) : BAU_HOLD_DENY;
    if (vm)
        event_emit(EVENT_SW_PAGE_FAULT, (uint16_t)vm->index, (uint32_t)(address >> 12), 0x100u + rid);
    if (answer != BAU_HOLD_LATER)
        command(FIELD_PREP(BAU_COMMAND_RID, rid) | (answer == BAU_HOLD_DENY ? BAU_COMMAND_DENY_MASK : 0));
}

void bau_hold_drain(void) {
    const uint64_t page = bau_page;
    uint64_t head = bau_read(page + BAU_EVENT_HEAD), tail = bau_read(page + BAU_EVENT_TAIL);
    while (head != tail) {
        const uint64_t *record = event_queue + head * (BAU_PAGE_EVENT_BYTES / 8);
        uint64_t address = record[1], vmid = FIELD_GET(BAU_PAGE_EVENT_GSCID, record[0]);
        uint16_t rid = (uint16_t)FIELD_GET(BAU_PAGE_EVENT_RID, record[0]);
        head = (head + 1) & ((1u << EVENT_LOG2) - 1);
        bau_write(page + BAU_EVENT_HEAD, head);
        events++;
        answer(vmid, address, rid);
    }
}
