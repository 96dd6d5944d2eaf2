#include "models/board/device_tree.h"

#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "models/board/memory_map.h"

/* libfdt's sequential writer keeps its own error state in the blob; the first error is remembered here and reported once. */
struct writer {
	void *blob;
	int error;
};

enum { PHANDLE_PLIC = 0x20, PHANDLE_TEST = 0x21, PHANDLE_INTC = 0x30, TIMEBASE_HZ = 10000000, UART_CLOCK_HZ = 3686400 };
enum { IRQ_MSI = 3, IRQ_MTI = 7, IRQ_SEI = 9, IRQ_MEI = 11, MAX_CELLS = 64, CACHE_BLOCK_BYTES = 64 };

static void note(struct writer *w, int error)
{
	if (error < 0 && !w->error)
		w->error = error;
}

static void begin(struct writer *w, const char *name)
{
	note(w, fdt_begin_node(w->blob, name));
}

static void begin_at(struct writer *w, const char *name, uint64_t address)
{
	char text[64];
	snprintf(text, sizeof text, "%s@%llx", name, (unsigned long long)address);
	begin(w, text);
}

static void end(struct writer *w)
{
	note(w, fdt_end_node(w->blob));
}

static void put_cells(struct writer *w, const char *name, const uint32_t *cells, size_t count)
{
	fdt32_t big[MAX_CELLS];
	for (size_t i = 0; i < count; i++)
		big[i] = cpu_to_fdt32(cells[i]);
	note(w, fdt_property(w->blob, name, big, (int)(count * sizeof big[0])));
}

static void put_u32(struct writer *w, const char *name, uint32_t value)
{
	put_cells(w, name, &value, 1);
}

static void put_string(struct writer *w, const char *name, const char *value)
{
	note(w, fdt_property(w->blob, name, value, (int)strlen(value) + 1));
}

/* A list of strings as one literal: "a\0b". */
#define put_strings(w, name, list) note((w), fdt_property((w)->blob, (name), (list), (int)sizeof(list)))

static void put_flag(struct writer *w, const char *name)
{
	note(w, fdt_property(w->blob, name, NULL, 0));
}

static void put_reg(struct writer *w, uint64_t base, uint64_t bytes)
{
	uint32_t cells[] = {(uint32_t)(base >> 32), (uint32_t)base, (uint32_t)(bytes >> 32), (uint32_t)bytes};
	put_cells(w, "reg", cells, 4);
}

static void put_cell_counts(struct writer *w, uint32_t address, uint32_t size)
{
	put_u32(w, "#address-cells", address);
	put_u32(w, "#size-cells", size);
}

static void put_interrupt(struct writer *w, uint32_t source)
{
	put_u32(w, "interrupt-parent", PHANDLE_PLIC);
	put_u32(w, "interrupts", source);
}

static void cpu_nodes(struct writer *w, const struct device_tree_config *config)
{
	begin(w, "cpus");
	put_cell_counts(w, 1, 0);
	put_u32(w, "timebase-frequency", TIMEBASE_HZ);
	for (unsigned hart = 0; hart < config->harts; hart++) {
		begin_at(w, "cpu", hart);
		put_string(w, "device_type", "cpu");
		put_u32(w, "reg", hart);
		put_string(w, "status", "okay");
		put_string(w, "compatible", "riscv");
		put_string(w, "riscv,isa", config->isa);
		put_string(w, "mmu-type", "riscv,sv57");
		put_u32(w, "riscv,cbom-block-size", CACHE_BLOCK_BYTES);
		put_u32(w, "riscv,cboz-block-size", CACHE_BLOCK_BYTES);
		begin(w, "interrupt-controller");
		put_u32(w, "#interrupt-cells", 1);
		put_flag(w, "interrupt-controller");
		put_string(w, "compatible", "riscv,cpu-intc");
		put_u32(w, "phandle", PHANDLE_INTC + hart);
		end(w);
		end(w);
	}
	end(w);
}

