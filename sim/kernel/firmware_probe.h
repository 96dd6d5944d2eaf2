/* What the NIC processor does while firmware is judged: which instructions it has executed, how deep its stack went, how long an interrupt
 * waited until it was claimed. Watching changes nothing of what a run computes. */
#ifndef ASSAY_SIM_KERNEL_FIRMWARE_PROBE_H
#define ASSAY_SIM_KERNEL_FIRMWARE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/nic/nic.h"

enum { FIRMWARE_PROBE_TEXT_BYTES = 1 << 20 };

struct firmware_probe {
	bool on;
	uint64_t text_base; /**< instructions from here on for FIRMWARE_PROBE_TEXT_BYTES are noted */
	uint8_t executed[FIRMWARE_PROBE_TEXT_BYTES / 2]; /**< by halfword */
	uint64_t stack_low, stack_high; /**< the stack lies in [low, high) */
	uint64_t lowest_sp;
	uint64_t waiting_since; /**< cycle since which an interrupt waits, 0: none does */
	uint64_t interrupts, longest_wait_cycles;
};

/** @return whether the instruction at @p address has been executed. */
bool firmware_probe_executed(const struct firmware_probe *probe, uint64_t address);

/** A hart_trace_function of the processor calls it. */
void firmware_probe_trace(struct firmware_probe *probe, const struct hart *hart, const struct hart_trace *record);

/** After each cycle of the NIC: the interrupt line of the processor. */
void firmware_probe_line(struct firmware_probe *probe, bool pending, uint64_t cycle);

#endif
