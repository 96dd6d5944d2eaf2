/* Random programs of every kind, privileged and two-stage ones included: a hart behind a CLB ends as a hart in fast mode does. */
#include <stdlib.h>
#include <stdio.h>

#include "testbench/unit/clb/machine.h"
#include "testbench/unit/hart/diff/program.h"

enum { RAM = 8 << 20, SLOTS = 150, LIMIT = 4000000 };

static const char *const kinds[] = {"i", "m", "a", "c", "illegal", "s", "h"};

static struct board *prepare(unsigned kind, uint64_t seed)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = RAM, .isa = HART_ISA_H});
	const char *build = getenv("ASSAY_BUILD");
	struct program p;
	char path[4096];

	snprintf(path, sizeof path, "%s/test/hart_diff_runtime.bin", build ? build : "build");
	program_init(&p, seed);
	EXPECT_EQ(program_load_runtime(&p, path), 0);
	if (kind < 5)
		generate_user(&p, kinds[kind], SLOTS);
	else
		generate_privileged(&p, kind == 6, SLOTS);
	EXPECT_EQ(board_load(b, BOARD_RAM_BASE, p.image, DIFF_IMAGE_BYTES), 0);
	free(p.image);
	return b;
}

/* Registers, CSRs and memory; what counts time is left out, and both spin in the closing loop. */
static void expect_same(struct board *a, struct board *b, const char *kind)
{
	struct hart x = *hart_state(hart_core_of(a->domain, 0)), y = *hart_state(hart_core_of(b->domain, 0));

	x.cycles = y.cycles = x.instructions = y.instructions = x.native_ops = y.native_ops = 0;
	x.x[63] = y.x[63] = 0;
	x.pc = y.pc = 0;
	if (memcmp(&x, &y, sizeof(x)) || memcmp(a->ram, b->ram, RAM) || strcmp(a->console, b->console))
		test_fail(__FILE__, __LINE__, "programs of kind %s: state, memory or console differ", kind);
	EXPECT_EQ(a->exit_code, b->exit_code);
	EXPECT_TRUE(a->finished && b->finished);
}

TEST(clb_programs, end_as_in_fast_mode)
{
	for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		uint64_t seed = test_seed() * 100 + k;
		struct board *fast = prepare(k, seed), *timed = prepare(k, seed);
		struct machine *m = machine_create(timed, rv64_table_image, rv64_table_bytes);

		board_run(fast, false, LIMIT, 1000);
		board_run(timed, true, LIMIT, 0);
		expect_same(fast, timed, kinds[k]);
		EXPECT_LT(0, machine_events(m, CLB_EVENT_CONVERTED));
		EXPECT_LT(0, machine_events(m, CLB_EVENT_HIT));
		machine_destroy(m);
		board_destroy(fast);
		board_destroy(timed);
	}
}
