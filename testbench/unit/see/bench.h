/* The SEE on a bench: host memory behind pcie, NIC memory behind nm, and a test that plays host software and firmware.
 *
 * Host reads are answered after a latency, different tags in seeded random order, split at 64-byte boundaries at random. Readies
 * can be made to stall at random. Everything is bounded: a wait that lasts too long fails the test.
 */
#ifndef ASSAY_TESTBENCH_UNIT_SEE_BENCH_H
#define ASSAY_TESTBENCH_UNIT_SEE_BENCH_H

#include "models/board/tlp.h"
#include "models/board/tlp_stream.h"
#include "models/see/see.h"
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"

enum {
	BENCH_HOST_BYTES = 8 << 20,
	BENCH_NIC_BYTES = 16 << 20,
	BENCH_READS = 64,
	BENCH_MESSAGES = 64,
	BENCH_SENDS = 64,
	BENCH_NM_READS = 64,
	BENCH_TIMEOUT = 200000, /* cycles */
};

/* Host physical addresses that the tests use. */
#define BENCH_PF_BAR 0x400000000ull
#define BENCH_VF_BAR 0x410000000ull
#define BENCH_MSI_ADDRESS 0x28000000ull

/** What happens to a read of the host range [start, end). */
enum bench_fault { FAULT_NONE, FAULT_UR, FAULT_CA, FAULT_POISON, FAULT_SILENT, FAULT_LENGTH };

struct bench_read {
	bool used;
	struct tlp request;
	uint32_t offset; /* bytes answered so far */
	uint64_t not_before;
};

struct bench_message {
	uint16_t requester;
	uint64_t address;
	uint32_t data;
};

struct bench {
	struct see see;
	struct see_in in;
	struct see_out out;
	uint64_t cycle;
	uint64_t random;
	unsigned stall; /* readies are 0 in about stall/256 of the cycles */
	unsigned latency;

	uint8_t *host, *nic;
	struct tlp sends[BENCH_SENDS];
	unsigned send_head, send_count;
	struct tlp_feeder feeder;
	struct tlp_collector collector;
	struct bench_read reads[BENCH_READS];
	struct tlp answers[256]; /* completions of the host's requests by tag */
	bool answered[256];
	uint8_t next_tag;

	uint64_t nm_data[BENCH_NM_READS];
	uint64_t nm_when[BENCH_NM_READS];
	unsigned nm_head, nm_count;

	struct bench_message messages[BENCH_MESSAGES];
	unsigned message_count;
	bool intx;		   /* the level of INTA, as messages said */
	unsigned intx_count;	   /* messages about it */
	unsigned stray;		/* accesses outside host memory, protocol errors */
	unsigned dma_of[17];	/* requests seen by function */
	unsigned most_reads;	/* read requests open at once */
	unsigned longest_write; /* bytes */

	enum bench_fault fault;
	uint64_t fault_start, fault_end;

	uint64_t reg_data;
	bool reg_answered;
	uint32_t events[16]; /* seen, by code */
	uint16_t ring_cons, cring_tail;
};

/** A fresh bench out of reset and INIT. Free with bench_free(). */
struct bench *bench_new(void);
void bench_free(struct bench *b);

void bench_step(struct bench *b);
void bench_run(struct bench *b, unsigned cycles);
/** Steps until the SEE is idle. */
void bench_settle(struct bench *b);
uint64_t bench_random(struct bench *b);

/** Queues a TLP for the SEE. */
void bench_send(struct bench *b, const struct tlp *t);

/* Host accesses; reads wait for the completion. @return the completion's status for config, data for memory. */
uint32_t host_config_read(struct bench *b, unsigned bdf, unsigned offset);
unsigned host_config_write(struct bench *b, unsigned bdf, unsigned offset, uint32_t value);
unsigned host_config_status(struct bench *b, unsigned bdf, unsigned offset);
void host_write32(struct bench *b, uint64_t address, uint32_t value);
void host_write64(struct bench *b, uint64_t address, uint64_t value);
uint32_t host_read32(struct bench *b, uint64_t address);
uint64_t host_read64(struct bench *b, uint64_t address);
/** Sends a read and waits. @return its completion. */
const struct tlp *host_read(struct bench *b, uint64_t address, unsigned bytes);

/* Firmware register accesses; both wait for the answer. */
uint64_t fw_read(struct bench *b, unsigned offset);
void fw_write(struct bench *b, unsigned offset, uint64_t value);

uint64_t load64(const uint8_t *memory, uint64_t address);
void store64(uint8_t *memory, uint64_t address, uint64_t value);

#endif
