/* The device tree of the host board: QEMU's `virt` machine plus what Assay adds (the BAU, the management mailbox). A partition gets a tree of
 * what is its own; OpenSBI gets the whole, with a domain for each partition. */
#ifndef ASSAY_MODELS_BOARD_DEVICE_TREE_H
#define ASSAY_MODELS_BOARD_DEVICE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "models/board/partition.h"

struct device_tree_config {
	struct partition partition;  /**< what the tree describes */
	unsigned all_harts;	     /**< of the machine: the PLIC has contexts for all */
	const char *isa;	     /**< e.g. "rv64imach" */
	const char *bootargs;	     /**< /chosen/bootargs, NULL for none */
	const struct partition *domains; /**< PARTITIONS_MAX of them for OpenSBI; NULL for none */
	uint64_t next_offset;	     /**< where a domain's next stage starts, from the start of its memory */
	uint64_t initrd_base, initrd_bytes;   /**< 0 bytes: no initrd */
	uint64_t reserved_base, reserved_bytes; /**< memory that software leaves alone; 0 bytes: none */
};

/** Writes a flattened device tree to @p blob. @return its size in bytes, or -1 if @p size is too small. */
int device_tree_build(const struct device_tree_config *config, void *blob, size_t size);

#endif
