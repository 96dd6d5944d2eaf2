/* Address translation: Sv39, Sv48, Sv57 and their x4 forms, one or two stages, with hardware A/D updates (privileged 4.3 to 4.6,
 * 8.5; Svadu), 64 KiB ranges of pages (Svnapot), memory types (Svpbmt), which change nothing here: accesses are in order. */
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"

enum { SV39_LEVELS = 3, INDEX_BITS = 9, NAPOT_PAGES = 16, PSEUDO_READ = 0x3000, PSEUDO_WRITE = 0x3020 };

/* One translation request and where its walk stands. */
struct walk {
	struct hart_core *core;
	const struct access_mode *mode;
	uint64_t va;		/* the original address */
	unsigned bytes;
	enum access_kind kind;
	bool probe;		/* no A/D updates, no marks */
	struct fault *fault;
};

uint8_t *memory_at(struct hart_domain *d, uint64_t pa, unsigned bytes, unsigned *memory)
{
	for (unsigned i = 0; i < HART_MEMORIES && d->bus.memory[i].size; i++) {
		const struct hart_memory *m = &d->bus.memory[i];

		if (pa - m->base < m->size && m->size - (pa - m->base) >= bytes) {
			*memory = i;
			return m->host + (pa - m->base);
		}
	}
	return NULL;
}

struct access_mode mmu_data_mode(const struct hart *h)
{
	struct access_mode m = {.priv = h->priv, .virt = h->virt};

	if (h->mstatus & MSTATUS_MPRV) {
		m.priv = (uint8_t)pp_of(h->mstatus);
		m.virt = m.priv != HART_M && (h->mstatus & MSTATUS_MPV);
	}
	m.sum = (m.virt ? h->vsstatus : h->mstatus) & MSTATUS_SUM;
	return m;
}

static int fail(const struct walk *w, const uint64_t cause[3])
{
	w->fault->cause = cause[w->kind];
	w->fault->tval = w->va;
	w->fault->gva = w->mode->virt;
	return -1;
}

static int access_fault(const struct walk *w)
{
	static const uint64_t cause[] = {CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_FETCH_ACCESS};

	return fail(w, cause);
}

static int page_fault(const struct walk *w)
{
	static const uint64_t cause[] = {CAUSE_LOAD_PAGE, CAUSE_STORE_PAGE, CAUSE_FETCH_PAGE};

	return fail(w, cause);
}

static int guest_fault(const struct walk *w, uint64_t gpa, uint64_t tinst)
{
	static const uint64_t cause[] = {CAUSE_LOAD_GUEST, CAUSE_STORE_GUEST, CAUSE_FETCH_GUEST};

	w->fault->gpa = gpa;
	w->fault->tinst = tinst;
	return fail(w, cause);
}

/* The host address of a page-table entry, or NULL if there is no such memory or PMP forbids it. */
static uint8_t *entry_at(const struct walk *w, uint64_t pa, enum access_kind kind)
{
	struct hart_domain *d = w->core->domain;
	unsigned memory;
	bool whole;
	uint8_t *host = memory_at(d, pa, 8, &memory);

	if (!host || !pmp_allows(&w->core->state, pa, 8, kind, HART_S, &whole))
		return NULL;
	if (kind == ACCESS_WRITE && d->bus.memory[memory].read_only)
		return NULL;
	if (!w->probe && kind == ACCESS_READ)
		page_mark(d, memory, pa, PAGE_TABLE);
	return host;
}

/* Writes A and D back into the entry at PA. Does not count as a store to a page table: it takes no right away. */
static bool update_entry(const struct walk *w, uint64_t pa, uint64_t pte)
{
	struct hart_domain *d = w->core->domain;
	unsigned memory;
	uint8_t *host = entry_at(w, pa, ACCESS_WRITE);

	if (!host || !memory_at(d, pa, 8, &memory))
		return false;
	memcpy(host, &pte, 8);
	page_stored(d, (int)w->core->index, memory, pa, 8, PAGE_CODE | PAGE_FETCHED | PAGE_RESERVED);
	return true;
}

/* Whether a leaf's R, W, X bits allow the access. */
static bool leaf_allows(const struct walk *w, uint64_t pte, enum access_kind kind, bool mxr)
{
	if (kind == ACCESS_WRITE)
		return pte & PTE_W;
	if (kind == ACCESS_EXECUTE || w->mode->hlvx)
		return pte & PTE_X;
	return pte & PTE_R || (mxr && pte & PTE_X);
}

