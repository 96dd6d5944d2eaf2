#include "sim/trace/event_file.h"

#include <string.h>

static int refuse(char *error, size_t size, const char *path, unsigned line, const char *cause)
{
	if (line)
		snprintf(error, size, "event log %s, line %u: %s", path, line, cause);
	else
		snprintf(error, size, "event log %s: %s", path, cause);
	return -1;
}

static const char *parse(const char *line, struct event *event)
{
	char name[48];
	unsigned long long cycle, value;
	unsigned function, id;
	int length = 0;

	if (sscanf(line, "%llu\t%47s\t%u\t%u\t0x%llx%n", &cycle, name, &function, &id, &value, &length) != 5 || line[length] != '\n')
		return "is not: cycle, event, function, id, value";
	if (event_by_name(name, event) != 0)
		return "names an event that this program does not know";
	event->cycle = cycle;
	event->function = (uint16_t)function;
	event->id = id;
	event->value = value;
	return NULL;
}

static int read_lines(struct event_log *log, FILE *file, const char *path, char *error, size_t error_size)
{
	char line[160];
	unsigned number = 1;

	if (!fgets(line, sizeof line, file) || strncmp(line, "cycle\tevent\t", 12) != 0)
		return refuse(error, error_size, path, 0, "is not an event log");
	while (fgets(line, sizeof line, file)) {
		struct event event = {0};
		const char *cause = parse(line, &event);
		number++;
		if (cause)
			return refuse(error, error_size, path, number, cause);
		if (event_log_add(log, &event) != 0)
			return refuse(error, error_size, path, number, "out of memory");
	}
	return ferror(file) ? refuse(error, error_size, path, 0, "cannot be read") : 0;
}

int event_file_read(struct event_log *log, const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "r");
	if (!file)
		return refuse(error, error_size, path, 0, "cannot be read");
	int status = read_lines(log, file, path, error, error_size);
	fclose(file);
	return status;
}
