/* One path to a storage: a controller of its subsystem with an admin queue and some I/O queues, kept connected.
 * As the files of firmware/fabric share it. */
#ifndef ASSAY_FIRMWARE_FABRIC_PATH_H
#define ASSAY_FIRMWARE_FABRIC_PATH_H

#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/fabric/queue.h"

#define PATH_QUEUE_ENTRIES 128
#define PATH_ADMIN_ENTRIES 32
#define PATH_DYNAMIC_CONTROLLER 0xffffu
#define PATH_STATIC_CONTROLLER 0xfffeu
/* Data of Connect and of admin commands may always travel in the capsule (NVMe-oF 1.1 section 7.4.3). */
#define PATH_ADMIN_CAPSULE_BYTES 8192

/* Who has which place on the admin queue. */
enum { PATH_INDEX_SETUP, PATH_INDEX_KEEP_ALIVE, PATH_INDEX_WATCH, PATH_INDEX_ANA };

enum path_state {
	PATH_ABSENT,
	PATH_SETUP,   /* connecting, or running the steps of setup.c */
	PATH_READY,
	PATH_BACKOFF, /* waits before the next attempt */
};

/* Asymmetric namespace access states (NVMe 1.4 section 8.20.3). */
enum ana_state {
	ANA_OPTIMIZED = 1,
	ANA_NON_OPTIMIZED = 2,
	ANA_INACCESSIBLE = 3,
	ANA_PERSISTENT_LOSS = 4,
	ANA_CHANGE = 15,
};

/* The ANA log page, as far as it has been read. */
struct ana_reading {
	uint32_t at;         /* of the next piece */
	uint16_t groups;     /* that are still to come, with the one at hand */
	uint32_t namespaces; /* of its that are still to come */
	enum ana_state state;    /* its */
	enum ana_state of_group; /* that of the group that Identify Namespace names; 0: not seen yet */
	bool found;              /* the group at hand has the namespace */
	bool verifies;           /* the header is read again */
	uint8_t restarts;
	uint64_t changes; /* the page's change count */
};

struct storage;

struct path {
	struct storage *storage;
	const struct config_volume *volume;
	char name[32]; /* for the log: "storage 0", "storage 0 path 1" */
	uint8_t address[4];
	uint16_t port;
	bool discovers; /* this controller is asked where the storage is, and left then */
	bool left;      /* the discovery is over: the connection is to be closed */
	bool listed;    /* the discovery log page named this one when it was read last */
	uint32_t log_at, log_bytes; /* of the discovery log page: where to read next, its length */
	unsigned found_before;      /* controllers that it has named */
	uint32_t kato_ms;
	enum path_state state;
	unsigned step;
	uint64_t deadline_ticks; /* set-up: give up; ready: look for a stall; back-off: try again */
	uint64_t keep_alive_ticks;
	uint64_t retry_ticks; /* a set-up step to be repeated, 0: none */
	uint64_t ana_ticks;   /* the ANA log page to be read, UINT64_MAX: not */
	uint32_t backoff_ms;
	uint32_t attempts; /* failed ones since it was ready */
	bool no_flow_control; /* ask for queues without SQ flow control, which allows SUCCESS without CapsuleResp */
	bool no_keep_alive;   /* the controller refuses the time-out, or the command */
	uint16_t most_entries; /* of an I/O queue */
	uint16_t any_cntlid;   /* what Connect asks for: a dynamic controller, or any of the static ones */
	uint16_t cntlid;
	uint16_t limit; /* commands in flight at most, a queue */
	bool ana;       /* the controller reports asymmetric namespace access */
	bool identified; /* the namespace could be seen this way */
	uint32_t ana_group;
	enum ana_state ana_state, ana_next; /* what it is; what the log page says it is, once the namespace has been identified */
	uint8_t ana_change_s;               /* how long a change may take (ANATT) */
	uint64_t ana_patience_ticks;        /* when the one at hand has taken that long */
	struct ana_reading reading;
	uint32_t io_capsule_bytes;
	uint8_t page_shift;    /* log2 of the controller's smallest page */
	uint32_t most_bytes;   /* data of a command (MDTS) */
	uint32_t zeroes_bytes; /* that a Write Zeroes may name */
	unsigned queues, queue_at, queues_granted; /* I/O queues opened; the one being connected; how many there may be */
	uint32_t events; /* notices that the controller is asked for */
	struct fabric_storage_info found; /* the namespace as this controller shows it */
	struct fabric_queue admin, io[CONFIG_QUEUES_MAX];
	struct fabric_command setup, keep_alive, watch, ana_read;
	bool keep_alive_out, ana_out, ana_again;
	uint8_t setup_data[NVME_PAGE_BYTES] __attribute__((aligned(8)));
	uint8_t watch_data[NVME_PAGE_BYTES] __attribute__((aligned(8)));
	uint8_t ana_data[NVME_PAGE_BYTES] __attribute__((aligned(8)));
	uint8_t watch_page; /* log page that the event at hand names */
};

/** Starts to connect to @p address; the path's storage, volume and name are set already. */
void path_init(struct path *path, const uint8_t address[4], uint16_t port, uint32_t kato_ms);

/** Time-outs and lost connections. @return the next deadline in ticks. */
uint64_t path_run(struct path *path);

/** @return whether requests can go this way now. */
bool path_usable(const struct path *path);

/** Something is wrong with the way, not with the command: the status says so. The ANA state is looked at before it is used again. */
void path_refused(struct path *path, uint16_t status);

/** setup.c: the admin queue is open: goes on with the first step. */
void setup_begin(struct path *path);

/** setup.c: takes the size and names of the namespace from its Identify data. @return whether it can be used. */
bool setup_take_namespace(struct path *path, const uint8_t *data);

/** setup.c: repeats the current step. */
void setup_repeat(struct path *path);

/** watch.c: asks the controller to tell of changes, as long as the connection lasts. */
void watch_begin(struct path *path);

/** ana.c: @return whether commands can go a way of this state. */
bool ana_usable(enum ana_state state);
/** ana.c: the log page is to be read from its beginning; the command for its next piece, @return of how many bytes; takes that piece, @return whether
 * @p state is the namespace's now. */
void ana_begin(struct path *path);
uint32_t ana_command(const struct path *path, struct nvme_sqe *sqe);
bool ana_take(struct path *path, const uint8_t *page, enum ana_state *state);
/** ana.c: the namespace has this state now on the path; it is not known, and asked for. */
void ana_enter(struct path *path, enum ana_state state);
void ana_doubt(struct path *path);
/** ana.c: reads the log page on a ready path. */
void ana_due(struct path *path);

/** path.c, called by setup.c: opens the next I/O queue; the discovery is over; the path is ready. */
void path_open_io(struct path *path);
void path_discovered(struct path *path);
void path_is_ready(struct path *path);

#endif
