/* The NVMe controllers that hosts see, one per function: their state, and the handlers of admin commands.
 *
 *   controller.c   events of the SEE, dispatch of commands, completion, error log
 *   queues.c       Create and Delete I/O Queue
 *   identify.c     Identify
 *   features.c     Set and Get Features
 *   log_pages.c    Get Log Page
 *   async.c        asynchronous events, Abort
 *   attach.c       which volume a function has
 *   volumes.c      volumes of functions
 *   firmware.c     Firmware Image Download, Firmware Commit
 *   io.c           I/O commands on their way to the storages (io.h: volumes of several storages, limits)
 */
#ifndef ASSAY_FIRMWARE_NVME_CONTROLLER_H
#define ASSAY_FIRMWARE_NVME_CONTROLLER_H

#include "firmware/see/see.h"

#define CONTROLLER_IO_QUEUES (SEE_NUM_QUEUES - 1)
#define CONTROLLER_AERS 4       /* AERL is one less */
#define CONTROLLER_ERRORS 16    /* ELPE is one less */
#define CONTROLLER_FEATURES 12  /* feature identifiers 0 to 0Bh */
#define CONTROLLER_NO_VOLUME 0xffffffffu
#define CONTROLLER_KELVIN 308 /* there is no sensor: what the composite temperature reads */
#define CONTROLLER_WARNING_KELVIN 343
#define CONTROLLER_CRITICAL_KELVIN 353

enum async_event {
	ASYNC_INVALID_DOORBELL,
	ASYNC_INVALID_DOORBELL_VALUE,
	ASYNC_TEMPERATURE,
	ASYNC_NAMESPACE_CHANGED,
	ASYNC_EVENTS,
};

/* Error Information Log Entry, NVMe 1.4 section 5.14.1.1. */
struct error_entry {
	uint64_t count;
	uint16_t sqid;
	uint16_t cid;
	uint16_t status; /* bits 15:1, bit 0 phase */
	uint16_t location;
	uint64_t lba;
	uint32_t nsid;
	uint8_t vendor_log;
	uint8_t transport;
	uint8_t reserved1[2];
	uint64_t command_specific;
	uint16_t transport_specific;
	uint8_t reserved2[22];
};
_Static_assert(sizeof(struct error_entry) == 64, "error log entry");

struct controller_queue {
	bool valid;
	uint8_t cqid;  /* of a submission queue */
	uint8_t users; /* of a completion queue: submission queues that use it */
};

/* The answer to an asynchronous event request. */
struct async_post {
	uint16_t cid, status;
	uint32_t dw0;
};

struct controller {
	unsigned function;
	bool enabled;
	bool enabling; /* CC.EN is 1, but commands of the life before are not settled yet */
	bool held;     /* nothing is fetched, no event is posted: its state is being moved */
	struct controller_queue sqs[SEE_NUM_QUEUES], cqs[SEE_NUM_QUEUES];
	unsigned io_queues; /* I/O queues that exist */
	/* Features. */
	uint32_t features[CONTROLLER_FEATURES];
	uint32_t temperature_under, temperature_over;
	uint32_t vector_config[SEE_NUM_VECTORS];
	/* Asynchronous events. */
	unsigned aers;
	uint16_t aer_cids[CONTROLLER_AERS];
	struct async_post posts[CONTROLLER_AERS]; /* answers that wait for the one before to be written */
	unsigned posts_waiting;
	bool raised[ASYNC_EVENTS];
	uint8_t masked_types; /* bit per event type: no more until its log page is read */
	bool namespace_changed; /* for the changed namespace list */
	/* Logs. */
	uint64_t errors;
	struct error_entry error_log[CONTROLLER_ERRORS];
	uint64_t read_commands, write_commands, read_blocks, written_blocks;
	uint64_t power_cycles, enabled_ticks;
	/* The volume behind namespace 1. */
	uint32_t volume;
	uint32_t remote_nsid;
	uint64_t blocks;
	uint8_t block_shift; /* a block has 512 << block_shift bytes */
};

/* An admin command while its handler runs. */
struct admin_command {
	struct controller *controller;
	const struct see_descriptor *descriptor;
	const struct nvme_sqe *sqe;
};

/** Resets every controller's state. */
void controller_init(void);

/** After a restart, instead: takes the controllers up where they stood. */
void controller_recover(void);

/** @return whether the storages behind every attached volume have been reached, so that commands can be taken again. */
bool controller_volumes_known(void);

/** Takes one descriptor of the SEE. */
void controller_handle(const struct see_descriptor *descriptor);

/** Work that waits for something: queue deletions, attachments. @return when to call again, in ticks. */
uint64_t controller_run(void);

/** Whoever leaves something for controller_run() to do sets this; it looks at nothing while this is false. */
extern bool controller_attention;

struct controller *controller_of(unsigned function);

/** Answers an admin command; a failure goes to the error log. */
void admin_complete(const struct admin_command *command, uint16_t status, uint32_t dw0);

/** Answers an admin command with @p bytes of the slot's buffer. */
void admin_complete_data(const struct admin_command *command, uint32_t bytes);

/** Marks the admin commands that @p controller has in its part of the log page of commands and effects. */
void controller_admin_effects(const struct controller *controller, uint32_t effects[256]);

