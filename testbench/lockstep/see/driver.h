/* The host's NVMe drivers, one per function: queues, commands with PRP lists in all shapes, and checks of what comes back. */
#ifndef ASSAY_LOCKSTEP_SEE_DRIVER_H
#define ASSAY_LOCKSTEP_SEE_DRIVER_H

#include "testbench/lockstep/see/firmware.h"

enum {
	DRIVER_FUNCTIONS = 5,
	DRIVER_QUEUES = 4,    /**< of a function, the admin queue among them */
	DRIVER_ENTRIES = 12,  /**< of an I/O queue; not a power of two, so that wrapping shows */
	DRIVER_COMMANDS = 8,  /**< outstanding in a queue */
	DRIVER_REGION_BYTES = 128 * 1024, /**< of the volume, that belong to one outstanding command */
	DRIVER_BUFFERS = 64,
	DRIVER_BUFFER_PAGES = 38, /**< 35 for data, 3 for lists */
	DRIVER_DATA_PAGES = 35,
};

struct driver_command {
	bool used;
	uint8_t opcode;
	bool expects_error; /**< it was made wrong on purpose */
	int buffer;	    /**< -1: none */
	uint32_t bytes, offset;
	uint64_t lba;
	uint64_t pages[DRIVER_DATA_PAGES];
};

struct driver_queue {
	bool live;
	uint64_t sq, cq;
	uint32_t entries, tail, sq_head, cq_head, phase, outstanding;
	struct driver_command commands[DRIVER_COMMANDS];
};

struct driver_function {
	bool enabled;
	bool silent; /**< it was reset: until it is enabled again it must not touch host memory */
	uint64_t bar, progress_cycle;
	uint32_t rid;
	struct driver_queue queues[DRIVER_QUEUES];
};

struct driver {
	struct bench *bench;
	struct firmware *firmware;
	struct rng rng;
	uint32_t function_count;
	struct driver_function functions[DRIVER_FUNCTIONS];
	bool buffer_used[DRIVER_BUFFERS];
	uint32_t wrong_percent;	   /**< commands made wrong on purpose */
	uint32_t big_percent;	   /**< commands of up to 128 KiB */
	uint64_t completed, failed_commands, bytes;
	uint64_t interrupts;
};

/** Configures PCIe: the PF's BAR, VFs, bus mastering, MSI-X of @p functions functions. */
void driver_open(struct driver *driver, struct bench *bench, struct firmware *firmware, uint32_t functions);

/** Bus mastering, memory space and MSI-X of one function. */
void driver_configure(struct driver *driver, uint32_t function);

/** What a function-level reset took: the function's configuration, and of the PF also its VFs and theirs. */
void driver_reconfigure(struct driver *driver, uint32_t function);

/** Enables the controller and creates its I/O queues. */
void driver_enable(struct driver *driver, uint32_t function);

/** CC.EN = 0, waits for CSTS.RDY = 0 and forgets what was outstanding. */
void driver_disable(struct driver *driver, uint32_t function);

/** Function-level reset; waits until the firmware heard of it. */
void driver_flr(struct driver *driver, uint32_t function);

/** Runs one admin command to its end. @return its status field, 0xffff if it never ended. */
uint32_t driver_admin(struct driver *driver, uint32_t function, uint32_t opcode, uint64_t prp1, uint64_t prp2, uint32_t cdw10, uint32_t cdw11,
		      uint32_t *dw0);

/** Submits one random I/O command if there is room. */
void driver_submit(struct driver *driver, uint32_t function, uint32_t queue);

/** Takes what the completion queue holds, and checks it. */
void driver_reap(struct driver *driver, uint32_t function, uint32_t queue);

/** @return commands that wait for completion in all functions. */
uint32_t driver_outstanding(const struct driver *driver);

/* Shared by the driver's files. */
void driver_build(struct driver *driver, uint32_t function, uint32_t queue, uint32_t cid, uint64_t sqe[8]);
void driver_check(struct driver *driver, uint32_t function, struct driver_command *command, uint32_t status);
void driver_ring(struct driver *driver, uint32_t function, uint32_t queue, bool is_cq, uint32_t value);

#endif