enum { WALK_OK, WALK_PAGE_FAULT, WALK_ACCESS_FAULT };

static bool entry_is_leaf(uint64_t pte) { return pte & (PTE_R | PTE_X); }

/* ENVCFG: the register that switches the stage's Svpbmt. Reserved: bits, encodings, and what only leaves may have. */
static bool entry_malformed(uint64_t pte, uint64_t envcfg)
{
	if (!(pte & PTE_V) || (pte & (PTE_R | PTE_W)) == PTE_W || pte & PTE_RESERVED)
		return true;
	if (!entry_is_leaf(pte))
		return pte & (PTE_A | PTE_D | PTE_U | PTE_N | PTE_PBMT);
	return pte & PTE_PBMT && (!(envcfg & ENVCFG_PBMTE) || (pte & PTE_PBMT) == PTE_PBMT);
}

/* Levels of a mode of satp, vsatp or hgatp that is not Bare. */
static unsigned levels_of(uint64_t atp) { return SV39_LEVELS + (unsigned)(atp >> ATP_MODE_SHIFT) - ATP_SV39; }

/* Address of VA's page inside the leaf at LEVEL; @return false if a superpage is misaligned or a range of pages has a reserved size. */
static bool leaf_target(uint64_t pte, unsigned level, uint64_t va, uint64_t *pa)
{
	uint64_t inside = (UINT64_C(1) << (PAGE_SHIFT + INDEX_BITS * level)) - 1;
	uint64_t ppn = pte >> PTE_PPN_SHIFT & ATP_PPN;

	if (pte & PTE_N) {
		if (level || (ppn & (NAPOT_PAGES - 1)) != NAPOT_PAGES / 2)
			return false;
		inside = ((uint64_t)NAPOT_PAGES << PAGE_SHIFT) - 1;
		ppn -= NAPOT_PAGES / 2;
	}
	*pa = ppn << PAGE_SHIFT | (va & inside);
	return !(ppn << PAGE_SHIFT & inside);
}

/* Second stage: guest-physical to physical. KIND is what the stage must permit; TINST describes an implicit access. */
static int walk_g(const struct walk *w, uint64_t gpa, enum access_kind kind, bool implicit, uint64_t tinst, uint64_t *pa)
{
	const struct hart *h = &w->core->state;
	uint64_t table = (h->hgatp & ATP_PPN) << PAGE_SHIFT, pte, index;
	struct access_mode plain = {.priv = HART_U, .virt = 1};
	struct walk implicit_walk = {.mode = &plain};
	unsigned levels;

	if (h->hgatp >> ATP_MODE_SHIFT == ATP_BARE) {
		*pa = gpa;
		return 0;
	}
	levels = levels_of(h->hgatp);
	if (gpa >> (PAGE_SHIFT + levels * INDEX_BITS + 2))
		return guest_fault(w, gpa, tinst);
	for (unsigned level = levels; level-- > 0; table = (pte >> PTE_PPN_SHIFT & ATP_PPN) << PAGE_SHIFT) {
		uint8_t *host;

		index = gpa >> (PAGE_SHIFT + INDEX_BITS * level) & (level == levels - 1 ? 0x7ff : 0x1ff);
		host = entry_at(w, table + index * 8, ACCESS_READ);
		if (!host)
			return access_fault(w);
		memcpy(&pte, host, 8);
		if (entry_malformed(pte, h->menvcfg))
			break;
		if (!entry_is_leaf(pte))
			continue;
		if (!leaf_target(pte, level, gpa, pa) || !(pte & PTE_U))
			break;
		if (!leaf_allows(implicit ? &implicit_walk : w, pte, kind, !implicit && h->mstatus & MSTATUS_MXR))
			break;
		if (!(pte & PTE_A) || (kind == ACCESS_WRITE && !(pte & PTE_D))) {
			if (!(h->menvcfg & ENVCFG_ADUE))
				break;
			if (!w->probe && !update_entry(w, table + index * 8, pte | PTE_A | (kind == ACCESS_WRITE ? PTE_D : 0)))
				return access_fault(w);
		}
		return 0;
	}
	return guest_fault(w, gpa, tinst);
}

