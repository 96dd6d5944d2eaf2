/* What a connection sends: a ring of answers, each turned into PDUs as the transport has room. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/crc32c.h"
#include "sim/fabric/target_internal.h"

enum {
	/** Room that any PDU without its data fits into: termination request with 128 bytes of header. */
	SMALL_PDU_BYTES = PDU_HEADER_MAX + PDU_DIGEST_BYTES + 128,
	/** Do not bother the transport with less data than this, unless it is the PDU's last. */
	LEAST_DATA_BYTES = 1024,
};

void output_queue(struct target *target, int index, struct output output)
{
	struct connection *connection = &target->connection[index];

	/* Each command of the queue has at most one answer of two PDUs and R2T_OPEN_MAX requests queued: it always fits. */
	connection->output[(connection->output_first + connection->output_count) % OUTPUTS_MAX] = output;
	connection->output_count++;
}

static size_t finish(const struct target *target, const struct connection *connection, uint8_t *bytes, uint8_t type, uint8_t header_bytes)
{
	struct pdu_layout layout = {
		.type = type, .header_bytes = header_bytes, .header_digest = connection->limits.header_digest};

	if (has_quirk(target, TARGET_SETS_RESERVED))
		layout.flags = 0xff & ~PDU_FLAG_HEADER_DIGEST;

	return pdu_finish_header(bytes, &layout);
}

static size_t encode_ic_resp(const struct target *target, uint8_t *bytes, const struct connection *connection)
{
	struct pdu_layout layout = {.type = PDU_IC_RESP, .header_bytes = PDU_IC_BYTES};

	memset(bytes, 0, PDU_IC_BYTES);
	if (has_quirk(target, TARGET_SETS_RESERVED)) {
		memset(bytes + 11, 0xff, PDU_IC_BYTES - 11);
		layout.flags = 0xff;
	}
	bytes[11] &= (uint8_t)~(PDU_IC_HEADER_DIGEST | PDU_IC_DATA_DIGEST);
	bytes[11] |= (uint8_t)((connection->limits.header_digest ? PDU_IC_HEADER_DIGEST : 0) |
		(connection->limits.data_digest ? PDU_IC_DATA_DIGEST : 0));
	bytes[10] = (uint8_t)target->config.cpda;
	store_le32(bytes + 12, target->config.h2c_data_bytes);
	return pdu_finish_header(bytes, &layout);
}

/* Termination requests carry no digests, and the wrong PDU's header as data right behind their own. */
static size_t encode_term(uint8_t *bytes, const struct connection *connection)
{
	memset(bytes, 0, PDU_TERM_BYTES);
	bytes[0] = PDU_C2H_TERM;
	bytes[2] = PDU_TERM_BYTES;
	store_le32(bytes + 4, PDU_TERM_BYTES + connection->fatal_bytes);
	store_le16(bytes + 8, (uint16_t)connection->fatal.status);
	store_le32(bytes + 10, connection->fatal.information);
	memcpy(bytes + PDU_TERM_BYTES, connection->fatal_header, connection->fatal_bytes);
	return PDU_TERM_BYTES + connection->fatal_bytes;
}

static size_t encode_r2t(const struct target *target, uint8_t *bytes, const struct connection *connection, const struct output *output)
{
	memset(bytes, 0, PDU_R2T_BYTES);
	memcpy(bytes + 8, target->command[output->command].sqe + 2, 2);
	store_le16(bytes + 10, (uint16_t)output->command);
	store_le32(bytes + 12, output->offset);
	store_le32(bytes + 16, output->length);
	if (has_quirk(target, TARGET_SETS_RESERVED))
		store_le32(bytes + 20, UINT32_MAX);
	return finish(target, connection, bytes, PDU_R2T, PDU_R2T_BYTES);
}

