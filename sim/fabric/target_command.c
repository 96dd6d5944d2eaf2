/* From a received capsule to its service: checks, data, the medium's time. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_FLAGS = 1,
	SQE_FABRICS_TYPE = 4,
	SQE_SGL = 24,
	SQE_SGL_LENGTH = 32,
	SQE_SGL_TYPE = 39,
	PSDT_SGL = 0x40,
	PSDT_MASK = 0xc0,
	FUSE_MASK = 0x03,
};

static const struct command_row *row_of(const struct target *target, const struct command *command)
{
	const struct connection *connection = &target->connection[command->connection];

	if (command->sqe[0] == NVME_FABRICS)
		return fabrics_command(command->sqe[SQE_FABRICS_TYPE]);
	return connection->queue == 0 ? admin_command(command->sqe[0]) : io_command(command->sqe[0]);
}

/* What may be sent when: first Connect, then fabrics commands, the others once the controller is enabled. */
static uint16_t check_state(struct target *target, const struct command *command)
{
	const struct connection *connection = command_connection(target, command);
	bool fabrics = command->sqe[0] == NVME_FABRICS;
	bool connect = fabrics && command->sqe[SQE_FABRICS_TYPE] == FABRICS_CONNECT;

	if (connect)
		return connection->queue == QUEUE_UNKNOWN ? NVME_SUCCESS : NVME_SEQUENCE_ERROR | NVME_DNR;
	if (connection->controller == NONE)
		return NVME_SEQUENCE_ERROR | NVME_DNR;
	if (!fabrics && !(target->controller[connection->controller].status & 1))
		return NVME_SEQUENCE_ERROR;
	return NVME_SUCCESS;
}

/* Marks the command identifier as used, until command_release(). Returns whether it was free. */
static bool identifier_claim(struct target *target, struct command *command)
{
	uint16_t id = load_le16(command->sqe + 2);
	uint64_t *word = &command_connection(target, command)->identifiers[id / 64], bit = 1ull << id % 64;

	if (*word & bit)
		return false;
	*word |= bit;
	command->holds_identifier = true;
	return true;
}

/* The SGL must describe exactly the data that the command moves. */
static uint16_t check_sgl(const struct target *target, const struct command_row *row, struct command *command, uint32_t capsule_data)
{
	uint8_t type = command->sqe[SQE_SGL_TYPE];
	uint32_t length = load_le32(command->sqe + SQE_SGL_LENGTH);

	command->data_bytes = row->bytes ? row->bytes(target, command) : 0;
	command->to_host = row->direction == TO_HOST;
	if (command->data_bytes == 0)
		return capsule_data ? NVME_SGL_LENGTH | NVME_DNR : NVME_SUCCESS;
	if (command->data_bytes > target->config.transfer_bytes)
		return NVME_INVALID_FIELD | NVME_DNR;
	if (type != SGL_TRANSPORT && !(type == SGL_CAPSULE_OFFSET && row->direction == TO_CONTROLLER))
		return NVME_SGL_TYPE | NVME_DNR;
	if (length != command->data_bytes)
		return NVME_SGL_LENGTH | NVME_DNR;
	if (type == SGL_CAPSULE_OFFSET && load_le64(command->sqe + SQE_SGL) != 0)
		return NVME_SGL_OFFSET | NVME_DNR;
	if (capsule_data != (type == SGL_CAPSULE_OFFSET ? length : 0))
		return NVME_SGL_LENGTH | NVME_DNR;
	return NVME_SUCCESS;
}

/* Commands of the command set need a namespace that can be reached (NVM Express 1.4, 8.20.4). */
static uint16_t check_access(const struct target *target, const struct command *command)
{
	uint16_t queue = target->connection[command->connection].queue;

	return queue == 0 || queue >= QUEUE_DISCONNECTED ? NVME_SUCCESS : target_ana_check(target, command);
}

