/* Converted blocks: built from guest bytes through the conversion tables, found by physical address.
 *
 * A block is a run of instructions inside one page. It goes on over conditional branches (their not-taken side) and ends after
 * an instruction that always leaves, before the page's end, or when full. An instruction that no block can hold (it crosses
 * into another page, or PMP divides its page) is converted into the hart's scratch block each time it executes. */
#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/core.h"
#include "models/hart/host_code.h"
#include "native_ops.h"

enum { LINE_SHIFT = 6 };

static struct block **bucket_of(struct hart_domain *d, uint64_t pa)
{
	return &d->bucket[(pa >> 1 ^ pa >> 13) & (BLOCK_BUCKETS - 1)];
}

/* What an op means for the block that holds it. */
static bool op_branches(unsigned code) { return code >= NATIVE_BEQ && code <= NATIVE_BCOND; }
static bool op_jumps(unsigned code) { return code == NATIVE_J || code == NATIVE_JR || code == NATIVE_JRX; }
/* After these privilege or translation may differ, or a trap is certain. */
static bool op_leaves(unsigned code) { return op_jumps(code) || code == NATIVE_ILLEGAL || code >= NATIVE_CSRW; }
static bool op_has_link(unsigned code) { return op_branches(code) || code == NATIVE_J || code == CODE_END; }

/* Which of rd, rs1 and rs2 are floating-point registers: bits 0 to 2. */
static const uint8_t float_operands[256] = {NATIVE_FLOAT_OPERANDS};
static const uint8_t stack_operands[256] = {NATIVE_STACK_OPERANDS};
static const uint8_t number_operands[256] = {NATIVE_NUMBER_OPERANDS};

/* ISA select: 31 and 0 change places, since the second guest ISA reads zero from register 31; where it says so 31 is the stack pointer. */
static uint8_t application_register(unsigned number, bool stack)
{
	if (number == 31)
		return stack ? HART_SP : 0;
	return (uint8_t)(number ? number : 31);
}

static void rename_operands(struct xop *op)
{
	unsigned stack = stack_operands[op->code], number = number_operands[op->code];
	uint8_t rd = application_register(op->rd, stack & 1);

	/* The rd of a store is a source. */
	op->rd = rd || op->code == NATIVE_STP ? rd : SINK;
	op->rs1 = application_register(op->rs1, stack & 2);
	if (!(number & 4))
		op->rs2 = application_register(op->rs2, stack & 4);
	if (op->code == NATIVE_LDP && !op->rs2)
		op->rs2 = SINK;
}

/* A part of an instruction in fast mode counts as an extra native op before it executes. */
void block_put_op(union slot *s, uint64_t native, unsigned at, unsigned n, bool application)
{
	unsigned code = native_opcode(native), rd = native_rd(native), aux = native_aux(native);
	unsigned floating = float_operands[code];
	int32_t imm = native_imm(native);

	if (code >= NATIVE_CSRW && code <= NATIVE_CSRC)
		imm |= (int32_t)(aux << 12);
	else if (floating)
		imm |= (int32_t)(aux << 5);
	else if (code >= NATIVE_LDX && code <= NATIVE_STP)
		imm = (int32_t)((uint32_t)imm << 4 | aux);
	else if (aux)
		imm = (int32_t)aux;
	s->op = (struct xop){.code = (uint8_t)code, .rd = (uint8_t)(floating & 1 ? HART_F0 + rd : rd ? rd : SINK),
		.rs1 = (uint8_t)(native_rs1(native) + (floating & 2 ? HART_F0 : 0u)),
		.rs2 = (uint8_t)(native_rs2(native) + (floating & 4 ? HART_F0 : 0u)), .imm = imm, .at = (uint16_t)at, .n = (uint8_t)n,
		.length = (uint8_t)native_length(native)};
	if (UNLIKELY(application)) {
		s->op.rd = (uint8_t)rd;
		rename_operands(&s->op);
	}
	s->op.jump = exec_handler(s->op.length ? code : CODE_PART);
}

/* Appends one instruction; @return slots used. */
static unsigned put_instruction(union slot *s, const struct convert_result *r, unsigned at, unsigned n, bool application)
{
	unsigned used = 0;

	for (unsigned i = 0; i < r->count; i++) {
		block_put_op(&s[used++], r->op[i], at, n, application);
		if (op_has_link(native_opcode(r->op[i])))
			s[used++].link = NULL;
	}
	return used;
}

