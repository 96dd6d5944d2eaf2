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
#include "see_regs.h"

/* What the harts do (models/hart/README.md), in the order of the ISA manual. */
#define HARTS_ISA \
	"rv64imafdch_zic64b_zicbom_zicboz_ziccamoa_ziccif_zicclsm_ziccrse_zicntr_zicsr_zifencei_zihpm_za64rs_zba_zbb_zbs" \
	"_shcounterenw_shgatpa_shtvala_shvsatpa_shvstvala_shvstvecd_ssccptr_sscounterenw_sstvala_sstvecd_ssu64xl" \
	"_svadu_svinval_svnapot_svpbmt_xassayisa"

enum { INFO_OFFSET = 0x60, STORES_OFFSET = 0xa0, TREE_BYTES = PARTITION_TREE_BYTES, TREE_ALIGNMENT = 0x200000, PAGE_BYTES = 0x1000 };
enum { DEVICE_TABLE_BYTES = BAU_NUM_DEVICES * BAU_DTE_BYTES, FIRMWARE_TREE_OFFSET = 0x20000, STORE_32 = 1 };

/* OpenSBI include/sbi/fw_dynamic.h, struct fw_dynamic_info. */
struct fw_dynamic_info {
	uint64_t magic, version, next_addr, next_mode, options, boot_hart;
};

enum { FW_DYNAMIC_MAGIC = 0x4942534f, FW_DYNAMIC_VERSION = 2, FW_DYNAMIC_S_MODE = 1 };

/* As QEMU's reset vector: a0 = hart id, a1 = device tree, a2 = dynamic information, jump to the entry. Hart 0 first makes the stores
 * listed as pairs of address and value at STORES_OFFSET, of 32 bits where bit 0 of the address is set; address 0 ends them. */
static void write_vector(uint8_t *rom, uint64_t entry, uint64_t tree)
{
	static const uint32_t code[] = {
		0x00000297, /* auipc t0, 0 */
		0x06028613, /* addi  a2, t0, INFO_OFFSET */
		0xf1402573, /* csrr  a0, mhartid */
		0x02051863, /* bnez  a0, 2f */
		0x0a028313, /* addi  t1, t0, STORES_OFFSET */
		0x00033383, /* 1: ld t2, 0(t1) */
		0x02038263, /* beqz  t2, 2f */
		0x00833e03, /* ld    t3, 8(t1) */
		0x01030313, /* addi  t1, t1, 16 */
		0x0013fe93, /* andi  t4, t2, 1 */
		0x000e9663, /* bnez  t4, 3f */
		0x01c3b023, /* sd    t3, 0(t2) */
		0xfe5ff06f, /* j     1b */
		0xffc3afa3, /* 3: sw t3, -1(t2) */
		0xfddff06f, /* j     1b */
		0x0502b583, /* 2: ld a1, 80(t0) */
		0x0482b283, /* ld    t0, 72(t0) */
		0x00028067, /* jr    t0 */
	};
	uint64_t words[] = {entry, tree};
	memcpy(rom, code, sizeof code);
	memcpy(rom + sizeof code, words, sizeof words);
}

/* As QEMU does: the last 2 MiB that nothing else claims. */
static uint64_t tree_address(const struct host *host)
{
	return partition_of(&host->config, 0).tree_base;
}

/* What hart 0 stores before anything else runs. */
struct stores {
	struct host *host;
	unsigned count;
};

static void store(struct stores *stores, uint64_t address, uint64_t value)
{
	const uint64_t pair[2] = {address, value};
	memcpy(stores->host->rom + STORES_OFFSET + stores->count++ * sizeof pair, pair, sizeof pair);
}

static void store_partition(struct stores *stores, const struct partition *p)
{
	uint64_t entry = HOST_BAU_BASE + p->index * BAU_PT_STRIDE, map = 0;

	for (unsigned hart = p->first_hart; hart < p->first_hart + p->harts; hart++)
		map |= (0x80ull | hart) << 8 * hart;
	store(stores, entry + BAU_PT_BASE, p->ram_base);
	store(stores, entry + BAU_PT_LIMIT, p->ram_base + p->ram_bytes);
	store(stores, entry + BAU_PT_LPID_MAP, map);
	store(stores, entry + BAU_PT_CONTROL, FIELD_PREP(BAU_PT_CONTROL_VALID, 1) | FIELD_PREP(BAU_PT_CONTROL_HARTS, partition_hart_mask(p)));
	for (unsigned hart = p->first_hart; hart < p->first_hart + p->harts; hart++)
		store(stores, HOST_BAU_BASE + BAU_RECEIVER_PAGE + hart * BAU_RECEIVER_STRIDE + BAU_HART_PARTITION, p->index);
}

/* A source is for the contexts of one partition: those of its own devices and harts, and the rest for the first. */
static unsigned owner_of_source(const struct host *host, unsigned source)
{
	const struct partition last = partition_of(&host->config, PARTITIONS_MAX - 1);
	bool is_notify = source >= HOST_IRQ_BAU_NOTIFY + last.first_hart && source < HOST_IRQ_BAU_NOTIFY + last.first_hart + last.harts;
	return is_notify || source == last.uart_irq || source == last.mailbox_irq || source == last.bau_irq;
}

