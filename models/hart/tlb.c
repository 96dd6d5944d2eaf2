/* Software TLBs and the tracking of pages whose stores have consequences.
 *
 * The TLBs are invisible: a store to a page that holds page-table entries drops every translation of the domain, so what
 * they hold always equals what a walk would find. Pages with converted code, page tables or reserved lines never enter a
 * write TLB's fast path; their stores come through page_stored(). */
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"

enum { RESERVED_PATIENCE = 64 };

/* An empty entry is all ones. */
static void empty_table(void *table, size_t entries, size_t entry_bytes, struct fill_log *log)
{
	if (log->count > FILL_LOG)
		memset(table, 0xff, entries * entry_bytes);
	else
		for (unsigned i = 0; i < log->count; i++)
			memset((char *)table + log->at[i] * entry_bytes, 0xff, entry_bytes);
	log->count = 0;
}

void tlb_forget_fills(struct hart_core *c)
{
	for (unsigned m = 0; m < DATA_MODES; m++)
		c->filled_read[m].count = c->filled_write[m].count = FILL_LOG + 1;
	for (unsigned m = 0; m < FETCH_MODES; m++)
		c->filled_jump[m].count = FILL_LOG + 1;
	c->used_data = (1u << DATA_MODES) - 1;
	c->used_fetch = (1u << FETCH_MODES) - 1;
}

/* Forgets translations, which nobody notices. */
static void empty(struct hart_core *c)
{
	for (unsigned m = 0; m < DATA_MODES; m++) {
		if (!(c->used_data >> m & 1))
			continue;
		empty_table(c->read[m], TLB_ENTRIES, sizeof(c->read[m][0]), &c->filled_read[m]);
		empty_table(c->write[m], TLB_ENTRIES, sizeof(c->write[m][0]), &c->filled_write[m]);
	}
	for (unsigned m = 0; m < FETCH_MODES; m++) {
		if (!(c->used_fetch >> m & 1))
			continue;
		memset(c->fetch[m], 0xff, sizeof(c->fetch[m]));
		empty_table(c->jump[m], JUMP_ENTRIES, sizeof(c->jump[m][0]), &c->filled_jump[m]);
	}
	c->used_data = c->used_fetch = 0;
	c->op = NULL;
}

void tlb_flush(struct hart_core *c)
{
	empty(c);
	c->refetch = true;
}

void tlb_fill(struct hart_core *c, unsigned mode, uint64_t va, enum access_kind kind, const struct translation *t)
{
	uint64_t page = va & PAGE_MASK;
	struct tlb_entry *e;

	if (!t->whole_page)
		return;
	if (kind == ACCESS_EXECUTE) {
		e = &c->fetch[mode][page >> PAGE_SHIFT & (FETCH_ENTRIES - 1)];
		c->used_fetch = (uint16_t)(c->used_fetch | 1u << mode);
	} else {
		uint64_t index = page >> PAGE_SHIFT & (TLB_ENTRIES - 1);

		e = &(kind == ACCESS_READ ? c->read : c->write)[mode][index];
		fill_log_add(&(kind == ACCESS_READ ? c->filled_read : c->filled_write)[mode], index);
		c->used_data = (uint16_t)(c->used_data | 1u << mode);
	}
	e->page = page;
	e->pa = t->pa & PAGE_MASK;
	e->addend = t->host ? (uintptr_t)t->host - va : 0;
	e->tag = t->host && !(c->debug.watches && kind != ACCESS_EXECUTE && debug_watches_page(c, page)) ? page : UINT64_MAX;
	if (kind == ACCESS_WRITE && t->host) {
		const struct hart_memory *m = &c->domain->bus.memory[t->memory];
		uint8_t *flags = &c->domain->pages[t->memory].flags[(t->pa - m->base) >> PAGE_SHIFT];

		if (*flags & PAGE_TRACKED)
			e->tag = UINT64_MAX;
		else
			*flags |= PAGE_WRITABLE;
	}
}

static void revoke_write(struct tlb_entry *e, uint64_t pa)
{
	if (e->pa == pa)
		e->tag = UINT64_MAX;
}

/* Takes a page out of the fast path of every write TLB. */
static void revoke_writes(struct hart_domain *d, uint64_t pa)
{
	for (unsigned i = 0; i < d->harts; i++) {
		struct hart_core *c = d->core[i];

		for (unsigned m = 0; m < DATA_MODES; m++) {
			const struct fill_log *log = &c->filled_write[m];

			for (unsigned k = 0; log->count <= FILL_LOG && k < log->count; k++)
				revoke_write(&c->write[m][log->at[k]], pa);
			for (unsigned k = 0; log->count > FILL_LOG && k < TLB_ENTRIES; k++)
				revoke_write(&c->write[m][k], pa);
		}
	}
}

