/* The state of a hart behind a CLB is what a checkpoint can write and read: a run that goes on from it, with every cache of the host cold, repeats the
 * cycles of one that was never interrupted. */
#include <stdlib.h>

#include "models/hart/stream.h"
#include "testbench/unit/clb/machine.h"
#include "testbench/unit/hart/random_program.h"

struct saved {
	struct front_end_state front;
	struct hart_stream_state stream;
	struct clb clb;
	uint64_t cycle;
	uint64_t lines[RANDOM_PROGRAM_RAM >> 12];
	uint8_t memory[FRONT_END_MEMORY_BYTES];
};

static struct machine *create(struct board *b) { return machine_create(b, rv64_table_image, rv64_table_bytes); }

/* Everything of hart 0 to @p s or from it; memory 0 of the test board is its RAM. */
static void copy(struct machine *m, struct saved *s, bool restore)
{
	struct hart_core *core = m->front[0].core;
	size_t pages = 0;
	uint64_t *lines = hart_stream_lines(m->board->domain, 0, &pages);

	ASSERT_EQ(pages, RANDOM_PROGRAM_RAM >> 12);
	if (!restore) {
		s->front = m->front[0].state;
		s->clb = m->clb[0];
		s->cycle = m->cycle;
		hart_stream_save(core, &s->stream);
		memcpy(s->lines, lines, sizeof s->lines);
		memcpy(s->memory, m->front[0].memory, sizeof s->memory);
		return;
	}
	m->front[0].state = s->front;
	m->clb[0] = s->clb;
	m->cycle = s->cycle;
	hart_stream_restore(core, &s->stream);
	memcpy(lines, s->lines, sizeof s->lines);
	hart_stream_lines_changed(m->board->domain);
	memcpy(m->front[0].memory, s->memory, sizeof s->memory);
}

static struct machine *move(struct machine *m)
{
	struct board *b = m->board;
	struct saved *s = malloc(sizeof *s);
	size_t pages;

	if (!s)
		abort();
	copy(m, s, false);
	machine_destroy(m);
	memset(hart_stream_lines(b->domain, 0, &pages), 0, sizeof s->lines);
	hart_stream_lines_changed(b->domain);
	hart_domain_drop_caches(b->domain);
	m = create(b);
	copy(m, s, true);
	free(s);
	return m;
}

TEST(clb_saving, goes_on_from_saved_state_in_the_same_cycles)
{
	for (unsigned k = 0; random_program_kinds[k]; k++) {
		uint64_t seed = test_seed() * 100 + k;
		struct board *whole = random_program_board(k, seed), *parts = random_program_board(k, seed);
		struct machine *m = create(whole), *n = create(parts);
		const struct hart *a = hart_state(m->front[0].core), *b;

		board_run(whole, true, RANDOM_PROGRAM_LIMIT, 0);
		while (!parts->finished && n->cycle < 60000) {
			board_run(parts, true, 1 + (seed * 7919 + n->cycle) % 5000, 0);
			n = move(n);
		}
		board_run(parts, true, RANDOM_PROGRAM_LIMIT, 0);
		b = hart_state(n->front[0].core);
		EXPECT_EQ(b->cycles, a->cycles);
		EXPECT_EQ(b->native_ops, a->native_ops);
		EXPECT_EQ(n->front[0].state.stat.event[CLB_EVENT_MISS], m->front[0].state.stat.event[CLB_EVENT_MISS]);
		EXPECT_EQ(memcmp(n->front[0].state.stat.killed, m->front[0].state.stat.killed, sizeof n->front[0].state.stat.killed), 0);
		random_program_expect_same(whole, parts, "behind a CLB that was saved and restored", k);
		machine_destroy(m);
		machine_destroy(n);
		board_destroy(whole);
		board_destroy(parts);
	}
}
