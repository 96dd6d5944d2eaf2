/* The receivers of directed interrupts, one a hart, and the guest pages through which a guest acknowledges and unblocks.
 *
 * A receiver is told by the hypervisor which target its hart runs (RUNNING); it compares each signal of the BAU with that *now* and
 * raises the guest interrupt on a match. Registers: rtl/bau/registers.tcl, spaces `receiver` and `guest`.
 */
#ifndef ASSAY_MODELS_BOARD_RECEIVER_H
#define ASSAY_MODELS_BOARD_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

enum { RECEIVER_HARTS = 8 };

struct receiver_hart {
	uint64_t running;     /**< RUNNING */
	uint64_t running_ite; /**< RUNNING_ITE */
	uint64_t hgeip;	      /**< guest interrupts, bit 0 never set */
	uint64_t partition;   /**< HART_PARTITION */
};

struct receiver {
	struct receiver_hart hart[RECEIVER_HARTS];
};

/** A directed interrupt as the BAU sends it. */
struct receiver_signal {
	unsigned hart, partition, vmid, target, gein;
};

void receiver_reset(struct receiver *receiver);

/** @return whether @p offset of the BAU's window is a register of a receiver or of a guest page. */
bool receiver_owns(uint64_t offset);

/** 64-bit read at @p offset; registers that do not exist and write-only ones read 0. */
uint64_t receiver_load(const struct receiver *receiver, uint32_t offset);

/** 64-bit write at @p offset.
 * @return true if the write goes on to the BAU, as a write of *forward_data at *forward_offset (UNBLOCK of a running target). */
bool receiver_store(struct receiver *receiver, uint32_t offset, uint64_t value, uint32_t *forward_offset, uint64_t *forward_data);

/** Compares @p signal with what its hart runs. @return whether it matches; the guest interrupt is then raised. */
bool receiver_signal(struct receiver *receiver, const struct receiver_signal *signal);

#endif
