#include "sim/kernel/failure_window.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/kernel/board.h"

enum { FAILURE_PATH_BYTES = 4096 };

static void stop_child(struct failure_child *child)
{
	if (child->pid <= 0)
		return;
	close(child->wake);
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	*child = (struct failure_child){0};
}

/* --- in the child ---------------------------------------------------------------------------------------------- */

/* The child goes on where the parent forked: with the scenario, too, which gives the board the same commands again. */

static bool path_of(const struct board *board, const char *suffix, char path[FAILURE_PATH_BYTES])
{
	return (size_t)snprintf(path, FAILURE_PATH_BYTES, "%s.%s", board->config.failure_prefix, suffix) < FAILURE_PATH_BYTES;
}

static void trace_instruction(void *ctx, unsigned hart, const struct hart_trace *record)
{
	struct failure_trace *trace = ctx;
	fprintf(trace->file, "%llu\t%s%u\t%016llx\t%0*x\t%c%s\n", (unsigned long long)*trace->cycle, trace->name, hart, (unsigned long long)record->pc,
		record->length * 2, record->insn, "USHM"[record->priv & 3], record->virt ? "v" : "");
}

/* Nothing of the parent's may be touched: its files, its links, its terminal. */
static int let_go(struct board *board)
{
	board->host_console.echo = board->partition_console.echo = board->nic_console.echo = NULL;
	board->pollers = 0;
	board->log.count = 0;
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		return -1;
	return fabric_become_replica(board->fabric);
}

static int open_files(struct board *board)
{
	struct failure_window *window = &board->failure_window;
	char path[FAILURE_PATH_BYTES], error[BOARD_ERROR_BYTES];

	window->opened = true;
	window->trace_file = path_of(board, "trace", path) ? fopen(path, "w") : NULL;
	if (!window->trace_file)
		return -1;
	fputs("cycle\thart\tpc\tinstruction\tprivilege\n", window->trace_file);
	window->trace[0] = (struct failure_trace){window->trace_file, "host.", &board->host.host->state.cycle};
	window->trace[1] = (struct failure_trace){window->trace_file, "nic.", &board->nic.nic->state.cycle};
	hart_domain_set_trace(board->host.host->domain, trace_instruction, &window->trace[0]);
	hart_domain_set_trace(board->nic.nic->domain, trace_instruction, &window->trace[1]);
	board->config.waves_from = platform_cycle();
	board->config.waves_cycles = 0;
	return path_of(board, "fst", path) ? board_open_waves(board, path, error, sizeof error) : -1;
}

/* Ends the process: its work is done, and nothing that it holds is its own. */
static void finish(struct board *board)
{
	struct failure_window *window = &board->failure_window;
	char path[FAILURE_PATH_BYTES];

	if (!window->opened)
		_exit(1);
	waves_end(&board->waves);
	bool written = fclose(window->trace_file) == 0 && path_of(board, "events", path) && event_log_write(&board->log, path) == 0;
	_exit(written ? 0 : 1);
}

static uint64_t pass_in_child(struct board *board, uint64_t now)
{
	struct failure_window *window = &board->failure_window;
	if (now >= window->until || board->failure[0])
		finish(board);
	if (now < window->from)
		return window->from;
	if (!window->opened && open_files(board) != 0)
		_exit(1);
	return window->until;
}

/* Returns when the parent wants the window: the child then runs on. */
static void sleep_until_wanted(struct board *board, int orders)
{
	struct failure_window *window = &board->failure_window;
	uint64_t until, now = platform_cycle();
	ssize_t got;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); /* the parent decides */
	do
		got = read(orders, &until, sizeof until);
	while (got < 0 && errno == EINTR);
	if (got != sizeof until || let_go(board) != 0)
		_exit(1);
	window->replica = true;
	window->until = until;
	window->from = until > now + FAILURE_WINDOW_CYCLES ? until - FAILURE_WINDOW_CYCLES : now;
}

/* --- in the parent --------------------------------------------------------------------------------------------- */

static void close_others(struct failure_window *window)
{
	for (unsigned i = 0; i < FAILURE_CHILDREN; i++) {
		if (window->child[i].pid > 0)
			close(window->child[i].wake);
	}
}

static void fork_child(struct board *board, uint64_t now)
{
	struct failure_window *window = &board->failure_window;
	int ends[2];

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[1]);
		close_others(window);
		sleep_until_wanted(board, ends[0]);
		close(ends[0]);
		return;
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return;
	}
	stop_child(&window->child[1]);
	window->child[1] = window->child[0];
	window->child[0] = (struct failure_child){.pid = pid, .wake = ends[1], .cycle = now};
}

uint64_t failure_window_pass(struct board *board, uint64_t now)
{
	struct failure_window *window = &board->failure_window;
	if (window->replica)
		return pass_in_child(board, now);
	if (!window->every_cycles)
		return UINT64_MAX;
	if (now >= window->next_fork) {
		window->next_fork = (now / window->every_cycles + 1) * window->every_cycles;
		fork_child(board, now);
		if (window->replica)
			return pass_in_child(board, now);
	}
	return window->next_fork;
}

/* The youngest child that is a whole window old, else the oldest. */
static struct failure_child *choose(struct failure_window *window, uint64_t until)
{
	struct failure_child *child = &window->child[0];
	if (window->child[1].pid > 0 && child->cycle + FAILURE_WINDOW_CYCLES > until)
		child = &window->child[1];
	return child->pid > 0 ? child : NULL;
}

int failure_window_write(struct board *board)
{
	struct failure_window *window = &board->failure_window;
	uint64_t until = platform_cycle();
	int status = -1;

	if (window->replica)
		finish(board);
	struct failure_child *child = choose(window, until);
	if (!child)
		return -1;
	fabric_flush(board->fabric);
	signal(SIGPIPE, SIG_IGN);
	bool told = write(child->wake, &until, sizeof until) == sizeof until;
	waitpid(child->pid, &status, 0);
	close(child->wake);
	*child = (struct failure_child){0};
	if (!told || status != 0) {
		fprintf(stderr, "assay: the failure window %s.* could not be written\n", board->config.failure_prefix);
		return -1;
	}
	fprintf(stderr, "failure window: %s.fst, .events, .trace up to cycle %llu\n", board->config.failure_prefix, (unsigned long long)until);
	return 0;
}

void failure_window_end(struct board *board)
{
	for (unsigned i = 0; i < FAILURE_CHILDREN; i++)
		stop_child(&board->failure_window.child[i]);
}
