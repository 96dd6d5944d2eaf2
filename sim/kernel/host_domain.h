/* The host domain: models/board's host with its BAU backend, as the platform runs it. */
#ifndef ASSAY_SIM_KERNEL_HOST_DOMAIN_H
#define ASSAY_SIM_KERNEL_HOST_DOMAIN_H

#include "models/bau/bau.h"
#include "models/board/host.h"
#include "sim/kernel/block.h"
#include "sim/trace/event_log.h"

/** Cycles in which a CLB runs in lockstep, from a reset of it on; host harts only. */
struct clb_window {
	bool set, open;
	bool debug;
	unsigned hart;
	uint64_t from, to;
};

struct host_domain {
	struct host *host;
	struct block bau;
	struct block clb[HOST_MAX_HARTS]; /**< with host->config.clb */
	struct clb_window window;
	struct event_log *log;
	bool skip_idle;
	/** Called at the first lockstep difference. */
	void (*mismatch)(void *ctx, const struct block *block, uint64_t cycle);
	void *mismatch_ctx;
};

void host_domain_run(void *ctx, uint64_t until);
uint64_t host_domain_next(void *ctx);
void host_domain_receive(void *ctx, const struct tlp *tlp, uint64_t cycle);

#endif
