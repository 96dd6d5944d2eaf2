#include "sim/trace/wave_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gtkwave/fstapi.h"
#include "sim/trace/wave_guard.h"

static int add_signal(struct wave_file *file, const char *scope, const struct fstHierVar *var)
{
	if (file->count == file->capacity) {
		size_t capacity = file->capacity ? file->capacity * 2 : 256;
		struct wave_signal *grown = realloc(file->signal, capacity * sizeof *grown);
		if (!grown)
			return -1;
		file->signal = grown;
		file->capacity = capacity;
	}
	/* A name may carry its range, "data [63:0]". */
	size_t length = strcspn(var->name, " ");
	char *name = NULL;
	if (asprintf(&name, "%s%s%.*s", scope ? scope : "", scope && *scope ? "." : "", (int)length, var->name) < 0)
		return -1;
	file->signal[file->count++] = (struct wave_signal){.name = name, .width_bits = var->length, .handle = var->handle};
	return 0;
}

static int read_hierarchy(struct wave_file *file)
{
	struct fstHier *entry;
	const char *scope = "";

	fstReaderResetScope(file->reader);
	while ((entry = fstReaderIterateHier(file->reader)) != NULL) {
		if (entry->htyp == FST_HT_SCOPE)
			scope = fstReaderPushScope(file->reader, entry->u.scope.name, NULL);
		else if (entry->htyp == FST_HT_UPSCOPE)
			scope = fstReaderPopScope(file->reader);
		else if (entry->htyp == FST_HT_VAR && add_signal(file, scope, &entry->u.var) != 0)
			return -1;
	}
	return 0;
}

int wave_file_open(struct wave_file *file, const char *path, char *error, size_t error_size)
{
	*file = (struct wave_file){0};
	if (access(path, R_OK) != 0) {
		snprintf(error, error_size, "wave file %s: cannot be read", path);
		return -1;
	}
	if (!wave_blocks_are_whole(path) || !(file->path = strdup(path))) {
		snprintf(error, error_size, "wave file %s: not an FST file, or cut short", path);
		return -1;
	}
	wave_guard_enter(path);
	file->reader = fstReaderOpen(path);
	int failed = !file->reader || read_hierarchy(file) != 0 || file->count == 0;
	if (file->reader) {
		file->start = fstReaderGetStartTime(file->reader);
		file->end = fstReaderGetEndTime(file->reader);
	}
	wave_guard_leave();
	if (failed) {
		snprintf(error, error_size, "wave file %s: holds no signals", path);
		wave_file_close(file);
		return -1;
	}
	return 0;
}

void wave_file_close(struct wave_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		free(file->signal[i].name);
	free(file->signal);
	free(file->path);
	if (file->reader)
		fstReaderClose(file->reader);
	*file = (struct wave_file){0};
}

static int ends_in(const char *name, const char *tail)
{
	size_t length = strlen(name), wanted = strlen(tail);
	return length > wanted && name[length - wanted - 1] == '.' && strcmp(name + length - wanted, tail) == 0;
}

const struct wave_signal *wave_file_find(const struct wave_file *file, const char *name)
{
	const struct wave_signal *found = NULL;
	for (size_t i = 0; i < file->count; i++) {
		const struct wave_signal *signal = &file->signal[i];
		if (strcmp(signal->name, name) == 0)
			return signal;
		if (!ends_in(signal->name, name))
			continue;
		if (found && found->handle != signal->handle)
			return NULL;
		found = found ? found : signal;
	}
	return found;
}

const char *wave_signal_leaf(const struct wave_signal *signal)
{
	const char *dot = strrchr(signal->name, '.');
	return dot ? dot + 1 : signal->name;
}

struct reading {
	struct wave_trace *trace;
	size_t count;
	uint64_t from;
	int failed;
};

static int append(struct wave_trace *trace, uint64_t time, const char *value)
{
	if (trace->count == trace->capacity) {
		size_t capacity = trace->capacity ? trace->capacity * 2 : 64;
		struct wave_change *grown = realloc(trace->change, capacity * sizeof *grown);
		if (!grown)
			return -1;
		trace->change = grown;
		trace->capacity = capacity;
	}
	char *copy = strdup(value);
	if (!copy)
		return -1;
	trace->change[trace->count++] = (struct wave_change){.time = time, .value = copy};
	return 0;
}

/* What changed before the window only counts as its value at the window's start. */
static void on_change(void *user, uint64_t time, fstHandle handle, const unsigned char *value)
{
	struct reading *reading = user;
	for (size_t i = 0; i < reading->count; i++) {
		struct wave_trace *trace = &reading->trace[i];
		if (trace->signal->handle != handle)
			continue;
		uint64_t shown = time < reading->from ? reading->from : time;
		if (trace->count && trace->change[trace->count - 1].time == shown) {
			free(trace->change[--trace->count].value);
		}
		reading->failed |= append(trace, shown, (const char *)value);
	}
}

int wave_file_read(struct wave_file *file, const struct wave_signal *const *signals, size_t count, uint64_t from, uint64_t to, struct wave_trace *trace)
{
	struct reading reading = {.trace = trace, .count = count, .from = from};

	fstReaderClrFacProcessMaskAll(file->reader);
	for (size_t i = 0; i < count; i++) {
		trace[i] = (struct wave_trace){.signal = signals[i]};
		fstReaderSetFacProcessMask(file->reader, signals[i]->handle);
	}
	fstReaderSetLimitTimeRange(file->reader, file->start, to);
	wave_guard_enter(file->path);
	fstReaderIterBlocks(file->reader, on_change, &reading, NULL);
	wave_guard_leave();
	for (size_t i = 0; i < count; i++) {
		while (trace[i].count && trace[i].change[trace[i].count - 1].time > to)
			free(trace[i].change[--trace[i].count].value);
	}
	return reading.failed ? -1 : 0;
}

void wave_trace_free(struct wave_trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		free(trace->change[i].value);
	free(trace->change);
	*trace = (struct wave_trace){0};
}

const char *wave_trace_at(const struct wave_trace *trace, uint64_t time)
{
	const char *value = NULL;
	for (size_t i = 0; i < trace->count && trace->change[i].time <= time; i++)
		value = trace->change[i].value;
	return value;
}

static char digit_of(const char *bits, size_t count)
{
	unsigned value = 0;
	for (size_t i = 0; i < count; i++) {
		if (bits[i] != '0' && bits[i] != '1')
			return bits[i];
		value = value << 1 | (unsigned)(bits[i] - '0');
	}
	return "0123456789abcdef"[value];
}

void wave_value_text(const char *value, char *text, size_t size)
{
	size_t bits = strlen(value), used = 0;

	if (bits == 1) {
		snprintf(text, size, "%s", value);
		return;
	}
	for (const char *prefix = "0x"; *prefix && used + 1 < size; prefix++)
		text[used++] = *prefix;
	for (size_t at = 0, group = bits % 4 ? bits % 4 : 4; at < bits && used + 1 < size; at += group, group = 4)
		text[used++] = digit_of(value + at, group);
	text[used] = '\0';
}
