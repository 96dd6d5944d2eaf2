/* The host's end of a byte-stream connection to a target, for tests: builds PDUs, takes the answers apart. */
#ifndef ASSAY_TESTBENCH_UNIT_FABRIC_HOST_SIDE_H
#define ASSAY_TESTBENCH_UNIT_FABRIC_HOST_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fabric/nvme_wire.h"
#include "sim/fabric/pdu.h"
#include "sim/fabric/target.h"

enum { HOST_OUTPUT_BYTES = 4 << 20, HOST_PDUS_MAX = 512 };

/** A PDU that came from the target. */
struct host_pdu {
	uint8_t type;
	uint8_t flags;
	uint8_t header[PDU_HEADER_MAX];
	/** In host_side.data. */
	size_t data_at;
	uint32_t data_bytes;
	bool digest_ok;
};

struct host_side {
	struct target *target;
	int connection;
	uint64_t now;
	/** What the transport takes at once; tests make it small. */
	size_t room;
	bool closed;
	bool aborted;
	unsigned resumed;
	struct pdu_limits limits;
	struct pdu_reader reader;
	bool broken;
	struct host_pdu pdu[HOST_PDUS_MAX];
	unsigned pdus;
	unsigned taken;
	size_t data_used;
	/** Last, so that it need not be cleared. */
	uint8_t data[HOST_OUTPUT_BYTES];
};

/** A file of @p blocks 512-byte blocks; block b is filled with bytes derived from b. Returns its path (static storage). */
const char *host_make_volume(unsigned number, unsigned blocks);
/** The byte that host_make_volume() put at @p offset. */
uint8_t host_volume_byte(uint64_t offset);

/** A target over one volume of @p blocks blocks with quick service, other fields of @p config as given. */
struct target *host_make_target(struct target_config *config, unsigned blocks);

/** Opens a connection; the structure is large, use static storage. */
void host_open(struct host_side *host, struct target *target);

/** Sends raw bytes. */
void host_send(struct host_side *host, const void *bytes, size_t length);

/** Sends ICReq and takes ICResp. @return whether it came and was right. */
bool host_initialize(struct host_side *host, bool header_digest, bool data_digest, uint32_t max_r2t);

/** Completes the header as negotiated and sends PDU, data, digest. */
void host_send_pdu(struct host_side *host, uint8_t type, uint8_t flags, uint8_t *header, uint8_t header_bytes, const void *data,
	uint32_t data_bytes);

/** Starts a submission queue entry. */
void host_sqe(uint8_t sqe[SQE_BYTES], uint8_t opcode, uint16_t id, uint32_t namespace_id);
void host_sqe_sgl(uint8_t sqe[SQE_BYTES], uint8_t type, uint32_t length);

/** Sends a command capsule; @p data goes into the capsule. */
void host_command(struct host_side *host, const uint8_t sqe[SQE_BYTES], const void *data, uint32_t data_bytes);

/** Sends H2CData of a command. */
void host_data(struct host_side *host, const uint8_t sqe[SQE_BYTES], uint16_t tag, uint32_t offset, const void *data, uint32_t length,
	bool last);

/** The next PDU from the target, letting time pass for it. @return NULL if none comes. */
const struct host_pdu *host_next(struct host_side *host);

/** Takes the next PDU, which must be a response. @return its status (without phase), 0xffff if there was none. */
uint16_t host_status(struct host_side *host);

/** Of the response last returned by host_status(): dwords 0 and 1. */
uint64_t host_result(const struct host_side *host);

/** Connects a queue. @return as host_status(). */
uint16_t host_connect(struct host_side *host, uint16_t queue, uint16_t size, uint16_t controller, uint8_t attributes, uint32_t keep_alive_ms);

/** Connects an admin queue and enables the controller. @return the controller's id, 0 on failure. */
uint16_t host_bring_up(struct host_side *host, bool header_digest, bool data_digest);

/** Data of a PDU. */
static inline const uint8_t *host_pdu_data(const struct host_side *host, const struct host_pdu *pdu)
{
	return host->data + pdu->data_at;
}

#endif
