/* Random A64 programs end on the hart, in every mode of execution, as they do under qemu-aarch64. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testbench/gtest/test.h"
#include "testbench/unit/a64/process.h"
#include "testbench/unit/a64/qemu.h"
#include "testbench/unit/a64/random_a64.h"
#include "testbench/unit/clb/machine.h"

enum { INSTRUCTIONS = 1200, LIMIT_CYCLES = 2000000 };

/* A64_PROGRAMS: how many; A64_INSTRUCTIONS: shorter ones with the same beginning, to find the instruction that differs. */
static unsigned setting(const char *name, unsigned fallback)
{
	const char *n = getenv(name);

	return n ? (unsigned)atoi(n) : fallback;
}

static const struct convert_tables *tables(void)
{
	static struct convert_tables t;

	if (!t.image && convert_load(&t, a64_table_image, a64_table_bytes))
		abort();
	return &t;
}

enum mode { INTERPRETED, TRANSLATED, SLICED, TIMED, BEHIND_CLB, MODES };
static const char *const mode_name[MODES] = {"interpreted", "translated", "in odd slices", "timed", "behind a CLB"};

static void run(struct process *p, enum mode mode)
{
	struct machine *m = mode == BEHIND_CLB ? machine_create(p->board, rv64_table_image, rv64_table_bytes) : NULL;

	hart_domain_set_heat(p->board->domain, mode == INTERPRETED ? 0 : 1);
	EXPECT_TRUE(process_run(p, mode >= TIMED, LIMIT_CYCLES, mode == SLICED ? 7 : 0));
	if (m) {
		EXPECT_LT(0, machine_events(m, CLB_EVENT_CONVERTED));
		EXPECT_FALSE(m->broken);
		machine_destroy(m);
	}
}

static void compare(const struct process *p, const uint8_t *expected, uint64_t seed, enum mode mode)
{
	char place[32];

	if (p->cause != UINT64_MAX)
		test_fail(__FILE__, __LINE__, "seed %llu %s: exception %llu at 0x%llx, 0x%llx", (unsigned long long)seed, mode_name[mode],
			(unsigned long long)p->cause, (unsigned long long)p->epc, (unsigned long long)p->tval);
	EXPECT_EQ(p->output_bytes, RANDOM_A64_OUTPUT_BYTES);
	for (unsigned at = 0; at < RANDOM_A64_OUTPUT_BYTES && at < p->output_bytes; at++) {
		if (p->output[at] == expected[at])
			continue;
		random_a64_place(at, place, sizeof(place));
		test_fail(__FILE__, __LINE__, "seed %llu %s: %s differs from qemu-aarch64; ASSAY_SEED=%llu A64_PROGRAMS=1 repeats it", (unsigned long long)seed,
			mode_name[mode], place, (unsigned long long)seed);
		return;
	}
}

static void run_seed(const char *path, uint64_t seed, uint8_t *used)
{
	static uint8_t expected[RANDOM_A64_OUTPUT_BYTES + 1];
	long bytes;

	ASSERT_EQ(random_a64_write(tables(), path, seed, setting("A64_INSTRUCTIONS", INSTRUCTIONS), used), 0);
	bytes = qemu_run(path, expected, sizeof(expected), NULL);
	if (bytes != RANDOM_A64_OUTPUT_BYTES) {
		test_fail(__FILE__, __LINE__, "seed %llu: qemu-aarch64 wrote %ld bytes", (unsigned long long)seed, bytes);
		return;
	}
	for (enum mode mode = INTERPRETED; mode < MODES; mode++) {
		struct process p;

		ASSERT_EQ(process_create(&p, path), 0);
		run(&p, mode);
		compare(&p, expected, seed, mode);
		process_destroy(&p);
	}
}

TEST(a64_random, programs_end_as_under_qemu)
{
	static uint8_t used[RANDOM_A64_ROWS];
	char path[] = "/tmp/a64_random_XXXXXX";
	uint64_t seed = test_seed();
	unsigned n = setting("A64_PROGRAMS", 60);
	int file = mkstemp(path);

	ASSERT_TRUE(file >= 0);
	fchmod(file, 0700);
	close(file);
	for (unsigned i = 0; i < n && !test_has_failed(); i++)
		run_seed(path, seed + i, used);
	if (test_has_failed())
		fprintf(stderr, "the program that failed is in %s\n", path);
	else
		unlink(path);
	for (unsigned row = 0; row < tables()->rows && n >= 60 && !test_has_failed(); row++)
		if (!used[row] && !random_a64_leaves_out(tables(), row))
			test_fail(__FILE__, __LINE__, "no program had row %u, %s", row, convert_row_name(tables(), row));
}
