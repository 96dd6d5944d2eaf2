#include "sim/trace/wave_cli.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/trace/wave_draw.h"
#include "sim/trace/wave_file.h"

enum { BAD_INPUT = 2, DIFFERENT = 1, MAX_SIGNALS = 64, MAX_MARKS = 40 };

static const char usage[] =
	"usage: assay wave list FILE [PATTERN]\n"
	"       assay wave query FILE SIGNAL... [--from T] [--to T]      each change as a line: time, signal, value\n"
	"       assay wave diff FILE SCOPE_A SCOPE_B [--from T] [--to T]  compares the signals of the same name in two scopes\n"
	"       assay wave draw FILE OUT.svg|OUT.png SIGNAL... [--from T] [--to T] [--events LOG [--only PATTERN]]\n"
	"                       [--title TEXT]    PATTERN chooses events by name, as \"page.*\"\n";

struct options {
	uint64_t from, to;
	bool has_from, has_to;
	const char *events, *only, *title;
	const char *word[MAX_SIGNALS + 2]; /**< what is no option */
	size_t words;
};

static int refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int refuse(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("assay: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return BAD_INPUT;
}

static int parse_time(const char *name, const char *text, uint64_t *time)
{
	char *end;
	*time = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && *end == '\0' ? 0 : refuse("wave: %s takes a time in cycles, not \"%s\"", name, text);
}

static int parse_option(struct options *options, const char *name, const char *value)
{
	if (strcmp(name, "--from") == 0) {
		options->has_from = true;
		return parse_time(name, value, &options->from);
	}
	if (strcmp(name, "--to") == 0) {
		options->has_to = true;
		return parse_time(name, value, &options->to);
	}
	if (strcmp(name, "--events") == 0)
		options->events = value;
	else if (strcmp(name, "--only") == 0)
		options->only = value;
	else if (strcmp(name, "--title") == 0)
		options->title = value;
	else
		return refuse("wave: unknown option \"%s\"", name);
	return 0;
}

static int parse(struct options *options, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) == 0) {
			if (i + 1 == argc)
				return refuse("wave: a value is missing after \"%s\"", argv[i]);
			if (parse_option(options, argv[i], argv[i + 1]) != 0)
				return BAD_INPUT;
			i++;
		} else if (options->words == MAX_SIGNALS) {
			return refuse("wave: more than %d signals", MAX_SIGNALS);
		} else {
			options->word[options->words++] = argv[i];
		}
	}
	return 0;
}

/* Fills in what the user left open and checks the window. */
static int settle_window(struct options *options, const struct wave_file *file)
{
	options->from = options->has_from ? options->from : file->start;
	options->to = options->has_to ? options->to : file->end;
	if (options->from > options->to || options->from > file->end || options->to < file->start)
		return refuse("wave file %s: holds cycles %llu to %llu, not %llu to %llu", file->path, (unsigned long long)file->start,
			      (unsigned long long)file->end, (unsigned long long)options->from, (unsigned long long)options->to);
	return 0;
}

static int find_signals(const struct wave_file *file, const char *const *names, size_t count, const struct wave_signal **signals)
{
	for (size_t i = 0; i < count; i++) {
		signals[i] = wave_file_find(file, names[i]);
		if (!signals[i])
			return refuse("wave file %s: no signal, or more than one, is named \"%s\"", file->path, names[i]);
	}
	return 0;
}

static int list(struct wave_file *file, const struct options *options)
{
	if (options->words > 1)
		return refuse("wave list: one pattern at the most");
	for (size_t i = 0; i < file->count; i++) {
		if (options->words == 0 || fnmatch(options->word[0], file->signal[i].name, 0) == 0)
			printf("%s %u\n", file->signal[i].name, file->signal[i].width_bits);
	}
	return 0;
}

