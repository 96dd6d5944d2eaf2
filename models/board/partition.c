#include "models/board/partition.h"

#include "models/board/host.h"
#include "models/board/memory_map.h"
#include "see_regs.h"

enum { TREE_ALIGNMENT = 0x200000 };

static bool is_power_of_two(uint64_t value)
{
	return value && (value & (value - 1)) == 0;
}

bool partition_is_possible(const struct host_config *config)
{
	return config->partitions == 1 || (config->partitions == PARTITIONS_MAX && config->harts >= 2 && is_power_of_two(config->harts) &&
					   is_power_of_two(config->ram_bytes) && config->mailbox_bytes < config->ram_bytes / PARTITIONS_MAX / 2);
}

struct partition partition_of(const struct host_config *config, unsigned index)
{
	unsigned harts = config->harts / config->partitions, vfs = SEE_NUM_VFS / config->partitions;
	uint64_t ram_bytes = config->ram_bytes / config->partitions;
	struct partition p = {
		.index = index,
		.count = config->partitions,
		.first_hart = index * harts,
		.harts = harts,
		.ram_base = HOST_RAM_BASE + index * ram_bytes,
		.ram_bytes = ram_bytes,
		.mailbox_bytes = config->mailbox_bytes,
		.uart_base = HOST_UART_BASE + index * UART_SIZE_BYTES,
		.uart_irq = index ? HOST_IRQ_UART_1 : HOST_IRQ_UART,
		.mailbox_irq = HOST_IRQ_MAILBOX - index,
		.bau_irq = index ? HOST_IRQ_BAU_1 : HOST_IRQ_BAU,
		.first_vf = 1 + index * vfs,
		.vfs = vfs,
	};
	uint64_t end = p.ram_base + p.ram_bytes - p.mailbox_bytes;

	p.mailbox_base = config->mailbox_bytes ? end : 0;
	p.tree_base = (end - PARTITION_TREE_BYTES) & ~(uint64_t)(TREE_ALIGNMENT - 1);
	if (config->partitions > 1)
		p.vf_bar_base = HOST_VF_BAR_BASE + (uint64_t)index * vfs * SEE_BAR_BYTES;
	return p;
}

uint32_t partition_hart_mask(const struct partition *p)
{
	return ((1u << p->harts) - 1) << p->first_hart;
}
