#include "testbench/lockstep/see/nicmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nicmem_open(struct nicmem *memory, uint32_t base, uint32_t size_bytes, uint64_t seed)
{
	memset(memory, 0, sizeof *memory);
	memory->base = base;
	memory->size_bytes = size_bytes;
	memory->bytes = calloc(1, size_bytes);
	memory->behaviour.latency_cycles = 1;
	rng_seed(&memory->rng, seed);
}

void nicmem_close(struct nicmem *memory)
{
	free(memory->bytes);
	memory->bytes = NULL;
}

uint8_t *nicmem_at(struct nicmem *memory, uint32_t address, uint32_t bytes)
{
	if (address >= memory->base && address - memory->base <= memory->size_bytes - bytes)
		return memory->bytes + (address - memory->base);
	if (!memory->complaint[0])
		snprintf(memory->complaint, sizeof memory->complaint, "NIC memory access at %x, outside", address);
	return NULL;
}

void nicmem_write(struct nicmem *memory, uint32_t address, uint64_t data, uint32_t strobes)
{
	uint8_t *at = nicmem_at(memory, address, 8);

	if (address % 8 && !memory->complaint[0])
		snprintf(memory->complaint, sizeof memory->complaint, "NIC memory write at %x, not a multiple of 8", address);
	for (uint32_t i = 0; at && i < 8; i++)
		if (strobes >> i & 1)
			at[i] = (uint8_t)(data >> (8 * i));
}

void nicmem_read(struct nicmem *memory, uint64_t cycle, uint32_t address)
{
	uint8_t *at = nicmem_at(memory, address & ~7u, 8);
	uint32_t slot = (memory->first + memory->count) % NICMEM_READS;
	uint32_t wait = memory->behaviour.latency_cycles + rng_below(&memory->rng, memory->behaviour.jitter_cycles + 1);

	memory->reads[slot].data = 0;
	memory->reads[slot].due_cycle = cycle + (wait ? wait : 1);
	if (at)
		memcpy(&memory->reads[slot].data, at, 8);
	memory->count++;
}

bool nicmem_offer(const struct nicmem *memory, uint64_t cycle, uint64_t *data)
{
	if (!memory->count || memory->reads[memory->first].due_cycle > cycle)
		return false;
	*data = memory->reads[memory->first].data;
	return true;
}

void nicmem_accepted(struct nicmem *memory)
{
	memory->first = (memory->first + 1) % NICMEM_READS;
	memory->count--;
}
