/* Latencies as views of the event log. */
#ifndef ASSAY_SIM_TRACE_LATENCY_H
#define ASSAY_SIM_TRACE_LATENCY_H

#include "sim/trace/event_log.h"

enum { LATENCY_BINS = 48 };

/** A distribution in cycles; all 0 if count is 0. Percentiles are nearest-rank. */
struct latency {
	uint64_t count, min, p50, p99, p999, max;
	uint64_t bin[LATENCY_BINS]; /**< bin i: from 2^i cycles (bin 0: from 0) to below 2^(i+1) */
};

enum latency_stage {
	/* A command, SQE arrived to CQE handed to the DMA writer. */
	LATENCY_COMMAND,	  /**< whole */
	LATENCY_COMMAND_PREPARE,  /**< to the descriptor for the firmware: check, PRP walk, data pull */
	LATENCY_COMMAND_FIRMWARE, /**< descriptor to the firmware's completion: firmware, network, storage */
	LATENCY_COMMAND_FINISH,	  /**< to the CQE: data push */
	/* A directed interrupt. */
	LATENCY_MSI,	       /**< MSI-X leaves the SEE to first instruction of the guest's handler */
	LATENCY_MSI_LINK,      /**< to its arrival at the BAU */
	LATENCY_MSI_TABLE,     /**< to the interrupt-table entry read */
	LATENCY_MSI_VECTOR,    /**< to the signal-vector bit set */
	LATENCY_MSI_SIGNAL,    /**< to the signal at the hart */
	LATENCY_MSI_HANDLER,   /**< to the handler's first instruction */
	LATENCY_STAGES
};

extern const char *const latency_names[LATENCY_STAGES];

/** What became of the messages. */
struct latency_paths {
	uint64_t directed, broadcast, recorded;
};

/** Computes every stage's distribution from @p log, which is sorted by it. @return 0, or -1 if memory is short. */
int latency_compute(struct event_log *log, struct latency stage[LATENCY_STAGES], struct latency_paths *paths);

#endif
