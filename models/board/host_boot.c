/* What the host boots with: reset vector and OpenSBI's dynamic information in ROM, the device tree in RAM, where OpenSBI may mend it.
 *
 * Software that knows no BAU finds DMA open: the reset vector then also stores a few words into the BAU's registers, which give it a
 * device table with every requester in bypass mode. The table lies behind the device tree, which reserves it. */
#include <string.h>

#include "bau_regs.h"
#include "models/board/device_tree.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"
#include "rtl/gen/field.h"

enum { INFO_OFFSET = 0x60, STORES_OFFSET = 0xa0, TREE_BYTES = 0x10000, TREE_ALIGNMENT = 0x200000, PAGE_BYTES = 0x1000 };
enum { DEVICE_TABLE_BYTES = BAU_NUM_DEVICES * BAU_DTE_BYTES };

/* OpenSBI include/sbi/fw_dynamic.h, struct fw_dynamic_info. */
struct fw_dynamic_info {
	uint64_t magic, version, next_addr, next_mode, options, boot_hart;
};

enum { FW_DYNAMIC_MAGIC = 0x4942534f, FW_DYNAMIC_VERSION = 2, FW_DYNAMIC_S_MODE = 1 };

/* As QEMU's reset vector: a0 = hart id, a1 = device tree, a2 = dynamic information, jump to the entry. Hart 0 first makes the stores
 * listed as pairs of address and value at STORES_OFFSET; address 0 ends them. */
static void write_vector(uint8_t *rom, uint64_t entry, uint64_t tree)
{
	static const uint32_t code[] = {
		0x00000297, /* auipc t0, 0 */
		0x06028613, /* addi  a2, t0, INFO_OFFSET */
		0xf1402573, /* csrr  a0, mhartid */
		0x02051063, /* bnez  a0, 2f */
		0x0a028313, /* addi  t1, t0, STORES_OFFSET */
		0x00033383, /* 1: ld t2, 0(t1) */
		0x00038a63, /* beqz  t2, 2f */
		0x00833e03, /* ld    t3, 8(t1) */
		0x01c3b023, /* sd    t3, 0(t2) */
		0x01030313, /* addi  t1, t1, 16 */
		0xfedff06f, /* j     1b */
		0x0402b583, /* 2: ld a1, 64(t0) */
		0x0382b283, /* ld    t0, 56(t0) */
		0x00028067, /* jr    t0 */
	};
	uint64_t words[] = {entry, tree};
	memcpy(rom, code, sizeof code);
	memcpy(rom + sizeof code, words, sizeof words);
}

/* As QEMU does: the last 2 MiB that nothing else claims. */
static uint64_t tree_address(const struct host *host)
{
	uint64_t end = HOST_RAM_BASE + host->config.ram_bytes - host->config.mailbox_bytes;
	return (end - TREE_BYTES) & ~(uint64_t)(TREE_ALIGNMENT - 1);
}

/* @return the address of the device table, or 0 if there is no room for it. */
static uint64_t open_dma(struct host *host)
{
	uint64_t table = tree_address(host) + TREE_BYTES, map = 0, harts = 0, page = HOST_BAU_BASE + BAU_PARTITION_PAGE;
	uint64_t *entries = host_ram(host, table, DEVICE_TABLE_BYTES);

	if (!entries)
		return 0;
	for (unsigned i = 0; i < BAU_NUM_DEVICES; i++)
		entries[i * BAU_DTE_BYTES / sizeof *entries] = FIELD_PREP(BAU_DTE_VALID, 1) | FIELD_PREP(BAU_DTE_IOMMU_MODE, BAU_IOMMU_BYPASS);
	for (unsigned i = 0; i < host->config.harts; i++) {
		map |= (0x80ull | i) << 8 * i;
		harts |= 1ull << i;
	}
	const uint64_t stores[][2] = {
		{HOST_BAU_BASE + BAU_PT_BASE, HOST_RAM_BASE},
		{HOST_BAU_BASE + BAU_PT_LIMIT, HOST_RAM_BASE + host->config.ram_bytes},
		{HOST_BAU_BASE + BAU_PT_LPID_MAP, map},
		{HOST_BAU_BASE + BAU_PT_CONTROL, FIELD_PREP(BAU_PT_CONTROL_VALID, 1) | FIELD_PREP(BAU_PT_CONTROL_HARTS, harts)},
		{page + BAU_DEVICE_TABLE, table},
		{page + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES},
		{page + BAU_CONTROL, FIELD_PREP(BAU_CONTROL_ENABLE, 1)},
	};
	memcpy(host->rom + STORES_OFFSET, stores, sizeof stores);
	return table;
}

uint64_t host_place_initrd(struct host *host, uint64_t bytes)
{
	uint64_t tree = tree_address(host);

	if (bytes > (tree - HOST_RAM_BASE) / 2)
		return 0;
	host->config.initrd_base = (tree - bytes) & ~(uint64_t)(TREE_ALIGNMENT - 1);
	host->config.initrd_bytes = bytes;
	return host->config.initrd_base;
}

int host_set_boot(struct host *host, uint64_t entry, uint64_t next_entry)
{
	struct fw_dynamic_info info = {
		.magic = FW_DYNAMIC_MAGIC, .version = FW_DYNAMIC_VERSION, .next_addr = next_entry, .next_mode = FW_DYNAMIC_S_MODE,
	};
	struct device_tree_config tree = {
		.harts = host->config.harts,
		.ram_bytes = host->config.ram_bytes,
		.isa = "rv64imafdch_zicbom_zicboz_zicsr_zifencei_zba_zbb_zbs_svinval_svnapot",
		.bootargs = host->config.bootargs,
		.initrd_base = host->config.initrd_base,
		.initrd_bytes = host->config.initrd_bytes,
		.mailbox_base = host_mailbox_base(host),
		.mailbox_bytes = host->config.mailbox_bytes,
	};
	uint64_t address = tree_address(host);
	if (host->config.dma_is_open) {
		tree.reserved_base = open_dma(host);
		tree.reserved_bytes = PAGE_BYTES;
		if (!tree.reserved_base)
			return -1;
	}
	write_vector(host->rom, entry, address);
	memcpy(host->rom + INFO_OFFSET, &info, sizeof info);
	if (device_tree_build(&tree, host_ram(host, address, TREE_BYTES), TREE_BYTES) < 0)
		return -1;
	hart_domain_drop_caches(host->domain);
	return 0;
}