static void put_end(union slot *s, unsigned at, unsigned n)
{
	s[0].op = (struct xop){.code = CODE_END, .at = (uint16_t)at, .n = (uint8_t)n, .jump = exec_handler(CODE_END)};
	s[1].link = NULL;
}

/* Converts from HOST to the end of its page into SLOT; @return slots used. */
static unsigned convert_run(const struct hart_core *c, const uint8_t *host, unsigned room, union slot *slot, unsigned *count, unsigned *bytes)
{
	const struct convert_tables *t = tables_in_use(c);

	unsigned at = 0, n = 0, used = 0;
	unsigned last = NATIVE_NOP;

	while (n < BLOCK_MAX_INSTRUCTIONS && room - at >= 2 && !op_leaves(last)) {
		struct convert_result r;
		uint32_t insn = 0;
		uint16_t first;

		memcpy(&first, host + at, 2);
		if (convert_length(t, first) > room - at)
			break;
		memcpy(&insn, host + at, room - at >= 4 ? 4 : 2);
		convert_instruction(t, insn, &r);
		used += put_instruction(slot + used, &r, at, n, c->application);
		last = native_opcode(r.op[r.count - 1]);
		at += r.length;
		n++;
	}
	if (!op_jumps(last)) {
		put_end(slot + used, at, n);
		used += 2;
	}
	*count = n;
	*bytes = at;
	return used;
}

static void mark_code(struct hart_domain *d, unsigned memory, struct block *b, unsigned bytes)
{
	uint64_t number = (b->pa - d->bus.memory[memory].base) >> PAGE_SHIFT;
	struct memory_pages *p = &d->pages[memory];
	unsigned first = (unsigned)(b->pa >> LINE_SHIFT & 63), last = (unsigned)((b->pa + bytes - 1) >> LINE_SHIFT & 63);

	page_mark(d, memory, b->pa, PAGE_CODE);
	p->code_lines[number] |= UINT64_MAX << first & UINT64_MAX >> (63 - last);
	b->page_next = p->blocks[number];
	p->blocks[number] = b;
}

/* Builds the block at T, or NULL if its first instruction does not fit into the page. */
static struct block *build(const struct hart_core *c, const struct translation *t)
{
	struct hart_domain *d = c->domain;
	size_t head = (sizeof(struct block) + sizeof(union slot) - 1) / sizeof(union slot);
	size_t most = head + BLOCK_MAX_INSTRUCTIONS * (CONVERT_MAX_OPS + 1) + 2;
	unsigned room = PAGE_BYTES - (unsigned)(t->pa & ~PAGE_MASK), count, bytes, used;
	struct block *b, **bucket;

	if (d->arena_used + most > ARENA_SLOTS)
		block_drop_all(d);
	b = (struct block *)&d->arena[d->arena_used];
	used = convert_run(c, t->host, room, b->slot, &count, &bytes);
	if (count == 0)
		return NULL;
	d->arena_used += head + used;
	b->pa = t->pa;
	b->host = t->host;
	b->instructions = (uint16_t)count;
	b->live = 1;
	b->application = c->application;
	b->heat = 0;
	if (d->host_code) {
		b->code = host_code_stub(d->host_code);
		b->slot[0].op.jump = exec_handler(CODE_COLD);
	}
	bucket = bucket_of(d, t->pa);
	b->next = *bucket;
	*bucket = b;
	mark_code(d, t->memory, b, bytes);
	return b;
}

static void unlink_block(struct hart_domain *d, struct block *b)
{
	struct block **p = bucket_of(d, b->pa);

	while (*p != b)
		p = &(*p)->next;
	*p = b->next;
	b->live = 0;
}

void block_kill_page(struct hart_domain *d, unsigned memory, uint64_t pa)
{
	uint64_t number = (pa - d->bus.memory[memory].base) >> PAGE_SHIFT;
	struct memory_pages *p = &d->pages[memory];

	for (struct block *b = p->blocks[number]; b; b = b->page_next)
		unlink_block(d, b);
	p->blocks[number] = NULL;
	p->code_lines[number] = 0;
	p->flags[number] &= (uint8_t)~PAGE_CODE;
	for (unsigned i = 0; i < d->harts; i++)
		d->core[i]->op = NULL;
}

