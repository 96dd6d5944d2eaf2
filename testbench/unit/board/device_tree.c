#include "models/board/device_tree.h"

#include <libfdt.h>
#include <stdio.h>

#include "models/board/host.h"
#include "models/board/memory_map.h"
#include "testbench/gtest/test.h"

static char blob[65536];

static int node(const char *path)
{
	return fdt_path_offset(blob, path);
}

static uint32_t cell(const char *path, const char *property, int index)
{
	int length = 0;
	const fdt32_t *cells = fdt_getprop(blob, node(path), property, &length);
	return cells && length >= (index + 1) * 4 ? fdt32_to_cpu(cells[index]) : 0xdeadbeef;
}

static void build(uint64_t mailbox_bytes)
{
	struct host_config host = {.harts = 3, .partitions = 1, .ram_bytes = 256u << 20, .mailbox_bytes = mailbox_bytes};
	struct device_tree_config config = {.partition = partition_of(&host, 0), .all_harts = 3, .isa = "rv64imach_zba_svadu"};
	ASSERT_TRUE(device_tree_build(&config, blob, sizeof blob) > 0);
	EXPECT_EQ(fdt_check_full(blob, sizeof blob), 0);
}

TEST(device_tree, names_what_is_at_the_addresses_of_virt)
{
	build(0x2000000);
	EXPECT_EQ(cell("/memory@80000000", "reg", 3), 256u << 20);
	EXPECT_EQ(cell("/soc/plic@c000000", "reg", 1), 0xc000000u);
	EXPECT_EQ(cell("/soc/clint@2000000", "reg", 1), 0x2000000u);
	EXPECT_EQ(cell("/soc/serial@10000000", "interrupts", 0), 10u);
	EXPECT_EQ(cell("/soc/pci@30000000", "reg", 1), 0x30000000u);
	EXPECT_EQ(cell("/cpus", "timebase-frequency", 0), 10000000u);
	EXPECT_GE(node("/cpus/cpu@2/interrupt-controller"), 0);
	EXPECT_STREQ(fdt_getprop(blob, node("/cpus/cpu@2"), "riscv,isa", NULL), "rv64imach_zba_svadu");
	EXPECT_STREQ(fdt_getprop(blob, node("/cpus/cpu@2"), "riscv,isa-base", NULL), "rv64i");
	int length = 0;
	EXPECT_MEMEQ(fdt_getprop(blob, node("/cpus/cpu@2"), "riscv,isa-extensions", &length), "i\0m\0a\0c\0h\0zba\0svadu", 20);
	EXPECT_EQ(length, 20);
	EXPECT_LT(node("/cpus/cpu@3"), 0);
}

TEST(device_tree, names_the_bau_and_the_mailbox)
{
	build(0x2000000);
	EXPECT_EQ(cell("/soc/bau@4000000", "interrupts", 0), HOST_IRQ_BAU);
	EXPECT_EQ(cell("/soc/bau@4000000", "interrupts", 3), HOST_IRQ_BAU_NOTIFY + 2);
	EXPECT_EQ(cell("/reserved-memory/mailbox@8e000000", "reg", 3), 0x2000000u);
	build(0);
	EXPECT_LT(node("/reserved-memory"), 0);
}

TEST(device_tree, interrupt_map_swizzles_by_device)
{
	build(0);
	/* device 1, pin 1: second row of four of device 0, six cells each */
	EXPECT_EQ(cell("/soc/pci@30000000", "interrupt-map", 4 * 6), 1u << 11);
	EXPECT_EQ(cell("/soc/pci@30000000", "interrupt-map", 4 * 6 + 5), HOST_IRQ_PCIE_INTX + 1);
}

static const struct host_config two = {.harts = 8, .partitions = 2, .ram_bytes = 256u << 20, .mailbox_bytes = 32u << 20};

