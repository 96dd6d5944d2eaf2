/* The storage emulation engine: commands and events in, answers out, contexts of functions and queues.
 * Device: rtl/see/README.md, section 10 (firmware's view). Unit tests replace this file's functions by a fake. */
#ifndef ASSAY_FIRMWARE_SEE_SEE_H
#define ASSAY_FIRMWARE_SEE_SEE_H

#include "firmware/nvme/nvme_wire.h"
#include "see_regs.h"

#include <stdbool.h>
#include <stdint.h>

/* One descriptor of the firmware ring. */
struct see_descriptor {
	const struct nvme_sqe *sqe; /* valid until the handler returns */
	uint8_t type;               /* SEE_DESC_* */
	uint8_t function;
	uint8_t slot;
	uint8_t qid;
	uint16_t status;        /* PULLED: NVMe status of the pull */
	bool doorbell_value;    /* bad doorbell: a bad value, else no such queue */
	uint32_t length;        /* bytes of data of this part */
	uint8_t *buffer;        /* its data, 4-byte aligned */
	uint32_t storage;       /* where this part lies */
	uint32_t remote_nsid;
	uint64_t remote_lba;
	uint32_t blocks;        /* of this part; 0: no extent holds them */
	bool continues;         /* a part that is not the command's first */
	uint8_t block_shift;    /* I/O: that of the namespace for which the SEE has checked it */
	bool gone;              /* I/O: that namespace has been detached since */
	uint32_t value;         /* events: see SEE_DESC_* */
};

/**
 * Sets the rings and buffers up and starts the engine. Stops the firmware if the device is not an SEE.
 * @param restart the firmware has run before, and what it kept can be believed
 * @return whether the engine goes on as it was, with commands in flight: see_replay()
 */
bool see_init(bool restart);

/** Reads of host memory that have had no answer for  ms milliseconds (1 to 200) or up to 8 microseconds more end in an error. */
void see_set_completion_timeout(unsigned ms);

/** Hands the commands that the life before had taken and not answered to @p handle again. */
void see_replay(void (*handle)(const struct see_descriptor *descriptor));

/** Hands every descriptor in the ring to @p handle. Called when the SEE's interrupt calls. */
void see_receive(void (*handle)(const struct see_descriptor *descriptor));

/** @return a mark behind all that is in the ring now / whether all before @p mark has been handled. */
uint16_t see_ring_mark(void);
bool see_ring_passed(uint16_t mark);

/** Answers a slot's command: @p status is an NVMe status field, @p push_bytes of the buffer go to the host first. */
void see_complete(unsigned slot, uint16_t status, uint32_t dw0, uint32_t push_bytes);

/** Asks for the next part of a slot's command, while this one is under way; see_complete() comes once then, after the last. */
void see_next(unsigned slot);

/** Asks for @p bytes of an admin command's host data; a PULLED descriptor follows. */
void see_pull(unsigned slot, uint32_t bytes);

/** Frees a slot without an answer; see_post() gives it later. */
void see_release(unsigned slot);
/** @return whether the post before of @p function has not been written yet: it must be before the next. */
bool see_post_waits(unsigned function);
void see_post(unsigned function, unsigned sqid, uint16_t cid, uint16_t status, uint32_t dw0);

/** A register FN_* (offset as for function 0) of @p function. */
uint64_t see_function_read(unsigned function, uint32_t offset);
void see_function_write(unsigned function, uint32_t offset, uint64_t value);

void see_create_cq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, bool interrupts, uint32_t vector);
void see_create_sq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, unsigned cqid, unsigned priority);
void see_delete_cq(unsigned function, unsigned qid);
void see_delete_sq(unsigned function, unsigned qid);

/** @return how many slots hold commands of the queue. */
unsigned see_queue_inflight(unsigned function, unsigned qid);

/** Stops or resumes fetching from every queue of @p function. */
void see_hold(unsigned function, bool hold);

/** A register SQ_* or CQ_* (offset as for function 0, queue 0). */
uint64_t see_queue_read(unsigned function, unsigned qid, uint32_t offset);

/** Makes a queue what its three registers said elsewhere; not valid: there is none. */
void see_restore_cq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state);
void see_restore_sq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state);

/** Most slots that the commands of one function may hold, but for one admin command. */
void see_limit_slots(unsigned slots);

/* A part of a namespace, on targets of the map: blocks that lie one after another on one of them, or pieces of 2^chunk_log2 blocks in
 * turn on `width` of them. */
struct see_extent {
	uint64_t first; /* LBA in the namespace */
	uint64_t blocks;
	uint64_t remote; /* where it begins on its targets */
	uint8_t width;
	uint8_t chunk_log2;
	uint8_t member; /* the first of its targets */
};

struct see_target {
	uint32_t storage;
	uint32_t nsid; /* at the storage */
};

struct see_map {
	uint64_t blocks;
	uint8_t block_shift; /* a block has 512 << block_shift bytes; all that counts blocks counts these */
	unsigned extents, targets;
	struct see_extent extent[SEE_NUM_EXTENTS];
	struct see_target target[SEE_NUM_EXTENTS];
};

/** Namespace 1 of @p function is what @p map says. */
void see_attach(unsigned function, const struct see_map *map);
/** What it has not handed over yet of commands for that namespace comes as `gone`; what is in the ring already does not. */
void see_detach(unsigned function);

/** The attached namespace of @p function gets another size; commands within both sizes do not notice. */
void see_resize(unsigned function, const struct see_map *map);

#endif
