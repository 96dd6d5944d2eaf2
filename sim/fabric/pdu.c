#include "sim/fabric/pdu.h"

#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/crc32c.h"

struct type_row {
	uint8_t header_bytes;
	/** Whether digests apply to the type at all. */
	bool digests;
	bool data;
};

static const struct type_row TYPES[] = {
	[PDU_IC_REQ] = {PDU_IC_BYTES, false, false},
	[PDU_IC_RESP] = {PDU_IC_BYTES, false, false},
	[PDU_H2C_TERM] = {PDU_TERM_BYTES, false, true},
	[PDU_C2H_TERM] = {PDU_TERM_BYTES, false, true},
	[PDU_COMMAND] = {PDU_COMMAND_BYTES, true, true},
	[PDU_RESPONSE] = {PDU_RESPONSE_BYTES, true, false},
	[PDU_H2C_DATA] = {PDU_DATA_BYTES, true, true},
	[PDU_C2H_DATA] = {PDU_DATA_BYTES, true, true},
	[PDU_R2T] = {PDU_R2T_BYTES, true, false},
};

enum { FIELD_TYPE = 0, FIELD_FLAGS = 1, FIELD_HLEN = 2, FIELD_PDO = 3, FIELD_PLEN = 4 };

void pdu_reader_reset(struct pdu_reader *reader)
{
	memset(reader, 0, sizeof(*reader));
}

static enum pdu_verdict fail(struct pdu_error *error, enum pdu_fatal status, uint32_t information)
{
	*error = (struct pdu_error){.status = status, .information = information};
	return PDU_FAIL;
}

static uint32_t most_data(const struct pdu_limits *limits, uint8_t type)
{
	switch (type) {
	case PDU_COMMAND: return limits->capsule_data;
	case PDU_H2C_TERM:
	case PDU_C2H_TERM: return PDU_TERM_DATA_MAX;
	default: return limits->pdu_data;
	}
}

/* Where the data begins: behind header and digest, or where PDO says. */
static bool data_place(const struct pdu_reader *reader, const struct pdu_limits *limits, uint8_t type, uint32_t *offset)
{
	uint32_t earliest = reader->header_bytes + reader->digest_bytes;
	uint8_t pdo = reader->head[FIELD_PDO];

	*offset = earliest;
	if (type == PDU_H2C_TERM || type == PDU_C2H_TERM)
		return true;
	if (pdo < earliest || pdo % 4 || (limits->alignment && pdo % limits->alignment))
		return false;
	*offset = pdo;
	return true;
}

static enum pdu_verdict check_lengths(struct pdu_reader *reader, const struct pdu_limits *limits, const struct type_row *row,
	struct pdu_error *error)
{
	uint8_t type = reader->head[FIELD_TYPE];
	uint32_t plen = load_le32(reader->head + FIELD_PLEN), bare = reader->header_bytes + reader->digest_bytes, at;
	uint32_t trailer = row->digests && limits->data_digest ? PDU_DIGEST_BYTES : 0;

	if (plen == bare && type != PDU_H2C_DATA && type != PDU_C2H_DATA)
		return PDU_OK;
	if (!row->data || plen < bare)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_PLEN);
	if (!data_place(reader, limits, type, &at))
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_PDO);
	if (plen <= at + trailer)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_PLEN);
	reader->pad_left = at - bare;
	reader->data_bytes = plen - at - trailer;
	if (reader->data_bytes > most_data(limits, type))
		return fail(error, type == PDU_COMMAND ? PDU_FATAL_HEADER_FIELD : PDU_FATAL_LIMIT, type == PDU_COMMAND ? FIELD_PLEN : 0);
	reader->data_left = reader->data_bytes;
	return PDU_OK;
}

/* The digest flags must be those that were negotiated; the data digest flag means nothing without data. */
static bool flags_fit(const struct pdu_reader *reader, const struct pdu_limits *limits, const struct type_row *row)
{
	uint8_t flags = reader->head[FIELD_FLAGS];
	bool header = flags & PDU_FLAG_HEADER_DIGEST, data = flags & PDU_FLAG_DATA_DIGEST;

	if (!row->digests)
		return !header && !data;
	return header == limits->header_digest && (!row->data || reader->data_bytes == 0 || data == limits->data_digest);
}

static enum pdu_verdict check_common(struct pdu_reader *reader, const struct pdu_limits *limits, struct pdu_error *error)
{
	uint8_t type = reader->head[FIELD_TYPE];
	const struct type_row *row;
	enum pdu_verdict verdict;

	if (type >= sizeof(TYPES) / sizeof(TYPES[0]) || !(limits->types >> type & 1))
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_TYPE);
	row = &TYPES[type];
	if (reader->head[FIELD_HLEN] != row->header_bytes)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_HLEN);
	reader->header_bytes = row->header_bytes;
	reader->digest_bytes = row->digests && limits->header_digest ? PDU_DIGEST_BYTES : 0;
	verdict = check_lengths(reader, limits, row, error);
	if (verdict != PDU_OK)
		return verdict;
	if (!flags_fit(reader, limits, row))
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_FLAGS);
	return PDU_OK;
}

static bool header_digest_fits(const struct pdu_reader *reader)
{
	return reader->digest_bytes == 0 ||
		crc32c(0, reader->head, reader->header_bytes) == load_le32(reader->head + reader->header_bytes);
}

static struct pdu view(const struct pdu_reader *reader)
{
	return (struct pdu){
		.header = reader->head,
		.type = reader->head[FIELD_TYPE],
		.flags = reader->head[FIELD_FLAGS],
		.data_bytes = reader->data_bytes,
	};
}

