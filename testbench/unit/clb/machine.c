#include "testbench/unit/clb/machine.h"

#include <stdlib.h>

#include "models/convert/convert.h"
#include "models/hart/stream.h"

enum { LATENCY = 40 };

static void stored(void *ctx, int hart, uint64_t line)
{
	struct machine *m = ctx;

	for (unsigned i = 0; i < m->board->harts; i++)
		front_end_snoop(&m->front[i], hart, line);
}

static bool asleep(struct machine *m, unsigned i)
{
	const struct hart_core *core = m->front[i].core;

	return hart_is_waiting(core) || hart_is_stalled(core);
}

static void step(struct board *b)
{
	struct machine *m = b->step_ctx;

	for (unsigned i = 0; i < b->harts && !m->broken; i++) {
		front_end_ports(&m->front[i], m->cycle);
		if (m->before)
			m->before(m, i, m->before_ctx);
		if (asleep(m, i))
			hart_skip(m->front[i].core, 1);
		else
			front_end_execute(&m->front[i]);
	}
	for (unsigned i = 0; i < b->harts && !m->broken; i++) {
		machine_block.step(m, i);
		front_end_commit(&m->front[i]);
	}
	m->cycle++;
}

struct machine *machine_create(struct board *board, const void *image, size_t bytes)
{
	struct machine *m = calloc(1, sizeof *m);

	if (!m)
		abort();
	m->board = board;
	board->step = step;
	board->step_ctx = m;
	hart_stream_watch(board->domain, stored, m);
	for (unsigned i = 0; i < board->harts; i++) {
		if (front_end_create(&m->front[i], board->domain, i, LATENCY, image, bytes) != 0)
			abort();
		if (board->application.image && front_end_set_application(&m->front[i], a64_table_image, a64_table_bytes) != 0)
			abort();
		machine_block.reset(m, i);
	}
	return m;
}

void machine_destroy(struct machine *m)
{
	for (unsigned i = 0; i < m->board->harts; i++)
		front_end_destroy(&m->front[i]);
	free(m);
}

uint64_t machine_events(const struct machine *m, unsigned event)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < m->board->harts; i++)
		sum += m->front[i].state.stat.event[event];
	return sum;
}
