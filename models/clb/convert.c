/* Conversion of one guest instruction through the two table levels, which are read through caches of the table image. */
#include "models/clb/unit.h"

enum { FIRST, SECOND, TEMPLATES };
enum { KIND_MISS = 0, KIND_DONE = 1, NO_NEXT = 0x1ffff };

static struct clb_table_line *line_of(struct clb_assembler *a, unsigned table, uint64_t line)
{
	switch (table) {
	case FIRST: return &a->cache0[line & (CLB_FIRST_LINES - 1)];
	case SECOND: return &a->cache1[line & (CLB_SECOND_LINES - 1)];
	default: return &a->cache2[line & (CLB_TEMPLATE_LINES - 1)];
	}
}

/* The word at ADDR through a cache, or a fill that comes back to the present state. */
static bool read_table(struct clb *c, struct clb_wires *w, unsigned table, uint64_t addr, uint64_t *value)
{
	static const uint8_t fills[] = {CLB_EVENT_FIRST_FILL, CLB_EVENT_SECOND_FILL, CLB_EVENT_TEMPLATE_FILL};
	struct clb_assembler *a = &c->assembler;
	struct clb_table_line *l;

	addr = clb_address(addr);
	l = line_of(a, table, addr >> 4);
	if (l->valid && l->tag == addr >> 4) {
		*value = l->word[addr >> 3 & 1];
		return true;
	}
	l->valid = false;
	clb_event(w, fills[table]);
	clb_start_burst(w, CLB_SPACE_CONVERSION, addr >> 4 << 4, 2);
	a->line = addr >> 4;
	a->table = (uint8_t)table;
	a->beat = 0;
	a->bad = false;
	a->after_fill = a->state;
	a->state = CLB_A_TABLE;
	return false;
}

static void fill(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	struct clb_table_line *l = line_of(a, a->table, a->line);

	if (!w->beat)
		return;
	l->word[a->beat & 1] = w->in->mem_rsp_data;
	a->beat++;
	a->bad |= w->in->mem_rsp_err;
	if (!w->last)
		return;
	if (a->bad) {
		clb_event(w, CLB_EVENT_FAULT);
		clb_close(c, w, CLB_BEAT_MISS);
		return;
	}
	l->valid = true;
	l->tag = a->line;
	a->state = a->after_fill;
}

/* The number that up to three bit ranges of the instruction spell. */
static uint32_t spell(uint32_t pieces, uint32_t insn)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < 3; i++, pieces >>= 10) {
		unsigned length = pieces >> 5 & 31;

		number = number << length | (insn >> (pieces & 31) & ((1u << length) - 1));
	}
	return number;
}

static uint32_t low(uint64_t word) { return (uint32_t)word; }
static uint32_t high(uint64_t word) { return (uint32_t)(word >> 32); }

static void match_space(struct clb_assembler *a)
{
	uint64_t word = a->shape[a->space * CLB_SPACE_WORDS];

	if ((a->insn & low(word)) == high(word) || a->space + 1 == a->spaces)
		a->state = CLB_A_SHAPE;
	else
		a->space++;
}

static void shape(struct clb_assembler *a)
{
	uint64_t word = a->shape[a->space * CLB_SPACE_WORDS + 1];

	a->wide = low(word) >> 2 & 1;
	a->pieces = high(word);
	a->state = a->wide ? CLB_A_HALF1 : CLB_A_BASE;
}

static void base(struct clb_assembler *a)
{
	a->index = (low(a->shape[a->space * CLB_SPACE_WORDS + 2]) + spell(a->pieces, a->insn)) & 0x1ffff;
	a->state = CLB_A_FIRST0;
}

/* An entry's first word holds mask and value. */
static void test_entry(struct clb *c, struct clb_wires *w, unsigned table, uint32_t offset, unsigned then)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t word;

	if (!read_table(c, w, table, a->base + offset + a->index * 16ull, &word))
		return;
	a->condition = (a->insn & low(word)) == high(word);
	a->state = (uint8_t)then;
}