/** Enters a failed command in the error log. */
void controller_log_error(struct controller *controller, uint16_t sqid, uint16_t cid, uint16_t status, uint64_t lba,
	uint32_t nsid);

/* Handlers of admin commands. */
void admin_create_cq(const struct admin_command *command);
void admin_create_sq(const struct admin_command *command);
void admin_delete_cq(const struct admin_command *command);
void admin_delete_sq(const struct admin_command *command);
void admin_identify(const struct admin_command *command);
void admin_set_features(const struct admin_command *command);
void admin_get_features(const struct admin_command *command);
void admin_get_log_page(const struct admin_command *command);
void admin_async_event(const struct admin_command *command);
void admin_abort(const struct admin_command *command);
void admin_attach_volume(const struct admin_command *command);
void admin_list_volumes(const struct admin_command *command);
void admin_limit_function(const struct admin_command *command);

void admin_firmware_download(const struct admin_command *command);
void admin_firmware_commit(const struct admin_command *command);

/** firmware.c: the image that runs is known / data of a download is there / the function was reset / @return when to call again, in ticks. */
void firmware_start(void);
void firmware_pulled(const struct admin_command *command);
void firmware_reset(struct controller *controller);
uint64_t firmware_run(void);
/** firmware.c: firmware_run() need not be called while this is false and the time that it returned has not come. */
extern bool firmware_has_work;

/* function_state.c */
void admin_function_hold(const struct admin_command *command);
void admin_function_release(const struct admin_command *command);
void admin_function_get(const struct admin_command *command);
void admin_function_set(const struct admin_command *command);
/** function_state.c: the data of admin_function_set() is there. */
void function_state_pulled(const struct admin_command *command);
/** function_state.c: the PF has been reset. */
void function_state_forget(struct controller *controller);
/** function_state.c: @return when to call again, in ticks. */
uint64_t function_state_run(void);

struct function_state;
/** queues.c: makes all queues of @p controller what @p state, which is sound, says. */
void queues_restore(struct controller *controller, const struct function_state *state);

/** async.c: events that were kept while the function was held. */
void async_resume(struct controller *controller);

/** queues.c: @return whether what is known of @p controller's queues fits together and to what the SEE has. */
bool queues_are_sound(const struct controller *controller);

/** queues.c: all queues of @p controller are gone / deletions that wait for their commands. */
void queues_reset(struct controller *controller);
bool queues_run(void);
/** queues.c: the slots are shared anew among the functions that are enabled. */
void queues_share(void);

/** features.c */
void features_reset(struct controller *controller);
/** features.c: the SEE arbitrates and holds interrupts back as the features say. */
void features_apply(const struct controller *controller);
/** features.c: @return whether the host has chosen weighted round robin. */
bool features_weighted(unsigned function);

/** async.c: @p event happened; the host is told if it asked. */
void async_raise(struct controller *controller, enum async_event event);
/** async.c: @return whether the host has been told of an event of that type, and has not read its log page yet. */
bool async_unread(const struct controller *controller, enum async_event event);
/** async.c: the host has read all that @p event would tell of. */
void async_told(struct controller *controller, enum async_event event);
void async_reset(struct controller *controller);
/** async.c: sends answers that had to wait. @return whether some still do. */
bool async_run(void);
/** async.c: thresholds or what is reported have changed; a temperature beyond one is an event. */
void async_temperature(struct controller *controller);
bool controller_is_hot(const struct controller *controller);
/** async.c: log page @p page has been read without Retain Asynchronous Event. */
void async_log_read(struct controller *controller, enum nvme_log_page page);
/** async.c: ends the request @p cid with Abort. @return whether there was one. */
bool async_abort(struct controller *controller, uint16_t cid);

struct config;

/** volumes.c: after power-on: functions get the volumes that the configuration says / a storage can be used, or its size has changed */
void volumes_init(const struct config *config);
void volumes_storage_ready(unsigned storage);
/** volumes.c: the PF wants @p volume, or none, for @p function / gives it to @p controller / takes its volume, if it has one. */
void namespace_chosen(unsigned function, uint32_t volume);
void namespace_attach(struct controller *controller, uint32_t volume);
void namespace_detach(struct controller *controller);

/** attach.c: nothing is wanted / the function has been reset / what waits. @return whether something still does. */
void attach_reset(void);
void attach_forget(struct controller *controller);
bool attach_run(void);

/** io.c */
void io_start(struct controller *controller, const struct see_descriptor *descriptor);
void io_done(unsigned tag, uint16_t status);
/** io.c: what waits for room, time or a mirror's copy. @return when to call again, in ticks. */
uint64_t io_run(void);
/** io.c: @return whether io_run() has to look at something at every turn, whatever it returned. */
bool io_watches(void);
/** io.c: completes an I/O command that never went to a storage. */
void io_refuse(struct controller *controller, const struct see_descriptor *descriptor, uint16_t status);
/** io.c: gives up the commands of @p function, of queue @p qid or of all (0). */
void io_cancel(unsigned function, unsigned qid);
/** io.c: the namespace of @p function is gone: what no storage has yet of its commands ends. */
void io_detach(unsigned function);
/** io.c: @return whether the firmware still holds I/O commands of @p function. */
bool io_pending(unsigned function);
/** io.c: aborts the command if it has not been sent yet. @return whether it was. */
bool io_abort(unsigned function, unsigned qid, uint16_t cid);

#endif
