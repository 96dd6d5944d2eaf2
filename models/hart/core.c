/* Domains and harts: creation, reset, and what a debugger does with them. */
#include <stdlib.h>
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"
#include "models/hart/csr.h"
#include "models/hart/host_code.h"

static bool memories_valid(const struct hart_bus_ops *ops)
{
	for (unsigned i = 0; i < HART_MEMORIES && ops->memory[i].size; i++) {
		const struct hart_memory *m = &ops->memory[i];

		if (!m->host || m->base % PAGE_BYTES || m->size % PAGE_BYTES || m->base + (m->size - 1) < m->base)
			return false;
		for (unsigned k = 0; k < i; k++)
			if (m->base < ops->memory[k].base + ops->memory[k].size && ops->memory[k].base < m->base + m->size)
				return false;
	}
	return true;
}

static bool allocate(struct hart_domain *d, unsigned harts)
{
	bool ok = (d->arena = aligned_alloc(64, ARENA_SLOTS * sizeof(union slot))) != NULL;

	for (unsigned i = 0; i < HART_MEMORIES && d->bus.memory[i].size; i++) {
		size_t pages = d->bus.memory[i].size >> PAGE_SHIFT;
		struct memory_pages *p = &d->pages[i];

		p->flags = calloc(pages, sizeof(*p->flags));
		p->code_lines = calloc(pages, sizeof(*p->code_lines));
		p->fetched_lines = calloc(pages, sizeof(*p->fetched_lines));
		p->blocks = calloc(pages, sizeof(struct block *));
		ok = ok && p->flags && p->code_lines && p->fetched_lines && p->blocks;
	}
	for (unsigned i = 0; i < harts; i++) {
		d->core[i] = calloc(1, sizeof(struct hart_core));
		ok = ok && d->core[i];
	}
	return ok;
}

struct hart_domain *hart_domain_create(const struct hart_bus_ops *ops, const struct convert_tables *tables, unsigned harts)
{
	struct hart_domain *d;

	if (harts < 1 || harts > HART_DOMAIN_MAX || !memories_valid(ops))
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->bus = *ops;
	d->trace = ops->trace;
	d->trace_ctx = ops->ctx;
	d->tables = tables;
	if (!allocate(d, harts)) {
		hart_domain_destroy(d);
		return NULL;
	}
	d->harts = harts;
	hart_domain_set_heat(d, HOST_CODE_HEAT);
	for (unsigned i = 0; i < harts; i++) {
		d->core[i]->domain = d;
		d->core[i]->index = i;
		hart_reset(d->core[i], &(struct hart_config){.hartid = i});
	}
	return d;
}

void hart_domain_destroy(struct hart_domain *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < HART_MEMORIES; i++) {
		free(d->pages[i].flags);
		free(d->pages[i].code_lines);
		free(d->pages[i].fetched_lines);
		free(d->pages[i].blocks);
	}
	for (unsigned i = 0; i < HART_DOMAIN_MAX; i++)
		free(d->core[i]);
	free(d->arena);
	host_code_destroy(d->host_code);
	free(d);
}

void hart_domain_set_heat(struct hart_domain *d, unsigned heat)
{
	block_drop_all(d);
	d->heat = heat;
	if (heat && !d->host_code)
		d->host_code = host_code_create();
	if (!heat) {
		host_code_destroy(d->host_code);
		d->host_code = NULL;
	}
}

void hart_domain_set_application(struct hart_domain *d, const struct convert_tables *tables)
{
	d->application_tables = tables;
	hart_domain_drop_caches(d);
}

bool hart_runs_application(const struct hart_core *core) { return core->application; }

struct hart_core *hart_core_of(struct hart_domain *d, unsigned index) { return index < d->harts ? d->core[index] : NULL; }
struct hart *hart_state(struct hart_core *core) { return &core->state; }

void hart_reset(struct hart_core *core, const struct hart_config *config)
{
	uint64_t lines = core->state.mip_lines, hgeip = core->state.hgeip_lines;

	core->state = (struct hart){
		.pc = config->reset_pc, .hartid = config->hartid, .isa = config->isa, .priv = HART_M, .mip_lines = lines,
		.hgeip_lines = hgeip, .menvcfg = ENVCFG_ADUE | ENVCFG_PBMTE, .henvcfg = ENVCFG_ADUE | ENVCFG_PBMTE, .stimecmp = UINT64_MAX, .vstimecmp = UINT64_MAX,
		.mideleg = config->isa & HART_ISA_H ? IRQ_VS | IRQ(SGEI) : 0,
		.mstatus = config->isa & HART_ISA_M_ONLY ? MSTATUS_MPP : 0,
	};
	core->pass_breakpoint = false;
	hart_state_changed(core);
}

void hart_state_changed(struct hart_core *core)
{
	struct hart *h = &core->state;
	unsigned memory;

	h->x[0] = 0;
	tlb_forget_fills(core);
	tlb_flush(core);
	core->current = NULL;
	core->attention = (core->attention & ATTENTION_STOP) | (h->wait == HART_WAIT_PENDING ? ATTENTION_WAIT : 0u) |
		(debug_looks(core) ? ATTENTION_WATCH : 0u);
	core_update_mode(core);
	irq_update(core);
	if (h->reserved_valid && memory_at(core->domain, h->reserved_pa, 8, &memory))
		page_mark(core->domain, memory, h->reserved_pa, PAGE_RESERVED);
}

void hart_domain_drop_caches(struct hart_domain *d)
{
	block_drop_all(d);
	for (unsigned i = 0; i < d->harts; i++)
		hart_state_changed(d->core[i]);
}

void hart_complete_access(struct hart_core *core, int status, uint64_t value)
{
	struct hart *h = &core->state;

	if (h->wait != HART_WAIT_PENDING)
		return;
	h->wait = HART_WAIT_DONE;
	h->wait_fault = status != HART_BUS_OK;
	h->wait_value = value;
	core->attention &= ~(unsigned)ATTENTION_WAIT;
}

void hart_skip(struct hart_core *core, uint64_t cycles) { core->state.cycles += cycles; }

void hart_snoop_store(struct hart_domain *d, uint64_t pa, uint64_t bytes)
{
	while (bytes) {
		uint64_t here = PAGE_BYTES - (pa & ~PAGE_MASK);
		unsigned memory;

		if (here > bytes)
			here = bytes;
		if (memory_at(d, pa, 1, &memory)) {
			uint64_t number = (pa - d->bus.memory[memory].base) >> PAGE_SHIFT;

			if (d->pages[memory].flags[number] & PAGE_TRACKED)
				page_stored(d, -1, memory, pa, (unsigned)here, PAGE_TRACKED);
		}
		pa += here;
		bytes -= here;
	}
}
