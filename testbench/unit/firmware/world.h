/* The whole firmware but for its devices, running against targets of sim/fabric over the mirror link.
 * It is started once and lives as long as the test program: the firmware has no way to stop. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_WORLD_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_WORLD_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct target;

/* Volumes, each with a target of another temper. */
enum world_volume {
	WORLD_PLAIN,      /* defaults: 8 KiB in capsule, whole commands otherwise */
	WORLD_SMALL,      /* 512 bytes in capsule, R2T 8 KiB, H2CData 4 KiB, C2HData 4 KiB, 16 KiB a command */
	WORLD_CAPSULE,    /* 16 KiB in capsule, 32 KiB a command */
	WORLD_ABSENT,     /* nobody listens */
	WORLD_DIGEST,     /* header and data digests, three I/O queues */
	WORLD_TWIN,       /* two targets of one subsystem over one file, the first optimized; commands fail after 500 ms without a path */
	WORLD_FOUND,      /* the same storage, found through the discovery controller; its target is the second of the two, with 8 KiB a command */
	WORLD_STRIPE,     /* 16 KiB of PLAIN, of SMALL and of CAPSULE in turn */
	WORLD_MIRROR,     /* PLAIN and CAPSULE */
	WORLD_CONCAT,     /* PLAIN, then CAPSULE */
	WORLD_LONG,       /* blocks of 4 KiB */
	WORLD_LONG_TOO,   /* likewise, 512 bytes in capsule, 8 KiB a command, 64 KiB a Write Zeroes */
	WORLD_LONG_STRIPE, /* one block of each in turn */
	WORLD_LONG_MIRROR,
	WORLD_MIXED,      /* PLAIN, then LONG: cannot be */
	WORLD_GROUPS,     /* one namespace of three in groups of asymmetric access, of which there are 290, on two paths */
	WORLD_GROUPS_TOO, /* no volume: the target of the second of them, not optimized, where the groups have other numbers */
	WORLD_VOLUMES,
};

#define WORLD_GROUPS_NSID 3u

#define WORLD_BLOCKS 8192u /* of 512 bytes, that each target has */
#define WORLD_BYTES (WORLD_BLOCKS * 512u)

/** Starts the world if need be and brings controllers 0 and 1 to ready, with nothing attached. */
void world_begin(void);

/** Runs until @p done says so, or @p ms of simulated time have passed. @return whether it did. */
bool world_run_until(bool (*done)(void), unsigned ms);

/** Runs for @p ms of simulated time. */
void world_run(unsigned ms);

extern struct config world_config;

/** What is known of volumes is lost but for what the slot flash holds. */
void world_lose_power(void);

struct target *world_target(enum world_volume volume);

/** A third port of WORLD_TWIN's subsystem, 10.0.0.10:4423; from then on it is world_target(WORLD_ABSENT). Nobody names it yet. */
void world_third_twin(void);

/** Gives a volume another size, as an administrator of its target would. */
void world_resize(enum world_volume volume, uint64_t blocks);

/** The bytes of a volume's file; of the files of its members, one that is up to date of a mirror. */
void world_read_file(enum world_volume volume, uint64_t offset, void *bytes, uint32_t length);

#endif
