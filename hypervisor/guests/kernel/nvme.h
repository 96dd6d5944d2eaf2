/*
 * The guest's NVMe driver: one controller with as many I/O queue pairs as the boot argument `queues=` says (1 to 8, [1]), which requests take
 * in turn. Completions come as directed interrupts through the BAU; where there is none (stock QEMU) the queues are polled. A controller that
 * goes away is waited for, started again, and given once more what it had not answered. Not for more than one vCPU.
 */
#ifndef HYPERVISOR_GUESTS_KERNEL_NVME_H
#define HYPERVISOR_GUESTS_KERNEL_NVME_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/nvme_wire.h"

#define NVME_QUEUE_ENTRIES 64u
#define NVME_REQUESTS 63u /* a full queue has one entry less than its size */
#define NVME_PRP_LIST_BYTES 4096u
#define NVME_ID_BYTES 16u

/** Finds and starts the controller. @return false, with a line on the console, when there is none or it fails */
bool nvme_start(void);
/** Disables the controller, and starts it again. Nothing may be in flight. @return as nvme_start() */
bool nvme_restart(void);
/** From now on the controller says when namespace 1 comes, goes or changes; nvme_wait() returns then too. Needs interrupts. @return false, with a line, when it is refused */
bool nvme_watch_namespace(void);
/** @return whether such an event has come since the last call. */
bool nvme_take_event(void);
/** Reads what has changed. @param listed whether the list of changed namespaces names namespace 1. @return false, with a line, when that fails */
bool nvme_reread_namespace(bool *listed);
/** What namespace 1 is known by: its NGUID, NVME_ID_BYTES. */
const uint8_t *nvme_namespace_id(void);
/** Which namespace the commands that follow name: 1 from the start, the only one that there is. */
void nvme_set_namespace(uint32_t nsid);
/** Blocks of namespace 1; 0 when nothing is attached. */
uint64_t nvme_blocks(void);
/** Bytes of a block of namespace 1: 512 to 4096. */
uint32_t nvme_block_bytes(void);
/** The longest transfer in blocks. */
uint32_t nvme_most_blocks(void);
/** True when completions are interrupts. */
bool nvme_uses_interrupts(void);
/**
 * Starts a command.
 * @param request 0..NVME_REQUESTS-1, not in use now; its bit is set in nvme_wait()'s answer when done
 * @param blocks for NVME_DATASET the number of ranges, which are to be deallocated; no effect for NVME_FLUSH
 * @param data 4-byte aligned; need not be page aligned
 * @param prp_list a page that is the request's own while it is in flight
 */
void nvme_submit(uint32_t request, enum nvme_io_opcode opcode, uint64_t lba, uint32_t blocks, void *data, uint64_t *prp_list);
/** Sleeps until requests are done. @return their bits; 0 when nothing came for 10 seconds */
uint64_t nvme_wait(void);
/** As nvme_wait(), but computes meanwhile: the vCPU never sleeps. */
uint64_t nvme_wait_computing(void);
/** Aims the I/O queue's interrupt at an address and value of the caller's choice; 0, 0 aims it right again. */
void nvme_aim_message(uint64_t address, uint32_t value);
/** As nvme_wait(), but looks for completions itself: interrupts may not come. */
uint64_t nvme_wait_polled(void);
/** NVMe status of the request that was done. */
uint16_t nvme_request_status(uint32_t request);
/** Interrupts taken; completions that were there without one. */
uint64_t nvme_interrupts(void);
uint64_t nvme_lost_interrupts(void);
/** Times that the controller went away and came back. */
unsigned nvme_recoveries(void);

#endif
