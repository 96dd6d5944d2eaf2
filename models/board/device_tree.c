#include "models/board/device_tree_writer.h"

#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "models/board/memory_map.h"
#include "see_regs.h"

enum { TIMEBASE_HZ = 10000000, UART_CLOCK_HZ = 3686400 };
enum { IRQ_MSI = 3, IRQ_MTI = 7, IRQ_SEI = 9, IRQ_MEI = 11, MAX_CELLS = 64, CACHE_BLOCK_BYTES = 64, ISA_LIST_BYTES = 1024 };
enum { RID_SHIFT = 12 }; /* of a function's page in the ECAM */

void tree_note(struct writer *w, int error)
{
	if (error < 0 && !w->error)
		w->error = error;
}

void tree_begin(struct writer *w, const char *name)
{
	tree_note(w, fdt_begin_node(w->blob, name));
}

void tree_begin_at(struct writer *w, const char *name, uint64_t address)
{
	char text[64];
	snprintf(text, sizeof text, "%s@%llx", name, (unsigned long long)address);
	tree_begin(w, text);
}

void tree_end(struct writer *w)
{
	tree_note(w, fdt_end_node(w->blob));
}

void tree_put_cells(struct writer *w, const char *name, const uint32_t *cells, size_t count)
{
	fdt32_t big[MAX_CELLS];
	for (size_t i = 0; i < count; i++)
		big[i] = cpu_to_fdt32(cells[i]);
	tree_note(w, fdt_property(w->blob, name, big, (int)(count * sizeof big[0])));
}

void tree_put_u32(struct writer *w, const char *name, uint32_t value)
{
	tree_put_cells(w, name, &value, 1);
}

void tree_put_u64(struct writer *w, const char *name, uint64_t value)
{
	tree_note(w, fdt_property_u64(w->blob, name, value));
}

void tree_put_string(struct writer *w, const char *name, const char *value)
{
	tree_note(w, fdt_property(w->blob, name, value, (int)strlen(value) + 1));
}

/* A list of strings as one literal: "a\0b". */
#define tree_put_strings(w, name, list) tree_note((w), fdt_property((w)->blob, (name), (list), (int)sizeof(list)))

void tree_put_flag(struct writer *w, const char *name)
{
	tree_note(w, fdt_property(w->blob, name, NULL, 0));
}

static void tree_put_reg(struct writer *w, uint64_t base, uint64_t bytes)
{
	uint32_t cells[] = {(uint32_t)(base >> 32), (uint32_t)base, (uint32_t)(bytes >> 32), (uint32_t)bytes};
	tree_put_cells(w, "reg", cells, 4);
}

static void tree_put_cell_counts(struct writer *w, uint32_t address, uint32_t size)
{
	tree_put_u32(w, "#address-cells", address);
	tree_put_u32(w, "#size-cells", size);
}

static void put_interrupt(struct writer *w, uint32_t source)
{
	tree_put_u32(w, "interrupt-parent", PHANDLE_PLIC);
	tree_put_u32(w, "interrupts", source);
}

/* The string, and the list that has taken its place since Linux 6.6: single letters up to the first underscore, then names. */
static void put_isa(struct writer *w, const char *isa)
{
	char list[ISA_LIST_BYTES];
	const char *p = isa + strlen("rv64");
	size_t n = 0;

	tree_put_string(w, "riscv,isa", isa);
	if (2 * strlen(isa) > sizeof list)
		return;
	for (; *p && *p != '_'; p++) {
		list[n++] = *p;
		list[n++] = 0;
	}
	while (*p++ == '_') {
		while (*p && *p != '_')
			list[n++] = *p++;
		list[n++] = 0;
	}
	tree_put_string(w, "riscv,isa-base", "rv64i");
	tree_note(w, fdt_property(w->blob, "riscv,isa-extensions", list, (int)n));
}

