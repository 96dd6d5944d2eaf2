/* One NVMe/TCP queue: a TCP connection that carries commands out and responses and data back.
 *
 *   queue.c     opening, initialisation of the connection, closing
 *   queue_tx.c  command capsules and H2CData, payload by reference
 *   queue_rx.c  the PDU parser: responses, C2HData, R2T
 *
 * A queue never tears itself down: whatever goes wrong is noted in `failure`, the queue falls silent, and its
 * controller closes it from the main loop. So no lwIP callback ever frees the connection that it runs for.
 */
#ifndef ASSAY_FIRMWARE_FABRIC_QUEUE_H
#define ASSAY_FIRMWARE_FABRIC_QUEUE_H

#include "firmware/fabric/fabric.h"
#include "firmware/fabric/nvme_tcp_wire.h"

#include <stdbool.h>
#include <stdint.h>

#define FABRIC_QUEUE_COMMANDS FABRIC_TAGS
/* Enough for 128 KiB in pieces of 4 KiB, the least MAXH2CDATA that the specification allows. With smaller R2Ts they are used in turn, each again
 * when the peer has acknowledged what it was sent with. */
#define FABRIC_H2C_HEADERS 32

/* A header and what follows it at once: its digest. And the digest that comes behind the data. */
struct fabric_h2c {
	struct nvme_tcp_data header;
	uint32_t header_digest;
	uint32_t data_digest;
	uint64_t mark; /* stream position after its PDU */
};

struct tcp_pcb;
struct place_report;

enum fabric_stage { FABRIC_STAGE_NONE, FABRIC_STAGE_CAPSULE, FABRIC_STAGE_DATA };

/* A command and all that its transfer needs; whoever submits it owns it again when `done` is called. */
struct fabric_command {
	struct nvme_tcp_command capsule; /* the submitter fills in capsule.sqe but for cid and dptr */
	uint32_t capsule_digest; /* right behind the capsule: both leave as one piece */
	uint32_t data_digest;
	struct fabric_h2c h2c[FABRIC_H2C_HEADERS];
	uint8_t *data;
	uint32_t bytes;
	bool to_storage; /* direction of the data */
	void (*done)(struct fabric_command *command);
	uint16_t status; /* status field without phase */
	uint64_t result; /* DW0 and DW1 */
	uint32_t received;

	uint8_t index;
	uint8_t generation;
	bool in_capsule;
	bool damaged; /* some of its data had a wrong digest */
	bool answered; /* the response is here, but the peer has not acknowledged all of the data yet */
	enum fabric_stage stage;
	uint32_t h2c_used; /* PDUs so far; header of the next: modulo FABRIC_H2C_HEADERS */
	uint16_t ttag;
	uint32_t h2c_at;  /* next byte to send for the R2T at hand */
	uint32_t h2c_end; /* one past its last byte */
	uint32_t h2c_sent;
	uint64_t mark; /* stream position after the command's last byte sent */
	struct fabric_command *next;
};

struct fabric_receive {
	union {
		uint64_t words[16];
		struct nvme_tcp_common common;
		struct nvme_tcp_icresp icresp;
		struct nvme_tcp_response response;
		struct nvme_tcp_data data;
		struct nvme_tcp_r2t r2t;
		struct nvme_tcp_term term;
	} header;
	uint32_t have; /* bytes of the header so far */
	uint32_t need;
	uint32_t skip; /* padding before the data */
	uint32_t left; /* data bytes still to come */
	uint32_t digest_left; /* bytes of the data digest still to come */
	uint32_t digest;      /* as far as it is there */
	uint8_t *begin, *to;  /* of the data of this PDU, and as far as it is there */
	uint32_t sequence;    /* TCP sequence number of the next byte */
	struct fabric_command *command;
};

struct fabric_counters {
	uint64_t header_digest_errors;
	uint64_t data_digest_errors;
	uint64_t protocol_errors; /* connections ended because the target broke the protocol */
};

extern struct fabric_counters fabric_counters;

struct fabric_queue {
	struct tcp_pcb *pcb;
	void *owner;
	void (*opened)(struct fabric_queue *queue);
	const char *failure; /* why the queue has to be closed, or NULL */
	uint16_t qid;
	bool connected;
	bool open; /* ICResp received */
	bool output_due, listed; /* TCP has something to send; the queue is in the list of those */
	struct fabric_queue *next_due;
	bool wants_header_digest, wants_data_digest; /* asked for in ICReq; what follows is what the target has agreed to */
	bool data_digest;
	uint8_t header_digest_bytes; /* 0 or 4 */
	uint8_t place;      /* flow of the placement unit, 0: none */
	bool follow_due;    /* the unit is to follow from the end of this PDU on */
	uint32_t armed;     /* where it was told to last */
	uint8_t pad_unit; /* data of our PDUs starts at a multiple of this */
	uint32_t max_h2c_bytes;
	uint32_t capsule_data_bytes; /* most data in a command capsule */
	uint64_t queued, acknowledged; /* stream bytes */
	unsigned answered; /* commands that wait for acknowledgement only */
	unsigned inflight;
	uint64_t finished;
	uint64_t finished_seen; /* the controller's: when it looked last, */
	bool owed_seen;         /* and whether something was in flight then */
	struct fabric_command *commands[FABRIC_QUEUE_COMMANDS];
	struct fabric_command *send_first, *send_last;
	struct nvme_tcp_icreq icreq;
	struct {
		struct nvme_tcp_term term;
		uint64_t header[3]; /* what the target sent wrong */
	} last_words;
	struct fabric_receive receive;
};

/**
 * Starts to connect a closed queue; `opened` is called once ICReq and ICResp have been exchanged.
 * @param address IPv4 address as on the wire
 * @return whether there was a connection block free
 */
bool fabric_queue_open(struct fabric_queue *queue, const uint8_t address[4], uint16_t port);

/** Drops the connection at once. Commands in flight stay with the queue's table for fabric_queue_take(). */
void fabric_queue_close(struct fabric_queue *queue);

/** @return a command that was in flight when the queue was closed, without calling its `done`; NULL: no more. */
struct fabric_command *fabric_queue_take(struct fabric_queue *queue);

/**
 * Sends @p command on an open queue.
 * @param index which of the queue's places it takes, below FABRIC_QUEUE_COMMANDS and free
 */
void fabric_queue_submit(struct fabric_queue *queue, struct fabric_command *command, unsigned index);

/** Lets TCP send what all queues have queued. */
void fabric_queue_flush(void);

/* Set when something has happened that the paths must look at, though none of their times has come. */
extern bool fabric_attention;

/* Between the files of this concept. */
void fabric_queue_fail(struct fabric_queue *queue, const char *why);
/* The target broke the protocol: it is told why before the connection ends. */
void fabric_queue_refuse(struct fabric_queue *queue, const char *why, enum nvme_tcp_fes status);
void fabric_queue_transmit(struct fabric_queue *queue);
/* TCP is to send what has been queued, at the next fabric_queue_flush(). */
void fabric_queue_output(struct fabric_queue *queue);
bool fabric_queue_send(struct fabric_queue *queue, const void *bytes, uint32_t count);
void fabric_queue_want_data(struct fabric_queue *queue, struct fabric_command *command);
void fabric_queue_finish(struct fabric_queue *queue, struct fabric_command *command);
/* A piece of the stream; what the placement unit has done with it. */
void fabric_queue_receive(struct fabric_queue *queue, const uint8_t *bytes, uint32_t count, const struct place_report *report);

#endif