/* Reads or updates an entry of the first stage, whose address is guest-physical if the access is virtual. */
static int entry_address(const struct walk *w, uint64_t address, enum access_kind kind, uint64_t *pa)
{
	if (w->mode->virt)
		return walk_g(w, address, kind, true, kind == ACCESS_WRITE ? PSEUDO_WRITE : PSEUDO_READ, pa);
	*pa = address;
	return 0;
}

static bool first_stage_permits(const struct walk *w, uint64_t pte)
{
	const struct hart *h = &w->core->state;
	bool mxr = h->mstatus & MSTATUS_MXR || (w->mode->virt && h->vsstatus & MSTATUS_MXR);

	if (w->mode->priv == HART_U ? !(pte & PTE_U) : pte & PTE_U && (w->kind == ACCESS_EXECUTE || !w->mode->sum))
		return false;
	return leaf_allows(w, pte, w->kind, mxr);
}

static uint64_t first_stage_envcfg(const struct walk *w)
{
	const struct hart *h = &w->core->state;

	return w->mode->virt ? h->henvcfg & h->menvcfg : h->menvcfg;
}

/* Sets A, and D for a store; @return 0 or the walk's failure. */
static int first_stage_touch(const struct walk *w, uint64_t pte, uint64_t at, uint64_t pa)
{
	uint64_t wanted = PTE_A | (w->kind == ACCESS_WRITE ? PTE_D : 0);

	if ((pte & wanted) == wanted)
		return 0;
	if (!(first_stage_envcfg(w) & ENVCFG_ADUE))
		return page_fault(w);
	if (w->probe)
		return 0;
	if (entry_address(w, at, ACCESS_WRITE, &pa))
		return -1;
	return update_entry(w, pa, pte | wanted) ? 0 : access_fault(w);
}

/* First stage: virtual to (guest-)physical. */
static int walk_s(const struct walk *w, uint64_t atp, uint64_t *out)
{
	uint64_t table = (atp & ATP_PPN) << PAGE_SHIFT, pte, at, pa;
	unsigned levels;
	int64_t top;

	if (atp >> ATP_MODE_SHIFT == ATP_BARE) {
		*out = w->va;
		return 0;
	}
	levels = levels_of(atp);
	top = (int64_t)w->va >> (PAGE_SHIFT + levels * INDEX_BITS - 1);
	if (top != 0 && top != -1)
		return page_fault(w);
	for (unsigned level = levels; level-- > 0; table = (pte >> PTE_PPN_SHIFT & ATP_PPN) << PAGE_SHIFT) {
		uint8_t *host;

		at = table + (w->va >> (PAGE_SHIFT + INDEX_BITS * level) & 0x1ff) * 8;
		if (entry_address(w, at, ACCESS_READ, &pa))
			return -1;
		host = entry_at(w, pa, ACCESS_READ);
		if (!host)
			return access_fault(w);
		memcpy(&pte, host, 8);
		if (entry_malformed(pte, first_stage_envcfg(w)))
			break;
		if (!entry_is_leaf(pte))
			continue;
		if (!first_stage_permits(w, pte) || !leaf_target(pte, level, w->va, out))
			break;
		return first_stage_touch(w, pte, at, pa);
	}
	return page_fault(w);
}

int mmu_translate(struct hart_core *c, uint64_t va, unsigned bytes, enum access_kind kind, const struct access_mode *mode,
	bool probe, struct translation *out, struct fault *fault)
{
	const struct hart *h = &c->state;
	struct walk w = {.core = c, .mode = mode, .va = va, .bytes = bytes, .kind = kind, .probe = probe, .fault = fault};
	uint64_t pa = va;

	*fault = (struct fault){0};
	if (mode->priv != HART_M) {
		if (walk_s(&w, mode->virt ? h->vsatp : h->satp, &pa))
			return -1;
		if (mode->virt && walk_g(&w, pa, kind, false, 0, &pa))
			return -1;
	}
	if (!pmp_allows(h, pa, bytes, kind, mode->priv, &out->whole_page))
		return access_fault(&w);
	out->pa = pa;
	out->host = memory_at(c->domain, pa, bytes, &out->memory);
	out->read_only = out->host && c->domain->bus.memory[out->memory].read_only;
	if (out->host ? out->read_only && kind == ACCESS_WRITE : kind == ACCESS_EXECUTE)
		return access_fault(&w);
	return 0;
}
