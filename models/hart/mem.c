/* Loads, stores and atomics off the fast path: TLB misses, tracked pages, page crossings, devices. */
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"
#include "native_ops.h"

/* imm of LDX to STP: the immediate from bit UPDATE_IMM on, below it aux. */
enum { ACCESS_BYTES = 16, UPDATE_IMM = 4, UPDATE_CUT = 8 };

/* One access to one page. */
struct access {
	uint64_t va;
	unsigned bytes;
	enum access_kind kind;
	unsigned mode;		/* enum data_mode, or DATA_MODES: do not use the TLB */
	struct access_mode how;
};

static int translate(struct hart_core *c, const struct access *a, struct translation *t, struct fault *fault)
{
	struct tlb_entry *e;

	if (UNLIKELY(c->debug.watches))
		debug_note_access(c, a->va, a->bytes, a->kind);
	if (a->mode < DATA_MODES) {
		e = &(a->kind == ACCESS_READ ? c->read : c->write)[a->mode][a->va >> PAGE_SHIFT & (TLB_ENTRIES - 1)];
		if (e->page == (a->va & PAGE_MASK)) {
			t->pa = e->pa | (a->va & ~PAGE_MASK);
			t->host = e->addend ? memory_at(c->domain, t->pa, a->bytes, &t->memory) : NULL;
			return 0;
		}
	}
	if (mmu_translate(c, a->va, a->bytes, a->kind, &a->how, false, t, fault))
		return -1;
	if (a->mode < DATA_MODES)
		tlb_fill(c, a->mode, a->va, a->kind, t);
	return 0;
}

static void raise_access(struct hart_core *c, const struct access *a, uint64_t cause)
{
	struct fault f = {.cause = cause, .tval = a->va, .gva = a->how.virt};

	trap_take(c, &f);
}

/* What the bus said, or what hart_complete_access() brought for an access that had to wait. */
static enum outcome bus_answer(struct hart_core *c, const struct access *a, int status, uint64_t *value)
{
	struct hart *h = &c->state;

	if (h->wait == HART_WAIT_DONE) {
		h->wait = HART_WAIT_NONE;
		status = h->wait_fault ? HART_BUS_FAULT : HART_BUS_OK;
		*value = h->wait_value;
	}
	if (status == HART_BUS_WAIT) {
		h->wait = HART_WAIT_PENDING;
		c->attention |= ATTENTION_WAIT;
		return STALLED;
	}
	if (status == HART_BUS_FAULT) {
		raise_access(c, a, a->kind == ACCESS_READ ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
		return TRAPPED;
	}
	return DONE;
}

static enum outcome bus_load(struct hart_core *c, const struct access *a, uint64_t pa, uint64_t *value)
{
	const struct hart_bus_ops *bus = &c->domain->bus;
	int status = HART_BUS_FAULT;

	if (c->state.wait == HART_WAIT_NONE && pa % a->bytes == 0)
		status = bus->load(bus->ctx, c->index, pa, a->bytes, value);
	return bus_answer(c, a, status, value);
}

static enum outcome bus_store(struct hart_core *c, const struct access *a, uint64_t pa, uint64_t value)
{
	const struct hart_bus_ops *bus = &c->domain->bus;
	int status = HART_BUS_FAULT;

	if (c->state.wait == HART_WAIT_NONE && pa % a->bytes == 0)
		status = bus->store(bus->ctx, c->index, pa, a->bytes, value);
	return bus_answer(c, a, status, &value);
}

static void memory_store(struct hart_core *c, const struct translation *t, unsigned bytes, const void *value)
{
	memcpy(t->host, value, bytes);
	page_stored(c->domain, (int)c->index, t->memory, t->pa, bytes, PAGE_TRACKED);
}

static uint64_t extend(uint64_t value, unsigned code)
{
	unsigned shift = 64 - (8u << (code & 3));

	return code & LOAD_UNSIGNED ? value << shift >> shift : (uint64_t)((int64_t)(value << shift) >> shift);
}

/* The second page's part of an access that crosses pages reports its own address (privileged 3.1.16). */
static enum outcome crossing(struct hart_core *c, const struct access *a, void *value)
{
	struct access part[2] = {*a, *a};
	struct translation t[2];
	struct fault fault;
	uint8_t bytes[ACCESS_BYTES] = {0};

