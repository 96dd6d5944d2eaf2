/*
 * Events that software emits into the simulator's event log: the event port's registers and the codes.
 *
 * The port is a page of the host's bus that the device tree names "assay,event-port-1.0"; stock QEMU has none, and software that finds
 * none emits nothing. A hart stores 64 bits at EVENT_PORT_VALUE, then 64 bits at EVENT_PORT_EMIT, which logs one event with the cycle
 * of that store. Each hart has a value of its own. Loads read 0. What is emitted never changes what the run computes.
 * Freestanding header, shared by both sides.
 */
#ifndef HYPERVISOR_EVENTS_WIRE_H
#define HYPERVISOR_EVENTS_WIRE_H

#include <stdint.h>

#define EVENT_PORT_VALUE 0x0u
#define EVENT_PORT_EMIT 0x8u /* code 15:0, function 31:16, id 63:32 */

/* The codes, with what function, id and value mean. A *_BEGIN is closed by the *_END of the same function and id. */
enum event_software {
    EVENT_SW_TASK_BEGIN = 1,     /* VM, task number, kind of task (8 characters, first in bits 7:0) */
    EVENT_SW_TASK_PROGRESS = 2,  /* VM, task number, percent */
    EVENT_SW_TASK_END = 3,       /* VM, task number, outcome: 0 done, else the task's error */
    EVENT_SW_PAGE_FAULT = 4,     /* VM, page number, writer: hart, or 0x100 + requester id for a device */
    EVENT_SW_PAGE_COPIED = 5,    /* VM, page number, entries in the queue */
    EVENT_SW_PAGE_WRITTEN = 6,   /* VM, page number, bytes on the volume (0: a copied page without content): its place is fixed, its write under way or about to be */
    EVENT_SW_PAUSE_BEGIN = 7,    /* VM, 0, reason */
    EVENT_SW_PAUSE_END = 8,      /* VM, 0, 0 */
    EVENT_SW_VCPU_IN = 9,        /* VM, vCPU, hart */
    EVENT_SW_VCPU_OUT = 10,      /* VM, vCPU, hart */
    EVENT_SW_PROCESS = 11,       /* VM, process id in the guest, name (8 characters, first in bits 7:0) */
    EVENT_SW_HOOK = 12,          /* VM, process id in the guest, address of the hooked function */
    EVENT_SW_SNAPSHOT = 13,      /* VM, snapshot, host address of struct snapshot_instant: nothing of the VM moves */
    EVENT_SW_PAGE_OPEN = 14,     /* VM, page number, writer as above: it goes on */
    EVENT_SW_CODES
};

static inline uint64_t event_port_word(enum event_software code, uint16_t function, uint32_t id) {
    return (uint64_t)code | (uint64_t)function << 16 | (uint64_t)id << 32;
}

#endif