TEST(device_tree, a_partition_sees_what_is_its_own)
{
	struct device_tree_config config = {.partition = partition_of(&two, 1), .all_harts = 8, .isa = "rv64imach"};
	ASSERT_TRUE(device_tree_build(&config, blob, sizeof blob) > 0);
	EXPECT_EQ(cell("/memory@88000000", "reg", 3), 128u << 20);
	EXPECT_LT(node("/cpus/cpu@3"), 0);
	EXPECT_GE(node("/cpus/cpu@4"), 0);
	EXPECT_EQ(cell("/soc/bau@4000000", "assay,partition", 0), 1u);
	EXPECT_EQ(cell("/soc/bau@4000000", "interrupts", 0), HOST_IRQ_BAU_1);
	EXPECT_EQ(cell("/soc/bau@4000000", "interrupts", 1), HOST_IRQ_BAU_NOTIFY + 4);
	/* The machine's contexts keep their numbers; those of other harts have no line. */
	EXPECT_EQ(cell("/soc/plic@c000000", "interrupts-extended", 3 * 4 + 3), UINT32_MAX);
	EXPECT_EQ(cell("/soc/plic@c000000", "interrupts-extended", 4 * 4 + 3), 9u);
	EXPECT_EQ(cell("/soc/pci@30000000", "reg", 1), 0x30018000u);
	EXPECT_LT(node("/soc/clint@2000000"), 0);
	EXPECT_LT(node("/chosen/opensbi-domains"), 0);
}

static bool regions_overlap(uint64_t base, uint64_t bytes)
{
	static char path[96];
	int length;
	for (int i = 0; i < 15; i++) {
		snprintf(path, sizeof path, "/chosen/opensbi-domains/region@%x", 0x60 + 15 + i);
		if (node(path) < 0)
			continue;
		const fdt32_t *value = fdt_getprop(blob, node(path), "base", &length);
		uint64_t first = (uint64_t)fdt32_to_cpu(value[0]) << 32 | fdt32_to_cpu(value[1]);
		if (first < base + bytes && base < first + (1ull << cell(path, "order", 0)))
			return true;
	}
	return false;
}

TEST(device_tree, the_second_domain_reaches_nothing_of_the_first)
{
	struct partition domains[] = {partition_of(&two, 0), partition_of(&two, 1)};
	struct host_config whole = {.harts = 8, .partitions = 1, .ram_bytes = 256u << 20};
	struct device_tree_config config = {.partition = partition_of(&whole, 0), .all_harts = 8, .isa = "rv64imach", .domains = domains, .next_offset = 0x200000};
	ASSERT_TRUE(device_tree_build(&config, blob, sizeof blob) > 0);
	EXPECT_EQ(cell("/chosen/opensbi-domains/partition@1", "next-addr", 1), 0x88200000u);
	EXPECT_EQ(cell("/cpus/cpu@4", "opensbi-domain", 0), cell("/chosen/opensbi-domains/partition@1", "phandle", 0));
	EXPECT_TRUE(regions_overlap(0x88000000, 0x8000000));
	EXPECT_FALSE(regions_overlap(HOST_RAM_BASE, 0x8000000));
	EXPECT_FALSE(regions_overlap(HOST_CLINT_BASE, 0x10000));
	EXPECT_FALSE(regions_overlap(HOST_BAU_BASE, 0x2000));
	EXPECT_FALSE(regions_overlap(HOST_BAU_BASE + 0x8000, 0x400));
	EXPECT_FALSE(regions_overlap(HOST_PLIC_BASE + 0x1ff000, 0x1000));
	EXPECT_FALSE(regions_overlap(HOST_PLIC_BASE + 0x2000, 8 * 0x80));
	EXPECT_FALSE(regions_overlap(HOST_ECAM_BASE, 0x18000));
	EXPECT_FALSE(regions_overlap(HOST_PCIE32_BASE, 0x20020000));
}

TEST(device_tree, only_powers_of_two_are_split)
{
	struct host_config config = two;
	EXPECT_TRUE(partition_is_possible(&config));
	config.harts = 6;
	EXPECT_FALSE(partition_is_possible(&config));
	config = two;
	config.ram_bytes = 192u << 20;
	EXPECT_FALSE(partition_is_possible(&config));
}

TEST(device_tree, too_small_a_buffer_is_refused)
{
	struct host_config host = {.harts = 3, .partitions = 1, .ram_bytes = 256u << 20};
	struct device_tree_config config = {.partition = partition_of(&host, 0), .all_harts = 3, .isa = "rv64imac"};
	EXPECT_EQ(device_tree_build(&config, blob, 300), -1);
}
