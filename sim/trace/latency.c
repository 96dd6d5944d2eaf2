/* A command is followed by its sequence number. A message is followed by its place: the k-th MSI-X that leaves the SEE is the k-th that
 * arrives at the BAU, because the link keeps order; from there by the BAU's message number. The guest's handler starts with the first
 * guest interrupt that the signalled hart takes after the signal. */
#include "sim/trace/latency.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bau_regs.h"
#include "see_regs.h"

const char *const latency_names[LATENCY_STAGES] = {
	"command", "command.prepare", "command.firmware", "command.finish", "msi", "msi.link", "msi.table", "msi.vector", "msi.signal", "msi.handler",
};

struct samples {
	uint64_t *value;
	size_t count, capacity;
};

struct command {
	uint64_t fetched, descriptor, completion;
};

struct message {
	uint64_t sent, arrived, table, vector, signal;
};

struct follower {
	struct samples stage[LATENCY_STAGES];
	struct command *commands; /* by sequence number */
	struct message *messages; /* by message number */
	uint64_t *sent;		  /* cycles, in order of leaving the SEE */
	size_t limit;		  /* of the numbers and orders above */
	size_t sent_count, arrived_count;
	const struct message *waiting[256]; /* by hart: signalled, handler not started */
	struct latency_paths *paths;
};

static int add(struct samples *samples, uint64_t value)
{
	if (samples->count == samples->capacity) {
		size_t capacity = samples->capacity ? samples->capacity * 2 : 4096;
		uint64_t *grown = realloc(samples->value, capacity * sizeof *grown);
		if (!grown)
			return -1;
		samples->value = grown;
		samples->capacity = capacity;
	}
	samples->value[samples->count++] = value;
	return 0;
}

static void follow_command(struct follower *f, const struct event *event)
{
	if (event->id == 0 || event->id >= f->limit)
		return;
	struct command *command = &f->commands[event->id];
	switch (event->code) {
	case SEE_EVENT_FETCHED: *command = (struct command){.fetched = event->cycle}; break;
	case SEE_EVENT_DESCRIPTOR: command->descriptor = event->cycle; break;
	case SEE_EVENT_COMPLETION: command->completion = event->cycle; break;
	case SEE_EVENT_CQE:
		if (!command->fetched || !command->descriptor || !command->completion)
			break;
		add(&f->stage[LATENCY_COMMAND], event->cycle - command->fetched);
		add(&f->stage[LATENCY_COMMAND_PREPARE], command->descriptor - command->fetched);
		add(&f->stage[LATENCY_COMMAND_FIRMWARE], command->completion - command->descriptor);
		add(&f->stage[LATENCY_COMMAND_FINISH], event->cycle - command->completion);
		*command = (struct command){0};
		break;
	default: break;
	}
}

static void arrive(struct follower *f, struct message *message, uint64_t cycle)
{
	size_t order = f->arrived_count++;
	*message = (struct message){.arrived = cycle, .sent = order < f->sent_count ? f->sent[order] : 0};
}

/* A message number with bit 31 set is an unblock's: no message of a device. */
static void follow_message(struct follower *f, const struct event *event)
{
	if (event->id >= f->limit)
		return;
	struct message *message = &f->messages[event->id];
	switch (event->code) {
	case BAU_EVENT_ARRIVED: arrive(f, message, event->cycle); break;
	case BAU_EVENT_ITE_READ: message->table = event->cycle; break;
	case BAU_EVENT_VECTOR_SET: message->vector = event->cycle; break;
	case BAU_EVENT_RECORDED: f->paths->recorded++; break;
	case BAU_EVENT_BROADCAST: f->paths->broadcast++; break;
	case BAU_EVENT_SIGNAL:
		message->signal = event->cycle;
		f->waiting[event->value & 0xff] = message;
		break;
	case BAU_EVENT_ACCEPTED: f->paths->directed++; break;
	default: break;
	}
}

static void start_handler(struct follower *f, const struct event *event)
{
	const struct message *message = f->waiting[event->function & 0xff];
	if (!message)
		return;
	f->waiting[event->function & 0xff] = NULL;
	if (!message->sent || !message->table || !message->vector)
		return;
	add(&f->stage[LATENCY_MSI], event->cycle - message->sent);
	add(&f->stage[LATENCY_MSI_LINK], message->arrived - message->sent);
	add(&f->stage[LATENCY_MSI_TABLE], message->table - message->arrived);
	add(&f->stage[LATENCY_MSI_VECTOR], message->vector - message->table);
	add(&f->stage[LATENCY_MSI_SIGNAL], message->signal - message->vector);
	add(&f->stage[LATENCY_MSI_HANDLER], event->cycle - message->signal);
}

static void follow(struct follower *f, const struct event *event)
{
	if (event->source == EVENT_SEE && event->code == SEE_EVENT_MSIX)
		f->sent[f->sent_count++] = event->cycle;
	else if (event->source == EVENT_SEE)
		follow_command(f, event);
	else if (event->source == EVENT_BAU)
		follow_message(f, event);
	else if (event->source == EVENT_HART && event->code == EVENT_HART_GUEST_INTERRUPT)
		start_handler(f, event);
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

static struct latency distribution(struct samples *samples)
{
	size_t n = samples->count;
	if (n == 0)
		return (struct latency){0};
	qsort(samples->value, n, sizeof samples->value[0], by_value);
	return (struct latency){
		.count = n, .min = samples->value[0], .p50 = samples->value[(n - 1) / 2], .p99 = samples->value[(n * 99 + 99) / 100 - 1],
		.max = samples->value[n - 1],
	};
}

static void release(struct follower *f)
{
	for (unsigned i = 0; i < LATENCY_STAGES; i++)
		free(f->stage[i].value);
	free(f->commands);
	free(f->messages);
	free(f->sent);
	free(f);
}

int latency_compute(struct event_log *log, struct latency stage[LATENCY_STAGES], struct latency_paths *paths)
{
	struct follower *f = calloc(1, sizeof *f);
	if (!f)
		return -1;
	*paths = (struct latency_paths){0};
	f->paths = paths;
	f->limit = log->count + 1;
	f->commands = calloc(f->limit, sizeof *f->commands);
	f->messages = calloc(f->limit, sizeof *f->messages);
	f->sent = calloc(f->limit, sizeof *f->sent);
	bool ready = f->commands && f->messages && f->sent;
	if (ready) {
		event_log_sort(log);
		for (size_t i = 0; i < log->count; i++)
			follow(f, &log->events[i]);
		for (unsigned i = 0; i < LATENCY_STAGES; i++)
			stage[i] = distribution(&f->stage[i]);
	}
	release(f);
	return ready ? 0 : -1;
}
