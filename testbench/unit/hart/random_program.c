#include "testbench/unit/hart/random_program.h"

#include <stdio.h>
#include <stdlib.h>

#include "testbench/gtest/test.h"
#include "testbench/unit/hart/diff/program.h"

enum { SLOTS = 150, PRIVILEGED = 7 };

const char *const random_program_kinds[] = {"i", "m", "a", "c", "b", "f", "illegal", "s", "h", NULL};

static void runtime_path(char *path, size_t bytes)
{
	const char *build = getenv("ASSAY_BUILD");

	snprintf(path, bytes, "%s/test/hart_diff_runtime.bin", build ? build : "build");
}

struct board *random_program_board(unsigned kind, uint64_t seed)
{
	struct board *b = board_create(&(struct board_options){.ram_bytes = RANDOM_PROGRAM_RAM, .isa = HART_ISA_H | HART_ISA_FD});
	struct program p;
	char path[4096];

	/* Every block is translated to host code before it first executes, in what runs fast. */
	hart_domain_set_heat(b->domain, 1);
	runtime_path(path, sizeof(path));
	program_init(&p, seed);
	EXPECT_EQ(program_load_runtime(&p, path), 0);
	if (kind < PRIVILEGED)
		generate_user(&p, random_program_kinds[kind], SLOTS);
	else
		generate_privileged(&p, kind > PRIVILEGED, SLOTS);
	EXPECT_EQ(board_load(b, BOARD_RAM_BASE, p.image, DIFF_IMAGE_BYTES), 0);
	free(p.image);
	return b;
}

void random_program_expect_same(struct board *a, struct board *b, const char *what, unsigned kind)
{
	struct hart x = *hart_state(hart_core_of(a->domain, 0)), y = *hart_state(hart_core_of(b->domain, 0));

	x.cycles = y.cycles = x.instructions = y.instructions = x.native_ops = y.native_ops = 0;
	x.x[63] = y.x[63] = 0;
	x.pc = y.pc = 0;	/* both spin in the closing loop */
	if (memcmp(&x, &y, sizeof(x)) || memcmp(a->ram, b->ram, RANDOM_PROGRAM_RAM) || strcmp(a->console, b->console))
		test_fail(__FILE__, __LINE__, "%s, programs of kind %s: state, memory or console differ", what, random_program_kinds[kind]);
	EXPECT_EQ(a->exit_code, b->exit_code);
	EXPECT_TRUE(a->finished && b->finished);
}

void random_program_each_kind(const char *what, void (*run)(struct board *b, uint64_t seed))
{
	for (unsigned k = 0; random_program_kinds[k]; k++) {
		uint64_t seed = test_seed() * 100 + k;
		struct board *reference = random_program_board(k, seed), *other = random_program_board(k, seed);

		board_run(reference, false, RANDOM_PROGRAM_LIMIT, 1000);
		run(other, seed);
		random_program_expect_same(reference, other, what, k);
		board_destroy(reference);
		board_destroy(other);
	}
}
