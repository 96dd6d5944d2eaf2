/* Receivers of directed interrupts, one for each hart: compare a signal of the BAU with the target that the hart runs now
 * and raise its guest interrupt. Registers: rtl/bau/registers.tcl, spaces receiver and guest. The board decodes
 * RECEIVER_PAGE and GUEST_PAGE of the BAU's window and calls receiver_read() and receiver_write(). */
#ifndef ASSAY_MODELS_BOARD_RECEIVER_H
#define ASSAY_MODELS_BOARD_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "bau_regs.h"

struct receiver {
	uint64_t running;     /**< register RUNNING */
	uint64_t running_ite; /**< register RUNNING_ITE */
	uint64_t hgeip;	      /**< pending guest interrupts, bit g = guest interrupt g; drives the hart's hgeip */
	uint8_t partition;
};

struct receivers {
	struct receiver hart[BAU_NUM_HARTS];
};

/** What the board has to do after a write: forward a register write to the BAU (port reg), or nothing. */
struct receiver_forward {
	bool valid;
	uint32_t address; /**< byte offset in the BAU's window */
	uint64_t data;
};

/** Puts all receivers into their reset state: nothing runs, nothing is pending. */
void receivers_reset(struct receivers *receivers);

/** @return whether byte offset @p address of the BAU's window belongs to the receivers and not to the BAU. */
bool receiver_owns(uint32_t address);

/** Reads the register at byte offset @p address of the BAU's window (8-byte aligned). @return its value, 0 if there is none. */
uint64_t receiver_read(const struct receivers *receivers, uint32_t address);

/** Writes @p data to the register at byte offset @p address of the BAU's window.
 * @return a register write that must go on to the BAU; the store is done when the BAU has answered it. */
struct receiver_forward receiver_write(struct receivers *receivers, uint32_t address, uint64_t data);

/** A signal from the BAU's port sig. Raises the guest interrupt of @p hart on a match.
 * @return the answer for port sig_rsp: whether the hart runs @p target of @p vmid, with a guest-interrupt number from 1 to 63, and belongs to @p partition. */
bool receiver_signal(struct receivers *receivers, unsigned hart, unsigned partition, unsigned vmid, unsigned target);

#endif
