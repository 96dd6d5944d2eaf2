#ifndef ASSAY_SIM_KERNEL_BOARD_OUTPUTS_H
#define ASSAY_SIM_KERNEL_BOARD_OUTPUTS_H

#include "sim/kernel/board.h"

/*
 * What the domains tell the board while they run: messages for the links (hashed and logged on their way), console bytes, ends, restarts, traps,
 * software's events, mismatches. Nothing here changes a domain; at most it asks for a stop (board_request_stop).
 */
struct host_ops board_host_ops(struct board *board);
struct nic_ops board_nic_ops(struct board *board);

/* A frame that leaves the fabric at a port in a cycle; it arrives LINK_ETHERNET_CYCLES later. ctx is the board. */
void board_fabric_sends(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

/* The first difference between a block's model and RTL; the run fails with it. ctx is the board. */
void board_note_mismatch(void *ctx, const struct block *block, uint64_t cycle);

#endif