void page_mark(struct hart_domain *d, unsigned memory, uint64_t pa, unsigned flag)
{
	uint64_t number = (pa - d->bus.memory[memory].base) >> PAGE_SHIFT;
	uint8_t *flags = &d->pages[memory].flags[number];

	if (*flags & flag)
		return;
	if (*flags & PAGE_WRITABLE)
		revoke_writes(d, pa & PAGE_MASK);
	*flags = (uint8_t)((*flags & ~(unsigned)PAGE_WRITABLE) | flag);
}

static bool page_reserved(const struct hart_domain *d, uint64_t page)
{
	for (unsigned i = 0; i < d->harts; i++)
		if (d->core[i]->state.reserved_valid && (d->core[i]->state.reserved_pa & PAGE_MASK) == page)
			return true;
	return false;
}

static void break_reservations(struct hart_domain *d, int hart, uint64_t pa, unsigned bytes)
{
	for (int i = 0; i < (int)d->harts; i++) {
		struct hart *h = &d->core[i]->state;

		if (i != hart && h->reserved_valid && h->reserved_pa < pa + bytes && pa < h->reserved_pa + 8)
			h->reserved_valid = 0;
	}
}

/* The bits of a page's line map that BYTES bytes at PA touch. */
static uint64_t lines_of(uint64_t pa, unsigned bytes)
{
	unsigned first = (unsigned)(pa >> 6 & 63), last = (unsigned)((pa + bytes - 1) >> 6 & 63);

	return UINT64_MAX << first & UINT64_MAX >> (63 - last);
}

/* Tells who fetched the lines that BYTES bytes at PA touch. */
static void lines_stored(struct hart_domain *d, int hart, unsigned memory, uint64_t pa, unsigned bytes)
{
	uint64_t number = (pa - d->bus.memory[memory].base) >> PAGE_SHIFT;
	uint64_t *fetched = &d->pages[memory].fetched_lines[number], hit = *fetched & lines_of(pa, bytes);

	*fetched &= ~hit;
	if (!*fetched)
		d->pages[memory].flags[number] &= (uint8_t)~PAGE_FETCHED;
	for (; hit; hit &= hit - 1)
		d->stored(d->stored_ctx, hart, (pa & PAGE_MASK) | (uint64_t)__builtin_ctzll(hit) << 6);
}

/* A store of HART (-1: a device) to one page; FLAGS: consequences to consider. */
void page_stored(struct hart_domain *d, int hart, unsigned memory, uint64_t pa, unsigned bytes, unsigned flags)
{
	uint64_t number = (pa - d->bus.memory[memory].base) >> PAGE_SHIFT;
	uint8_t *have = &d->pages[memory].flags[number];

	flags &= *have;
	if (flags & PAGE_RESERVED) {
		break_reservations(d, hart, pa, bytes);
		/* A lock's page stays marked for a while: unmarking at once would revoke it again at the next LR. */
		if (++d->reserved_stores % RESERVED_PATIENCE == 0 && !page_reserved(d, pa & PAGE_MASK))
			*have &= (uint8_t)~PAGE_RESERVED;
	}
	if (flags & PAGE_CODE && d->pages[memory].code_lines[number] & lines_of(pa, bytes))
		block_kill_page(d, memory, pa);
	if (flags & PAGE_FETCHED)
		lines_stored(d, hart, memory, pa, bytes);
	if (flags & PAGE_TABLE) {
		for (unsigned i = 0; i < d->harts; i++)
			empty(d->core[i]);
		*have &= (uint8_t)~PAGE_TABLE;
	}
}

/* Recomputes what depends on privilege and mstatus; called after each change of them. */
void core_update_mode(struct hart_core *c)
{
	const struct hart *h = &c->state;
	struct access_mode m = mmu_data_mode(h);

	if (m.priv == HART_M)
		c->data_mode = DATA_M;
	else if (m.priv == HART_U)
		c->data_mode = m.virt ? DATA_VU : DATA_U;
	else
		c->data_mode = (uint8_t)((m.virt ? DATA_VS : DATA_S) + m.sum);
	if (h->priv == HART_M)
		c->fetch_mode = FETCH_M;
	else if (h->priv == HART_S)
		c->fetch_mode = h->virt ? FETCH_VS : FETCH_S;
	else
		c->fetch_mode = h->virt ? FETCH_VU : FETCH_U;
	c->application = h->priv == HART_U && h->uisa && (!h->virt || h->hisa) && c->domain->application_tables;
	if (c->application)
		c->fetch_mode = h->virt ? FETCH_VU_APPLICATION : FETCH_U_APPLICATION;
	fp_update(c);
	c->read_tlb = c->read[c->data_mode];
	c->write_tlb = c->write[c->data_mode];
	c->jump_cache = c->jump[c->fetch_mode];
	c->op = NULL;
	c->refetch = true;
}
