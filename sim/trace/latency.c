#include "sim/trace/latency.h"

#include <stdbool.h>
#include <stdlib.h>

#include "bau_regs.h"
#include "sim/trace/follow.h"

const char *const latency_names[LATENCY_STAGES] = {
	"command", "command.prepare", "command.firmware", "command.finish", "msi", "msi.link", "msi.table", "msi.vector", "msi.signal", "msi.handler",
};

struct samples {
	uint64_t *value;
	size_t count, capacity;
};

struct collector {
	struct samples stage[LATENCY_STAGES];
	struct latency_paths *paths;
	bool short_of_memory;
};

static void add(struct collector *c, enum latency_stage stage, uint64_t value)
{
	struct samples *samples = &c->stage[stage];
	if (samples->count == samples->capacity) {
		size_t capacity = samples->capacity ? samples->capacity * 2 : 4096;
		uint64_t *grown = realloc(samples->value, capacity * sizeof *grown);
		if (!grown) {
			c->short_of_memory = true;
			return;
		}
		samples->value = grown;
		samples->capacity = capacity;
	}
	samples->value[samples->count++] = value;
}

static void add_command(void *ctx, const struct followed_command *command)
{
	add(ctx, LATENCY_COMMAND, command->cqe - command->fetched);
	add(ctx, LATENCY_COMMAND_PREPARE, command->descriptor - command->fetched);
	add(ctx, LATENCY_COMMAND_FIRMWARE, command->completion - command->descriptor);
	add(ctx, LATENCY_COMMAND_FINISH, command->cqe - command->completion);
}

static void add_message(void *ctx, const struct followed_message *message)
{
	add(ctx, LATENCY_MSI, message->handler - message->sent);
	add(ctx, LATENCY_MSI_LINK, message->arrived - message->sent);
	add(ctx, LATENCY_MSI_TABLE, message->table - message->arrived);
	add(ctx, LATENCY_MSI_VECTOR, message->vector - message->table);
	add(ctx, LATENCY_MSI_SIGNAL, message->signal - message->vector);
	add(ctx, LATENCY_MSI_HANDLER, message->handler - message->signal);
}

/* An unblock has bit 31 of its number set: no message of a device. */
static void count_path(void *ctx, const struct event *event)
{
	struct collector *c = ctx;
	if (event->source != EVENT_BAU || event->id >> 31)
		return;
	switch (event->code) {
	case BAU_EVENT_RECORDED: c->paths->recorded++; break;
	case BAU_EVENT_BROADCAST: c->paths->broadcast++; break;
	case BAU_EVENT_ACCEPTED: c->paths->directed++; break;
	default: break;
	}
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

static unsigned bin_of(uint64_t value)
{
	unsigned bin = 0;
	while (bin < LATENCY_BINS - 1 && value >> (bin + 1))
		bin++;
	return bin;
}

static struct latency distribution(struct samples *samples)
{
	size_t n = samples->count;
	if (n == 0)
		return (struct latency){0};
	qsort(samples->value, n, sizeof samples->value[0], by_value);
	struct latency latency = {
		.count = n, .min = samples->value[0], .p50 = samples->value[(n - 1) / 2], .p99 = samples->value[(n * 99 + 99) / 100 - 1],
		.p999 = samples->value[(n * 999 + 999) / 1000 - 1], .max = samples->value[n - 1],
	};
	for (size_t i = 0; i < n; i++)
		latency.bin[bin_of(samples->value[i])]++;
	return latency;
}

int latency_compute(struct event_log *log, struct latency stage[LATENCY_STAGES], struct latency_paths *paths)
{
	struct collector c = {.paths = paths};
	struct follow_ops ops = {.ctx = &c, .command = add_command, .message = add_message, .event = count_path};

	*paths = (struct latency_paths){0};
	bool ready = follow_events(log, &ops) == 0 && !c.short_of_memory;
	for (unsigned i = 0; i < LATENCY_STAGES; i++) {
		if (ready)
			stage[i] = distribution(&c.stage[i]);
		free(c.stage[i].value);
	}
	return ready ? 0 : -1;
}
