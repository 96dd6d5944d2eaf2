#include "sim/trace/event_cli.h"

#include <stdbool.h>

#include "sim/trace/event_file.h"
#include "sim/trace/latency.h"
#include "sim/trace/timeline.h"

enum { BAD_INPUT = 2, BAR_WIDTH = 50 };

static int refuse(const char *text)
{
	fprintf(stderr, "assay: %s\n", text);
	return BAD_INPUT;
}

static int read_log(struct event_log *log, const char *path)
{
	char error[400];
	return event_file_read(log, path, error, sizeof error) == 0 ? 0 : refuse(error);
}

/* Written beside its place first, so that a full disk leaves nothing half-written. */
static int write_timeline(struct event_log *log, const char *path)
{
	char beside[4096];
	if ((size_t)snprintf(beside, sizeof beside, "%s.new", path) >= sizeof beside)
		return refuse("timeline: the output's name is too long");
	FILE *file = fopen(beside, "w");
	bool written = file && timeline_write(log, file) == 0 && !ferror(file);
	if (file)
		written = fclose(file) == 0 && written;
	if (written && rename(beside, path) == 0)
		return 0;
	remove(beside);
	fprintf(stderr, "assay: timeline %s: cannot be written\n", path);
	return BAD_INPUT;
}

int timeline_main(int argc, char **argv)
{
	struct event_log log = {0};
	if (argc != 3 || argv[1][0] == '-')
		return refuse("usage: assay timeline EVENTS OUT.json");
	int status = read_log(&log, argv[1]);
	if (status == 0)
		status = write_timeline(&log, argv[2]);
	event_log_free(&log);
	return status;
}

static void print_table(const struct latency stage[LATENCY_STAGES], const struct latency_paths *paths)
{
	printf("%-18s %9s %9s %9s %9s %9s\n", "cycles", "count", "min", "p50", "p99", "max");
	for (unsigned i = 0; i < LATENCY_STAGES; i++)
		printf("%-18s %9llu %9llu %9llu %9llu %9llu\n", latency_names[i], (unsigned long long)stage[i].count, (unsigned long long)stage[i].min,
			(unsigned long long)stage[i].p50, (unsigned long long)stage[i].p99, (unsigned long long)stage[i].max);
	printf("interrupts: directed %llu, broadcast %llu, recorded while blocked %llu\n", (unsigned long long)paths->directed,
		(unsigned long long)paths->broadcast, (unsigned long long)paths->recorded);
}

/* Rows are powers of two: a bin holds the latencies from its cycles up to twice that. */
static void print_histogram(const struct latency *latency, const char *name)
{
	uint64_t most = 0;
	for (unsigned i = 0; i < LATENCY_BINS; i++)
		most = latency->bin[i] > most ? latency->bin[i] : most;
	printf("\n%s\n", name);
	for (unsigned i = 0; i < LATENCY_BINS; i++) {
		if (!latency->bin[i])
			continue;
		printf("%12llu %9llu ", 1ull << i, (unsigned long long)latency->bin[i]);
		for (uint64_t bar = 0; bar < (latency->bin[i] * BAR_WIDTH + most - 1) / most; bar++)
			putchar('#');
		putchar('\n');
	}
}

int latency_main(int argc, char **argv)
{
	struct event_log log = {0};
	struct latency stage[LATENCY_STAGES];
	struct latency_paths paths;

	if (argc != 2 || argv[1][0] == '-')
		return refuse("usage: assay latency EVENTS");
	int status = read_log(&log, argv[1]);
	if (status == 0 && latency_compute(&log, stage, &paths) != 0)
		status = refuse("latency: out of memory");
	if (status == 0) {
		print_table(stage, &paths);
		for (unsigned i = 0; i < LATENCY_STAGES; i++) {
			if (stage[i].count)
				print_histogram(&stage[i], latency_names[i]);
		}
	}
	event_log_free(&log);
	return status;
}