	part[0].bytes = PAGE_BYTES - (unsigned)(a->va & ~PAGE_MASK);
	part[1].bytes = a->bytes - part[0].bytes;
	part[1].va = a->va + part[0].bytes;
	memcpy(bytes, value, a->bytes);
	for (unsigned i = 0; i < 2; i++) {
		if (translate(c, &part[i], &t[i], &fault)) {
			trap_take(c, &fault);
			return TRAPPED;
		}
		if (!t[i].host) {
			raise_access(c, &part[i], a->kind == ACCESS_READ ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
			return TRAPPED;
		}
	}
	for (unsigned i = 0, at = 0; i < 2; at += part[i].bytes, i++) {
		if (a->kind == ACCESS_READ)
			memcpy(bytes + at, t[i].host, part[i].bytes);
		else
			memory_store(c, &t[i], part[i].bytes, bytes + at);
	}
	memcpy(value, bytes, a->bytes);
	return DONE;
}

static bool crosses(const struct access *a) { return (a->va & ~PAGE_MASK) + a->bytes > PAGE_BYTES; }

static enum outcome load(struct hart_core *c, const struct access *a, unsigned code, uint64_t *value)
{
	struct translation t;
	struct fault fault;
	enum outcome o = DONE;

	*value = 0;
	if (crosses(a)) {
		o = crossing(c, a, value);
	} else if (translate(c, a, &t, &fault)) {
		trap_take(c, &fault);
		return TRAPPED;
	} else if (t.host) {
		memcpy(value, t.host, a->bytes);
	} else {
		o = bus_load(c, a, t.pa, value);
	}
	*value = extend(*value, code);
	return o;
}

static enum outcome store(struct hart_core *c, const struct access *a, uint64_t value)
{
	struct translation t;
	struct fault fault;

	if (crosses(a))
		return crossing(c, a, &value);
	if (translate(c, a, &t, &fault)) {
		trap_take(c, &fault);
		return TRAPPED;
	}
	if (!t.host)
		return bus_store(c, a, t.pa, value);
	memory_store(c, &t, a->bytes, &value);
	return DONE;
}

static struct access data_access(const struct hart_core *c, uint64_t va, unsigned code, enum access_kind kind)
{
	return (struct access){.va = va, .bytes = 1u << (code & 3), .kind = kind, .mode = c->data_mode, .how = mmu_data_mode(&c->state)};
}

enum outcome mem_load(struct hart_core *c, uint64_t va, unsigned code, uint64_t *value)
{
	struct access a = data_access(c, va, code, ACCESS_READ);

	return load(c, &a, code, value);
}

enum outcome mem_store(struct hart_core *c, uint64_t va, unsigned code, uint64_t value)
{
	struct access a = data_access(c, va, code, ACCESS_WRITE);

	return store(c, &a, value);
}

/* Loads and stores that also change their base, and narrow results: the address register is written once nothing can trap any more. */
static uint64_t update_address(const struct hart *h, const struct xop *op)
{
	bool after = op->code == NATIVE_LDPOST || op->code == NATIVE_STPOST;

	return h->x[op->rs1] + (after ? 0 : (uint64_t)(int64_t)(op->imm >> UPDATE_IMM));
}

enum outcome mem_load_update(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	uint64_t value, base = h->x[op->rs1] + (uint64_t)(int64_t)(op->imm >> UPDATE_IMM);
	struct access a = data_access(c, update_address(h, op), (unsigned)op->imm & 7, ACCESS_READ);
	enum outcome o = load(c, &a, (unsigned)op->imm & 7, &value);

	if (o != DONE)
		return o;
	if (op->code != NATIVE_LDX)
		h->x[op->rs1] = base;
	h->x[op->rd] = op->imm & UPDATE_CUT ? (uint32_t)value : value;
	return DONE;
}

enum outcome mem_store_update(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	uint64_t base = h->x[op->rs1] + (uint64_t)(int64_t)(op->imm >> UPDATE_IMM);
	struct access a = data_access(c, update_address(h, op), (unsigned)op->imm & 3, ACCESS_WRITE);
	enum outcome o = store(c, &a, h->x[op->rs2]);

	if (o == DONE)
		h->x[op->rs1] = base;
	return o;
}

/* One access of twice the size: nothing is written or loaded unless all of it can be. Only memory takes it. */
static enum outcome pair_access(struct hart_core *c, const struct access *a, void *bytes)
{
	struct translation t;
	struct fault fault;