/* The trace whose next change is the earliest; the order of the signals decides among equals. */
static size_t earliest(const struct wave_trace *trace, const size_t *next, size_t count)
{
	size_t best = count;
	for (size_t i = 0; i < count; i++) {
		if (next[i] < trace[i].count && (best == count || trace[i].change[next[i]].time < trace[best].change[next[best]].time))
			best = i;
	}
	return best;
}

static void print_changes(const struct wave_trace *trace, size_t count)
{
	size_t next[MAX_SIGNALS] = {0};
	char text[600];
	for (size_t i; (i = earliest(trace, next, count)) < count; next[i]++) {
		const struct wave_change *change = &trace[i].change[next[i]];
		wave_value_text(change->value, text, sizeof text);
		printf("%llu\t%s\t%s\n", (unsigned long long)change->time, trace[i].signal->name, text);
	}
}

static int query(struct wave_file *file, struct options *options)
{
	const struct wave_signal *signals[MAX_SIGNALS];
	struct wave_trace trace[MAX_SIGNALS];
	if (options->words == 0)
		return refuse("wave query: a signal is missing");
	if (settle_window(options, file) != 0 || find_signals(file, options->word, options->words, signals) != 0)
		return BAD_INPUT;
	wave_file_read(file, signals, options->words, options->from, options->to, trace);
	print_changes(trace, options->words);
	for (size_t i = 0; i < options->words; i++)
		wave_trace_free(&trace[i]);
	return 0;
}

/* The first time at which the two traces differ; UINT64_MAX for never. */
static uint64_t first_difference(const struct wave_trace *a, const struct wave_trace *b)
{
	size_t i = 0, j = 0;
	const char *value_a = NULL, *value_b = NULL;
	while (i < a->count || j < b->count) {
		uint64_t time_a = i < a->count ? a->change[i].time : UINT64_MAX;
		uint64_t time_b = j < b->count ? b->change[j].time : UINT64_MAX;
		uint64_t time = time_a < time_b ? time_a : time_b;
		if (time_a == time)
			value_a = a->change[i++].value;
		if (time_b == time)
			value_b = b->change[j++].value;
		if (!value_a || !value_b || strcmp(value_a, value_b) != 0)
			return time;
	}
	return UINT64_MAX;
}

static bool report_difference(const struct wave_trace trace[2])
{
	char a[600] = "nothing", b[600] = "nothing";
	uint64_t time = first_difference(&trace[0], &trace[1]);
	if (time == UINT64_MAX)
		return false;
	const char *value_a = wave_trace_at(&trace[0], time), *value_b = wave_trace_at(&trace[1], time);
	if (value_a)
		wave_value_text(value_a, a, sizeof a);
	if (value_b)
		wave_value_text(value_b, b, sizeof b);
	printf("%llu\t%s\t%s\t%s\t%s\n", (unsigned long long)time, trace[0].signal->name, a, trace[1].signal->name, b);
	return true;
}

/* The signal of the same last name directly or deeper under @p scope; the shallowest one. */
static const struct wave_signal *partner(const struct wave_file *file, const char *scope, const char *name)
{
	size_t length = strlen(scope);
	const struct wave_signal *best = NULL;
	for (size_t i = 0; i < file->count; i++) {
		const struct wave_signal *signal = &file->signal[i];
		if (strncmp(signal->name, scope, length) != 0 || signal->name[length] != '.' || strcmp(wave_signal_leaf(signal), name) != 0)
			continue;
		if (!best || strlen(signal->name) < strlen(best->name))
			best = signal;
	}
	return best;
}