static void store_filter(struct stores *stores)
{
	for (unsigned source = 1; source < PLIC_SOURCES; source++) {
		const struct partition p = partition_of(&stores->host->config, owner_of_source(stores->host, source));
		uint64_t contexts = 0;
		for (unsigned hart = p.first_hart; hart < p.first_hart + p.harts; hart++)
			contexts |= 3ull << 2 * hart;
		store(stores, (HOST_PLIC_BASE + PLIC_FILTER_BASE + 4 * source) | STORE_32, contexts);
	}
}

/* The machine is split before any software runs: DMA and messages by the BAU, interrupts by the PLIC. OpenSBI does the rest. */
static void split(struct host *host)
{
	struct stores stores = {.host = host};
	uint64_t owner = 0;

	for (unsigned i = 0; i < host->config.partitions; i++) {
		const struct partition p = partition_of(&host->config, i);
		store_partition(&stores, &p);
		if (i)
			owner |= ((1ull << p.vfs) - 1) << (SEE_FIRST_VF_RID + p.first_vf - 1);
	}
	store(&stores, HOST_BAU_BASE + BAU_REQUESTER_OWNER, owner);
	store_filter(&stores);
}

/* @return the address of the device table, or 0 if there is no room for it. */
static uint64_t open_dma(struct host *host)
{
	const struct partition whole = partition_of(&host->config, 0);
	uint64_t table = whole.tree_base + TREE_BYTES, page = HOST_BAU_BASE + BAU_PARTITION_PAGE;
	uint64_t *entries = host_ram(host, table, DEVICE_TABLE_BYTES);

	if (!entries)
		return 0;
	for (unsigned i = 0; i < BAU_NUM_DEVICES; i++)
		entries[i * BAU_DTE_BYTES / sizeof *entries] = FIELD_PREP(BAU_DTE_VALID, 1) | FIELD_PREP(BAU_DTE_IOMMU_MODE, BAU_IOMMU_BYPASS);
	struct stores stores = {.host = host};
	store_partition(&stores, &whole);
	store(&stores, page + BAU_DEVICE_TABLE, table);
	store(&stores, page + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
	store(&stores, page + BAU_CONTROL, FIELD_PREP(BAU_CONTROL_ENABLE, 1));
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

static int write_tree(struct host *host, const struct device_tree_config *tree, uint64_t address)
{
	return device_tree_build(tree, host_ram(host, address, TREE_BYTES), TREE_BYTES) < 0 ? -1 : 0;
}

/* A tree for each partition, and behind the first one that of the firmware: the whole machine with its domains. @return its address, 0 if one does not fit */
static uint64_t write_trees(struct host *host, struct device_tree_config tree)
{
	struct partition partitions[PARTITIONS_MAX];
	struct host_config whole = host->config;
	uint64_t address = tree_address(host);

	if (host->config.partitions == 1)
		return write_tree(host, &tree, address) == 0 ? address : 0;
	for (unsigned i = 0; i < PARTITIONS_MAX; i++) {
		partitions[i] = tree.partition = partition_of(&host->config, i);
		if (write_tree(host, &tree, tree.partition.tree_base) != 0)
			return 0;
	}
	whole.partitions = 1;
	whole.mailbox_bytes = 0;
	tree.partition = partition_of(&whole, 0);
	tree.domains = partitions;
	address += FIRMWARE_TREE_OFFSET;
	return write_tree(host, &tree, address) == 0 ? address : 0;
}

int host_set_boot(struct host *host, uint64_t entry, uint64_t next_entry)
{
	struct fw_dynamic_info info = {
		.magic = FW_DYNAMIC_MAGIC, .version = FW_DYNAMIC_VERSION, .next_addr = next_entry, .next_mode = FW_DYNAMIC_S_MODE,
	};
	struct device_tree_config tree = {
		.partition = partition_of(&host->config, 0),
		.all_harts = host->config.harts,
		.next_offset = next_entry - HOST_RAM_BASE,
		.isa = host->config.sstc ? HARTS_ISA "_sstc" : HARTS_ISA,
		.bootargs = host->config.bootargs,
		.initrd_base = host->config.initrd_base,
		.initrd_bytes = host->config.initrd_bytes,
	};
	if (host->config.dma_is_open) {
		tree.reserved_base = open_dma(host);
		tree.reserved_bytes = PAGE_BYTES;
		if (!tree.reserved_base)
			return -1;
	}
	if (host->config.partitions > 1)
		split(host);
	uint64_t address = write_trees(host, tree);
	if (!address)
		return -1;
	write_vector(host->rom, entry, address);
	memcpy(host->rom + INFO_OFFSET, &info, sizeof info);
	hart_domain_drop_caches(host->domain);
	return 0;
}