void block_drop_all(struct hart_domain *d)
{
	memset(d->bucket, 0, sizeof(d->bucket));
	d->arena_used = 0;
	host_code_reset(d->host_code);
	d->drops++;
	for (unsigned m = 0; m < HART_MEMORIES && d->bus.memory[m].size; m++) {
		uint64_t pages = d->bus.memory[m].size >> PAGE_SHIFT;

		memset(d->pages[m].blocks, 0, pages * sizeof(struct block *));
		memset(d->pages[m].code_lines, 0, pages * sizeof(uint64_t));
		for (uint64_t i = 0; i < pages; i++)
			d->pages[m].flags[i] &= (uint8_t)~PAGE_CODE;
	}
	for (unsigned i = 0; i < d->harts; i++) {
		d->core[i]->op = NULL;
		memset(d->core[i]->jump, 0xff, sizeof(d->core[i]->jump));
	}
}

bool block_fetch_possible(struct hart_core *c, uint64_t pc)
{
	const struct access_mode mode = {.priv = c->state.priv, .virt = c->state.virt};
	struct translation t;
	struct fault fault;

	return c->fetch[c->fetch_mode][pc >> PAGE_SHIFT & (FETCH_ENTRIES - 1)].page == (pc & PAGE_MASK) ||
	       mmu_translate(c, pc, 2, ACCESS_EXECUTE, &mode, true, &t, &fault) == 0;
}

/* Translates a fetch of BYTES at PC, through the fetch TLB; takes the trap on failure. */
bool block_translate_fetch(struct hart_core *c, uint64_t pc, unsigned bytes, struct translation *t)
{
	const struct access_mode mode = {.priv = c->state.priv, .virt = c->state.virt};
	struct tlb_entry *e = &c->fetch[c->fetch_mode][pc >> PAGE_SHIFT & (FETCH_ENTRIES - 1)];
	struct fault fault;

	if (UNLIKELY(c->application && pc & 3)) {
		trap_raise(c, CAUSE_FETCH_MISALIGNED, pc);
		return false;
	}
	if (e->page == (pc & PAGE_MASK)) {
		t->pa = e->pa | (pc & ~PAGE_MASK);
		t->host = memory_at(c->domain, t->pa, bytes, &t->memory);
		t->whole_page = true;
		return true;
	}
	if (mmu_translate(c, pc, bytes, ACCESS_EXECUTE, &mode, false, t, &fault)) {
		trap_take(c, &fault);
		return false;
	}
	tlb_fill(c, c->fetch_mode, pc, ACCESS_EXECUTE, t);
	return true;
}

/* The instruction at PC, its halves translated one by one, as a block of its own. */
static struct block *build_scratch(struct hart_core *c, uint64_t pc, const struct translation *first)
{
	struct block *b = &c->scratch.block;
	struct convert_result r;
	struct translation second;
	uint16_t half;
	unsigned used;

	memcpy(&half, first->host, 2);
	c->scratch.insn = half;
	if (convert_length(tables_in_use(c), half) == 4) {
		if (!block_translate_fetch(c, pc + 2, 2, &second))
			return NULL;
		memcpy(&half, second.host, 2);
		c->scratch.insn |= (uint32_t)half << 16;
	}
	convert_instruction(tables_in_use(c), c->scratch.insn, &r);
	*b = (struct block){.pa = UINT64_MAX, .host = (const uint8_t *)&c->scratch.insn, .instructions = 1, .live = 0};
	used = put_instruction(c->scratch.slot, &r, 0, 0, c->application);
	put_end(c->scratch.slot + used, r.length, 1);
	return b;
}

struct block *block_find(struct hart_core *c, uint64_t pc)
{
	struct jump_entry *e = &c->jump_cache[pc >> 1 & (JUMP_ENTRIES - 1)];
	struct translation t;
	struct block *b;

	if (e->pc == pc && e->block->live)
		return e->block;
	if (!block_translate_fetch(c, pc, 2, &t))
		return NULL;
	if (!t.whole_page)
		return build_scratch(c, pc, &t);
	for (b = *bucket_of(c->domain, t.pa); b && (b->pa != t.pa || b->application != c->application); b = b->next)
		;
	if (!b)
		b = build(c, &t);
	if (!b)
		return build_scratch(c, pc, &t);
	c->used_fetch = (uint16_t)(c->used_fetch | 1u << c->fetch_mode);
	fill_log_add(&c->filled_jump[c->fetch_mode], pc >> 1 & (JUMP_ENTRIES - 1));
	e->pc = pc;
	e->block = b;
	return b;
}
