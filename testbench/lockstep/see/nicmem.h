/* NIC memory behind the SEE's nm_wr, nm_rd and nm_rsp ports: in-order reads with random latency and stalls. */
#ifndef ASSAY_LOCKSTEP_SEE_NICMEM_H
#define ASSAY_LOCKSTEP_SEE_NICMEM_H

#include "testbench/lockstep/see/random.h"

#include <stdbool.h>
#include <stdint.h>

enum { NICMEM_READS = 64 };

struct nicmem_behaviour {
	uint32_t latency_cycles, jitter_cycles; /**< of a read; at least 1 in sum */
	uint32_t write_stall_percent, read_stall_percent, gap_percent;
};

struct nicmem {
	struct nicmem_behaviour behaviour;
	struct rng rng;
	uint32_t base, size_bytes;
	uint8_t *bytes;
	struct {
		uint64_t due_cycle, data;
	} reads[NICMEM_READS];
	uint32_t first, count;
	char complaint[160]; /**< empty while the SEE keeps the rules */
};

void nicmem_open(struct nicmem *memory, uint32_t base, uint32_t size_bytes, uint64_t seed);
void nicmem_close(struct nicmem *memory);

/** @return where [address, address + bytes) is kept, NULL (and a complaint) if it is not all NIC memory. */
uint8_t *nicmem_at(struct nicmem *memory, uint32_t address, uint32_t bytes);

void nicmem_write(struct nicmem *memory, uint32_t address, uint64_t data, uint32_t strobes);

/** Takes a read request. Its answer is the memory's content now. */
void nicmem_read(struct nicmem *memory, uint64_t cycle, uint32_t address);

/** @return whether an answer is due; @p data receives it. */
bool nicmem_offer(const struct nicmem *memory, uint64_t cycle, uint64_t *data);
void nicmem_accepted(struct nicmem *memory);

#endif
