/* What the host boots with: reset vector and OpenSBI's dynamic information in ROM, the device tree in RAM, where OpenSBI may mend it. */
#include <string.h>

#include "models/board/device_tree.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"

enum { INFO_OFFSET = 0x40, TREE_BYTES = 0x10000, TREE_ALIGNMENT = 0x200000 };

/* OpenSBI include/sbi/fw_dynamic.h, struct fw_dynamic_info. */
struct fw_dynamic_info {
	uint64_t magic, version, next_addr, next_mode, options, boot_hart;
};

enum { FW_DYNAMIC_MAGIC = 0x4942534f, FW_DYNAMIC_VERSION = 2, FW_DYNAMIC_S_MODE = 1 };

/* As QEMU's reset vector: a0 = hart id, a1 = device tree, a2 = dynamic information, jump to the entry. */
static void write_vector(uint8_t *rom, uint64_t entry, uint64_t tree)
{
	static const uint32_t code[] = {
		0x00000297, /* auipc t0, 0 */
		0x04028613, /* addi  a2, t0, INFO_OFFSET */
		0xf1402573, /* csrr  a0, mhartid */
		0x0202b583, /* ld    a1, 32(t0) */
		0x0182b283, /* ld    t0, 24(t0) */
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
		.mailbox_base = host_mailbox_base(host),
		.mailbox_bytes = host->config.mailbox_bytes,
	};
	uint64_t address = tree_address(host);
	write_vector(host->rom, entry, address);
	memcpy(host->rom + INFO_OFFSET, &info, sizeof info);
	if (device_tree_build(&tree, host_ram(host, address, TREE_BYTES), TREE_BYTES) < 0)
		return -1;
	hart_domain_drop_caches(host->domain);
	return 0;
}
