/* The interrupts of one device on whatever path they took to their guest, from the event log. For a device that has one message under way
 * at a time, to a VM whose first vCPU handles it. */
#ifndef ASSAY_SIM_TRACE_INTERRUPTS_H
#define ASSAY_SIM_TRACE_INTERRUPTS_H

#include "sim/trace/event_log.h"

enum interrupt_path { INTERRUPT_DIRECT, INTERRUPT_MISMATCH, INTERRUPT_BROADCAST, INTERRUPT_RECORDED };

/** One message whose handler has started; cycles, 0 for a stage that its path does not have. */
struct interrupt_sample {
	uint32_t number;   /**< the BAU's number of the message */
	uint8_t path;	   /**< enum interrupt_path */
	uint8_t hit;	   /**< device-table cache */
	uint64_t sent;	   /**< by the SEE */
	uint64_t arrived;  /**< at the BAU */
	uint64_t table;	   /**< interrupt-table entry read */
	uint64_t vector;   /**< bit of the signal vector set */
	uint64_t signal;   /**< offered to a hart; 0 for a broadcast */
	uint64_t notified; /**< broadcast: summary bit set, harts notified; else 0 */
	uint64_t handler;  /**< first instruction of the guest's handler */
};

/**
 * Sorts @p log and collects the messages of @p requester that arrive in cycle @p from or later and whose handler starts in VM @p vm.
 * @param samples receives an array that the caller frees
 * @return how many, or -1 if memory is short
 */
long interrupt_samples(struct event_log *log, uint64_t from, uint16_t requester, uint16_t vm, struct interrupt_sample **samples);

#endif