/* A local interrupt controller's wiring: two lines a hart. */
static void put_hart_lines(struct writer *w, unsigned harts, uint32_t first, uint32_t second)
{
	uint32_t cells[MAX_CELLS];
	for (unsigned hart = 0; hart < harts; hart++) {
		cells[hart * 4] = cells[hart * 4 + 2] = PHANDLE_INTC + hart;
		cells[hart * 4 + 1] = first;
		cells[hart * 4 + 3] = second;
	}
	put_cells(w, "interrupts-extended", cells, (size_t)harts * 4);
}

static void interrupt_nodes(struct writer *w, unsigned harts)
{
	begin_at(w, "plic", HOST_PLIC_BASE);
	put_u32(w, "phandle", PHANDLE_PLIC);
	put_u32(w, "riscv,ndev", 95);
	put_reg(w, HOST_PLIC_BASE, 0x600000);
	put_hart_lines(w, harts, IRQ_MEI, IRQ_SEI);
	put_flag(w, "interrupt-controller");
	put_strings(w, "compatible", "sifive,plic-1.0.0\0riscv,plic0");
	put_u32(w, "#address-cells", 0);
	put_u32(w, "#interrupt-cells", 1);
	end(w);

	begin_at(w, "clint", HOST_CLINT_BASE);
	put_hart_lines(w, harts, IRQ_MSI, IRQ_MTI);
	put_reg(w, HOST_CLINT_BASE, 0x10000);
	put_strings(w, "compatible", "sifive,clint0\0riscv,clint0");
	end(w);
}

static void put_interrupt_map(struct writer *w)
{
	uint32_t mask[] = {0x1800, 0, 0, 7};
	put_cells(w, "interrupt-map-mask", mask, 4);

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
	note(w, fdt_property(w->blob, "interrupt-map", map, (int)sizeof map));
}

static void pcie_node(struct writer *w)
{
	uint32_t ranges[] = {
		0x1000000, 0, 0, 0, (uint32_t)HOST_PCIE_IO_BASE, 0, 0x10000,
		0x2000000, 0, (uint32_t)HOST_PCIE32_BASE, 0, (uint32_t)HOST_PCIE32_BASE, 0, (uint32_t)HOST_PCIE32_BYTES,
		0x3000000, HOST_PCIE64_BASE >> 32, 0, HOST_PCIE64_BASE >> 32, 0, HOST_PCIE64_BYTES >> 32, 0,
	};
	uint32_t buses[] = {0, 0xff};

	begin_at(w, "pci", HOST_ECAM_BASE);
	put_interrupt_map(w);
	put_cells(w, "ranges", ranges, sizeof ranges / sizeof ranges[0]);
	put_reg(w, HOST_ECAM_BASE, HOST_ECAM_BYTES);
	put_flag(w, "dma-coherent");
	put_cells(w, "bus-range", buses, 2);
	put_u32(w, "linux,pci-domain", 0);
	put_string(w, "device_type", "pci");
	put_string(w, "compatible", "pci-host-ecam-generic");
	put_cell_counts(w, 3, 2);
	put_u32(w, "#interrupt-cells", 1);
	end(w);
}

static void bau_node(struct writer *w, unsigned harts)
{
	uint32_t cells[MAX_CELLS];
	cells[0] = HOST_IRQ_BAU;
	for (unsigned hart = 0; hart < harts; hart++)
		cells[1 + hart] = HOST_IRQ_BAU_NOTIFY + hart;

	begin_at(w, "bau", HOST_BAU_BASE);
	put_string(w, "compatible", "assay,bau-1.0");
	put_reg(w, HOST_BAU_BASE, HOST_BAU_BYTES);
	put_u32(w, "interrupt-parent", PHANDLE_PLIC);
	put_cells(w, "interrupts", cells, harts + 1);
	end(w);
}

