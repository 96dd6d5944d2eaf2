/* A hypervisor that attacks the other partition: runs in partition 1 instead of the hypervisor, does at random (seeded) what software in HS-mode can
 * do, and counts what it was refused. Anything of the other partition that it could read or write is a leak. */
#ifndef TESTBENCH_SYSTEM_ROGUE_H
#define TESTBENCH_SYSTEM_ROGUE_H

#include <stdbool.h>
#include <stdint.h>

#define VICTIM_RAM 0x80000000ull
#define VICTIM_BYTES 0x8000000ull

struct rogue {
    uint64_t random;
    uint64_t hart, first_hart, harts; /* ours; the victim's are those below */
    uint64_t actions, refused, leaks;
    uint64_t longest, elapsed; /* of hammering, in cycles */
};

uint64_t rogue_random(struct rogue *r);
/** A number below @p limit. */
uint64_t rogue_below(struct rogue *r, uint64_t limit);
/** An aligned address in the victim's memory. */
uint64_t rogue_victim(struct rogue *r, uint64_t alignment);
void rogue_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Accesses that the trap handler survives. @return the cause of the trap, 0 for none */
uint64_t rogue_load_8(uint64_t address, uint64_t *value);
uint64_t rogue_load_32(uint64_t address, uint64_t *value);
uint64_t rogue_load_64(uint64_t address, uint64_t *value);
uint64_t rogue_store_8(uint64_t address, const uint64_t *value);
uint64_t rogue_store_32(uint64_t address, const uint64_t *value);
uint64_t rogue_store_64(uint64_t address, const uint64_t *value);
uint64_t rogue_swap(uint64_t address, const uint64_t *value);

/** Loads and stores to what is the victim's or the firmware's, and to the controls of the shared interrupt controller. */
void rogue_reach(struct rogue *r);
/** Calls to the firmware about the victim's harts. */
void rogue_call(struct rogue *r);
/** The BAU: own page, receivers and tables full of the victim's addresses, processors and ids. */
void rogue_bau_setup(void);
void rogue_bau(struct rogue *r);
/** The NIC's functions that are ours: DMA to the victim's memory, messages to its targets. */
void rogue_device(struct rogue *r);
/** @return whether they are there yet */
bool rogue_has_device(void);

/** @p accesses of the BAU's registers, one after the other: reads by even harts, unblocks by odd ones. */
void rogue_hammer(struct rogue *r, uint64_t accesses);

#endif