static bool collect(uint8_t *to, uint32_t *have, uint32_t want, const uint8_t *bytes, size_t length, size_t *used)
{
	size_t piece = want - *have < length - *used ? want - *have : length - *used;

	memcpy(to + *have, bytes + *used, piece);
	*have += (uint32_t)piece;
	*used += piece;
	return *have == want;
}

static void after_data(struct pdu_reader *reader, const struct pdu_limits *limits)
{
	bool digest = limits->data_digest && TYPES[reader->head[FIELD_TYPE]].digests && reader->data_bytes;

	reader->have = 0;
	reader->phase = digest ? PHASE_DIGEST : PHASE_END;
}

static void take_data(struct pdu_reader *reader, const struct pdu_limits *limits, const struct pdu_handler *handler, void *ctx,
	const uint8_t *bytes, size_t length, size_t *used)
{
	size_t piece = reader->data_left < length - *used ? reader->data_left : length - *used;

	if (limits->data_digest)
		reader->crc = crc32c(reader->crc, bytes + *used, piece);
	handler->data(ctx, bytes + *used, piece);
	*used += piece;
	reader->data_left -= (uint32_t)piece;
	if (reader->data_left == 0)
		after_data(reader, limits);
}

static enum pdu_verdict finish(struct pdu_reader *reader, const struct pdu_handler *handler, void *ctx, struct pdu_error *error)
{
	struct pdu pdu = view(reader);
	bool digest_ok = reader->have == 0 || load_le32(reader->digest) == reader->crc;
	enum pdu_verdict verdict = handler->end(ctx, &pdu, digest_ok, error);

	if (verdict == PDU_OK)
		pdu_reader_reset(reader);
	return verdict;
}

/* One step; *more tells whether another one may be possible without more bytes. */
static enum pdu_verdict step(struct pdu_reader *reader, const struct pdu_limits *limits, const struct pdu_handler *handler, void *ctx,
	const uint8_t *bytes, size_t length, size_t *used, struct pdu_error *error)
{
	enum pdu_verdict verdict = PDU_OK;
	struct pdu pdu;
	size_t piece;

	switch (reader->phase) {
	case PHASE_COMMON:
		if (!collect(reader->head, &reader->have, PDU_COMMON_BYTES, bytes, length, used))
			return PDU_OK;
		reader->phase = PHASE_HEADER;
		return check_common(reader, limits, error);
	case PHASE_HEADER:
		if (!collect(reader->head, &reader->have, reader->header_bytes + reader->digest_bytes, bytes, length, used))
			return PDU_OK;
		reader->phase = PHASE_ANNOUNCE;
		return header_digest_fits(reader) ? PDU_OK : fail(error, PDU_FATAL_HEADER_DIGEST, load_le32(reader->head + reader->header_bytes));
	case PHASE_ANNOUNCE:
		pdu = view(reader);
		verdict = handler->header(ctx, &pdu, error);
		if (verdict == PDU_OK)
			reader->phase = reader->data_left ? PHASE_PAD : PHASE_END;
		if (verdict == PDU_OK)
			reader->have = 0;
		return verdict;
	case PHASE_PAD:
		piece = reader->pad_left < length - *used ? reader->pad_left : length - *used;
		*used += piece;
		reader->pad_left -= (uint32_t)piece;
		if (reader->pad_left == 0)
			reader->phase = PHASE_DATA;
		return PDU_OK;
	case PHASE_DATA:
		take_data(reader, limits, handler, ctx, bytes, length, used);
		return PDU_OK;
	case PHASE_DIGEST:
		if (collect(reader->digest, &reader->have, PDU_DIGEST_BYTES, bytes, length, used))
			reader->phase = PHASE_END;
		return PDU_OK;
	default:
		return finish(reader, handler, ctx, error);
	}
}

enum pdu_verdict pdu_read(struct pdu_reader *reader, const struct pdu_limits *limits, const struct pdu_handler *handler, void *ctx,
	const uint8_t *bytes, size_t length, size_t *consumed, struct pdu_error *error)
{
	enum pdu_verdict verdict = PDU_OK;

	*consumed = 0;
	/* The phases that need no bytes run even when none are left. */
	while (verdict == PDU_OK && (*consumed < length || reader->phase == PHASE_ANNOUNCE || reader->phase == PHASE_END))
		verdict = step(reader, limits, handler, ctx, bytes, length, consumed, error);
	return verdict;
}

const uint8_t *pdu_reader_header(const struct pdu_reader *reader, size_t *length)
{
	*length = reader->phase <= PHASE_HEADER ? reader->have : reader->header_bytes;
	return reader->head;
}

size_t pdu_finish_header(uint8_t *bytes, const struct pdu_layout *layout)
{
	uint32_t at = layout->header_bytes, alignment = layout->alignment ? layout->alignment : 4;
	uint32_t digest = layout->header_digest ? PDU_DIGEST_BYTES : 0, padded = at + digest;

	if (layout->data_bytes)
		padded = (padded + alignment - 1) / alignment * alignment;
	bytes[FIELD_TYPE] = layout->type;
	bytes[FIELD_FLAGS] = (uint8_t)(layout->flags | (layout->header_digest ? PDU_FLAG_HEADER_DIGEST : 0) |
		(layout->data_digest && layout->data_bytes ? PDU_FLAG_DATA_DIGEST : 0));
	bytes[FIELD_HLEN] = layout->header_bytes;
	bytes[FIELD_PDO] = (uint8_t)(layout->data_bytes ? padded : 0);
	store_le32(bytes + FIELD_PLEN, padded + layout->data_bytes + (layout->data_digest && layout->data_bytes ? PDU_DIGEST_BYTES : 0));
	if (digest)
		store_le32(bytes + at, crc32c(0, bytes, at));
	memset(bytes + at + digest, 0, padded - at - digest);
	return padded;
}
