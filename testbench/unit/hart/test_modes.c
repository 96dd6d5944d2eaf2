/* Fast and timed mode, cut into any slices, with caches dropped at any time, saved and restored: always the same results. */
#include <stdio.h>
#include <stdlib.h>

#include "testbench/gtest/test.h"
#include "testbench/unit/hart/board.h"
#include "testbench/unit/hart/diff/program.h"

enum { RAM = 8 << 20, SLOTS = 150, LIMIT = 20000000, PRIVILEGED = 7 };

static const char *const kinds[] = {"i", "m", "a", "c", "b", "f", "illegal", "s", "h"};

static void runtime_path(char *path, size_t bytes)
{
	const char *build = getenv("ASSAY_BUILD");

	snprintf(path, bytes, "%s/test/hart_diff_runtime.bin", build ? build : "build");
}

static struct board *prepare(unsigned kind, uint64_t seed)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = RAM, .isa = HART_ISA_H | HART_ISA_FD});
	struct program p;
	char path[4096];

	runtime_path(path, sizeof(path));
	program_init(&p, seed);
	EXPECT_EQ(program_load_runtime(&p, path), 0);
	if (kind < PRIVILEGED)
		generate_user(&p, kinds[kind], SLOTS);
	else
		generate_privileged(&p, kind > PRIVILEGED, SLOTS);
	EXPECT_EQ(board_load(b, BOARD_RAM_BASE, p.image, DIFF_IMAGE_BYTES), 0);
	free(p.image);
	return b;
}

/* Registers, CSRs and memory; what counts time is left out. */
static void expect_same(struct board *a, struct board *b, const char *what, const char *kind)
{
	struct hart x = *hart_state(hart_core_of(a->domain, 0)), y = *hart_state(hart_core_of(b->domain, 0));

	x.cycles = y.cycles = x.instructions = y.instructions = x.native_ops = y.native_ops = 0;
	x.x[63] = y.x[63] = 0;
	x.pc = y.pc = 0;	/* both spin in the closing loop */
	if (memcmp(&x, &y, sizeof(x)) || memcmp(a->ram, b->ram, RAM) || strcmp(a->console, b->console))
		test_fail(__FILE__, __LINE__, "%s, programs of kind %s: state, memory or console differ", what, kind);
	EXPECT_EQ(a->exit_code, b->exit_code);
	EXPECT_TRUE(a->finished && b->finished);
}

static void each_kind(const char *what, void (*run)(struct board *b, uint64_t seed))
{
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		uint64_t seed = test_seed() * 100 + k;
		struct board *reference = prepare(k, seed), *other = prepare(k, seed);

		board_run(reference, false, LIMIT, 1000);
		run(other, seed);
		expect_same(reference, other, what, kinds[k]);
		board_destroy(reference);
		board_destroy(other);
	}
}

static void run_timed(struct board *b, uint64_t seed)
{
	(void)seed;
	board_run(b, true, LIMIT, 0);
}

static void run_odd_slices(struct board *b, uint64_t seed)
{
	(void)seed;
	while (!b->finished && b->now < LIMIT)
		board_run(b, false, 1, 1 + (unsigned)((b->now * 7 + seed) % 97));
}

static void run_dropping(struct board *b, uint64_t seed)
{
	while (!b->finished && b->now < LIMIT) {
		board_run(b, false, 1, 150 + (unsigned)(seed % 13));
		hart_domain_drop_caches(b->domain);
	}
}

static void run_alternating(struct board *b, uint64_t seed)
{
	for (unsigned k = 0; !b->finished && b->now < LIMIT; k++)
		board_run(b, k & 1, 1 + (seed + k * 31) % 50, 1 + k % 40);
}

/* Timed, with the whole state copied into a new board every few thousand cycles, also within instructions. */
static void run_restoring(struct board *b, uint64_t seed)
{
	static uint8_t ram[RAM];

	for (unsigned k = 0; !b->finished && b->now < LIMIT; k++) {
		struct hart saved;

		board_run(b, true, 6997 + (seed + k) % 29, 0);
		saved = *hart_state(hart_core_of(b->domain, 0));
		memcpy(ram, b->ram, RAM);
		memset(b->ram, 0xee, RAM);
		memset(hart_state(hart_core_of(b->domain, 0)), 0, sizeof(saved));
		hart_domain_drop_caches(b->domain);
		memcpy(b->ram, ram, RAM);
		*hart_state(hart_core_of(b->domain, 0)) = saved;
		hart_domain_drop_caches(b->domain);
	}
}

TEST(hart_modes, timed_equals_fast) { each_kind("timed", run_timed); }
TEST(hart_modes, any_slices_equal) { each_kind("odd slices", run_odd_slices); }
TEST(hart_modes, dropped_caches_are_invisible) { each_kind("dropped caches", run_dropping); }
TEST(hart_modes, modes_may_alternate) { each_kind("alternating modes", run_alternating); }
TEST(hart_modes, restore_continues) { each_kind("save and restore", run_restoring); }

/* Counters: every instruction of fast mode is one cycle, in timed mode every native op is one. */
TEST(hart_modes, counters)
{
	struct board *fast = prepare(1, 5), *timed = prepare(1, 5);
	const struct hart *f = hart_state(hart_core_of(fast->domain, 0)), *t = hart_state(hart_core_of(timed->domain, 0));

	hart_run(hart_core_of(fast->domain, 0), 5000);
	EXPECT_EQ(f->cycles, 5000);
	EXPECT_EQ(f->instructions, 5000);
	while (t->instructions < 5000)
		hart_step(hart_core_of(timed->domain, 0));
	EXPECT_EQ(t->native_ops, f->native_ops);
	EXPECT_EQ(t->cycles, t->native_ops);
	EXPECT_EQ(t->pc, f->pc);
	EXPECT_TRUE(f->native_ops > f->instructions);
	board_destroy(fast);
	board_destroy(timed);
}
