#include "sim/kernel/firmware_probe.h"

enum { REGISTER_SP = 2 };

bool firmware_probe_executed(const struct firmware_probe *probe, uint64_t address)
{
	uint64_t offset = address - probe->text_base;
	return offset < FIRMWARE_PROBE_TEXT_BYTES && probe->executed[offset / 2];
}

void firmware_probe_trace(struct firmware_probe *probe, const struct hart *hart, const struct hart_trace *record)
{
	uint64_t offset = record->pc - probe->text_base, sp = hart->x[REGISTER_SP];
	if (offset < FIRMWARE_PROBE_TEXT_BYTES)
		probe->executed[offset / 2] = 1;
	if (sp < probe->lowest_sp && sp >= probe->stack_low && sp < probe->stack_high)
		probe->lowest_sp = sp;
}

void firmware_probe_line(struct firmware_probe *probe, bool pending, uint64_t cycle)
{
	if (pending && !probe->waiting_since) {
		probe->waiting_since = cycle;
		probe->interrupts++;
	} else if (!pending && probe->waiting_since) {
		uint64_t waited = cycle - probe->waiting_since;
		probe->waiting_since = 0;
		if (waited > probe->longest_wait_cycles)
			probe->longest_wait_cycles = waited;
	}
}