/* The phase tag, which fabrics have no use for, M and CRD; the upper half of a result, but for that of Property Get; the queue's head where there is no flow control. */
static void set_reserved(const struct connection *connection, const struct command *command, uint8_t *bytes)
{
	bool property = command->sqe[0] == NVME_FABRICS && command->sqe[4] == FABRICS_PROPERTY_GET;

	store_le16(bytes + 22, (uint16_t)(load_le16(bytes + 22) | 1 | 7 << 12));
	if (!property)
		store_le32(bytes + 12, UINT32_MAX);
	if (command->sqe[0] == NVME_FABRICS && command->sqe[4] == FABRICS_CONNECT)
		store_le32(bytes + 8, load_le32(bytes + 8) | 0xfff80000u);
	if (connection->no_flow_control)
		store_le16(bytes + 16, 0xfffe);
}

static size_t encode_response(const struct target *target, uint8_t *bytes, const struct connection *connection, const struct output *output)
{
	const struct command *command = &target->command[output->command];

	memset(bytes, 0, PDU_RESPONSE_BYTES);
	store_le64(bytes + 8, command->result);
	store_le16(bytes + 16, connection->no_flow_control ? 0xffff : connection->head);
	store_le16(bytes + 18, connection->queue >= QUEUE_DISCONNECTED ? 0 : connection->queue);
	memcpy(bytes + 20, command->sqe + 2, 2);
	store_le16(bytes + 22, (uint16_t)(command->status << 1));
	if (has_quirk(target, TARGET_SETS_RESERVED))
		set_reserved(connection, command, bytes);
	return finish(target, connection, bytes, PDU_RESPONSE, PDU_RESPONSE_BYTES);
}

/* Success needs no capsule of its own if the host does not use the queue head of it (NVMe-oF 1.1, 7.4.10.7). */
static bool success_in_data(const struct target *target, const struct connection *connection, const struct command *command)
{
	return connection->no_flow_control && command->result == 0 && !target->config.always_responds;
}

static size_t encode_data(const struct target *target, uint8_t *bytes, const struct connection *connection, const struct output *output)
{
	const struct command *command = &target->command[output->command];
	bool last = output->offset + output->length == command->data_bytes;
	struct pdu_layout layout = {
		.type = PDU_C2H_DATA,
		.flags = (uint8_t)(last ? PDU_FLAG_LAST | (success_in_data(target, connection, command) ? PDU_FLAG_SUCCESS : 0) : 0),
		.header_bytes = PDU_DATA_BYTES,
		.data_bytes = output->length,
		.header_digest = connection->limits.header_digest,
		.data_digest = connection->limits.data_digest,
		.alignment = connection->host_alignment,
	};

	memset(bytes, 0, PDU_DATA_BYTES);
	memcpy(bytes + 8, command->sqe + 2, 2);
	store_le32(bytes + 12, output->offset);
	store_le32(bytes + 16, output->length);
	if (has_quirk(target, TARGET_SETS_RESERVED)) {
		store_le16(bytes + 10, UINT16_MAX);
		store_le32(bytes + 20, UINT32_MAX);
		layout.flags |= 0xf0;
	}
	return pdu_finish_header(bytes, &layout);
}

/* Moves on with a data PDU. Returns whether it is complete. */
static bool pump_data(struct target *target, struct connection *connection, const struct output *output)
{
	const struct command *command = &target->command[output->command];
	uint8_t small[SMALL_PDU_BYTES];
	size_t room, piece;

	if (!connection->pdu_started) {
		if (connection->ops->room(connection->link) < sizeof(small))
			return false;
		connection->ops->write(connection->link, small, encode_data(target, small, connection, output));
		connection->pdu_started = true;
		connection->pdu_sent = 0;
		connection->pdu_crc = 0;
	}
	while (connection->pdu_sent < output->length) {
		const uint8_t *from = target->buffer[command->buffer] + output->offset + connection->pdu_sent;

		room = connection->ops->room(connection->link);
		piece = output->length - connection->pdu_sent;
		if (piece > room && room < LEAST_DATA_BYTES)
			return false;
		piece = piece < room ? piece : room;
		if (connection->limits.data_digest)
			connection->pdu_crc = crc32c(connection->pdu_crc, from, piece);
		connection->ops->write(connection->link, from, piece);
		connection->pdu_sent += (uint32_t)piece;
	}
	if (connection->limits.data_digest) {
		if (connection->ops->room(connection->link) < PDU_DIGEST_BYTES)
			return false;
		store_le32(small, connection->pdu_crc);
		connection->ops->write(connection->link, small, PDU_DIGEST_BYTES);
	}
	connection->pdu_started = false;
	return true;
}