static void first_entry(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t word;

	if (!read_table(c, w, FIRST, a->base + a->first + a->index * 16ull + 8, &word))
		return;
	if (low(word) >> 30 == KIND_MISS || !a->condition) {
		clb_close(c, w, CLB_BEAT_MISS);
	} else if (low(word) >> 30 == KIND_DONE) {
		a->row = low(word) & 0xffff;
		clb_event(w, CLB_EVENT_FIRST);
		a->state = CLB_A_HEAD;
	} else {
		a->index = ((low(word) & 0xffff) + spell(high(word), a->insn)) & 0x1ffff;
		a->state = CLB_A_SECOND0;
	}
}

static void second_entry(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t word;
	uint32_t next;

	if (!read_table(c, w, SECOND, a->base + a->second + a->index * 16ull + 8, &word))
		return;
	next = high(word) & 0x1ffff;
	if (a->condition) {
		a->row = low(word) & 0xffff;
		clb_event(w, CLB_EVENT_SECOND);
		a->state = CLB_A_HEAD;
	} else if (next == NO_NEXT || next <= a->index) {
		clb_close(c, w, CLB_BEAT_MISS);
	} else {
		a->index = next;
		a->state = CLB_A_SECOND0;
	}
}

static void head(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t word;

	if (!read_table(c, w, TEMPLATES, a->base + a->templates + a->row * 64ull, &word))
		return;
	a->ops = low(word) & 7;
	a->flow = low(word) >> 16 & 3;
	a->op = a->part = 0;
	a->state = CLB_A_WORD;
	if (c->assembly.count + a->ops > CLB_BLOCK_SLOTS)
		clb_close(c, w, CLB_BEAT_MISS);
}

/* The three words of a template's op: low half, high half, list of directives. */
static void template_word(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	unsigned index = 1u + 3u * a->op + a->part;
	uint64_t word;
	uint32_t value;

	if (!read_table(c, w, TEMPLATES, a->base + a->templates + a->row * 64ull + index / 2 * 8, &word))
		return;
	value = index & 1 ? high(word) : low(word);
	switch (a->part++) {
	case 0:
		a->word = value;
		break;
	case 1:
		a->word |= (uint64_t)value << 32;
		break;
	default:
		a->directive = (uint16_t)value;
		a->left = value >> 16 & 63;
		a->state = a->left ? CLB_A_DIRECTIVE : CLB_A_PLACE;
		break;
	}
}

static void directive(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;
	uint64_t addr = a->base + a->directives + a->directive * 4ull, word, bits;
	unsigned length, at;
	uint32_t d;

	if (!read_table(c, w, TEMPLATES, addr, &word))
		return;
	d = addr & 4 ? high(word) : low(word);
	length = (d >> 5 & 31) + 1;
	at = d >> 10 & 63;
	bits = a->insn >> (d & 31) & (UINT64_MAX >> (64 - length));
	if (d >> 16 & 1 && bits >> (length - 1) & 1)
		bits |= UINT64_MAX << (length - 1);
	a->word |= bits << at;
	a->directive++;
	a->left--;
	if (a->left == 0)
		a->state = CLB_A_PLACE;
}

void clb_convert_step(struct clb *c, struct clb_wires *w)
{
	struct clb_assembler *a = &c->assembler;

	switch (a->state) {
	case CLB_A_SPACE: match_space(a); break;
	case CLB_A_SHAPE: shape(a); break;
	case CLB_A_BASE: base(a); break;
	case CLB_A_FIRST0: test_entry(c, w, FIRST, a->first, CLB_A_FIRST1); break;
	case CLB_A_FIRST1: first_entry(c, w); break;
	case CLB_A_SECOND0: test_entry(c, w, SECOND, a->second, CLB_A_SECOND1); break;
	case CLB_A_SECOND1: second_entry(c, w); break;
	case CLB_A_TABLE: fill(c, w); break;
	case CLB_A_HEAD: head(c, w); break;
	case CLB_A_WORD: template_word(c, w); break;
	case CLB_A_DIRECTIVE: directive(c, w); break;
	default: clb_place_op(c, w); break;
	}
}
