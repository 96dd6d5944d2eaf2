/* Fabrics commands: Connect, properties, Disconnect (NVMe-oF 1.1, chapter 3). */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_FORMAT = 40,
	SQE_QUEUE = 42,
	SQE_SIZE = 44,
	SQE_ATTRIBUTES = 46,
	SQE_KEEP_ALIVE = 48,
	SQE_PROPERTY_ATTRIBUTES = 40,
	SQE_PROPERTY_OFFSET = 44,
	SQE_PROPERTY_VALUE = 48,
	DATA_CONTROLLER = 16,
	DATA_SUBSYSTEM = 256,
	DATA_HOST = 512,
	DYNAMIC_CONTROLLER = 0xffff,
	STATIC_CONTROLLER = 0xfffe, /* any of them */
	ATTRIBUTE_NO_FLOW_CONTROL = 1 << 2,
	ADMIN_ENTRIES_LEAST = 32,

	CC_ENABLE = 1 << 0,
	CC_SHUTDOWN_MASK = 3 << 14,
	CC_ENTRY_SIZES = 0x00460000,
	CC_ENTRY_MASK = 0x00ff0000,
	CC_AMS_CSS_MPS_MASK = 0x3ff0,
	CC_LARGE_PAGES = 1 << 7,
	CAP_PAGE_SHIFT = 48,
	CSTS_READY = 1 << 0,
	CSTS_FATAL = 1 << 1,
	CSTS_SHUTDOWN_DONE = 2 << 2,
};

/* MQES 127, CQR, TO 7.5 s, CSS NVM. */
static const uint64_t CAPABILITIES = (TARGET_QUEUE_ENTRIES - 1) | 1ull << 16 | 15ull << 24 | 1ull << 37;

static uint16_t wrong_field(struct command *command, uint32_t offset, bool in_data)
{
	command->result = offset | (in_data ? 1u << 16 : 0);
	return NVME_CONNECT_PARAMETER | NVME_DNR;
}

static uint32_t connect_bytes(const struct target *target, const struct command *command)
{
	(void)target;
	(void)command;
	return CONNECT_DATA_BYTES;
}

static uint16_t check_connect(struct target *target, struct command *command)
{
	uint16_t queue = load_le16(command->sqe + SQE_QUEUE), size = load_le16(command->sqe + SQE_SIZE);

	if (load_le16(command->sqe + SQE_FORMAT) != 0)
		return NVME_CONNECT_FORMAT | NVME_DNR;
	if (queue > TARGET_IO_QUEUES)
		return wrong_field(command, SQE_QUEUE, false);
	if (size < 1 || size >= (queue == 0 ? TARGET_QUEUE_ENTRIES : queue_entries(target)) || (queue == 0 && size + 1 < ADMIN_ENTRIES_LEAST))
		return wrong_field(command, SQE_SIZE, false);
	if (queue == 0 && has_quirk(target, load_le32(command->sqe + SQE_KEEP_ALIVE) ? TARGET_REFUSES_KATO : TARGET_WANTS_KATO))
		return wrong_field(command, SQE_KEEP_ALIVE, false);
	if (target->config.flow_control && (command->sqe[SQE_ATTRIBUTES] & ATTRIBUTE_NO_FLOW_CONTROL))
		return wrong_field(command, SQE_ATTRIBUTES, false);
	return NVME_SUCCESS;
}

static bool nqn_ends(const uint8_t *nqn)
{
	return nqn[0] != 0 && memchr(nqn, 0, NQN_BYTES) != NULL;
}

/* Our own subsystem, and the discovery subsystem if we know what to tell. */
static bool subsystem_served(const struct target *target, const char *name)
{
	return strcmp(name, target->nqn) == 0 || (target->address[0] && strcmp(name, NVME_DISCOVERY_NQN) == 0);
}

