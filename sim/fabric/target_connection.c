/* A connection: NVMe/TCP's transport rules (NVMe-oF 1.1, 7.4). */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	FIELD_PFV = 8,
	FIELD_HPDA = 10,
	FIELD_DIGEST = 11,
	FIELD_MAXR2T = 12,
	FIELD_CID = 8,
	FIELD_TTAG = 10,
	FIELD_OFFSET = 12,
	FIELD_LENGTH = 16,
	HPDA_MAX = 31,
};

/* The stream's handler knows where it belongs to. */
struct stream {
	struct target *target;
	int index;
};

static enum pdu_verdict fail(struct pdu_error *error, enum pdu_fatal status, uint32_t information)
{
	*error = (struct pdu_error){.status = status, .information = information};
	return PDU_FAIL;
}

static enum pdu_verdict initialize(const struct target *target, struct connection *connection, const struct pdu *pdu, struct pdu_error *error)
{
	uint8_t digests = pdu->header[FIELD_DIGEST];

	if (load_le16(pdu->header + FIELD_PFV) != 0)
		return fail(error, PDU_FATAL_PARAMETER, FIELD_PFV);
	if (pdu->header[FIELD_HPDA] > HPDA_MAX)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_HPDA);
	if (digests & ~(PDU_IC_HEADER_DIGEST | PDU_IC_DATA_DIGEST))
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_DIGEST);
	connection->host_alignment = (pdu->header[FIELD_HPDA] + 1u) * 4;
	if (target->config.data_alignment > connection->host_alignment)
		connection->host_alignment = target->config.data_alignment;
	connection->limits.alignment = target->config.cpda ? (target->config.cpda + 1) * 4 : 0;
	connection->host_r2t = load_le32(pdu->header + FIELD_MAXR2T);
	if (target->config.no_digests)
		digests = 0;
	connection->limits.header_digest = digests & PDU_IC_HEADER_DIGEST;
	connection->limits.data_digest = digests & PDU_IC_DATA_DIGEST;
	connection->state = CONNECTION_OPEN;
	return PDU_OK;
}

/* queue_size counts from 0, as in Connect; before Connect there is one command. */
static bool queue_full(const struct connection *connection)
{
	unsigned most = connection->queue == QUEUE_UNKNOWN ? 1u : connection->queue_size + 1u;

	return connection->commands >= most;
}

static enum pdu_verdict begin_command(struct stream *stream, const struct pdu *pdu, struct pdu_error *error)
{
	struct connection *connection = &stream->target->connection[stream->index];
	struct command *command;
	int index;

	if (queue_full(connection))
		return fail(error, PDU_FATAL_SEQUENCE, 0);
	if (pdu->data_bytes && stream->target->buffers_free <= BUFFERS_FOR_READS)
		return PDU_STALL;
	index = command_take(stream->target, stream->index);
	if (index == NONE)
		return PDU_STALL;
	command = &stream->target->command[index];
	memcpy(command->sqe, pdu->header + PDU_COMMON_BYTES, SQE_BYTES);
	if (pdu->data_bytes)
		buffer_take(stream->target, index, false);
	connection->current = index;
	stream->target->stats.commands++;
	return PDU_OK;
}

/* Each R2T is answered by PDUs of its own. */
static bool crosses_r2t(const struct target *target, uint32_t offset, uint32_t length)
{
	uint32_t step = target->config.r2t_bytes;

	return step && offset / step != (offset + length - 1) / step;
}

/* H2CData must continue what R2Ts asked for, in order, and say LAST where an R2T's range ends. */
static enum pdu_verdict begin_data(struct stream *stream, const struct pdu *pdu, struct pdu_error *error)
{
	struct connection *connection = &stream->target->connection[stream->index];
	uint16_t tag = load_le16(pdu->header + FIELD_TTAG);
	uint32_t offset = load_le32(pdu->header + FIELD_OFFSET), length = load_le32(pdu->header + FIELD_LENGTH);
	const struct command *command = &stream->target->command[tag % COMMANDS_MAX];

