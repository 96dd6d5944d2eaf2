/* How the host is split: each partition has its own harts, memory, mailbox, UART, BAU page and virtual functions of the NIC. With one
 * partition it has them all. OpenSBI domains keep the harts apart (device_tree_domains.c), the BAU's partition table the devices, the PLIC's
 * source filter the interrupts; the boot ROM sets the latter two before any other software runs (host_boot.c). */
#ifndef ASSAY_MODELS_BOARD_PARTITION_H
#define ASSAY_MODELS_BOARD_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

enum { PARTITIONS_MAX = 2, PARTITION_TREE_BYTES = 0x10000 };

struct partition {
	unsigned index, count; /**< which one of how many */
	unsigned first_hart, harts;
	uint64_t ram_base, ram_bytes;
	uint64_t mailbox_base, mailbox_bytes; /**< at the top of its memory */
	uint64_t tree_base; /**< its device tree */
	uint64_t uart_base;
	unsigned uart_irq, mailbox_irq, bau_irq;
	unsigned first_vf, vfs; /**< VF 1 is the first one */
	uint64_t vf_bar_base;	/**< where BAR0 of first_vf lies; 0: the owner of the PF chooses */
};

struct host_config;

/** @return whether the machine can be split as @p config says: powers of two throughout, since a PMP region is one. */
bool partition_is_possible(const struct host_config *config);

struct partition partition_of(const struct host_config *config, unsigned index);

/** @return the bits of its harts. */
uint32_t partition_hart_mask(const struct partition *p);

#endif
