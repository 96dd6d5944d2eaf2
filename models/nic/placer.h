/* The MAC's side of the placement unit (rtl/port/README.md): offers TCP segments from the line and jobs, moves the bytes of runs.
 *
 * A segment is offered whose checksum is right, while a connection is open; its frame goes to its owner when the unit has told the end of it. A
 * job's bytes are read from NIC memory, PLACER_CHUNK_BYTES at a time, so that segments wait for a chunk at most. The state is plain.
 */
#ifndef ASSAY_MODELS_NIC_PLACER_H
#define ASSAY_MODELS_NIC_PLACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port_ports.h"
#include "port_regs.h"

enum { PLACER_CHUNK_BYTES = 2048, PLACER_JOBS = 17 /**< the firmware's, then one of each function */ };

/** What became of a frame's payload. */
struct placement {
	bool followed;
	uint16_t from; /**< offset in the frame from which on its C2HData is in place */
	uint8_t bad;   /**< done.bad */
	uint16_t hole_at, hole_bytes; /**< bytes of the frame that were placed: the longest run of them */
};

struct placer_job {
	bool busy;
	uint32_t left, crc;
	uint64_t address;
};

struct placer_ops {
	void *ctx;
	/** @return whether place() takes a run of a frame of @p length bytes now. */
	bool (*place_room)(void *ctx, unsigned owner, size_t length);
	/** Bytes of a run go to @p address: of NIC memory for the firmware (owner 0), else of function owner - 1's. */
	void (*place)(void *ctx, unsigned owner, uint64_t address, const uint8_t *bytes, size_t length);
	/** Reads a chunk of a job's bytes. @return 0: not yet; negative: they cannot be read, and the job ends */
	int (*job_bytes)(void *ctx, unsigned owner, uint64_t address, uint8_t *bytes, size_t length);
	/** A job is over. */
	void (*job_done)(void *ctx, unsigned owner, uint32_t crc, bool failed);
};

struct placer {
	bool busy, taken, over; /**< taken: the unit has the head; over: the frame's placement is known */
	bool job;
	uint8_t owner, turn;
	uint32_t at, length; /**< bytes of pay given, and in all */
	uint16_t payload;    /**< of the frame: where the segment's bytes begin */
	uint32_t frame_length;
	struct {
		uint32_t saddr, daddr, seq;
		uint16_t sport, dport;
	} head;
	struct placement result;
	struct placer_job jobs[PLACER_JOBS];
	uint64_t placed_bytes, crc_bytes;
	uint8_t bytes[PLACER_CHUNK_BYTES]; /**< of a job */
};

/**
 * Begins with a frame from the line for @p owner (0: the firmware, 1 + f: function f) if it is a segment to be offered.
 * @return whether it is; then placer_result() tells the end of it, and the frame stays where it is until then.
 */
bool placer_begin(struct placer *placer, unsigned owner, const struct port_out *verdict, const uint8_t *frame, size_t length);

/** @return whether the frame's placement is known now; then the placer is free again. */
bool placer_result(struct placer *placer, struct placement *result);

/** Begins a job: the CRC32C of @p length bytes. */
void placer_job(struct placer *placer, unsigned owner, uint64_t address, uint32_t length, uint32_t before);

/** @return whether something is under way. */
bool placer_busy(const struct placer *placer);

/** A cycle is a call of each: what the unit has taken and given, then what is at its ports in the next. @param frame the one of placer_begin() */
void placer_take(struct placer *placer, const struct placer_ops *ops, const uint8_t *frame, const struct port_in *in, const struct port_out *out);
void placer_drive(struct placer *placer, const struct placer_ops *ops, const uint8_t *frame, struct port_in *next);

#endif
