/* The SEE as the firmware's driver shows it, made for tests: commands go in, answers are kept by slot. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_SEE_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_SEE_H

#include "firmware/see/see.h"

#define FAKE_SEE_POSTS 16

struct fake_answer {
	bool open;      /* the firmware holds the slot */
	unsigned count; /* answers since the slot was opened; more than one is a fault */
	bool released;
	uint8_t qid;
	uint8_t function;
	uint16_t status;
	uint32_t dw0;
	uint32_t push_bytes;
	uint32_t pull_bytes;
	struct nvme_sqe sqe;
	uint32_t rest; /* blocks that come in further parts */
};

struct fake_post {
	unsigned function, sqid;
	uint16_t cid, status;
	uint32_t dw0;
};

struct fake_namespace {
	bool attached;
	uint64_t blocks;
	uint32_t storage, nsid; /* of the first extent */
	struct see_map map;
	bool held;
	bool gone; /* commands are handed over as those of the namespace before */
};

struct fake_see {
	struct fake_answer answers[SEE_NUM_SLOTS];
	struct fake_post posts[FAKE_SEE_POSTS];
	unsigned posted;
	unsigned slot_limit;
	bool post_waits[SEE_NUM_FUNCTIONS];
	uint16_t ring_mark, ring_passed; /* of the ring that there is not */
	uint64_t registers[SEE_NUM_FUNCTIONS][SEE_FN_STRIDE / 8];
	struct {
		bool sq_valid, cq_valid, interrupts;
		uint64_t sq_address, cq_address;
		uint32_t sq_entries, cq_entries, vector;
		unsigned cqid;
		unsigned priority;
		uint64_t sq_state, cq_state;
	} queues[SEE_NUM_FUNCTIONS][SEE_NUM_QUEUES];
	struct fake_namespace namespaces[SEE_NUM_FUNCTIONS];
};

extern struct fake_see fake_see;

/** The firmware has asked for the data of @p slot (see_pull); it is in the slot's buffer now. */
void fake_see_pulled(unsigned function, unsigned slot, const struct nvme_sqe *sqe);

/** Forgets everything. */
void fake_see_reset(void);

/** The data buffer of @p slot. */
uint8_t *fake_see_buffer(unsigned slot);

/** Sends an event of @p type to the firmware. */
void fake_see_event(unsigned type, unsigned function, uint32_t value);

/**
 * Hands a command to the firmware in a free slot, as the SEE does; where its blocks lie on several storages the parts follow one another.
 * @return the slot
 */
unsigned fake_see_submit(unsigned function, unsigned qid, const struct nvme_sqe *sqe, uint32_t data_bytes);

/** @return the status of a slot's answer; the slot is free then. Fails the test if there is none. */
uint16_t fake_see_status(unsigned slot);

#endif
