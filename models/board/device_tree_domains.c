/* OpenSBI's domains (its docs/domain_support.md): a partition's harts may reach the partition's memory and the devices, or parts of
 * devices, that are its own. What no region names is refused by PMP. OpenSBI itself keeps the CLINT, the BAU's global page and the PLIC's
 * source filter. A region is a power of two and becomes one of 16 PMP entries; a smaller one inside a larger one wins. */
#include <string.h>

#include "bau_regs.h"
#include "models/board/device_tree_writer.h"
#include "models/board/memory_map.h"
#include "models/board/plic.h"
#include "models/board/uart16550.h"
#include "see_regs.h"

enum { READ = 1, WRITE = 2, EXECUTE = 4, DOMAIN_REGIONS = 15, S_MODE = 1, RID_SHIFT = 12, PAGE_BYTES = 0x1000 };

struct region {
	uint64_t base, bytes;
	uint32_t access;
};

struct regions {
	struct region region[DOMAIN_REGIONS];
	unsigned count;
};

static void add(struct regions *r, uint64_t base, uint64_t bytes, uint32_t access)
{
	r->region[r->count++] = (struct region){base, bytes, access};
}

/* One of a kind for each hart, side by side. */
static void add_harts(struct regions *r, const struct partition *p, uint64_t base, uint64_t stride)
{
	add(r, base + p->first_hart * stride, p->harts * stride, READ | WRITE);
}

static uint64_t function_page(unsigned vf)
{
	return HOST_ECAM_BASE + ((uint64_t)(SEE_FIRST_VF_RID + vf - 1) << RID_SHIFT);
}

/* The first partition has the PF and therefore all of PCIe but the other one's functions. */
static void add_functions(struct regions *r, const struct partition *own, const struct partition *other)
{
	const struct partition *p = own->index == 0 ? other : own;
	uint32_t access = own->index == 0 ? 0 : READ | WRITE;

	if (own->index == 0) {
		add(r, HOST_ECAM_BASE, HOST_ECAM_BYTES, READ | WRITE);
		add(r, HOST_PCIE32_BASE, HOST_PCIE32_BYTES, READ | WRITE);
	}
	add(r, function_page(p->first_vf), (uint64_t)p->vfs << RID_SHIFT, access);
	add(r, p->vf_bar_base, (uint64_t)p->vfs * SEE_BAR_BYTES, access);
}

static void add_regions(struct regions *r, const struct partition *p, const struct partition *other)
{
	add(r, p->ram_base, p->ram_bytes, READ | WRITE | EXECUTE);
	add(r, HOST_EVENT_PORT_BASE, PAGE_BYTES, READ | WRITE);
	add(r, p->uart_base, UART_SIZE_BYTES, READ | WRITE);
	add(r, HOST_BAU_BASE + BAU_PARTITION_PAGE + p->index * BAU_PARTITION_STRIDE, BAU_PARTITION_STRIDE, READ | WRITE);
	add_harts(r, p, HOST_BAU_BASE + BAU_NOTIFY_PAGE, BAU_NOTIFY_STRIDE);
	add_harts(r, p, HOST_BAU_BASE + BAU_RECEIVER_PAGE, BAU_RECEIVER_STRIDE);
	add_harts(r, p, HOST_BAU_BASE + BAU_GUEST_PAGE, BAU_GUEST_STRIDE);
	add(r, HOST_PLIC_BASE, PAGE_BYTES, READ | WRITE);
	add_harts(r, p, HOST_PLIC_BASE + PLIC_ENABLE_BASE, 2 * PLIC_ENABLE_STRIDE);
	add_harts(r, p, HOST_PLIC_BASE + PLIC_CONTEXT_BASE, 2 * PLIC_CONTEXT_STRIDE);
	add_functions(r, p, other);
}

static void put_region(struct writer *w, const struct region *region, uint32_t phandle)
{
	tree_begin_at(w, "region", phandle);
	tree_put_string(w, "compatible", "opensbi,domain,memregion");
	tree_put_u32(w, "phandle", phandle);
	tree_put_u64(w, "base", region->base);
	tree_put_u32(w, "order", (uint32_t)__builtin_ctzll(region->bytes));
	if (region->base < HOST_RAM_BASE)
		tree_put_flag(w, "mmio");
	tree_end(w);
}

static void put_instance(struct writer *w, const struct device_tree_config *config, const struct partition *p, const struct regions *r, uint32_t phandle)
{
	uint32_t cells[2 * DOMAIN_REGIONS], harts[8];

	for (unsigned i = 0; i < r->count; i++) {
		cells[2 * i] = phandle + i;
		cells[2 * i + 1] = r->region[i].access;
	}
	for (unsigned i = 0; i < p->harts; i++)
		harts[i] = PHANDLE_CPU + p->first_hart + i;
	tree_begin_at(w, "partition", p->index);
	tree_put_string(w, "compatible", "opensbi,domain,instance");
	tree_put_u32(w, "phandle", PHANDLE_DOMAIN + p->index);
	tree_put_cells(w, "possible-harts", harts, p->harts);
	tree_put_cells(w, "regions", cells, 2 * r->count);
	tree_put_u32(w, "boot-hart", PHANDLE_CPU + p->first_hart);
	tree_put_u64(w, "next-arg1", p->tree_base);
	tree_put_u64(w, "next-addr", p->ram_base + config->next_offset);
	tree_put_u32(w, "next-mode", S_MODE);
	if (p->index == 0)
		tree_put_flag(w, "system-reset-allowed");
	tree_end(w);
}

void tree_domains(struct writer *w, const struct device_tree_config *config)
{
	tree_begin(w, "opensbi-domains");
	tree_put_string(w, "compatible", "opensbi,domain,config");
	for (unsigned i = 0; i < PARTITIONS_MAX; i++) {
		const struct partition *p = &config->domains[i];
		uint32_t phandle = PHANDLE_REGION + i * DOMAIN_REGIONS;
		struct regions regions = {0};

		add_regions(&regions, p, &config->domains[1 - i]);
		for (unsigned k = 0; k < regions.count; k++)
			put_region(w, &regions.region[k], phandle + k);
		put_instance(w, config, p, &regions, phandle);
	}
	tree_end(w);
}