static void start_controller(struct target *target, struct controller *controller, const struct command *command, const uint8_t *data)
{
	*controller = (struct controller){.used = true, .keep_alive_ms = load_le32(command->sqe + SQE_KEEP_ALIVE)};
	controller->discovery = strcmp((const char *)data + DATA_SUBSYSTEM, NVME_DISCOVERY_NQN) == 0;
	memcpy(controller->host_id, data, sizeof(controller->host_id));
	memcpy(controller->host_nqn, data + DATA_HOST, NQN_BYTES);
	for (unsigned q = 0; q <= TARGET_IO_QUEUES; q++)
		controller->queue[q] = NONE;
	for (unsigned i = 0; i < AER_MAX; i++)
		controller->parked[i] = NONE;
	controller->io_queues = TARGET_IO_QUEUES;
	controller->queue[0] = command->connection;
	controller_touch(target, (int)(controller - target->controller));
}

static uint16_t connect_admin(struct target *target, struct command *command, const uint8_t *data, int *number)
{
	if (load_le16(data + DATA_CONTROLLER) != (has_quirk(target, TARGET_STATIC) ? STATIC_CONTROLLER : DYNAMIC_CONTROLLER))
		return wrong_field(command, DATA_CONTROLLER, true);
	for (int i = 0; i < CONTROLLERS_MAX; i++) {
		if (!target->controller[i].used) {
			target->controllers = i < target->controllers ? target->controllers : i + 1;
			start_controller(target, &target->controller[i], command, data);
			*number = i;
			return NVME_SUCCESS;
		}
	}
	return NVME_CONNECT_BUSY;
}

/* Controller identifiers count from 1. */
static uint16_t connect_io(struct target *target, struct command *command, const uint8_t *data, int *number)
{
	uint16_t id = load_le16(data + DATA_CONTROLLER), queue = load_le16(command->sqe + SQE_QUEUE);
	struct controller *controller;

	id = (uint16_t)(id - target->config.first_controller);
	if (id < 1 || id > CONTROLLERS_MAX || !target->controller[id - 1].used)
		return wrong_field(command, DATA_CONTROLLER, true);
	controller = &target->controller[id - 1];
	if (controller->discovery || strcmp((const char *)data + DATA_SUBSYSTEM, target->nqn) != 0)
		return wrong_field(command, controller->discovery ? SQE_QUEUE : DATA_SUBSYSTEM, !controller->discovery);
	if (memcmp(controller->host_id, data, sizeof(controller->host_id)) != 0)
		return wrong_field(command, 0, true);
	if (strcmp(controller->host_nqn, (const char *)data + DATA_HOST) != 0)
		return wrong_field(command, DATA_HOST, true);
	if (!(controller->status & CSTS_READY) || controller->queue[queue] != NONE)
		return NVME_SEQUENCE_ERROR | NVME_DNR;
	if (queue > controller->io_queues)
		return wrong_field(command, SQE_QUEUE, false);
	controller->queue[queue] = command->connection;
	*number = id - 1;
	return NVME_SUCCESS;
}

static uint16_t execute_connect(struct target *target, struct command *command)
{
	const uint8_t *data = command_data(target, command);
	struct connection *connection = command_connection(target, command);
	uint16_t queue = load_le16(command->sqe + SQE_QUEUE), status;
	int number = NONE;

	if (!nqn_ends(data + DATA_SUBSYSTEM) || !subsystem_served(target, (const char *)data + DATA_SUBSYSTEM))
		return wrong_field(command, DATA_SUBSYSTEM, true);
	if (!nqn_ends(data + DATA_HOST))
		return wrong_field(command, DATA_HOST, true);
	status = queue == 0 ? connect_admin(target, command, data, &number) : connect_io(target, command, data, &number);
	if (status != NVME_SUCCESS)
		return status;
	connection->controller = number;
	connection->queue = queue;
	connection->queue_size = load_le16(command->sqe + SQE_SIZE);
	connection->head = 1;
	connection->no_flow_control = command->sqe[SQE_ATTRIBUTES] & ATTRIBUTE_NO_FLOW_CONTROL;
	if (queue != 0)
		connection->limits.capsule_data = capsule_bytes(target);
	command->result = controller_identifier(target, number);
	return NVME_SUCCESS;
}

static bool settings_supported(const struct target *target, uint32_t cc)
{
	uint32_t wanted = has_quirk(target, TARGET_LARGE_PAGES) ? CC_LARGE_PAGES : 0;

	return (cc & CC_AMS_CSS_MPS_MASK) == wanted && (cc & CC_ENTRY_MASK) == CC_ENTRY_SIZES;
}