static void cpu_nodes(struct writer *w, const struct device_tree_config *config)
{
	tree_begin(w, "cpus");
	tree_put_cell_counts(w, 1, 0);
	tree_put_u32(w, "timebase-frequency", TIMEBASE_HZ);
	const struct partition *p = &config->partition;
	for (unsigned hart = p->first_hart; hart < p->first_hart + p->harts; hart++) {
		tree_begin_at(w, "cpu", hart);
		tree_put_string(w, "device_type", "cpu");
		tree_put_u32(w, "reg", hart);
		tree_put_u32(w, "phandle", PHANDLE_CPU + hart);
		if (config->domains)
			tree_put_u32(w, "opensbi-domain", PHANDLE_DOMAIN + hart / config->domains[0].harts);
		tree_put_string(w, "status", "okay");
		tree_put_string(w, "compatible", "riscv");
		put_isa(w, config->isa);
		tree_put_string(w, "mmu-type", "riscv,sv57");
		tree_put_u32(w, "riscv,cbom-block-size", CACHE_BLOCK_BYTES);
		tree_put_u32(w, "riscv,cboz-block-size", CACHE_BLOCK_BYTES);
		tree_begin(w, "interrupt-controller");
		tree_put_u32(w, "#interrupt-cells", 1);
		tree_put_flag(w, "interrupt-controller");
		tree_put_string(w, "compatible", "riscv,cpu-intc");
		tree_put_u32(w, "phandle", PHANDLE_INTC + hart);
		tree_end(w);
		tree_end(w);
	}
	tree_end(w);
}

/* A local interrupt controller's wiring: two lines a hart. Where a line is -1 the context is not for the reader of the tree. */
static void put_hart_lines(struct writer *w, const struct device_tree_config *config, uint32_t first, uint32_t second)
{
	const struct partition *p = &config->partition;
	uint32_t cells[MAX_CELLS];
	for (unsigned hart = 0; hart < config->all_harts; hart++) {
		bool is_own = hart - p->first_hart < p->harts;
		cells[hart * 4] = cells[hart * 4 + 2] = PHANDLE_INTC + (is_own ? hart : p->first_hart);
		cells[hart * 4 + 1] = is_own ? first : UINT32_MAX;
		cells[hart * 4 + 3] = is_own ? second : UINT32_MAX;
	}
	tree_put_cells(w, "interrupts-extended", cells, (size_t)config->all_harts * 4);
}

static void interrupt_nodes(struct writer *w, const struct device_tree_config *config)
{
	tree_begin_at(w, "plic", HOST_PLIC_BASE);
	tree_put_u32(w, "phandle", PHANDLE_PLIC);
	tree_put_u32(w, "riscv,ndev", 95);
	tree_put_reg(w, HOST_PLIC_BASE, 0x600000);
	put_hart_lines(w, config, IRQ_MEI, IRQ_SEI);
	tree_put_flag(w, "interrupt-controller");
	tree_put_strings(w, "compatible", "sifive,plic-1.0.0\0riscv,plic0");
	tree_put_u32(w, "#address-cells", 0);
	tree_put_u32(w, "#interrupt-cells", 1);
	tree_end(w);

	if (config->partition.count > 1)
		return;
	tree_begin_at(w, "clint", HOST_CLINT_BASE);
	put_hart_lines(w, config, IRQ_MSI, IRQ_MTI);
	tree_put_reg(w, HOST_CLINT_BASE, 0x10000);
	tree_put_strings(w, "compatible", "sifive,clint0\0riscv,clint0");
	tree_end(w);
}

static void put_interrupt_map(struct writer *w)
{
	uint32_t mask[] = {0x1800, 0, 0, 7};
	tree_put_cells(w, "interrupt-map-mask", mask, 4);

	/* Swizzled as PCI-to-PCI Bridge Architecture 1.2, 9.1: device d's pin p goes to line (d + p) modulo 4. */
	fdt32_t map[4 * 4 * 6];
	size_t n = 0;
	for (uint32_t device = 0; device < 4; device++) {
		for (uint32_t pin = 1; pin <= 4; pin++) {
			uint32_t row[] = {device << 11, 0, 0, pin, PHANDLE_PLIC, HOST_IRQ_PCIE_INTX + (device + pin - 1) % 4};
			for (size_t i = 0; i < 6; i++)
				map[n++] = cpu_to_fdt32(row[i]);
		}
	}
	tree_note(w, fdt_property(w->blob, "interrupt-map", map, (int)sizeof map));
}