	if (tag >= COMMANDS_MAX || command->state != COMMAND_RECEIVES || command->connection != stream->index)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_TTAG);
	if (load_le16(pdu->header + FIELD_CID) != load_le16(command->sqe + 2))
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_CID);
	if (length != pdu->data_bytes)
		return fail(error, PDU_FATAL_HEADER_FIELD, FIELD_LENGTH);
	if (offset != command->received || length > command->asked - command->received || crosses_r2t(stream->target, offset, length))
		return fail(error, PDU_FATAL_OUT_OF_RANGE, 0);
	connection->current = tag;
	return PDU_OK;
}

/* First one ICReq, then never again. */
static enum pdu_verdict on_header(void *ctx, const struct pdu *pdu, struct pdu_error *error)
{
	struct stream *stream = ctx;
	bool new = stream->target->connection[stream->index].state == CONNECTION_NEW;

	if (pdu->type != PDU_H2C_TERM && new != (pdu->type == PDU_IC_REQ))
		return fail(error, PDU_FATAL_SEQUENCE, 0);
	switch (pdu->type) {
	case PDU_COMMAND: return begin_command(stream, pdu, error);
	case PDU_H2C_DATA: return begin_data(stream, pdu, error);
	default: return PDU_OK;
	}
}

static void on_data(void *ctx, const uint8_t *bytes, size_t length)
{
	struct stream *stream = ctx;
	struct connection *connection = &stream->target->connection[stream->index];
	struct command *command;

	if (connection->current == NONE)
		return; /* the data of a termination request */
	command = &stream->target->command[connection->current];
	memcpy(command_data(stream->target, command) + command->received, bytes, length);
	command->received += (uint32_t)length;
}

static bool r2t_ends_at(const struct target *target, const struct command *command)
{
	uint32_t step = target->config.r2t_bytes;

	return command->received == command->data_bytes || (step && command->received % step == 0);
}

static enum pdu_verdict end_data(struct stream *stream, const struct pdu *pdu, struct pdu_error *error)
{
	struct target *target = stream->target;
	struct connection *connection = &target->connection[stream->index];
	int index = connection->current;
	struct command *command = &target->command[index];
	bool last = pdu->flags & PDU_FLAG_LAST;

	if (last != r2t_ends_at(target, command))
		return fail(error, PDU_FATAL_HEADER_FIELD, 1);
	connection->current = NONE;
	if (command->received == command->data_bytes)
		command_data_complete(target, index);
	else
		command_ask(target, index);
	return PDU_OK;
}

static enum pdu_verdict on_end(void *ctx, const struct pdu *pdu, bool digest_ok, struct pdu_error *error)
{
	struct stream *stream = ctx;
	struct target *target = stream->target;
	struct connection *connection = &target->connection[stream->index];
	int index = connection->current;
	enum pdu_verdict verdict = PDU_OK;

	if (!digest_ok && index != NONE) {
		target->stats.digest_errors++;
		target->command[index].digest_failed = true;
	}
	switch (pdu->type) {
	case PDU_IC_REQ:
		verdict = initialize(target, connection, pdu, error);
		if (verdict == PDU_OK)
			output_queue(target, stream->index, (struct output){.kind = OUTPUT_IC_RESP});
		break;
	case PDU_COMMAND:
		connection->current = NONE;
		connection->head = (uint16_t)((connection->head + 1) % (connection->queue_size + 1));
		command_start(target, index, pdu->data_bytes);
		break;
	case PDU_H2C_DATA:
		verdict = end_data(stream, pdu, error);
		break;
	default: /* the host ends the connection */
		connection->state = CONNECTION_ENDS;
		break;
	}
	return verdict;
}

const struct pdu_handler target_pdu_handler = {.header = on_header, .data = on_data, .end = on_end};

void command_ask(struct target *target, int index)
{
	struct command *command = &target->command[index];
	const struct connection *connection = command_connection(target, command);
	uint32_t step = target->config.r2t_bytes ? target->config.r2t_bytes : command->data_bytes;
	uint32_t most = connection->host_r2t < R2T_OPEN_MAX ? connection->host_r2t + 1 : R2T_OPEN_MAX;

	command->state = COMMAND_RECEIVES;
	while (command->asked < command->data_bytes && command->asked - command->received / step * step < most * step) {
		uint32_t left = command->data_bytes - command->asked;
		struct output r2t = {.kind = OUTPUT_R2T, .command = index, .offset = command->asked, .length = left < step ? left : step};

		command->asked += r2t.length;
		output_queue(target, command->connection, r2t);
	}
	output_pump(target, command->connection);
}

