/* NVMe/TCP as a placement unit sees it: streams of PDUs, cut into segments, driven through the rig; and what must have become of them. */
#ifndef ASSAY_TESTBENCH_LOCKSTEP_PORT_PLACE_STREAM_H
#define ASSAY_TESTBENCH_LOCKSTEP_PORT_PLACE_STREAM_H

#include "testbench/lockstep/port/rig.h"

enum { STREAM_BYTES = 1 << 16, PLACED_BYTES = 1 << 20 };

struct pdu_wish {
	uint8_t type;
	uint8_t pad;           /**< bytes between header and data */
	bool header_digest, data_digest;
	bool bad_header_digest, bad_data_digest;
	uint16_t cccid;
	uint32_t offset, length;
	int32_t plen_error;
	uint32_t extra;        /**< bytes that a PDU without data has behind its header */
};

/** A stream from sequence number first on. */
struct stream {
	uint32_t first, bytes;
	uint8_t data[STREAM_BYTES];
};

/** Appends a PDU; its data are byte_at(cccid, offset). @return where it begins in the stream. */
uint32_t stream_add(struct stream *stream, const struct pdu_wish *wish);
uint8_t byte_at(uint16_t cccid, uint32_t offset);

struct connection {
	unsigned flow;
	uint8_t owner;
	uint32_t remote, own;
	uint16_t remote_port, own_port;
};

/** Registers: a connection, its arming, a buffer. @param set which set of operands, 0 or 1 */
void place_open(struct rig *rig, const struct connection *connection, uint32_t seq, unsigned set);
void place_op(struct rig *rig, unsigned flow, unsigned op, uint32_t seq);
void place_buffer(struct rig *rig, unsigned flow, uint16_t cccid, uint32_t length, uint64_t address, bool valid, unsigned set);

struct segment_result {
	uint16_t from;
	uint8_t bad;
	uint32_t crc;
	unsigned runs, run_bytes, cycles; /**< cycles from the segment's taking to done_valid */
	struct {
		uint16_t at, length;
		uint64_t address;
	} run[8];
};

/** Memory that runs are written to, as the MAC does it. */
extern uint8_t placed[PLACED_BYTES];

/** Offers a segment with @p bytes of the stream from @p at on, and waits for its end; every source is ready. */
struct segment_result place_segment(struct rig *rig, const struct connection *connection, const struct stream *stream, uint32_t at, uint32_t bytes);
struct segment_result place_job(struct rig *rig, uint32_t before, const uint8_t *bytes, uint32_t length);

#endif
