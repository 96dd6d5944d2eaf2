/* A small world for tests: the firmware's initiator at port 0 of a fabric, joined by links of 500 cycles. */
#ifndef ASSAY_TESTBENCH_INTEROP_LAN_H
#define ASSAY_TESTBENCH_INTEROP_LAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fabric/fabric.h"
#include "testbench/interop/initiator.h"

enum { LAN_FRAMES = 8192 };

struct lan_frame {
	uint64_t cycle;
	uint16_t length;
	uint8_t bytes[9216];
};

struct lan {
	struct fabric *fabric;
	uint64_t now;
	uint64_t initiator_next;
	/** FNV-1a over every frame at port 0 with its cycle. */
	uint64_t hash;
	uint64_t line_free;
	/** Frames on their way to the NIC, a ring. */
	unsigned first;
	unsigned count;
	struct lan_frame frame[LAN_FRAMES];
	/** Status of each tag, -1 while it is under way. */
	int status[INITIATOR_TAGS];
	bool print;
};

/** Starts the initiator (once a process). @param configuration as initiator_start(). @return 0 or -1. */
int lan_world_start(struct lan *lan, struct fabric *fabric, const char *configuration);

/** Runs until @p done says so or @p cycles have passed. @return whether it did. */
bool lan_world_run(struct lan *lan, bool (*done)(struct lan *lan), uint64_t cycles);

/** Lets  cycles go by. */
void lan_world_wait(struct lan *lan, uint64_t cycles);

#endif