static void drop_commands(struct target *target, int index)
{
	for (int i = 0; i < COMMANDS_MAX; i++) {
		struct command *command = &target->command[i];

		if (command->state == COMMAND_FREE || command->connection != index)
			continue;
		if (command->state == COMMAND_SERVED)
			serve_remove(target, i);
		if (command->state == COMMAND_WAITS)
			wait_remove(target, i);
		command_release(target, i);
	}
}

/* The controller loses the queue; with the admin queue it loses everything. */
static void leave_controller(struct target *target, int index)
{
	struct connection *connection = &target->connection[index];
	struct controller *controller;
	int number = connection->controller;

	connection->controller = NONE;
	if (number == NONE)
		return;
	controller = &target->controller[number];
	if (controller->queue[connection->queue] == index)
		controller->queue[connection->queue] = NONE;
	if (connection->queue == 0)
		controller_drop(target, number, true);
}

void connection_drop(struct target *target, int index, bool abort)
{
	struct connection *connection = &target->connection[index];
	const struct target_link_ops *ops = connection->ops;
	void *link = connection->link;

	if (connection->state == CONNECTION_FREE)
		return;
	connection->state = CONNECTION_FREE;
	connection->output_count = 0;
	drop_commands(target, index);
	leave_controller(target, index);
	if (link)
		ops->close(link, abort);
}

/* What the reader found cannot be mended: tell the host, then close. Nothing else goes out any more. */
static void terminate(struct target *target, int index, const struct pdu_error *error)
{
	struct connection *connection = &target->connection[index];
	const uint8_t *header;
	size_t length;

	header = pdu_reader_header(&connection->reader, &length);
	connection->fatal = *error;
	connection->fatal_bytes = (uint32_t)(length < PDU_TERM_DATA_MAX ? length : PDU_TERM_DATA_MAX);
	memcpy(connection->fatal_header, header, connection->fatal_bytes);
	target->stats.terminated++;
	connection->state = CONNECTION_ENDS;
	if (connection->pdu_started) { /* a PDU cannot be cut short by another one */
		connection_drop(target, index, true);
		return;
	}
	connection->output_count = 0;
	drop_commands(target, index);
	output_queue(target, index, (struct output){.kind = OUTPUT_TERM});
	output_pump(target, index);
}

size_t target_input(struct target *target, int index, const uint8_t *bytes, size_t length, uint64_t now)
{
	struct connection *connection = &target->connection[index];
	struct stream stream = {.target = target, .index = index};
	struct pdu_error error = {.status = 0};
	enum pdu_verdict verdict;
	size_t used = 0;

	target->now = now;
	if (connection->state != CONNECTION_NEW && connection->state != CONNECTION_OPEN)
		return length;
	verdict = pdu_read(&connection->reader, &connection->limits, &target_pdu_handler, &stream, bytes, length, &used, &error);
	connection->stalled = verdict == PDU_STALL;
	if (verdict == PDU_FAIL)
		terminate(target, index, &error);
	else if (connection->state == CONNECTION_ENDS)
		connection_drop(target, index, false);
	else
		output_pump(target, index);
	target_wake(target);
	return verdict == PDU_FAIL ? length : used;
}

void target_output(struct target *target, int index, uint64_t now)
{
	target->now = now;
	output_pump(target, index);
	target_wake(target);
}

void target_closed(struct target *target, int index, uint64_t now)
{
	target->now = now;
	target->connection[index].link = NULL;
	connection_drop(target, index, true);
	target_wake(target);
}

void target_wake(struct target *target)
{
	while (target->waiting_first != NONE) {
		int index = target->waiting_first;

		if (!buffer_take(target, index, false))
			break;
		wait_remove(target, index);
		command_ask(target, index);
	}
	for (int i = 0; i < TARGET_CONNECTIONS_MAX; i++) {
		struct connection *connection = &target->connection[i];

		if (connection->state == CONNECTION_OPEN && connection->stalled && target->commands_free &&
		    target->buffers_free > BUFFERS_FOR_READS) {
			connection->stalled = false;
			connection->ops->resume(connection->link);
		}
	}
}
