/* What a test needs of a host driver and of the firmware to get commands through the SEE. */
#ifndef ASSAY_TESTBENCH_UNIT_SEE_DRIVER_H
#define ASSAY_TESTBENCH_UNIT_SEE_DRIVER_H

#include "testbench/unit/see/bench.h"

enum {
	RING_AT = 0x900000, CRING_AT = 0x980000, RING_LOG2 = 8, CRING_LOG2 = 8, /* NIC memory */
	DRIVER_QUEUE_BASE = 0x10000, DRIVER_QUEUE_STRIDE = 0x10000, /* host memory: SQ, CQ at +0x8000 */
	DRIVER_SIZE = 64, /* entries of every queue */
};

/** One queue pair as the driver sees it. */
struct driver_queue {
	uint64_t sq, cq;
	uint16_t tail, head, next_cid;
	uint8_t phase;
};

/** The driver of one function. */
struct driver {
	struct bench *b;
	unsigned fn;
	uint64_t bar;
	struct driver_queue queue[SEE_NUM_QUEUES];
};

/** A completion queue entry. */
struct cqe {
	uint32_t dw0;
	uint16_t sq_head, sq_id, cid, status;
};

/** A descriptor as 16 words, with its usual fields taken out. */
struct descriptor {
	uint64_t word[16];
	unsigned type, fn, slot, qid, status;
	uint32_t length, buffer;
};

/** PF with BARs, bus mastering and @p vfs VFs, MSI-X on everywhere; firmware rings ready. */
void board_up(struct bench *b, unsigned vfs);
/** Function @p fn enabled through ENABLE event, with its admin queue and I/O queues 1 to @p io_queues. */
void driver_up(struct driver *d, struct bench *b, unsigned fn, unsigned io_queues);
/** Namespace 1 of @p fn: @p blocks blocks, one extent on storage 7, remote nsid 3, remote LBA 1000. */
void attach(struct bench *b, unsigned fn, uint64_t blocks);

/** Puts a command into queue @p q and rings its doorbell. @p sqe's cid is set. @return the cid. */
uint16_t submit(struct driver *d, unsigned q, uint64_t sqe[8]);
/** Waits for a completion on queue @p q and acknowledges it. */
struct cqe reap(struct driver *d, unsigned q);
/** @return whether a completion waits on queue @p q. */
bool has_completion(struct driver *d, unsigned q);
void make_io(uint64_t sqe[8], unsigned opcode, uint64_t lba, unsigned blocks, uint64_t prp1, uint64_t prp2);

/** Waits for the next descriptor. */
struct descriptor next_descriptor(struct bench *b);
/** The firmware is told of a command that has failed with @p status, and completes it so. */
void complete_failed(struct driver *d, unsigned status);
/** Answers through the completion ring. */
void answer(struct bench *b, unsigned op, unsigned slot, bool push, unsigned status, uint32_t length, uint32_t dw0);
void answer_words(struct bench *b, uint64_t word0, uint64_t word1);

unsigned bdf_of(unsigned fn);
uint64_t bar_of(unsigned fn);
unsigned queue_register(unsigned reg, unsigned fn, unsigned q);
unsigned function_register(unsigned reg, unsigned fn);
unsigned extent_register(unsigned reg, unsigned fn, unsigned extent);
void fill(struct bench *b, uint8_t *at, size_t bytes);

#endif
