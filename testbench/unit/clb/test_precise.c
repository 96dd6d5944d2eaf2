/* Random code that is modified while three harts execute it: by themselves, by each other and by a device, in physical and in paged memory, with
 * instructions across lines and pages. In every cycle the op that a hart executes must be the conversion of what memory holds then.
 * And random programs that are stepped instruction by instruction. */
#include <stdlib.h>

#include "models/convert/convert.h"
#include "models/hart/bits.h"
#include "models/hart/stream.h"
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/machine.h"
#include "testbench/unit/hart/random_program.h"

enum {
	HARTS = 3, RAM = 1 << 20, CYCLES = 100000, PAGES = 4, PALETTE = 256, PIECE = 64, WORDS = 2 * PIECE, TAIL = 32, BEFORE_BORDER = 64 * 4,
	AT = 8, MASK = 9, FROM = 18, END = 19, VALUE = 5, /* where it stores, how far, what, until where */
};
#define HANDLER (BOARD_RAM_BASE + 0x800)
#define DATA (BOARD_RAM_BASE + 0x10000)
#define TABLES (BOARD_RAM_BASE + 0x20000)
#define CODE (BOARD_RAM_BASE + 0x40000)
#define WINDOW UINT64_C(0x40000000)

struct chaos {
	struct machine *m;
	struct convert_tables tables;
	uint64_t state, checked, base;	/* base: virtual address of the code, not always a multiple of 4 */
	unsigned frame[PAGES];		/* of each virtual page */
	bool paged;
};

static uint32_t draw(struct chaos *c)
{
	c->state = c->state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(c->state >> 33);
}

/* Physical address of one in the window. */
static uint64_t place(const struct chaos *c, uint64_t va)
{
	if (va - WINDOW >= PAGES * 4096ull)
		return va;
	return CODE + c->frame[(va - WINDOW) >> 12] * 4096ull + (va & 0xfff);
}

static uint8_t *byte_at(const struct chaos *c, uint64_t va) { return c->m->board->ram + (place(c, va) - BOARD_RAM_BASE); }

static uint32_t word_at(const struct chaos *c, uint64_t va)
{
	uint32_t word = 0;

	for (unsigned i = 0; i < 4; i++)
		word |= (uint32_t)*byte_at(c, va + i) << 8 * i;
	return word;
}

/* Computation, short branches, calls of the stores' kind; nothing that traps while the registers above hold what they should. */
static uint32_t random_insn(struct chaos *c)
{
	unsigned rd = 10 + draw(c) % 6, rs = 10 + draw(c) % 6;

	switch (draw(c) % 8) {
	case 0: return insn_beq(rd, rs, 4 + 4 * (int)(draw(c) % 6));
	case 1: return insn_bne(rd, rs, 4 + 4 * (int)(draw(c) % 6));
	case 2: return 0x02c5a533;	/* mulhsu a0, a1, a2: four ops */
	case 3: return 0x00010505 + (draw(c) % 2 << 16);	/* c.addi a0, 1; c.nop or reserved hint */
	case 4: return insn_jal(0, 4 + 4 * (int)(draw(c) % 20));
	default: return insn_addi(rd, rs, (int)(draw(c) % 4096) - 2048);
	}
}

static void put(struct chaos *c, uint64_t va, uint32_t insn)
{
	for (unsigned i = 0; i < 4; i++)
		*byte_at(c, va + i) = (uint8_t)(insn >> 8 * i);
}

