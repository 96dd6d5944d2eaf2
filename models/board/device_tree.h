/* The device tree of the host board: QEMU's `virt` machine plus what Assay adds (the BAU, the management mailbox). */
#ifndef ASSAY_MODELS_BOARD_DEVICE_TREE_H
#define ASSAY_MODELS_BOARD_DEVICE_TREE_H

#include <stddef.h>
#include <stdint.h>

struct device_tree_config {
	unsigned harts;
	uint64_t ram_bytes;
	const char *isa;	     /**< e.g. "rv64imach" */
	const char *bootargs;	     /**< /chosen/bootargs, NULL for none */
	uint64_t mailbox_base, mailbox_bytes; /**< 0 bytes: no mailbox */
	uint64_t initrd_base, initrd_bytes;   /**< 0 bytes: no initrd */
	uint64_t reserved_base, reserved_bytes; /**< memory that software leaves alone; 0 bytes: none */
};

/** Writes a flattened device tree to @p blob. @return its size in bytes, or -1 if @p size is too small. */
int device_tree_build(const struct device_tree_config *config, void *blob, size_t size);

#endif
