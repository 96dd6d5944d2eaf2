/* The programs: rows of the tables with random operands. Loads and stores get bases and offsets that stay in the data, branches go forward
 * by a few instructions, and three registers are kept for that; everything else is left to chance.
 *
 *   0x80010000  code        0x80020000  registers, flags, data (this is what is written out), then the initial registers */
#include "testbench/unit/a64/random_a64.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/convert/convert_image.h"

enum { BASE = 24, INDEX = 27, ADDRESS = 28, TARGET = 26, SUM = 25, SP = 31 };
enum { CODE = 0x80010000, OUTPUT = 0x80020000, DATA = OUTPUT + RANDOM_A64_DATA_AT, INITIAL = DATA + RANDOM_A64_DATA_BYTES, MOST_WORDS = 16000, MOST_OPEN = 8 };

struct row {
	uint32_t mask, value, number;
};

struct program {
	const struct convert_tables *tables;
	uint64_t random;
	struct row row[2 * RANDOM_A64_ROWS];
	unsigned rows;
	uint8_t *used;
	uint32_t code[MOST_WORDS];
	unsigned words;
	struct open_branch {
		unsigned at, lo, bits, left;	/* word, place of its offset, steps until it lands */
	} open[MOST_OPEN];
	unsigned opens;
	uint64_t data[(RANDOM_A64_OUTPUT_BYTES + 33 * 8) / 8];
};

