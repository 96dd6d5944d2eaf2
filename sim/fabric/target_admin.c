/* Admin commands (NVM Express 1.4, chapter 5), without Identify and the log pages. */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_CDW10 = 40,
	SQE_CDW11 = 44,
	FEATURE_ARBITRATION = 0x01,
	FEATURE_POWER = 0x02,
	FEATURE_TEMPERATURE = 0x04,
	FEATURE_ERROR_RECOVERY = 0x05,
	FEATURE_QUEUES = 0x07,
	FEATURE_ATOMICITY = 0x0a,
	FEATURE_ASYNC = 0x0b,
	FEATURE_KEEP_ALIVE = 0x0f,
	SELECT_SUPPORTED = 3,
	SUPPORTED_CHANGEABLE = 1 << 2,
	FEATURE_SAVE = (int)0x80000000,
	ABORT_NOT_DONE = 1,
};

static uint32_t log_bytes(const struct target *target, const struct command *command)
{
	uint64_t dwords = (load_le32(command->sqe + SQE_CDW10) >> 16 | (uint64_t)(load_le32(command->sqe + SQE_CDW11) & 0xffff) << 16) + 1;

	(void)target;
	/* More than a transfer is refused by check_sgl(). */
	return dwords * 4 > TARGET_TRANSFER_BYTES ? TARGET_TRANSFER_BYTES + 4 : (uint32_t)dwords * 4;
}

static uint32_t identify_bytes(const struct target *target, const struct command *command)
{
	(void)target;
	(void)command;
	return IDENTIFY_BYTES;
}

/* A command that is still to be served may be aborted; one that has begun to answer is too late. */
static uint16_t execute_abort(struct target *target, struct command *command)
{
	const struct controller *controller = command_controller(target, command);
	uint16_t queue = load_le16(command->sqe + SQE_CDW10), id = load_le16(command->sqe + SQE_CDW10 + 2);

	command->result = ABORT_NOT_DONE;
	if (queue > TARGET_IO_QUEUES || controller->queue[queue] == NONE)
		return NVME_SUCCESS;
	for (int i = target->served; i != NONE; i = target->command[i].next) {
		struct command *victim = &target->command[i];

		if (victim == command || victim->connection != controller->queue[queue] || load_le16(victim->sqe + 2) != id)
			continue;
		serve_remove(target, i);
		command_complete(target, i, NVME_ABORT_REQUESTED);
		command->result = 0;
		break;
	}
	return NVME_SUCCESS;
}

static uint16_t execute_keep_alive(struct target *target, struct command *command)
{
	if (has_quirk(target, TARGET_NO_KEEP_ALIVE))
		return NVME_INVALID_OPCODE | NVME_DNR;
	/* With the timer off there is nothing to keep alive; the Linux target answers the same. */
	return command_controller(target, command)->keep_alive_ms ? NVME_SUCCESS : NVME_KEEP_ALIVE_INVALID | NVME_DNR;
}

static uint16_t execute_async_event(struct target *target, struct command *command)
{
	/* Type, information, log page: an unknown notice, I/O command set and vendor specific ones, page 0; ANA without there being any. */
	static const uint32_t strange[] = {2 | 0x7f << 8 | 0x7f << 16, 6 | 0xe0 << 16, 7 | 0xff << 8 | 0xff << 16, 5, 2 | 3 << 8 | 0x0c << 16};
	struct controller *controller = command_controller(target, command);
	int number = command_connection(target, command)->controller;

	if (has_quirk(target, TARGET_NO_EVENTS))
		return NVME_INVALID_OPCODE | NVME_DNR;
	for (unsigned i = 0; i < AER_MAX; i++) {
		if (controller->parked[i] != NONE)
			continue;
		controller->parked[i] = (int)(command - target->command);
		command->state = COMMAND_PARKED;
		if (has_quirk(target, TARGET_STRANGE_EVENTS) && controller->strange_events < sizeof(strange) / sizeof(strange[0]))
			controller_event(target, number, strange[controller->strange_events++]);
		controller_deliver(target, number);
		return NVME_SUCCESS;
	}
	return NVME_AER_LIMIT | NVME_DNR;
}

