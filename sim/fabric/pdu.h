/* NVMe/TCP PDUs as a byte stream: a reader that takes any fragmentation, and encoders.
 *
 * The reader checks what can be said of a PDU by itself (NVMe-oF 1.1, 7.4.5 and 7.4.10): type, header length, PDU length,
 * data offset, digest flags against what was negotiated, and the digests. What depends on the state of a connection or of
 * a command is the handler's to check.
 */
#ifndef ASSAY_SIM_FABRIC_PDU_H
#define ASSAY_SIM_FABRIC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fabric/nvme_wire.h"

/** What the reader holds a peer to. */
struct pdu_limits {
	/** Bit n: PDU type n is one that the peer may send. */
	uint32_t types;
	bool header_digest;
	bool data_digest;
	/** Most data in a command capsule, in bytes. */
	uint32_t capsule_data;
	/** Most data in a data PDU. */
	uint32_t pdu_data;
	/** Alignment of data within the PDU, bytes. */
	uint32_t alignment;
};

/** A PDU whose header is complete and sound. */
struct pdu {
	/** hlen bytes: common header and what is specific to the type. */
	const uint8_t *header;
	uint8_t type;
	uint8_t flags;
	uint32_t data_bytes;
};

/** Why a stream cannot go on: the fields of a termination request. */
struct pdu_error {
	enum pdu_fatal status;
	/** Offset of the wrong field for PDU_FATAL_HEADER_FIELD, and PARAMETER, else 0. */
	uint32_t information;
};

enum pdu_verdict {
	PDU_OK,
	/** header() only: take nothing now; pdu_read() returns and asks again when called again. */
	PDU_STALL,
	/** Stop: *error has been filled in. */
	PDU_FAIL,
};

struct pdu_handler {
	/** A header has come in. */
	enum pdu_verdict (*header)(void *ctx, const struct pdu *pdu, struct pdu_error *error);
	/** The next piece of the PDU's data. */
	void (*data)(void *ctx, const uint8_t *bytes, size_t length);
	/** The PDU is complete. @param digest_ok false: the data digest is wrong. */
	enum pdu_verdict (*end)(void *ctx, const struct pdu *pdu, bool digest_ok, struct pdu_error *error);
};

enum pdu_phase { PHASE_COMMON, PHASE_HEADER, PHASE_ANNOUNCE, PHASE_PAD, PHASE_DATA, PHASE_DIGEST, PHASE_END };

struct pdu_reader {
	enum pdu_phase phase;
	uint32_t have;
	uint32_t header_bytes;
	uint32_t digest_bytes;
	uint32_t pad_left;
	uint32_t data_bytes;
	uint32_t data_left;
	uint32_t crc;
	uint8_t head[PDU_HEADER_MAX + PDU_DIGEST_BYTES];
	uint8_t digest[PDU_DIGEST_BYTES];
};

void pdu_reader_reset(struct pdu_reader *reader);

/**
 * Consumes bytes of the stream.
 * @param consumed receives how many; less than @p length only on PDU_STALL and PDU_FAIL.
 * @return PDU_OK, PDU_STALL, or PDU_FAIL with *error filled in; after PDU_FAIL the stream is of no more use.
 */
enum pdu_verdict pdu_read(struct pdu_reader *reader, const struct pdu_limits *limits, const struct pdu_handler *handler, void *ctx,
	const uint8_t *bytes, size_t length, size_t *consumed, struct pdu_error *error);

/** @return the header as far as it has come, for the data of a termination request; *length in bytes. */
const uint8_t *pdu_reader_header(const struct pdu_reader *reader, size_t *length);

/** Layout of a PDU to send. */
struct pdu_layout {
	uint8_t type;
	uint8_t flags;
	uint8_t header_bytes;
	uint32_t data_bytes;
	bool header_digest;
	bool data_digest;
	/** Alignment that the peer asked for, bytes; 0 acts as 4. */
	uint32_t alignment;
};

/**
 * Completes a header whose type-specific bytes (8 to header_bytes) the caller has written: common header, header digest,
 * padding up to the data.
 * @param bytes room for PDU_HEADER_MAX + PDU_DIGEST_BYTES + 128.
 * @return bytes that precede the data.
 */
size_t pdu_finish_header(uint8_t *bytes, const struct pdu_layout *layout);

#endif
