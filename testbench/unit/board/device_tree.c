#include "models/board/device_tree.h"

#include <libfdt.h>

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
	struct device_tree_config config = {.partition = partition_of(&host, 0), .all_harts = 3, .isa = "rv64imach"};
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

TEST(device_tree, too_small_a_buffer_is_refused)
{
	struct host_config host = {.harts = 3, .partitions = 1, .ram_bytes = 256u << 20};
	struct device_tree_config config = {.partition = partition_of(&host, 0), .all_harts = 3, .isa = "rv64imac"};
	EXPECT_EQ(device_tree_build(&config, blob, 300), -1);
}