static bool pump_one(struct target *target, struct connection *connection, const struct output *output)
{
	uint8_t small[SMALL_PDU_BYTES];
	size_t length;

	if (output->kind == OUTPUT_DATA)
		return pump_data(target, connection, output);
	if (connection->ops->room(connection->link) < sizeof(small))
		return false;
	switch (output->kind) {
	case OUTPUT_IC_RESP: length = encode_ic_resp(target, small, connection); break;
	case OUTPUT_TERM: length = encode_term(small, connection); break;
	case OUTPUT_R2T: length = encode_r2t(target, small, connection, output); break;
	default: length = encode_response(target, small, connection, output); break;
	}
	connection->ops->write(connection->link, small, length);
	return true;
}

/* A command is over when its response has gone, or the last data that says success. */
static void after_output(struct target *target, int index, const struct output *output)
{
	struct connection *connection = &target->connection[index];
	const struct command *command;

	if (output->kind == OUTPUT_TERM) {
		connection_drop(target, index, false);
		return;
	}
	if (output->kind != OUTPUT_RESPONSE && output->kind != OUTPUT_DATA)
		return;
	command = &target->command[output->command];
	if (output->kind == OUTPUT_RESPONSE ||
	    (output->offset + output->length == command->data_bytes && success_in_data(target, connection, command)))
		command_release(target, output->command);
}

void output_pump(struct target *target, int index)
{
	struct connection *connection = &target->connection[index];

	while (connection->state != CONNECTION_FREE && connection->output_count) {
		struct output output = connection->output[connection->output_first];

		if (!pump_one(target, connection, &output))
			return;
		connection->output_first = (connection->output_first + 1) % OUTPUTS_MAX;
		connection->output_count--;
		after_output(target, index, &output);
	}
}

static void queue_data(struct target *target, int index)
{
	const struct command *command = &target->command[index];
	uint32_t most = target->config.c2h_data_bytes ? target->config.c2h_data_bytes : TARGET_TRANSFER_BYTES;

	/* At most four PDUs, so that the ring holds what all commands of a queue may answer. */
	if (most < command->data_bytes / 4)
		most = (command->data_bytes / 4 + 3) / 4 * 4;
	for (uint32_t at = 0; at < command->data_bytes; at += most) {
		uint32_t left = command->data_bytes - at;

		output_queue(target, command->connection,
			(struct output){.kind = OUTPUT_DATA, .command = index, .offset = at, .length = left < most ? left : most});
	}
}

void command_answer(struct target *target, int index)
{
	struct command *command = &target->command[index];
	struct connection *connection = command_connection(target, command);
	bool reads = command->status == NVME_SUCCESS && command->to_host && command->data_bytes;

	command->state = COMMAND_ANSWERS;
	if (command->status != NVME_SUCCESS)
		target->stats.failed++;
	if (reads)
		queue_data(target, index);
	if (!reads || !success_in_data(target, connection, command))
		output_queue(target, command->connection, (struct output){.kind = OUTPUT_RESPONSE, .command = index});
	output_pump(target, command->connection);
}

void command_complete(struct target *target, int index, uint16_t status)
{
	struct command *command = &target->command[index];

	command->status = status;
	command_answer(target, index);
}
