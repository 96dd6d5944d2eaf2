/* Random contents of host memory for the BAU: device tables, page tables, interrupt tables, commands; most of it sensible, some
 * of it hostile. Each partition has half of the rig's RAM, laid out alike. */
#ifndef ASSAY_TESTBENCH_LOCKSTEP_BAU_WORLD_H
#define ASSAY_TESTBENCH_LOCKSTEP_BAU_WORLD_H

#include "testbench/lockstep/bau/pair.h"
#include "testbench/unit/bau/random.h"


enum {
	WORLD_PARTITION_BYTES = RIG_RAM_BYTES / 2,
	WORLD_DEVICES = 0x01000,
	WORLD_COMMANDS = 0x03000,
	WORLD_FAULTS = 0x04000,
	WORLD_EVENTS = 0x05000,
	WORLD_ITABLE = 0x06000,
	WORLD_SUMMARY = 0x08000,
	WORLD_SIGVECS = 0x09000,
	WORLD_ROOTS = 0x10000,	/* 2 of 16 KiB */
	WORLD_MIDDLE = 0x18000, /* 4 tables */
	WORLD_LEAVES = 0x1c000, /* 4 tables */
	WORLD_RINGS = 0x20000,	/* of 4 KiB, one for each requester id */
	WORLD_DATA = 0x40000,	/* 64 pages */
	WORLD_RIDS = 24,	/* requester ids in use */
	WORLD_TARGETS = 16,
	WORLD_SPACES = 3,
};

/** @return requester id, target, address-space id number @p k of this world (below WORLD_RIDS, WORLD_TARGETS, WORLD_SPACES). */
uint16_t world_rid(unsigned k);
unsigned world_target(unsigned k);
uint16_t world_space(unsigned k);

/** @return REQUESTER_OWNER: which requester ids belong to partition 1. */
uint64_t world_owner(void);

/** @return the partition that owns @p rid. */
unsigned world_partition(uint16_t rid);

/** Fills memory and programs all registers of both partitions. */
void world_create(struct rig *rig, struct rng *rng);
/** The same with @p percent of what can be wrong. */
void world_create_hostile(struct rig *rig, struct rng *rng, uint32_t percent);

/** Changes one thing in memory of partition @p p, as hypervisors and guests do. */
void world_change(struct rig *rig, struct rng *rng, unsigned p);

/** @return a device address that requester @p rid may mostly use. */
uint64_t world_address(const struct rig *rig, struct rng *rng, uint16_t rid);

/** @return how hostile this world is: 0 to 100 percent. */
uint32_t world_hostility(void);

/** @return the host-physical address of @p offset in partition @p p. */
uint64_t world_at(unsigned p, uint64_t offset);

/** Stores a random command at index @p index of the queue of partition @p p. */
void world_command(struct rig *rig, struct rng *rng, unsigned p, unsigned index);

#endif