static void reset_controller(struct target *target, struct controller *controller)
{
	controller->status = 0;
	controller->event_count = 0;
	controller->event_mask = 0;
	controller->async_config = 0;
	memset(controller->feature, 0, sizeof(controller->feature));
	for (unsigned q = 1; q <= TARGET_IO_QUEUES; q++) {
		if (controller->queue[q] != NONE)
			connection_drop(target, controller->queue[q], false);
	}
}

static void write_configuration(struct target *target, struct controller *controller, uint32_t value)
{
	uint32_t before = controller->configuration;

	controller->configuration = value;
	if (!(before & CC_ENABLE) && (value & CC_ENABLE))
		controller->status = settings_supported(target, value) ? CSTS_READY : CSTS_FATAL;
	if ((before & CC_ENABLE) && !(value & CC_ENABLE))
		reset_controller(target, controller);
	if ((value & CC_SHUTDOWN_MASK) && !(before & CC_SHUTDOWN_MASK))
		controller->status |= CSTS_SHUTDOWN_DONE;
	if (!(value & CC_SHUTDOWN_MASK))
		controller->status &= ~(uint32_t)CSTS_SHUTDOWN_DONE;
}

static uint16_t check_property(struct target *target, struct command *command)
{
	return command_connection(target, command)->queue == 0 ? NVME_SUCCESS : NVME_INVALID_FIELD | NVME_DNR;
}

static uint16_t execute_property_set(struct target *target, struct command *command)
{
	if ((command->sqe[SQE_PROPERTY_ATTRIBUTES] & 7) != 0 || load_le32(command->sqe + SQE_PROPERTY_OFFSET) != PROPERTY_CC)
		return NVME_INVALID_FIELD | NVME_DNR;
	write_configuration(target, command_controller(target, command), load_le32(command->sqe + SQE_PROPERTY_VALUE));
	return NVME_SUCCESS;
}

static uint16_t execute_property_get(struct target *target, struct command *command)
{
	const struct controller *controller = command_controller(target, command);
	uint32_t offset = load_le32(command->sqe + SQE_PROPERTY_OFFSET);
	unsigned wide = command->sqe[SQE_PROPERTY_ATTRIBUTES] & 7;

	if (wide != (offset == PROPERTY_CAP ? 1u : 0u))
		return NVME_INVALID_FIELD | NVME_DNR;
	switch (offset) {
	case PROPERTY_CAP: command->result = CAPABILITIES | (uint64_t)has_quirk(target, TARGET_LARGE_PAGES) << CAP_PAGE_SHIFT; break;
	case PROPERTY_VS: command->result = VERSION_1_4; break;
	case PROPERTY_CC: command->result = controller->configuration; break;
	case PROPERTY_CSTS: command->result = controller->status; break;
	default: return NVME_INVALID_FIELD | NVME_DNR;
	}
	return NVME_SUCCESS;
}

/* Only I/O queues disconnect by command; the connection itself is the host's to close. */
static uint16_t execute_disconnect(struct target *target, struct command *command)
{
	struct connection *connection = command_connection(target, command);

	if (load_le16(command->sqe + SQE_FORMAT) != 0)
		return NVME_CONNECT_FORMAT | NVME_DNR;
	if (connection->queue == 0)
		return NVME_INVALID_QUEUE | NVME_DNR;
	target->controller[connection->controller].queue[connection->queue] = NONE;
	connection->controller = NONE;
	connection->queue = QUEUE_DISCONNECTED; /* commands on their way still finish; nothing new is taken */
	return NVME_SUCCESS;
}

const struct command_row *fabrics_command(uint8_t type)
{
	static const struct command_row rows[] = {
		{FABRICS_CONNECT, TO_CONTROLLER, connect_bytes, check_connect, execute_connect},
		{FABRICS_PROPERTY_SET, MOVES_NOTHING, NULL, check_property, execute_property_set},
		{FABRICS_PROPERTY_GET, MOVES_NOTHING, NULL, check_property, execute_property_get},
		{FABRICS_DISCONNECT, MOVES_NOTHING, NULL, NULL, execute_disconnect},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].opcode == type)
			return &rows[i];
	}
	return NULL;
}