static void small_device_nodes(struct writer *w)
{
	begin_at(w, "event-port", HOST_EVENT_PORT_BASE);
	put_reg(w, HOST_EVENT_PORT_BASE, 0x1000);
	put_string(w, "compatible", "assay,event-port-1.0");
	end(w);

	begin_at(w, "rtc", HOST_RTC_BASE);
	put_interrupt(w, HOST_IRQ_RTC);
	put_reg(w, HOST_RTC_BASE, 0x1000);
	put_string(w, "compatible", "google,goldfish-rtc");
	end(w);

	begin_at(w, "serial", HOST_UART_BASE);
	put_interrupt(w, HOST_IRQ_UART);
	put_reg(w, HOST_UART_BASE, 0x100);
	put_u32(w, "clock-frequency", UART_CLOCK_HZ);
	put_string(w, "compatible", "ns16550a");
	end(w);

	begin_at(w, "test", HOST_FINISHER_BASE);
	put_u32(w, "phandle", PHANDLE_TEST);
	put_reg(w, HOST_FINISHER_BASE, 0x1000);
	put_strings(w, "compatible", "sifive,test1\0sifive,test0\0syscon");
	end(w);
}

static void soc_node(struct writer *w, const struct device_tree_config *config)
{
	begin(w, "soc");
	put_cell_counts(w, 2, 2);
	put_string(w, "compatible", "simple-bus");
	put_flag(w, "ranges");
	small_device_nodes(w);
	bau_node(w, config->harts);
	pcie_node(w);
	interrupt_nodes(w, config->harts);
	end(w);
}

static void power_node(struct writer *w, const char *name, const char *compatible, uint32_t value)
{
	begin(w, name);
	put_u32(w, "value", value);
	put_u32(w, "offset", 0);
	put_u32(w, "regmap", PHANDLE_TEST);
	put_string(w, "compatible", compatible);
	end(w);
}

static void memory_nodes(struct writer *w, const struct device_tree_config *config)
{
	begin_at(w, "memory", HOST_RAM_BASE);
	put_string(w, "device_type", "memory");
	put_reg(w, HOST_RAM_BASE, config->ram_bytes);
	end(w);
	if (!config->mailbox_bytes)
		return;
	begin(w, "reserved-memory");
	put_cell_counts(w, 2, 2);
	put_flag(w, "ranges");
	begin_at(w, "mailbox", config->mailbox_base);
	put_string(w, "compatible", "assay,mailbox");
	put_reg(w, config->mailbox_base, config->mailbox_bytes);
	put_interrupt(w, HOST_IRQ_MAILBOX);
	put_flag(w, "no-map");
	end(w);
	end(w);
}

static void chosen_node(struct writer *w, const struct device_tree_config *config)
{
	begin(w, "chosen");
	put_string(w, "stdout-path", "/soc/serial@10000000");
	if (config->bootargs)
		put_string(w, "bootargs", config->bootargs);
	if (config->initrd_bytes) {
		note(w, fdt_property_u64(w->blob, "linux,initrd-start", config->initrd_base));
		note(w, fdt_property_u64(w->blob, "linux,initrd-end", config->initrd_base + config->initrd_bytes));
	}
	end(w);
}

int device_tree_build(const struct device_tree_config *config, void *blob, size_t size)
{
	struct writer writer = {.blob = blob};
	struct writer *w = &writer;

	note(w, fdt_create(blob, (int)size));
	if (config->reserved_bytes)
		note(w, fdt_add_reservemap_entry(blob, config->reserved_base, config->reserved_bytes));
	note(w, fdt_finish_reservemap(blob));
	begin(w, "");
	put_cell_counts(w, 2, 2);
	put_string(w, "compatible", "riscv-virtio");
	put_string(w, "model", "assay,virt");
	chosen_node(w, config);
	power_node(w, "poweroff", "syscon-poweroff", 0x5555);
	power_node(w, "reboot", "syscon-reboot", 0x7777);
	memory_nodes(w, config);
	cpu_nodes(w, config);
	soc_node(w, config);
	end(w);
	note(w, fdt_finish(blob));
	return w->error ? -1 : (int)fdt_totalsize(blob);
}