/* The number of queues is given once, before any I/O queue exists; both halves count from 0. */
static uint16_t set_queues(const struct target *target, struct controller *controller, struct command *command, uint32_t value)
{
	uint32_t most = target->config.io_queues ? target->config.io_queues : TARGET_IO_QUEUES;
	uint32_t asked = (value & 0xffff) + 1, other = (value >> 16) + 1;

	if ((value & 0xffff) == 0xffff || value >> 16 == 0xffff)
		return NVME_INVALID_FIELD | NVME_DNR;
	for (unsigned q = 1; q <= TARGET_IO_QUEUES; q++) {
		if (controller->queue[q] != NONE)
			return NVME_SEQUENCE_ERROR | NVME_DNR;
	}
	asked = asked < other ? asked : other;
	controller->io_queues = (uint16_t)(asked < most ? asked : most);
	command->result = (controller->io_queues - 1u) | (controller->io_queues - 1u) << 16;
	return NVME_SUCCESS;
}

static bool plain_feature(uint8_t feature)
{
	return feature == FEATURE_ARBITRATION || feature == FEATURE_POWER || feature == FEATURE_TEMPERATURE ||
		feature == FEATURE_ERROR_RECOVERY || feature == FEATURE_ATOMICITY;
}

static uint16_t execute_set_features(struct target *target, struct command *command)
{
	struct controller *controller = command_controller(target, command);
	uint32_t which = load_le32(command->sqe + SQE_CDW10), value = load_le32(command->sqe + SQE_CDW11);
	uint8_t feature = (uint8_t)which;

	if (which & (uint32_t)FEATURE_SAVE)
		return NVME_FEATURE_NOT_SAVEABLE | NVME_DNR;
	if (feature == FEATURE_QUEUES)
		return set_queues(target, controller, command, value);
	if (feature == FEATURE_KEEP_ALIVE) {
		controller->keep_alive_ms = value;
		controller_touch(target, command_connection(target, command)->controller);
	} else if (feature == FEATURE_ASYNC && !has_quirk(target, TARGET_NO_EVENTS)) {
		controller->async_config = value;
	} else if (feature == FEATURE_POWER && (value & 0x1f) != 0) {
		return NVME_INVALID_FIELD | NVME_DNR; /* there is one power state */
	} else if (plain_feature(feature)) {
		controller->feature[feature] = value;
	} else {
		return NVME_INVALID_FIELD | NVME_DNR;
	}
	return NVME_SUCCESS;
}

static uint16_t execute_get_features(struct target *target, struct command *command)
{
	const struct controller *controller = command_controller(target, command);
	uint32_t which = load_le32(command->sqe + SQE_CDW10);
	unsigned select = which >> 8 & 7;
	uint8_t feature = (uint8_t)which;
	uint32_t value;

	if (feature == FEATURE_QUEUES)
		value = (controller->io_queues - 1u) | (controller->io_queues - 1u) << 16;
	else if (feature == FEATURE_KEEP_ALIVE)
		value = controller->keep_alive_ms;
	else if (feature == FEATURE_ASYNC)
		value = controller->async_config;
	else if (plain_feature(feature))
		value = controller->feature[feature];
	else
		return NVME_INVALID_FIELD | NVME_DNR;
	if (select > SELECT_SUPPORTED)
		return NVME_INVALID_FIELD | NVME_DNR;
	command->result = select == SELECT_SUPPORTED ? SUPPORTED_CHANGEABLE : select == 0 ? value : 0;
	return NVME_SUCCESS;
}

const struct command_row *admin_command(uint8_t opcode)
{
	static const struct command_row rows[] = {
		{NVME_ADMIN_GET_LOG, TO_HOST, log_bytes, NULL, log_execute},
		{NVME_ADMIN_IDENTIFY, TO_HOST, identify_bytes, NULL, identify_execute},
		{NVME_ADMIN_ABORT, MOVES_NOTHING, NULL, NULL, execute_abort},
		{NVME_ADMIN_SET_FEATURES, MOVES_NOTHING, NULL, NULL, execute_set_features},
		{NVME_ADMIN_GET_FEATURES, MOVES_NOTHING, NULL, NULL, execute_get_features},
		{NVME_ADMIN_ASYNC_EVENT, MOVES_NOTHING, NULL, NULL, execute_async_event},
		{NVME_ADMIN_KEEP_ALIVE, MOVES_NOTHING, NULL, NULL, execute_keep_alive},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].opcode == opcode)
			return &rows[i];
	}
	return NULL;
}
