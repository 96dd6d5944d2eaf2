/* Shared by the files of the target only. */
#ifndef ASSAY_SIM_FABRIC_TARGET_INTERNAL_H
#define ASSAY_SIM_FABRIC_TARGET_INTERNAL_H

#include "sim/fabric/nvme_wire.h"
#include "sim/fabric/pdu.h"
#include "sim/fabric/target.h"
#include "sim/fabric/volume.h"

enum {
	COMMANDS_MAX = 1024,
	BUFFERS_MAX = 64,
	/** Buffers that host-to-controller data never takes, so that reads can always finish. */
	BUFFERS_FOR_READS = 8,
	CONTROLLERS_MAX = TARGET_CONTROLLERS,
	OUTPUTS_MAX = 1024,
	R2T_OPEN_MAX = 4,
	AER_MAX = 4,
	LOG_PAGE_MAX = 64 * 1024,
	EVENTS_MAX = 8,
	/** Before Connect, and after Disconnect. */
	QUEUE_UNKNOWN = 0xffff,
	QUEUE_DISCONNECTED = 0xfffe,
	NONE = -1,
};

enum command_state {
	COMMAND_FREE,
	/** The capsule is coming in. */
	COMMAND_CAPSULE,
	/** Waits for a buffer to ask data into. */
	COMMAND_WAITS,
	/** R2Ts are out, data comes in. */
	COMMAND_RECEIVES,
	/** In the service queue. */
	COMMAND_SERVED,
	/** An asynchronous event request that waits for its event. */
	COMMAND_PARKED,
	/** Its answer is in the connection's output queue. */
	COMMAND_ANSWERS,
};

struct command {
	enum command_state state;
	int connection;
	/** Next in the service queue or in the queue for buffers. */
	int next;
	int buffer;
	uint64_t due;
	uint8_t sqe[SQE_BYTES];
	/** Bytes that the command moves, either way. */
	uint32_t data_bytes;
	bool to_host;
	/** Host-to-controller data: received so far and asked for so far. */
	uint32_t received;
	uint32_t asked;
	bool digest_failed;
	bool holds_identifier;
	uint16_t status;
	uint64_t result;
};

enum output_kind { OUTPUT_IC_RESP, OUTPUT_TERM, OUTPUT_R2T, OUTPUT_DATA, OUTPUT_RESPONSE };

struct output {
	enum output_kind kind;
	int command;
	uint32_t offset;
	uint32_t length;
};

enum connection_state { CONNECTION_FREE, CONNECTION_NEW, CONNECTION_OPEN, CONNECTION_ENDS };

struct connection {
	enum connection_state state;
	const struct target_link_ops *ops;
	void *link;
	struct pdu_limits limits;
	struct pdu_reader reader;
	/** Of the PDU that is coming in: the command it belongs to. */
	int current;
	bool stalled;
	uint32_t host_alignment;
	uint32_t host_r2t;
	int controller;
	uint16_t queue;
	uint16_t queue_size;
	uint16_t head;
	bool no_flow_control;
	unsigned commands;
	/** Bit n: command identifier n is in use. */
	uint64_t identifiers[65536 / 64];
	struct pdu_error fatal;
	uint8_t fatal_header[PDU_TERM_DATA_MAX];
	uint32_t fatal_bytes;
	/** Output: a ring, and how far the data PDU at its head has gone. */
	struct output output[OUTPUTS_MAX];
	uint32_t output_first;
	uint32_t output_count;
	uint32_t pdu_sent;
	bool pdu_started;
	uint32_t pdu_crc;
};

struct controller {
	bool used;
	/** A discovery controller: no I/O queues, no namespaces. */
	bool discovery;
	uint8_t host_id[16];
	char host_nqn[NQN_BYTES];
	uint32_t configuration;
	uint32_t status;
	uint32_t keep_alive_ms;
	uint64_t keep_alive_due;
	/** Connection of each queue, NONE if there is none. */
	int queue[TARGET_IO_QUEUES + 1];
	uint16_t io_queues;
	int parked[AER_MAX];
	uint32_t events[EVENTS_MAX];
	uint32_t event_count;
	uint32_t event_mask;
	uint32_t strange_events; /**< that it has told of */
	uint32_t async_config;
	uint32_t changed;
	uint32_t feature[32];
};

struct target {
	struct target_config config;
	char nqn[NQN_BYTES];
	char address[16];
	char peer_address[TARGET_PEERS_MAX][16];
	uint64_t peer_changes; /* GENCTR */
	enum target_ana ana[TARGET_NAMESPACES_MAX];
	uint32_t ana_group[TARGET_NAMESPACES_MAX];
	uint64_t ana_changes;
	enum target_mode mode;
	struct volume volume[TARGET_NAMESPACES_MAX];
	struct target_stats stats;
	uint64_t now;
	uint64_t medium_free;
	uint64_t chance; /**< state of jitter_cycles */
	/** Service queue by due cycle, and queue of commands that wait for buffers: heads of lists. */
	int served;
	int waiting_first;
	int waiting_last;
	int buffers_free;
	int free_buffer[BUFFERS_MAX];
	int commands_free;
	int free_command[COMMANDS_MAX];
	struct command command[COMMANDS_MAX];
	struct connection connection[TARGET_CONNECTIONS_MAX];
	/** One past the last controller that has been used. */
	int controllers;
	struct controller controller[CONTROLLERS_MAX];
	uint8_t buffer[BUFFERS_MAX][TARGET_TRANSFER_BYTES];
};