/* Two pieces of random instructions over a page's end, in each a store of a word of the palette into the code; at the end back to the beginning. */
static void write_code(struct chaos *c)
{
	const uint32_t store[] = {
		0x00092283 /* lw t0, 0(s2) */, insn_addi(FROM, FROM, 4), 0x01396463 /* bltu s2, s3, +8 */, insn_addi(FROM, FROM, -PALETTE * 4),
		insn_sw(VALUE, AT, 0), insn_addi(AT, AT, 52), 0x00947463 /* bgeu s0, s1, +8 */, insn_jal(0, 8), 0x00a00413 /* li s0, 10: faults */,
	};
	for (unsigned i = 0; i < WORDS + TAIL; i++)
		put(c, c->base + 4 * i, i < WORDS ? random_insn(c) : 0);
	for (unsigned piece = 0; piece + PIECE <= WORDS; piece += PIECE) {
		unsigned at = piece + draw(c) % (PIECE - 12);

		for (unsigned i = 0; i < sizeof store / 4; i++)
			put(c, c->base + 4 * (at + i), store[i]);
	}
	put(c, c->base + 4 * (WORDS - 1), insn_jal(0, -4 * (WORDS - 1)));
}

/* In M-mode after every trap: the registers as at the start, and on with the code from its beginning. */
static void write_handler(struct chaos *c)
{
	const uint32_t handler[] = {0x340412f3 /* csrrw t0, mscratch, s0 */, 0x34029073 /* csrw mscratch, t0 */, 0x34002473 /* csrr s0, mscratch */,
		0x34141073 /* csrw mepc, s0 */, insn_addi(FROM, END, -PALETTE * 4), 0x30200073};

	for (unsigned i = 0; i < sizeof handler / 4; i++)
		memcpy(c->m->board->ram + (HANDLER - BOARD_RAM_BASE) + 4 * i, &handler[i], 4);
}

static void entry(struct chaos *c, uint64_t at, uint64_t target, uint64_t flags)
{
	uint64_t pte = target >> 12 << 10 | flags;

	memcpy(c->m->board->ram + (at - BOARD_RAM_BASE), &pte, 8);
}

static void write_tables(struct chaos *c)
{
	entry(c, TABLES + 8 * 2, BOARD_RAM_BASE, 0xcf);
	entry(c, TABLES + 8 * 1, TABLES + 0x1000, 1);
	entry(c, TABLES + 0x1000, TABLES + 0x2000, 1);
	for (unsigned i = 0; i < PAGES; i++)
		entry(c, TABLES + 0x2000 + 8 * i, place(c, WINDOW + i * 4096ull), 0xcf);
}

static void start_hart(struct chaos *c, unsigned i)
{
	struct hart_core *core = hart_core_of(c->m->board->domain, i);
	struct hart *h = hart_state(core);
	uint64_t at = c->base + 4 * PIECE * (i % 2);

	h->pc = at;
	h->mtvec = HANDLER;
	h->mscratch = at;
	h->pmpaddr[0] = (UINT64_C(1) << 54) - 1;
	h->pmpcfg[0] = 0x1f;
	h->mstatus |= c->paged ? UINT64_C(1) << 11 : UINT64_C(3) << 11;
	if (c->paged) {
		h->priv = HART_S;
		h->satp = UINT64_C(8) << 60 | TABLES >> 12;
	}
	for (unsigned r = 10; r < 16; r++)
		h->x[r] = draw(c) % 4;
	h->x[AT] = at;
	h->x[MASK] = c->base + 4 * (WORDS - 1);
	h->x[FROM] = DATA;
	h->x[END] = DATA + PALETTE * 4;
	hart_state_changed(core);
}

/* The rule: what a hart is about to execute is what memory holds. */
static void check(struct machine *m, unsigned hart, void *ctx)
{
	struct chaos *c = ctx;
	const struct front_end_state *s = &m->front[hart].state;
	const struct hart *h = hart_state(m->front[hart].core);
	struct hart_stream_state stream;
	struct convert_result r;

	hart_stream_save(m->front[hart].core, &stream);
	if (stream.refetch || s->snooped || s->need || s->slow || !s->ops || s->op[0].kind != CLB_OP_NATIVE || h->uop || h->in_wfi)
		return;
	convert_instruction(&c->tables, word_at(c, h->pc), &r);
	c->checked++;
	if (s->op[0].word == r.op[0])
		return;
	test_fail(__FILE__, __LINE__, "hart %u, cycle %llu, pc %#llx: executes %016llx, memory says %016llx; seed %llu", hart, (unsigned long long)m->cycle,
		(unsigned long long)h->pc, (unsigned long long)s->op[0].word, (unsigned long long)r.op[0], (unsigned long long)test_seed());
	m->broken = m->board->finished = true;
}

