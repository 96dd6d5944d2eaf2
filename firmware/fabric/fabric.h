/* External storages over NVMe/TCP: one controller with an admin and an I/O queue each, kept connected.
 *
 *   fabric.c    the storages as a whole: requests in, completions out, replay
 *   storage.c   life of one storage: connect, ready, lost, back-off, again
 *   discovery.c which controllers a storage has
 *   setup*.c    the commands that bring a connected storage to ready
 *   queue*.c    one NVMe/TCP queue
 */
#ifndef ASSAY_FIRMWARE_FABRIC_FABRIC_H
#define ASSAY_FIRMWARE_FABRIC_FABRIC_H

#include <stdbool.h>
#include <stdint.h>

struct config;

/* The SEE's slots, then those of further parts of commands (nvme/io.h). */
#define FABRIC_TAGS 128

struct fabric_request {
	uint8_t opcode;
	bool to_storage; /* direction of the data */
	uint32_t nsid;
	uint32_t dw[6]; /* command dwords 10 to 15, LBA already that of the storage */
	uint8_t *data;
	uint32_t bytes;
};

struct fabric_storage_info {
	bool present; /* configured */
	bool ready;   /* connected; what follows stays known when the connection is lost */
	bool known;   /* has been ready at least once */
	bool write_cache;
	const char *nqn;
	uint32_t nsid;
	uint8_t lba_shift;
	uint16_t oncs;
	uint64_t blocks;
	uint8_t nguid[16];
	uint8_t eui64[8];
	uint8_t uuid[16]; /* those three: all zeroes if the storage gives none */
};

struct fabric_events {
	/** The request with @p tag is over; @p status is an NVMe status field. */
	void (*done)(unsigned tag, uint16_t status);
	/** @p storage has become ready, for the first time or again, or its size has changed. */
	void (*ready)(unsigned storage);
};

/** Starts to connect every volume of @p config, which must stay. */
void fabric_init(const struct config *config, const struct fabric_events *events);

/** Sends a request, or keeps it until the storage is ready; `done` is called exactly once for it, later. */
void fabric_submit(unsigned storage, unsigned tag, const struct fabric_request *request);

/**
 * Nobody wants the request's result any more: if it waits, it is over at once (aborted); if the storage has it,
 * it ends with the response or with the connection, and is not replayed.
 */
void fabric_cancel(unsigned tag);

/** As fabric_cancel(), but a request that the storage has already goes on. @return whether it was aborted. */
bool fabric_abort(unsigned tag);


const struct fabric_storage_info *fabric_storage(unsigned storage);

/** Sends what has been queued since the last call. */
void fabric_flush(void);

/** Handles lost connections and time-outs. @return when it wants to be called next, in ticks of core/clock.h. */
uint64_t fabric_run(void);

#endif
