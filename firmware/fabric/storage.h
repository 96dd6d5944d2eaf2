/* One external storage, as the files of firmware/fabric share it. */
#ifndef ASSAY_FIRMWARE_FABRIC_STORAGE_H
#define ASSAY_FIRMWARE_FABRIC_STORAGE_H

#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/fabric/queue.h"

#define STORAGE_QUEUE_ENTRIES 128
#define STORAGE_ADMIN_ENTRIES 32
/* Data of Connect and of admin commands may always travel in the capsule (NVMe-oF 1.1 section 7.4.3). */
#define STORAGE_ADMIN_CAPSULE_BYTES 8192

/* Who has which place on the admin queue. */
enum { STORAGE_INDEX_SETUP, STORAGE_INDEX_KEEP_ALIVE, STORAGE_INDEX_WATCH };

enum storage_state {
	STORAGE_ABSENT,
	STORAGE_SETUP,   /* connecting, or running the steps of setup.c */
	STORAGE_READY,
	STORAGE_BACKOFF, /* waits before the next attempt */
};

struct storage {
	const struct config_volume *volume;
	uint32_t kato_ms;
	unsigned id;
	enum storage_state state;
	unsigned step;
	uint64_t deadline_ticks; /* set-up: give up; ready: look for a stall; back-off: try again */
	uint64_t keep_alive_ticks;
	uint64_t retry_ticks; /* a set-up step to be repeated, 0: none */
	uint32_t backoff_ms;
	uint32_t attempts; /* failed ones since it was ready */
	bool no_flow_control; /* ask for queues without SQ flow control, which allows SUCCESS without CapsuleResp */
	uint16_t cntlid;
	uint16_t limit; /* commands in flight at most */
	uint64_t responses, responses_seen;
	struct fabric_storage_info info;
	struct fabric_queue admin, io;
	struct fabric_command setup, keep_alive, watch;
	bool keep_alive_out;
	uint8_t setup_data[NVME_PAGE_BYTES] __attribute__((aligned(8)));
	uint8_t watch_data[NVME_PAGE_BYTES] __attribute__((aligned(8)));
	uint8_t watch_page; /* log page that the event at hand names */
};

void storage_init(struct storage *storage, unsigned id, const struct config *config);

/** Time-outs and lost connections. @return the next deadline in ticks. */
uint64_t storage_run(struct storage *storage);

/** setup.c: the admin queue is open / the I/O queue is open: goes on with the next step. */
void setup_begin(struct storage *storage);

/** setup.c: takes the size and names of the namespace from its Identify data. @return whether it can be used. */
bool setup_take_namespace(struct storage *storage, const uint8_t *data);

/** watch.c: asks the storage to tell of changes, as long as the connection lasts. */
void watch_begin(struct storage *storage);

/** setup.c: repeats the current step. */
void setup_repeat(struct storage *storage);

/** storage.c, called by setup.c: opens the I/O queue, and at the end declares the storage ready. */
void storage_open_io(struct storage *storage);
void storage_is_ready(struct storage *storage);

/** fabric.c, called by storage.c: requests that wait may go out / what was in flight has to wait again. */
void fabric_storage_ready(struct storage *storage);
void fabric_storage_lost(struct storage *storage);

#endif
