/* Model and RTL of the flow classifier in lockstep, and who speaks with its ports. */
#ifndef ASSAY_TESTBENCH_LOCKSTEP_PORT_RIG_H
#define ASSAY_TESTBENCH_LOCKSTEP_PORT_RIG_H

#include "models/port/classifier.h"

struct rig {
	struct classifier model;
	struct port_in in, in_before;
	struct port_out out;
	uint64_t cycle;
	bool differs;
};

/** Both in their reset state. */
void rig_reset(struct rig *rig);

/** One clock edge with rig->in; outputs are compared, and an idle block with quiet inputs must not change. */
void rig_cycle(struct rig *rig);

/** @return cycles compared since the start of the program. */
uint64_t rig_compared(void);

/* For directed tests: each drives the rig until it is done; readies of all sources are up meanwhile. */
void rig_write(struct rig *rig, uint32_t offset, uint64_t value);
uint64_t rig_read(struct rig *rig, uint32_t offset);

/** Sends a header and returns the verdict. @param source UINT_MAX: from the line. @param latency cycles from the beat with eop to the verdict, or NULL */
struct port_out rig_judge(struct rig *rig, unsigned source, const uint8_t *frame, size_t length, unsigned *latency);

/** An IPv4 frame for tests. @return its length. */
struct frame_wish {
	uint64_t to, from; /**< MAC addresses, first byte in bits 7:0 */
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	uint8_t protocol;
	uint8_t ihl;       /**< 0: 5 */
	bool vlan;
	bool fragment;
};
size_t make_frame(uint8_t *frame, const struct frame_wish *wish);

#endif
