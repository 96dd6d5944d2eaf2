/* A storage: one namespace, reached through one or more paths. As the files of firmware/fabric share it. */
#ifndef ASSAY_FIRMWARE_FABRIC_STORAGE_H
#define ASSAY_FIRMWARE_FABRIC_STORAGE_H

#include "firmware/fabric/path.h"

/* A request on its way. It is sent anew, on whatever path, until it is answered once. */
struct request {
	struct fabric_command command; /* first: `done` gets its address */
	struct storage *storage;
	struct path *path; /* the one that it was sent on */
	/* The whole of it, of which `command` is a piece: as many blocks as the path takes at once. */
	uint8_t *data;
	uint64_t lba;
	uint32_t blocks;      /* 0: it names none, and goes as it is */
	uint32_t block_bytes; /* 0: it moves no data */
	uint32_t done_blocks;
	uint32_t piece_blocks; /* of the command under way */
	bool busy;
	bool cancelled;
	bool waiting;
	uint8_t transport_errors;
	struct request *next;
};

#define STORAGE_REFERRALS_MAX 8

struct storage {
	unsigned id;
	uint32_t kato_ms;
	uint8_t own_address[4];
	const struct config_volume *volume;
	struct fabric_storage_info info;
	unsigned path_count;
	struct path paths[CONFIG_PATHS_MAX];
	struct path discovery;
	struct config_path referrals[STORAGE_REFERRALS_MAX]; /* discovery controllers of this round, the configured one first */
	unsigned referral_count, referral_at;
	struct request *first, *last; /* requests that wait for a path */
	uint64_t down_ticks;          /* when the last usable path went, 0: there is one */
	bool failing;                 /* down for longer than the volume's policy lets requests wait */
};

/** Starts to connect the volume's paths. */
void storage_init(struct storage *storage, unsigned id, const struct config *config);

/** Time-outs, lost connections, the all-paths-down policy. @return the next deadline in ticks. */
uint64_t storage_run(struct storage *storage);

/** Sends the request on the best path, or queues it. */
void storage_submit(struct storage *storage, struct request *request);

/** Queues a request again that came back without a result. */
void storage_requeue(struct storage *storage, struct request *request);

/** Sends what waits as far as there is room. */
void storage_send_waiting(struct storage *storage);

/** Takes a waiting request out of the queue. */
void storage_unlink(struct storage *storage, struct request *request);

/** Called by path.c and watch.c. @return whether the path leads to the storage's namespace. */
bool storage_same_namespace(const struct storage *storage, const struct path *path);
void storage_path_ready(struct storage *storage, struct path *path);
void storage_path_lost(struct storage *storage, struct path *path);
/** The namespace's access on a path has changed. */
void storage_access_changed(struct storage *storage);
/** Starts to connect path @p number, a new one or one that is not connected. */
void storage_begin_path(struct storage *storage, unsigned number, const uint8_t address[4], uint16_t port);

/** discovery.c: starts to ask the configured discovery controller. */
void discovery_begin(struct storage *storage);
/** A discovery log page is about to be read. */
void discovery_page_begins(struct storage *storage);
/** Some of its records, which name controllers of the storage. One that is new takes the place of one that is not named any more and not there, if need be. */
void discovery_take(struct storage *storage, const uint8_t *records, uint32_t count);
/** The page has been read. @return after how many ms the path `discovery`, whose address may be another one now, is to connect again. */
uint32_t discovery_next(struct storage *storage);
/** It could not be read. @return likewise; @p wait_ms for the configured controller, without which there is nothing. */
uint32_t discovery_lost(struct storage *storage, uint32_t wait_ms);
/** @return whether a request could go now. */
bool storage_usable(struct storage *storage);

/** fabric.c, called by storage.c: makes the request's command the next piece of it that @p path takes. */
void fabric_request_piece(struct request *request, const struct path *path);
/** fabric.c, called by storage.c: the request is over; the storage is ready or has another size; its number. */
void fabric_request_over(struct request *request, uint16_t status);
void fabric_storage_ready(struct storage *storage);
unsigned fabric_tag(const struct request *request);

#endif