/* What a partition has of the NIC: the first one the PF and some VFs, the other one VFs whose BAR0s lie where it is told, since their own
 * configuration spaces do not say. */
static void put_functions(struct writer *w, const struct partition *p)
{
	uint32_t rids[] = {SEE_FIRST_VF_RID + p->first_vf - 1, p->vfs};
	if (p->index == 0) {
		tree_put_reg(w, HOST_ECAM_BASE, HOST_ECAM_BYTES);
	} else {
		tree_put_reg(w, HOST_ECAM_BASE + ((uint64_t)rids[0] << RID_SHIFT), (uint64_t)p->vfs << RID_SHIFT);
		tree_put_u32(w, "assay,first-requester", rids[0]);
	}
	if (p->count == 1)
		return;
	tree_put_cells(w, "assay,virtual-functions", rids, 2);
	tree_put_u64(w, "assay,vf-bar", p->vf_bar_base);
	tree_put_u32(w, "assay,vf-bar-bytes", SEE_BAR_BYTES);
	tree_put_u32(w, "assay,vf-id", SEE_VF_DEVICE_ID << 16 | SEE_VENDOR_ID);
}

static void pcie_node(struct writer *w, const struct partition *p)
{
	uint32_t ranges[] = {
		0x1000000, 0, 0, 0, (uint32_t)HOST_PCIE_IO_BASE, 0, 0x10000,
		0x2000000, 0, (uint32_t)HOST_PCIE32_BASE, 0, (uint32_t)HOST_PCIE32_BASE, 0, (uint32_t)HOST_PCIE32_BYTES,
		0x3000000, HOST_PCIE64_BASE >> 32, 0, HOST_PCIE64_BASE >> 32, 0, HOST_PCIE64_BYTES >> 32, 0,
	};
	uint32_t buses[] = {0, 0xff};

	tree_begin_at(w, "pci", HOST_ECAM_BASE);
	put_interrupt_map(w);
	tree_put_cells(w, "ranges", ranges, sizeof ranges / sizeof ranges[0]);
	put_functions(w, p);
	tree_put_flag(w, "dma-coherent");
	tree_put_cells(w, "bus-range", buses, 2);
	tree_put_u32(w, "linux,pci-domain", 0);
	tree_put_string(w, "device_type", "pci");
	tree_put_string(w, "compatible", "pci-host-ecam-generic");
	tree_put_cell_counts(w, 3, 2);
	tree_put_u32(w, "#interrupt-cells", 1);
	tree_end(w);
}

static void bau_node(struct writer *w, const struct partition *p)
{
	uint32_t cells[MAX_CELLS];
	cells[0] = p->bau_irq;
	for (unsigned i = 0; i < p->harts; i++)
		cells[1 + i] = HOST_IRQ_BAU_NOTIFY + p->first_hart + i;

	tree_begin_at(w, "bau", HOST_BAU_BASE);
	tree_put_string(w, "compatible", "assay,bau-1.0");
	tree_put_reg(w, HOST_BAU_BASE, HOST_BAU_BYTES);
	tree_put_u32(w, "interrupt-parent", PHANDLE_PLIC);
	tree_put_cells(w, "interrupts", cells, p->harts + 1);
	if (p->count > 1)
		tree_put_u32(w, "assay,partition", p->index);
	tree_end(w);
}

static void small_device_nodes(struct writer *w, const struct partition *p)
{
	tree_begin_at(w, "event-port", HOST_EVENT_PORT_BASE);
	tree_put_reg(w, HOST_EVENT_PORT_BASE, 0x1000);
	tree_put_string(w, "compatible", "assay,event-port-1.0");
	tree_end(w);

	tree_begin_at(w, "serial", p->uart_base);
	put_interrupt(w, p->uart_irq);
	tree_put_reg(w, p->uart_base, 0x100);
	tree_put_u32(w, "clock-frequency", UART_CLOCK_HZ);
	tree_put_string(w, "compatible", "ns16550a");
	tree_end(w);
	if (p->count > 1)
		return;

	tree_begin_at(w, "rtc", HOST_RTC_BASE);
	put_interrupt(w, HOST_IRQ_RTC);
	tree_put_reg(w, HOST_RTC_BASE, 0x1000);
	tree_put_string(w, "compatible", "google,goldfish-rtc");
	tree_end(w);

	tree_begin_at(w, "test", HOST_FINISHER_BASE);
	tree_put_u32(w, "phandle", PHANDLE_TEST);
	tree_put_reg(w, HOST_FINISHER_BASE, 0x1000);
	tree_put_strings(w, "compatible", "sifive,test1\0sifive,test0\0syscon");
	tree_end(w);
}

