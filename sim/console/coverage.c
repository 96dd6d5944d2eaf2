#include "sim/console/coverage.h"

#include "sim/trace/executed.h"

enum { HYPERVISOR, FIRMWARE, IMAGES, PRIVILEGE_SUPERVISOR = 1 };

static const char *const names[IMAGES] = {"hypervisor", "firmware"};
static struct executed images[IMAGES];

/* Guests run at the same addresses: only HS-mode is the hypervisor. */
static void note_host(void *ctx, unsigned hart, const struct hart_trace *record)
{
	(void)hart;
	if (record->priv == PRIVILEGE_SUPERVISOR && !record->virt)
		executed_note(ctx, record->pc);
}

static void note_nic(void *ctx, unsigned hart, const struct hart_trace *record)
{
	(void)hart;
	executed_note(ctx, record->pc);
}

static int begin_one(struct console *console, int image, const char *path, struct hart_domain *domain, hart_trace_function *note)
{
	char error[BOARD_ERROR_BYTES];
	if (!path)
		return TCL_OK;
	if (executed_begin(&images[image], path, error, sizeof error) != 0)
		return console_refuse(console->interp, "BAD_INPUT", "coverage of %s", error);
	hart_domain_set_trace(domain, note, &images[image]);
	return TCL_OK;
}

int coverage_begin(struct console *console)
{
	struct board *board = console->board;
	if (!console->options.coverage)
		return TCL_OK;
	if (board->config.failure_prefix)
		return console_refuse(console->interp, "BAD_INPUT", "--coverage and --failure-window exclude each other: there is one trace");
	if (begin_one(console, HYPERVISOR, board->config.kernel, board->host.host->domain, note_host) != TCL_OK)
		return TCL_ERROR;
	return begin_one(console, FIRMWARE, board->config.firmware, board->nic.nic->domain, note_nic);
}

int coverage_finish(struct console *console)
{
	char path[EXECUTED_PATH_BYTES + 32], error[BOARD_ERROR_BYTES];
	int status = TCL_OK;
	for (int i = 0; i < IMAGES; i++) {
		if (!images[i].bits)
			continue;
		snprintf(path, sizeof path, "%s.%s.executed", console->options.coverage, names[i]);
		if (executed_save(&images[i], path, error, sizeof error) != 0) {
			fprintf(stderr, "assay: coverage: %s\n", error);
			status = TCL_ERROR;
		}
		executed_end(&images[i]);
	}
	snprintf(path, sizeof path, "%s.events", console->options.coverage ? console->options.coverage : "");
	if (console->options.coverage && console->board && event_log_write(&console->board->log, path) != 0) {
		fprintf(stderr, "assay: coverage: %s: cannot be written\n", path);
		status = TCL_ERROR;
	}
	return status;
}