static uint64_t next_random(struct program *p)
{
	uint64_t z = (p->random += 0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static unsigned below(struct program *p, unsigned n) { return (unsigned)(next_random(p) % n); }

/* Often a corner case. */
static uint64_t value(struct program *p)
{
	static const uint64_t corners[] = {0, 1, 2, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, INT32_MAX, 0x80000000, 0xffffffff, 0x100000000, 0xffffffff80000000};

	switch (below(p, 4)) {
	case 0: return corners[below(p, sizeof(corners) / sizeof(corners[0]))];
	case 1: return next_random(p) >> below(p, 64);
	default: return next_random(p);
	}
}

static void put(struct program *p, uint32_t word) { p->code[p->words++] = word; }

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void add_row(struct program *p, const uint32_t *entry, unsigned number)
{
	for (unsigned i = 0; i < p->rows; i++)
		if (p->row[i].mask == entry[0] && p->row[i].value == entry[1])
			return;
	p->row[p->rows++] = (struct row){entry[0], entry[1], number};
}

static void collect_rows(struct program *p)
{
	const struct convert_tables *t = p->tables;

	for (uint32_t i = 0; i < t->level1; i++)
		if (t->first[IMAGE_LEVEL_WORDS * i + 2] >> 30 == FIRST_DONE)
			add_row(p, t->first + IMAGE_LEVEL_WORDS * i, t->first[IMAGE_LEVEL_WORDS * i + 2] & 0xffff);
	for (uint32_t i = 0; i < t->level2; i++)
		if (t->second[IMAGE_LEVEL_WORDS * i])
			add_row(p, t->second + IMAGE_LEVEL_WORDS * i, t->second[IMAGE_LEVEL_WORDS * i + 2]);
}

static const char *text_of(const struct convert_tables *t, unsigned row) { return t->text + t->name[IMAGE_NAME_WORDS * row + 1]; }

bool random_a64_leaves_out(const struct convert_tables *t, unsigned row)
{
	static const char *const names[] = {"svc", "brk", "hint", "dc", "ic", "illegal"};
	const char *name = convert_row_name(t, row);

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return strstr(name, ".ones") || strstr(text_of(t, row), "ctr_el0") || strstr(text_of(t, row), "dczid_el0") || strstr(text_of(t, row), "tpidr_el0");
}

/* --- operands ------------------------------------------------------------------------------------------------------- */

static uint32_t with(uint32_t word, unsigned lo, unsigned bits, uint32_t field)
{
	uint32_t mask = (UINT32_MAX >> (32 - bits)) << lo;

	return (word & ~mask) | (field << lo & mask);
}

static unsigned part(uint32_t word, unsigned lo, unsigned bits) { return word >> lo & (UINT32_MAX >> (32 - bits)); }

static bool is_kept(unsigned r) { return r == BASE || r == INDEX || r == ADDRESS; }

/* A register field that is written must name none of those kept. */
static uint32_t free_field(struct program *p, uint32_t word, unsigned lo)
{
	return is_kept(part(word, lo, 5)) ? with(word, lo, 5, below(p, BASE)) : word;
}

static void set_index(struct program *p, bool may_be_negative)
{
	uint32_t n = below(p, 64);

	put(p, (may_be_negative && below(p, 2) ? 0x92800000 : 0xd2800000) | n << 5 | INDEX);
}

static void reset_address(struct program *p, unsigned base)
{
	put(p, base == SP ? 0x91000000 | BASE << 5 | SP : 0xaa0003e0 | BASE << 16 | ADDRESS);
}

static bool writes_base(uint32_t word)
{
	if (part(word, 27, 3) == 7)
		return part(word, 24, 2) == 0 && !part(word, 21, 1) && part(word, 10, 1);
	return part(word, 27, 3) == 5 && part(word, 23, 1);
}

static void put_memory(struct program *p, uint32_t word)
{
	unsigned class = part(word, 27, 3), base = below(p, 4) ? ADDRESS : SP;

	if (class == 3) {	/* literal: somewhere in the code so far */
		put(p, free_field(p, with(word, 5, 19, -below(p, p->words)), 0));
		return;
	}
	word = with(free_field(p, word, 0), 5, 5, base);
	if (class == 1) {	/* exclusive and ordered */
		word = with(word, 10, 5, 31);
		word = part(word, 22, 1) || part(word, 23, 1) ? with(word, 16, 5, 31) : free_field(p, word, 16);
		if (part(word, 16, 5) != 31 && part(word, 16, 5) == part(word, 0, 5))
			word = with(word, 16, 5, (part(word, 0, 5) + 1) % BASE);
	} else if (class == 5) {	/* pair */
		word = free_field(p, word, 10);
		if (part(word, 10, 5) == part(word, 0, 5))
			word = with(word, 10, 5, (part(word, 0, 5) + 1) % BASE);
		if (writes_base(word) && base == SP && (part(word, 0, 5) == SP || part(word, 10, 5) == SP))
			base = ADDRESS;
	} else if (part(word, 24, 1)) {	/* unsigned offset */
		word = with(word, 10, 12, below(p, 256));
	} else if (part(word, 21, 1)) {	/* register */
		word = with(word, 16, 5, INDEX);
		set_index(p, part(word, 13, 3) != 2);
	}
	word = with(word, 5, 5, base);
	if (base == SP)
		reset_address(p, SP);
	/* What else ends an exclusive access is the processor's choice, so each store has its own load, or certainly none: clrex. */
	if (class == 1 && !part(word, 22, 2))
		put(p, below(p, 4) ? with(with(word & 0xfffffc00, 16, 5, 31), 22, 1, 1) | SP | base << 5 : 0xd503305f | below(p, 16) << 8);
	put(p, word);
	if (writes_base(word)) {
		if (base == ADDRESS)	/* eor SUM, SUM, ADDRESS, ror #7 */
			put(p, 0xcac01c00 | ADDRESS << 16 | SUM << 5 | SUM);
		reset_address(p, base);
	}
}

/* A branch lands a few steps of the generator later, so never between an access and what prepares it. */
static void put_branch(struct program *p, uint32_t word, unsigned flow)
{
	struct open_branch b = {.at = p->words, .lo = 5, .bits = 19, .left = 2 + below(p, 4)};

	if (p->opens == MOST_OPEN)
		return;
	if (flow == FLOW_LEAVE) {
		put(p, 0x10000000 | TARGET);	/* adr */
		word = with(word, 5, 5, TARGET);
	} else if (part(word, 26, 5) == 5) {
		b.lo = 0;
		b.bits = 26;
	} else if (part(word, 25, 6) == 0x1b) {
		b.bits = 14;
	}
	p->open[p->opens++] = b;
	put(p, word);
}

static void land_branches(struct program *p, bool all)
{
	for (unsigned i = 0; i < p->opens;) {
		struct open_branch *b = &p->open[i];

		if (--b->left && !all) {
			i++;
			continue;
		}
		p->code[b->at] = with(p->code[b->at], b->lo, b->bits, p->words - b->at);
		*b = p->open[--p->opens];
	}
}

static void put_random(struct program *p)
{
	const struct row *row = &p->row[below(p, p->rows)];
	uint32_t word = row->value | ((uint32_t)next_random(p) & ~row->mask);
	struct convert_result r;
	unsigned flow;

	convert_instruction(p->tables, word, &r);
	if (random_a64_leaves_out(p->tables, r.row))
		return;
	p->used[r.row] = 1;
	flow = p->tables->template[IMAGE_TEMPLATE_WORDS * r.row] >> 16 & 3;
	if (flow != FLOW_STRAIGHT)
		put_branch(p, word, flow);
	else if ((part(word, 25, 4) & 5) == 4)
		put_memory(p, word);
	else if (!strncmp(convert_row_name(p->tables, r.row), "smulh", 5) || !strncmp(convert_row_name(p->tables, r.row), "umulh", 5))
		put(p, free_field(p, with(word, 10, 5, 31), 0));
	else if (part(word, 22, 10) == 0x354)	/* system: Rt is bits 4:0 where it is written */
		put(p, part(word, 12, 4) == 4 && part(word, 21, 1) ? free_field(p, word, 0) : word);
	else
		put(p, free_field(p, word, 0));
}

/* --- the frame -------------------------------------------------------------------------------------------------------- */

static void put_constant(struct program *p, unsigned r, uint32_t v)
{
	put(p, 0xd2800000 | (v & 0xffff) << 5 | r);
	put(p, 0xf2a00000 | (v >> 16) << 5 | r);
}

static void begin(struct program *p)
{
	put_constant(p, 0, INITIAL);
	put(p, 0xf9400001 | 32 << 10);	/* ldr x1, [x0, #256] */
	put(p, 0xd51b4201);		/* msr nzcv, x1 */
	for (unsigned r = 1; r <= 30; r++)
		put(p, 0xf9400000 | r << 10 | r);
	put(p, 0xf9400000);
	put_constant(p, BASE, DATA + RANDOM_A64_DATA_BYTES / 2);
	reset_address(p, SP);
	reset_address(p, ADDRESS);
	set_index(p, false);
}

static void end(struct program *p)
{
	put(p, 0xd51bd040);		/* msr tpidr_el0, x0 */
	put_constant(p, 0, OUTPUT);
	for (unsigned r = 1; r <= 30; r++)
		put(p, 0xf9000000 | r << 10 | r);
	put(p, 0xd53bd041);		/* mrs x1, tpidr_el0 */
	put(p, 0xf9000001);
	put(p, 0x910003e1);		/* mov x1, sp */
	put(p, 0xf9000001 | 31 << 10);
	put(p, 0xd53b4201);		/* mrs x1, nzcv */
	put(p, 0xf9000001 | 32 << 10);
	put_constant(p, 1, OUTPUT);
	put_constant(p, 2, RANDOM_A64_OUTPUT_BYTES);
	put_constant(p, 0, 1);
	put_constant(p, 8, 64);
	put(p, 0xd4000001);
	put_constant(p, 0, 0);
	put_constant(p, 8, 93);
	put(p, 0xd4000001);
}

static int write_elf(const struct program *p, const char *path)
{
	const Elf64_Ehdr head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_EXEC,
		.e_machine = EM_AARCH64, .e_version = EV_CURRENT, .e_entry = CODE, .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2};
	const size_t code_bytes = 4 * p->words, data_at = (4096 + code_bytes + 4095) & ~(size_t)4095;
	const Elf64_Phdr segments[2] = {
		{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 4096, .p_vaddr = CODE, .p_paddr = CODE, .p_filesz = code_bytes, .p_memsz = code_bytes, .p_align = 4096},
		{.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = data_at, .p_vaddr = OUTPUT, .p_paddr = OUTPUT, .p_filesz = sizeof(p->data), .p_memsz = sizeof(p->data), .p_align = 4096},
	};
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(&head, sizeof(head), 1, f) == 1 && fwrite(segments, sizeof(segments), 1, f) == 1 && !fseek(f, 4096, SEEK_SET) &&
		fwrite(p->code, code_bytes, 1, f) == 1 && !fseek(f, (long)data_at, SEEK_SET) && fwrite(p->data, sizeof(p->data), 1, f) == 1;

	return f && !fclose(f) && ok ? 0 : -1;
}

int random_a64_write(const struct convert_tables *tables, const char *path, uint64_t seed, unsigned count, uint8_t used[RANDOM_A64_ROWS])
{
	struct program *p = calloc(1, sizeof(*p));
	int status;

	if (!p)
		abort();
	p->tables = tables;
	p->random = seed;
	p->used = used;
	collect_rows(p);
	for (unsigned i = 0; i < sizeof(p->data) / 8; i++)
		p->data[i] = value(p);
	p->data[(INITIAL - OUTPUT) / 8 + 32] = (uint64_t)below(p, 16) << 28;
	begin(p);
	while (count-- && p->words < MOST_WORDS - 100) {
		put_random(p);
		land_branches(p, false);
	}
	land_branches(p, true);
	end(p);
	status = write_elf(p, path);
	free(p);
	return status;
}

void random_a64_place(unsigned at, char *text, unsigned bytes)
{
	if (at < 31 * 8)
		snprintf(text, bytes, "x%u", at / 8);
	else if (at < RANDOM_A64_DATA_AT)
		snprintf(text, bytes, "%s", at < 32 * 8 ? "sp" : "nzcv");
	else
		snprintf(text, bytes, "memory 0x%x", OUTPUT + at);
}