static void soc_node(struct writer *w, const struct device_tree_config *config)
{
	tree_begin(w, "soc");
	tree_put_cell_counts(w, 2, 2);
	tree_put_string(w, "compatible", "simple-bus");
	tree_put_flag(w, "ranges");
	small_device_nodes(w, &config->partition);
	bau_node(w, &config->partition);
	pcie_node(w, &config->partition);
	interrupt_nodes(w, config);
	tree_end(w);
}

static void power_node(struct writer *w, const char *name, const char *compatible, uint32_t value)
{
	tree_begin(w, name);
	tree_put_u32(w, "value", value);
	tree_put_u32(w, "offset", 0);
	tree_put_u32(w, "regmap", PHANDLE_TEST);
	tree_put_string(w, "compatible", compatible);
	tree_end(w);
}

static void memory_nodes(struct writer *w, const struct device_tree_config *config)
{
	const struct partition *p = &config->partition;

	tree_begin_at(w, "memory", p->ram_base);
	tree_put_string(w, "device_type", "memory");
	tree_put_reg(w, p->ram_base, p->ram_bytes);
	tree_end(w);
	if (!p->mailbox_bytes)
		return;
	tree_begin(w, "reserved-memory");
	tree_put_cell_counts(w, 2, 2);
	tree_put_flag(w, "ranges");
	tree_begin_at(w, "mailbox", p->mailbox_base);
	tree_put_string(w, "compatible", "assay,mailbox");
	tree_put_reg(w, p->mailbox_base, p->mailbox_bytes);
	put_interrupt(w, p->mailbox_irq);
	tree_put_flag(w, "no-map");
	tree_end(w);
	tree_end(w);
}

static void chosen_node(struct writer *w, const struct device_tree_config *config)
{
	tree_begin(w, "chosen");
	char stdout_path[64];
	snprintf(stdout_path, sizeof stdout_path, "/soc/serial@%llx", (unsigned long long)config->partition.uart_base);
	tree_put_string(w, "stdout-path", stdout_path);
	if (config->bootargs)
		tree_put_string(w, "bootargs", config->bootargs);
	if (config->initrd_bytes) {
		tree_put_u64(w, "linux,initrd-start", config->initrd_base);
		tree_put_u64(w, "linux,initrd-end", config->initrd_base + config->initrd_bytes);
	}
	if (config->domains)
		tree_domains(w, config);
	tree_end(w);
}

int device_tree_build(const struct device_tree_config *config, void *blob, size_t size)
{
	struct writer writer = {.blob = blob};
	struct writer *w = &writer;

	tree_note(w, fdt_create(blob, (int)size));
	if (config->reserved_bytes)
		tree_note(w, fdt_add_reservemap_entry(blob, config->reserved_base, config->reserved_bytes));
	tree_note(w, fdt_finish_reservemap(blob));
	tree_begin(w, "");
	tree_put_cell_counts(w, 2, 2);
	tree_put_string(w, "compatible", "riscv-virtio");
	tree_put_string(w, "model", "assay,virt");
	chosen_node(w, config);
	if (config->partition.count == 1) {
		power_node(w, "poweroff", "syscon-poweroff", 0x5555);
		power_node(w, "reboot", "syscon-reboot", 0x7777);
	}
	memory_nodes(w, config);
	cpu_nodes(w, config);
	soc_node(w, config);
	tree_end(w);
	tree_note(w, fdt_finish(blob));
	return w->error ? -1 : (int)fdt_totalsize(blob);
}