static uint16_t check(struct target *target, struct command *command, const struct command_row *row, uint32_t capsule_data)
{
	uint16_t status = check_state(target, command);

	if (status != NVME_SUCCESS)
		return status;
	if (command->digest_failed)
		return NVME_TRANSPORT_ERROR;
	if (!row)
		return NVME_INVALID_OPCODE | NVME_DNR;
	if ((command->sqe[SQE_FLAGS] & PSDT_MASK) != PSDT_SGL || (command->sqe[SQE_FLAGS] & FUSE_MASK))
		return NVME_INVALID_FIELD | NVME_DNR;
	if (!identifier_claim(target, command))
		return NVME_CID_CONFLICT | NVME_DNR;
	status = check_access(target, command);
	if (status != NVME_SUCCESS)
		return status;
	if (row->check)
		status = row->check(target, command);
	return status == NVME_SUCCESS ? check_sgl(target, row, command, capsule_data) : status;
}

static uint64_t jitter(struct target *target)
{
	target->chance = target->chance * 6364136223846793005ull + 1442695040888963407ull;
	return (target->chance >> 33) % ((uint64_t)target->config.jitter_cycles + 1);
}

/* The cycle at which a command with all its data here completes. */
static uint64_t service_due(struct target *target, const struct command *command)
{
	const struct connection *connection = command_connection(target, command);
	const struct target_config *config = &target->config;
	uint64_t start = target->medium_free > target->now ? target->medium_free : target->now;

	if (connection->queue == 0 || connection->queue == QUEUE_UNKNOWN || command->data_bytes == 0 || command->sqe[0] == NVME_FABRICS)
		return target->now + config->admin_latency_cycles;
	target->medium_free = start + ((uint64_t)command->data_bytes * 8000 + config->rate_mbps - 1) / config->rate_mbps;
	return target->medium_free + (command->sqe[0] == NVME_READ ? config->read_latency_cycles : config->write_latency_cycles) + jitter(target);
}

void command_start(struct target *target, int index, uint32_t capsule_data)
{
	struct command *command = &target->command[index];
	const struct connection *connection = command_connection(target, command);
	const struct command_row *row = row_of(target, command);
	uint16_t status = check(target, command, row, capsule_data);

	if (connection->controller != NONE)
		controller_touch(target, connection->controller);
	if (status != NVME_SUCCESS) {
		command_complete(target, index, status);
		return;
	}
	if (row->direction == TO_CONTROLLER && capsule_data < command->data_bytes) {
		wait_insert(target, index); /* target_wake() asks for the data */
		return;
	}
	serve_insert(target, index, service_due(target, command));
}

void command_data_complete(struct target *target, int index)
{
	struct command *command = &target->command[index];

	if (command->digest_failed)
		command_complete(target, index, NVME_TRANSPORT_ERROR);
	else
		serve_insert(target, index, service_due(target, command));
}

void command_execute(struct target *target, int index)
{
	struct command *command = &target->command[index];
	const struct command_row *row = row_of(target, command);
	uint16_t status = row->execute(target, command);

	if (command->state == COMMAND_PARKED || command->state == COMMAND_FREE)
		return; /* it is answered later, or its connection has gone */
	command_complete(target, index, status);
}

uint64_t target_next_event(const struct target *target)
{
	uint64_t next = controller_next_due(target);

	if (target->served != NONE && target->mode != TARGET_STALLS && target->command[target->served].due < next)
		next = target->command[target->served].due;
	return next;
}

/* A read that finds no buffer waits at the head of the service queue; buffers come back as connections drain. */
void target_advance(struct target *target, uint64_t now)
{
	while (target->served != NONE && target->mode != TARGET_STALLS) {
		int index = target->served;
		struct command *command = &target->command[index];

		if (command->due > now)
			break;
		if (command->to_host && command->data_bytes && !buffer_take(target, index, true)) {
			command->due = now + target->config.admin_latency_cycles;
			break;
		}
		target->now = command->due > target->now ? command->due : target->now;
		target->served = command->next;
		command_execute(target, index);
	}
	target->now = now > target->now ? now : target->now;
	controllers_advance(target);
	target_wake(target);
}