	if (crosses(a))
		return crossing(c, a, bytes);
	if (translate(c, a, &t, &fault)) {
		trap_take(c, &fault);
		return TRAPPED;
	}
	if (!t.host) {
		raise_access(c, a, a->kind == ACCESS_READ ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
		return TRAPPED;
	}
	if (a->kind == ACCESS_READ)
		memcpy(bytes, t.host, a->bytes);
	else
		memory_store(c, &t, a->bytes, bytes);
	return DONE;
}

enum outcome mem_pair(struct hart_core *c, const struct xop *op)
{
	enum { WORDS_SIGNED = 1, DOUBLES = 2, AT_BASE = 2 };
	struct hart *h = &c->state;
	unsigned kind = (unsigned)op->imm & 3, mode = (unsigned)op->imm >> 2 & 3;
	uint64_t base = h->x[op->rs1], next = base + (uint64_t)(int64_t)(op->imm >> UPDATE_IMM), both[2];
	uint32_t words[2] = {(uint32_t)h->x[op->rd], (uint32_t)h->x[op->rs2]};
	struct access a = data_access(c, mode == AT_BASE ? base : next, 0, op->code == NATIVE_LDP ? ACCESS_READ : ACCESS_WRITE);
	enum outcome o;

	a.bytes = kind == DOUBLES ? 16 : 8;
	both[0] = h->x[op->rd];
	both[1] = h->x[op->rs2];
	o = pair_access(c, &a, kind == DOUBLES ? (void *)both : (void *)words);
	if (o != DONE)
		return o;
	if (mode)
		h->x[op->rs1] = next;
	if (op->code == NATIVE_STP)
		return DONE;
	for (unsigned i = 0; i < 2; i++)
		h->x[i ? op->rs2 : op->rd] = kind == DOUBLES ? both[i] : kind == WORDS_SIGNED ? (uint64_t)(int32_t)words[i] : words[i];
	return DONE;
}

/* HLV, HLVX, HSV: an access as the guest would make it (privileged 8.2.4: hypervisor load and store instructions). */
enum outcome mem_guest(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	unsigned code = (unsigned)op->imm;
	struct access a = {.va = h->x[op->rs1], .bytes = 1u << (code & 3), .mode = DATA_MODES,
		.kind = op->code == NATIVE_HSV ? ACCESS_WRITE : ACCESS_READ,
		.how = {.priv = h->hstatus & HSTATUS_SPVP ? HART_S : HART_U, .virt = 1, .sum = h->vsstatus & MSTATUS_SUM,
			.hlvx = op->code == NATIVE_HLVX}};
	uint64_t value;
	enum outcome o;

	if (!(h->isa & HART_ISA_H))
		return trap_illegal(c);
	if (h->virt)
		return trap_virtual(c);
	if (h->priv == HART_U && !(h->hstatus & HSTATUS_HU))
		return trap_illegal(c);
	if (!a.how.hlvx)
		a.mode = a.how.priv == HART_U ? DATA_VU : a.how.sum ? DATA_VS_SUM : DATA_VS;
	if (op->code == NATIVE_HSV)
		return store(c, &a, h->x[op->rs2]);
	o = load(c, &a, code, &value);
	if (o == DONE)
		h->x[op->rd] = value;
	return o;
}

static uint64_t combine(unsigned code, uint64_t old, uint64_t operand, unsigned size)
{
	/* Both values are sign-extended, which keeps the order of unsigned words too. */
	int64_t a = (int64_t)old, b = (int64_t)operand;

	if ((size & 3) == 2) {
		b = (int32_t)operand;
		operand = (uint64_t)b;
	}
	switch (code) {
	case NATIVE_AMOADD: return old + operand;
	case NATIVE_AMOXOR: return old ^ operand;
	case NATIVE_AMOAND: return old & operand;
	case NATIVE_AMOOR: return old | operand;
	case NATIVE_AMOMIN: return (uint64_t)(a < b ? a : b);
	case NATIVE_AMOMAX: return (uint64_t)(a > b ? a : b);
	case NATIVE_AMOMINU: return old < operand ? old : operand;
	case NATIVE_AMOMAXU: return old > operand ? old : operand;
	default: return operand;
	}
}

static enum outcome load_reserved(struct hart_core *c, const struct xop *op, const struct translation *t, uint64_t old)
{
	struct hart *h = &c->state;

