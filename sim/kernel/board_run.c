/* How a board is run: in pieces that end at the borders of the waves' window, at forks of the failure window, and where pollers look. */
#include "sim/kernel/board.h"
#include "sim/kernel/failure_window.h"

enum { POLL_CYCLES = 1000000 };

static void dump_waves(void *ctx, uint64_t cycle)
{
	struct board *board = ctx;
	waves_dump(&board->waves, cycle);
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Begins or ends the dumping of waves at @p now. @return the next cycle at which that changes. */
static uint64_t sample_waves(struct board *board, uint64_t now)
{
	uint64_t from = board->config.waves_from;
	uint64_t to = board->config.waves_cycles ? from + board->config.waves_cycles : UINT64_MAX;
	bool inside = board->waves_open && now >= from && now < to;

	platform_sample(inside ? dump_waves : NULL, board);
	if (!board->waves_open)
		return UINT64_MAX;
	return now < from ? from : inside ? to : UINT64_MAX;
}

int board_add_poller(struct board *board, void (*poll)(void *ctx), void *ctx)
{
	if (board->pollers == BOARD_POLLERS)
		return -1;
	board->poller[board->pollers++] = (struct board_poller){poll, ctx};
	return 0;
}

static void call_pollers(struct board *board)
{
	for (unsigned i = 0; i < board->pollers; i++)
		board->poller[i].poll(board->poller[i].ctx);
}

/* How far a run to @p end still goes: a stop that was requested shortly before the end of a piece lies behind that end. */
static uint64_t run_end(const struct board *board, uint64_t end)
{
	return board->stopping && board->stop_cycle < end ? board->stop_cycle : end;
}

/* Runs a piece towards @p end. @return false if the run has reached its limit. */
static bool run_piece(struct board *board, uint64_t end)
{
	uint64_t now = platform_cycle();
	uint64_t border = limit_step(&board->config.limit, now, end);

	if (limit_interrupted()) {
		snprintf(board->failure, sizeof board->failure, "interrupted at cycle %llu", (unsigned long long)now);
		return false;
	}
	if (border <= now) {
		snprintf(board->failure, sizeof board->failure, "timeout: the run has not ended by cycle %llu", (unsigned long long)now);
		return false;
	}
	border = at_most(border, at_most(sample_waves(board, now), failure_window_pass(board, now)));
	if (board->pollers) {
		call_pollers(board);
		uint64_t every = board->poll_cycles ? board->poll_cycles : POLL_CYCLES;
		border = at_most(border, (now / every + 1) * every);
	}
	if (run_end(board, border) > now)
		platform_run(run_end(board, border));
	limit_show(&board->config.limit, platform_cycle());
	return true;
}

void board_run(struct board *board, uint64_t cycles)
{
	uint64_t end = platform_cycle() + (cycles + DOMAIN_LOOKAHEAD_CYCLES - 1) / DOMAIN_LOOKAHEAD_CYCLES * DOMAIN_LOOKAHEAD_CYCLES;

	board->stopping = false;
	board->run_until = end;
	while (platform_cycle() < run_end(board, end) && run_piece(board, run_end(board, end)))
		;
	if (board->failure_window.replica)
		failure_window_pass(board, platform_cycle());
}
