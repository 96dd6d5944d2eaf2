/* The SystemC level: each domain is an sc_module with one SC_THREAD that runs its cycle engine up to the lookahead; the PCIe link speaks
 * TLM-2.0; simulated time is sc_time. One platform a process (SystemC has one simulation context). */
#ifndef ASSAY_SIM_SYSTEMC_PLATFORM_H
#define ASSAY_SIM_SYSTEMC_PLATFORM_H

#include "sim/kernel/domain.h"

#ifdef __cplusplus
extern "C" {
#endif

enum platform_domain { PLATFORM_HOST, PLATFORM_NIC, PLATFORM_FABRIC, PLATFORM_DOMAINS };

/** Elaborates the platform; host and NIC are joined by the PCIe link, NIC and fabric by Ethernet. Once in a process. */
void platform_create(const struct domain domains[PLATFORM_DOMAINS]);

/** Runs all domains to @p cycle exactly, which must be beyond platform_cycle(), or to where platform_stop_at() says. */
void platform_run(uint64_t cycle);

/** From now on calls  sample at every cycle at which a domain is active, after all domains have reached it and before any goes on;
 * NULL ends that. Sampled runs are slower (the lookahead is one cycle) but identical. */
void platform_sample(void (*sample)(void *ctx, uint64_t cycle), void *ctx);

/** Asks the running platform_run() to end at @p cycle. A cycle at which every domain can still stop exactly is
 * any multiple of the lookahead that is at least two lookaheads away; later requests do not move it. */
void platform_stop_at(uint64_t cycle);

/** Between two runs: all domains have been brought to @p cycle, earlier or later than platform_cycle() was, by restoring their states. */
void platform_set_cycle(uint64_t cycle);

/** @return the cycle that all domains have reached. */
uint64_t platform_cycle(void);

/** Sends @p tlp from @p from (PLATFORM_HOST or PLATFORM_NIC) to the other end: it leaves at @p cycle and arrives LINK_PCIE_CYCLES later. */
void platform_send_tlp(enum platform_domain from, const struct tlp *tlp, uint64_t cycle);

/** Sends a frame between PLATFORM_NIC and PLATFORM_FABRIC: its last bit leaves at @p cycle and arrives LINK_ETHERNET_CYCLES later. */
void platform_send_frame(enum platform_domain from, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

#ifdef __cplusplus
}
#endif

#endif