/* A device writes a word of the palette somewhere into the code. */
static void device(struct chaos *c)
{
	uint64_t va = c->base + 4 * (draw(c) % WORDS), pa = place(c, va);

	if ((va & 0xfff) > 0xffc)
		return;
	put(c, va, random_insn(c));
	hart_snoop_store(c->m->board->domain, pa, 4);
}

static void run(bool paged, uint64_t seed, uint64_t *killed)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = RAM, .harts = HARTS, .isa = HART_ISA_H});
	struct chaos c = {.m = machine_create(b, rv64_table_image, rv64_table_bytes), .state = seed, .paged = paged};

	if (convert_load(&c.tables, rv64_table_image, rv64_table_bytes) != CONVERT_OK)
		abort();
	for (unsigned i = 0; i < PAGES; i++)
		c.frame[i] = (i * 3 + (unsigned)seed) % PAGES + (i % 2) * PAGES;
	c.base = (paged ? WINDOW : CODE) + 0x1000 - BEFORE_BORDER + (draw(&c) & 2);
	write_code(&c);
	write_handler(&c);
	write_tables(&c);
	for (unsigned i = 0; i < PALETTE; i++) {
		uint32_t insn = random_insn(&c);

		memcpy(b->ram + (DATA - BOARD_RAM_BASE) + 4 * i, &insn, 4);
	}
	for (unsigned i = 0; i < HARTS; i++)
		start_hart(&c, i);
	c.m->before = check;
	c.m->before_ctx = &c;
	while (c.m->cycle < CYCLES && !c.m->broken) {
		board_run(b, true, 1 + draw(&c) % 9000, 0);
		device(&c);
	}
	EXPECT_LT(CYCLES / 200, c.checked);
	for (unsigned i = 0; i < HARTS; i++)
		for (unsigned cause = 0; cause < 3; cause++)
			killed[cause] += c.m->front[i].state.stat.killed[cause];
	machine_destroy(c.m);
	board_destroy(b);
}

TEST(clb_precise, modified_code_executes_as_memory_holds_it)
{
	uint64_t killed[4] = {0};

	for (unsigned i = 0; i < 6 && !test_has_failed(); i++)
		run(i & 1, test_seed() * 1000 + i, killed);
	EXPECT_LT(20, killed[CLB_CAUSE_STORE]);
	EXPECT_LT(20, killed[CLB_CAUSE_OTHER]);
	EXPECT_LT(20, killed[CLB_CAUSE_DMA]);
}

/* Stepped for a while, then free for a while: each step is one instruction or one trap, and the end is that of fast mode. */
static void run_stepped(struct board *b, uint64_t seed)
{
	enum { STEPS = 4000, PATIENCE = 20000 };
	struct machine *m = machine_create(b, rv64_table_image, rv64_table_bytes);
	struct hart_core *core = m->front[0].core;
	const struct hart *h = hart_state(core);

	for (unsigned i = 0; i < STEPS && !b->finished && !test_has_failed(); i++) {
		uint64_t before = h->instructions, pc = h->pc, limit = m->cycle + PATIENCE;

		hart_step_instruction(core);
		while (!hart_is_stopped(core) && !b->finished && m->cycle < limit && !h->in_wfi)
			board_run(b, true, 1, 0);
		EXPECT_LE(h->instructions, before + 1);
		if (!h->in_wfi && !b->finished)
			EXPECT_TRUE(hart_is_stopped(core) && (h->instructions != before || h->pc != pc));
		hart_resume(core);
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
		if (seed >> 60 == 0)
			board_run(b, true, seed >> 40 & 1023, 0);
	}
	board_run(b, true, RANDOM_PROGRAM_LIMIT, 0);
	machine_destroy(m);
}

TEST(clb_precise, stepped_programs_end_as_in_fast_mode)
{
	random_program_each_kind("stepped behind a CLB", run_stepped);
}
