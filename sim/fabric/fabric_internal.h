/* Shared by fabric.c and fabric_run.c only. */
#ifndef ASSAY_SIM_FABRIC_FABRIC_INTERNAL_H
#define ASSAY_SIM_FABRIC_FABRIC_INTERNAL_H

#include "sim/fabric/fabric.h"
#include "sim/fabric/frames.h"
#include "sim/fabric/pcap.h"

struct fabric {
	struct fabric_config config;
	uint64_t now;
	bool net_started;
	fabric_output output;
	void *output_ctx;
	struct pcap *pcap;
	struct target *target[FABRIC_HOSTS_MAX];
	char address[FABRIC_HOSTS_MAX][16];
	uint64_t host_line_free[FABRIC_HOSTS_MAX];
	struct fabric_stats stats;
	struct switch_state sw;
	struct fault fault[SWITCH_PORTS_MAX];
	bool down[SWITCH_PORTS_MAX];
	struct outside_link *outside[SWITCH_PORTS_MAX];
	struct frames frames;
};

/** Lets a copy of the frame come in at the switch at @p cycle. */
void fabric_post(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

#endif
