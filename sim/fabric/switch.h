/* A learning Ethernet switch: store and forward, fixed latency, bounded output queues.
 *
 * A frame whose last bit came in at cycle c may start to leave at c + latency, after the frames queued before it at the
 * same output, and occupies the output for its bytes plus FCS, preamble and gap at the line rate. A frame that does not
 * fit into the output's queue is dropped and counted. The queue needs no storage: what is in it follows from the cycle at
 * which the output falls free.
 */
#ifndef ASSAY_SIM_FABRIC_SWITCH_H
#define ASSAY_SIM_FABRIC_SWITCH_H

#include <stddef.h>
#include <stdint.h>

enum {
	SWITCH_PORTS_MAX = 32,
	SWITCH_TABLE_SIZE = 256,
};

struct switch_config {
	unsigned ports;
	uint64_t latency_cycles;
	uint64_t line_mbps;
	/** Room of each output's queue, bytes of frames. */
	uint64_t queue_bytes;
};

struct switch_port {
	uint64_t free_at;
	uint64_t frames_in;
	uint64_t frames_out;
	uint64_t bytes_out;
	uint64_t dropped;
};

struct switch_entry {
	uint64_t address; /* 0: empty; an address with bit 48 set is valid */
	uint8_t port;
};

struct switch_state {
	struct switch_config config;
	struct switch_port port[SWITCH_PORTS_MAX];
	struct switch_entry table[SWITCH_TABLE_SIZE];
};

/** One output of a forwarded frame. */
struct switch_output {
	uint8_t port;
	/** Cycle at which its last bit leaves the switch. */
	uint64_t departs;
};

void switch_reset(struct switch_state *sw, const struct switch_config *config);

/** @return the cycles that a frame occupies a line of @p mbps, with FCS and preamble and, if @p gap, the gap after it. */
uint64_t line_cycles(uint64_t mbps, size_t frame_bytes, int gap);

/**
 * Forwards a frame: learns its source, finds its outputs, queues it there.
 * @param cycle at which the last bit came in at port @p in; not before that of the call before.
 * @param outputs room for SWITCH_PORTS_MAX.
 * @return the number of outputs; 0 for a frame that is dropped or already where it belongs.
 */
unsigned switch_forward(struct switch_state *sw, unsigned in, const uint8_t *frame, size_t length, uint64_t cycle,
	struct switch_output *outputs);

#endif