/* target_pool.c: commands, buffers, the service queue */
int command_take(struct target *target, int connection);
void command_release(struct target *target, int command);
/** @param for_read whether the buffer is to be sent; others leave BUFFERS_FOR_READS. @return whether there was one. */
bool buffer_take(struct target *target, int command, bool for_read);
/** Queues a command for execution at @p due. */
void serve_insert(struct target *target, int command, uint64_t due);
void serve_remove(struct target *target, int command);
/** Queues a command that needs a buffer for its data. */
void wait_insert(struct target *target, int command);
void wait_remove(struct target *target, int command);

/* target_output.c: the answers of a connection */
void output_queue(struct target *target, int connection, struct output output);
/** Sends what the transport has room for. */
void output_pump(struct target *target, int connection);
/** Queues the response of a command, preceded by its data if it is to have some and succeeded. */
void command_answer(struct target *target, int command);
/** Sets the status and answers. */
void command_complete(struct target *target, int command, uint16_t status);

/* target_connection.c */
extern const struct pdu_handler target_pdu_handler;
/** Asks for as much of a write's data as host and target allow to be outstanding. */
void command_ask(struct target *target, int command);
/** Ends a connection and everything on it. @param abort do not wait for what was written. */
void connection_drop(struct target *target, int connection, bool abort);
/** Gives free buffers to who waits, and input to stalled connections. */
void target_wake(struct target *target);

/* target_command.c: from a received capsule to its service */
void command_start(struct target *target, int command, uint32_t capsule_data);
void command_data_complete(struct target *target, int command);
void command_execute(struct target *target, int command);

/* what a command is */
struct command_row {
	uint8_t opcode;
	enum { MOVES_NOTHING, TO_CONTROLLER, TO_HOST } direction;
	/** @return bytes the command moves by its own fields. */
	uint32_t (*bytes)(const struct target *target, const struct command *command);
	/** Checks before data moves. NULL: none. @return status. */
	uint16_t (*check)(struct target *target, struct command *command);
	/** Does it. Data: target->buffer[command->buffer]. @return status. */
	uint16_t (*execute)(struct target *target, struct command *command);
};
const struct command_row *admin_command(uint8_t opcode);
const struct command_row *io_command(uint8_t opcode);
const struct command_row *fabrics_command(uint8_t type);

/* target_controller.c */
struct controller *command_controller(struct target *target, const struct command *command);
void controller_drop(struct target *target, int controller, bool abort);
void controller_touch(struct target *target, int controller);
uint64_t controller_next_due(const struct target *target);
void controllers_advance(struct target *target);
/** Raises an asynchronous event (CQE dword 0) unless one of its log page is outstanding. */
void controller_event(struct target *target, int controller, uint32_t event);
/** Answers parked requests with waiting events. */
void controller_deliver(struct target *target, int controller);

/* target_ana.c: asymmetric namespace access */
void target_ana_begin(struct target *target);
/** The fields of Identify Controller data. */
void target_ana_identify(const struct target *target, uint8_t *data);
/** ANAGRPID of a namespace. */
uint32_t target_ana_group_of(const struct target *target, uint32_t namespace_id);
/** @return whether Identify Namespace shows nothing of the namespace now. */
bool target_ana_hides(const struct target *target, uint32_t namespace_id);
/** @return the status of a command that cannot reach its namespace, or success. */
uint16_t target_ana_check(const struct target *target, const struct command *command);
/** The log page. @return its size in bytes, at most LOG_PAGE_MAX. */
size_t target_ana_log(const struct target *target, bool groups_only, uint8_t *page);

/* target_identify.c */
uint16_t identify_execute(struct target *target, struct command *command);
uint16_t log_execute(struct target *target, struct command *command);
/** Discovery log page. @return its size in bytes, at most LOG_PAGE_MAX. */
size_t discovery_log(const struct target *target, uint8_t *page);
/** Identify Controller data of a discovery controller. */
void discovery_identify(const struct target *target, const struct command *command, uint8_t *data);

static inline struct connection *command_connection(struct target *target, const struct command *command)
{
	return &target->connection[command->connection];
}

static inline bool has_quirk(const struct target *target, enum target_quirk quirk)
{
	return target->config.quirks & quirk;
}

/** Bytes of the controllers' smallest page. */
static inline uint32_t page_bytes(const struct target *target)
{
	return has_quirk(target, TARGET_LARGE_PAGES) ? 8192 : 4096;
}

/** Data that a capsule of an I/O queue may have. */
static inline uint32_t capsule_bytes(const struct target *target)
{
	return target->config.no_capsule || has_quirk(target, TARGET_CAPSULE_OFFSET) ? 0 : target->config.in_capsule_bytes;
}

/** Entries that an I/O queue may have. */
static inline unsigned queue_entries(const struct target *target)
{
	return has_quirk(target, TARGET_FEW_COMMANDS) ? 8 : TARGET_QUEUE_ENTRIES;
}

/** Identifier of a controller in the subsystem. */
static inline uint16_t controller_identifier(const struct target *target, int controller)
{
	return (uint16_t)(target->config.first_controller + controller + 1);
}

static inline uint8_t *command_data(struct target *target, const struct command *command)
{
	return target->buffer[command->buffer];
}

/** The namespace of an SQE. @return NULL if there is none of that id. */
static inline struct volume *namespace_volume(struct target *target, uint32_t namespace_id)
{
	return namespace_id >= 1 && namespace_id <= target->config.namespaces ? &target->volume[namespace_id - 1] : NULL;
}

#endif
