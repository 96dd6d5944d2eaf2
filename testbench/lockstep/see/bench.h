/* The SEE between a host and a NIC, as C model and RTL in lockstep.
 *
 * Every cycle both backends get the same inputs, and all their outputs are compared. The first difference, an SEE packet that breaks the
 * PCIe rules or an access outside NIC memory stops the bench (bench->failed) and fails the test with the reproducing command.
 */
#ifndef ASSAY_LOCKSTEP_SEE_BENCH_H
#define ASSAY_LOCKSTEP_SEE_BENCH_H

#include "models/see/see.h"
#include "see_ports.h"
#include "testbench/lockstep/see/host.h"
#include "testbench/lockstep/see/nicmem.h"

#include <stdbool.h>
#include <stdint.h>

#define BENCH_HOST_BASE 0x80000000ull
#define BENCH_MESSAGES 0x28000000ull
#define BENCH_BAR_BASE 0x400000000ull
enum {
	BENCH_HOST_BYTES = 16 << 20,
	BENCH_NIC_BASE = 0x80000000u,
	BENCH_NIC_BYTES = 16 << 20,
	BENCH_ACCESSES = 256,
	BENCH_LIMIT_CYCLES = 200000, /**< longest wait of a blocking call */
};

/** A firmware register access under way; @p done may be NULL. */
struct bench_access {
	bool write;
	uint16_t address;
	uint64_t data;
	void (*done)(void *context, uint64_t argument, uint64_t value);
	void *context;
	uint64_t argument;
};

struct bench {
	struct see model;
	void *rtl;
	struct see_in in;
	struct see_out out; /**< of the model, after the last edge */
	uint64_t cycle;
	uint64_t seed;
	bool failed;

	struct host host;
	struct nicmem nic;
	struct rng rng;
	uint32_t reg_gap_percent, reg_stall_percent;
	bool pcie_stalled, nic_stalled, registers_stalled; /**< an offer to the SEE was not taken in the last cycle */

	struct bench_access accesses[BENCH_ACCESSES]; /**< not yet offered: [taken, queued); awaiting an answer: [answered, taken) */
	uint32_t queued, taken, answered;

	/** Called before each edge: the actors that live beside the driver (the firmware). */
	void (*actor)(void *context);
	void *context;
};

/** Resets both backends and everything around them; random choices follow @p seed. */
void bench_open(struct bench *bench, uint64_t seed);
void bench_close(struct bench *bench);

/** One clock cycle. Does nothing once the bench has failed. */
void bench_step(struct bench *bench);
void bench_run(struct bench *bench, uint64_t cycles);

/** Records a failure found by a check outside the lockstep. */
void bench_fail(struct bench *bench, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Queues a firmware register access; its answer goes to @p done. */
void bench_access(struct bench *bench, const struct bench_access *access);

/** Blocking accesses: they step the bench until the answer is there, 0 if it never comes (and the bench has failed). */
uint64_t bench_reg_read(struct bench *bench, uint32_t address);
void bench_reg_write(struct bench *bench, uint32_t address, uint64_t value);
uint64_t bench_bar_read(struct bench *bench, uint64_t address, uint32_t bytes);
void bench_bar_write(struct bench *bench, uint64_t address, uint64_t value, uint32_t bytes);
uint32_t bench_config_read(struct bench *bench, uint32_t bdf, uint32_t offset);
void bench_config_write(struct bench *bench, uint32_t bdf, uint32_t offset, uint32_t value);

/** Waits for the completion of the host's request @p tag. @return its status; @p value (two words) may be NULL. */
enum tlp_status bench_wait(struct bench *bench, int tag, uint32_t *value);

#endif