	h->reserved_valid = 1;
	h->reserved_pa = t->pa & ~(uint64_t)7;
			page_mark(c->domain, t->memory, t->pa, PAGE_RESERVED);
	h->x[op->rd] = old;
	return DONE;
}

static enum outcome store_conditional(struct hart_core *c, const struct xop *op, const struct translation *t, unsigned bytes)
{
	struct hart *h = &c->state;
	bool held = h->reserved_valid && h->reserved_pa == (t->pa & ~(uint64_t)7);

	h->reserved_valid = 0;
	if (held)
		memory_store(c, t, bytes, &h->x[op->rs2]);
	h->x[op->rd] = !held;
	return DONE;
}

/* LR, SC and AMO: only memory takes them, and only aligned. An LR is a load, the rest are stores, also for faults. */
enum outcome mem_atomic(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	unsigned size = (unsigned)op->imm;
	struct access a = data_access(c, h->x[op->rs1], size, op->code == NATIVE_LR ? ACCESS_READ : ACCESS_WRITE);
	struct translation t;
	struct fault fault;
	uint64_t old = 0, result;

	if (a.va & (a.bytes - 1) && c->application) {
		/* Firmware emulates misaligned accesses that it is told of, by what it believes to be a RISC-V instruction. */
		raise_access(c, &a, op->code == NATIVE_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
		return TRAPPED;
	}
	if (a.va & (a.bytes - 1)) {
		raise_access(c, &a, op->code == NATIVE_LR ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED);
		return TRAPPED;
	}
	if (translate(c, &a, &t, &fault)) {
		trap_take(c, &fault);
		return TRAPPED;
	}
	if (!t.host) {
		raise_access(c, &a, op->code == NATIVE_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS);
		return TRAPPED;
	}
	memcpy(&old, t.host, a.bytes);
	old = extend(old, size);
	if (op->code == NATIVE_LR)
		return load_reserved(c, op, &t, old);
	if (op->code == NATIVE_SC)
		return store_conditional(c, op, &t, a.bytes);
	result = combine(op->code, old, h->x[op->rs2], size);
	memory_store(c, &t, a.bytes, &result);
	h->x[op->rd] = old;
	return DONE;
}

/* What the environment registers say about a cache-block instruction (CMO 1.0, 3.4). */
static enum outcome cache_block_right(struct hart_core *c, const struct xop *op)
{
	enum { INVALIDATE = 0 };
	const struct hart *h = &c->state;
	uint64_t enable = op->code == NATIVE_CBOZERO ? ENVCFG_CBZE : op->imm == INVALIDATE ? ENVCFG_CBIE : ENVCFG_CBCFE;

	if (h->priv == HART_M)
		return DONE;
	if (!(h->menvcfg & enable))
		return trap_illegal(c);
	if (h->virt && (!(h->henvcfg & enable) || (h->priv == HART_U && !(h->senvcfg & enable))))
		return trap_virtual(c);
	if (h->priv == HART_U && !(h->senvcfg & enable))
		return trap_illegal(c);
	return DONE;
}

/* CBO.ZERO stores zeroes. Memory is coherent, so INVAL, CLEAN and FLUSH only need the right to load or to store. */
enum outcome mem_cache_block(struct hart_core *c, const struct xop *op)
{
	static const uint8_t zeroes[CACHE_BLOCK_BYTES];
	uint64_t va = c->state.x[op->rs1];
	struct access a = data_access(c, va & ~(uint64_t)(CACHE_BLOCK_BYTES - 1), 0, ACCESS_READ);
	struct translation t;
	struct fault fault;

	if (cache_block_right(c, op) != DONE)
		return TRAPPED;
	a.bytes = CACHE_BLOCK_BYTES;
	if (op->code == NATIVE_CBO && !translate(c, &a, &t, &fault))
		return DONE;
	a.kind = ACCESS_WRITE;
	if (translate(c, &a, &t, &fault)) {
		fault.tval = va;
		trap_take(c, &fault);
		return TRAPPED;
	}
	if (op->code == NATIVE_CBO)
		return DONE;
	if (!t.host) {
		a.va = va;
		raise_access(c, &a, CAUSE_STORE_ACCESS);
		return TRAPPED;
	}
	memory_store(c, &t, CACHE_BLOCK_BYTES, zeroes);
	return DONE;
}