static int diff(struct wave_file *file, struct options *options)
{
	size_t compared = 0, different = 0;
	if (options->words != 2)
		return refuse("wave diff: takes two scopes");
	if (settle_window(options, file) != 0)
		return BAD_INPUT;
	size_t length = strlen(options->word[0]);
	for (size_t i = 0; i < file->count; i++) {
		const struct wave_signal *pair[2] = {&file->signal[i], NULL};
		struct wave_trace trace[2];
		if (strncmp(pair[0]->name, options->word[0], length) != 0 || pair[0]->name[length] != '.')
			continue;
		pair[1] = partner(file, options->word[1], wave_signal_leaf(pair[0]));
		if (!pair[1] || pair[1]->width_bits != pair[0]->width_bits)
			continue;
		wave_file_read(file, pair, 2, options->from, options->to, trace);
		different += report_difference(trace);
		compared++;
		wave_trace_free(&trace[0]);
		wave_trace_free(&trace[1]);
	}
	if (compared == 0)
		return refuse("wave file %s: %s and %s have no signal in common", file->path, options->word[0], options->word[1]);
	printf("%zu signals compared, %zu differ\n", compared, different);
	return different ? DIFFERENT : 0;
}

/* Reads the marks of the window from an event log (sim/trace/event_log.h). */
static int read_marks(const char *path, const struct options *options, struct wave_mark *mark, size_t *marks)
{
	FILE *log = fopen(path, "r");
	char line[256], name[48];
	unsigned long long cycle;
	unsigned function, id;

	*marks = 0;
	if (!log)
		return refuse("event log %s: cannot be read", path);
	if (!fgets(line, sizeof line, log) || strncmp(line, "cycle\tevent\t", 12) != 0) {
		fclose(log);
		return refuse("event log %s: is not an event log", path);
	}
	while (*marks < MAX_MARKS && fgets(line, sizeof line, log)) {
		if (sscanf(line, "%llu\t%47s\t%u\t%u", &cycle, name, &function, &id) != 4 || cycle < options->from || cycle > options->to)
			continue;
		if (options->only && fnmatch(options->only, name, 0) != 0)
			continue;
		mark[*marks].time = cycle;
		snprintf(mark[(*marks)++].label, sizeof mark->label, "%s %u", name, id);
	}
	fclose(log);
	return 0;
}

static int draw(struct wave_file *file, struct options *options)
{
	const struct wave_signal *signals[MAX_SIGNALS];
	struct wave_trace trace[MAX_SIGNALS];
	struct wave_mark mark[MAX_MARKS];
	struct wave_picture picture = {.trace = trace, .mark = mark, .title = options->title ? options->title : file->path};
	char error[300];
	size_t count = options->words ? options->words - 1 : 0;

	if (count == 0)
		return refuse("wave draw: a picture's name and a signal are needed");
	if (settle_window(options, file) != 0 || find_signals(file, options->word + 1, count, signals) != 0)
		return BAD_INPUT;
	if (options->from == options->to)
		return refuse("wave draw: the window is empty");
	if (options->events && read_marks(options->events, options, mark, &picture.marks) != 0)
		return BAD_INPUT;
	wave_file_read(file, signals, count, options->from, options->to, trace);
	picture.traces = count;
	picture.from = options->from;
	picture.to = options->to;
	int status = wave_draw(&picture, options->word[0], error, sizeof error);
	for (size_t i = 0; i < count; i++)
		wave_trace_free(&trace[i]);
	return status == 0 ? 0 : refuse("%s", error);
}

static int run(const char *verb, struct wave_file *file, struct options *options)
{
	if (strcmp(verb, "list") == 0)
		return list(file, options);
	if (strcmp(verb, "query") == 0)
		return query(file, options);
	if (strcmp(verb, "diff") == 0)
		return diff(file, options);
	if (strcmp(verb, "draw") == 0)
		return draw(file, options);
	return refuse("wave: unknown verb \"%s\"; see assay wave --help", verb);
}

int wave_main(int argc, char **argv)
{
	struct options options = {0};
	struct wave_file file;
	char error[300];

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 3)
		return refuse("wave: takes a verb and a file; see assay wave --help");
	if (parse(&options, argc - 3, argv + 3) != 0)
		return BAD_INPUT;
	if (wave_file_open(&file, argv[2], error, sizeof error) != 0)
		return refuse("%s", error);
	int status = run(argv[1], &file, &options);
	wave_file_close(&file);
	return status;
}
