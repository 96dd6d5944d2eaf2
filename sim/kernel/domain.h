/* A clock domain as the platform schedules it. All domains run at 1 GHz; they meet only at links with a latency of at least
 * DOMAIN_LOOKAHEAD_CYCLES, so each may run that far without hearing from the others. */
#ifndef ASSAY_SIM_KERNEL_DOMAIN_H
#define ASSAY_SIM_KERNEL_DOMAIN_H

#include <stddef.h>
#include <stdint.h>

#include "models/board/tlp.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DOMAIN_LOOKAHEAD_CYCLES = 250, LINK_PCIE_CYCLES = 250, LINK_ETHERNET_CYCLES = 500 };

/** One domain. */
struct domain {
	const char *name;
	void *ctx;
	/** Runs to cycle @p until exactly; cycles in which nothing happens are skipped. */
	void (*run)(void *ctx, uint64_t until);
	/** @return the next cycle at which something happens without a message from outside; the present cycle if busy, UINT64_MAX for never. */
	uint64_t (*next)(void *ctx);
	/** A packet arrives over the PCIe link at @p cycle. NULL if the domain has none. */
	void (*receive_tlp)(void *ctx, const struct tlp *tlp, uint64_t cycle);
	/** A frame's last bit arrives at Ethernet port @p port at @p cycle. NULL if the domain has none. */
	void (*receive_frame)(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);
};

#ifdef __cplusplus
}
#endif

#endif
