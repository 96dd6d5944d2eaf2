#include "sim/trace/event_log.h"

#include <stdlib.h>
#include <string.h>

#include "bau_regs.h"
#include "hypervisor/events_wire.h"
#include "see_regs.h"

static const char *const see_names[] = {
	[SEE_EVENT_FETCHED] = "see.fetched",
	[SEE_EVENT_DESCRIPTOR] = "see.descriptor",
	[SEE_EVENT_COMPLETION] = "see.completion",
	[SEE_EVENT_CQE] = "see.cqe",
	[SEE_EVENT_MSIX] = "see.msix",
	[SEE_EVENT_RESET] = "see.reset",
	[SEE_EVENT_ERROR] = "see.error",
	[SEE_EVENT_DOORBELL] = "see.doorbell",
	[SEE_EVENT_INTX] = "see.intx",
};

static const char *const bau_names[] = {
	[BAU_EVENT_ARRIVED] = "bau.arrived",
	[BAU_EVENT_DTE_READ] = "bau.dte_read",
	[BAU_EVENT_ITE_READ] = "bau.ite_read",
	[BAU_EVENT_VECTOR_SET] = "bau.vector_set",
	[BAU_EVENT_SIGNAL] = "bau.signal",
	[BAU_EVENT_ACCEPTED] = "bau.accepted",
	[BAU_EVENT_MISMATCH] = "bau.mismatch",
	[BAU_EVENT_CHANGED] = "bau.changed",
	[BAU_EVENT_BROADCAST] = "bau.broadcast",
	[BAU_EVENT_RECORDED] = "bau.recorded",
	[BAU_EVENT_UNBLOCK] = "bau.unblock",
	[BAU_EVENT_FAULT] = "bau.fault",
};

static const char *const hart_names[] = {[EVENT_HART_GUEST_INTERRUPT] = "hart.guest_interrupt"};

static const char *const software_names[] = {
	[EVENT_SW_TASK_BEGIN] = "task.begin",
	[EVENT_SW_TASK_PROGRESS] = "task.progress",
	[EVENT_SW_TASK_END] = "task.end",
	[EVENT_SW_PAGE_FAULT] = "page.fault",
	[EVENT_SW_PAGE_COPIED] = "page.copied",
	[EVENT_SW_PAGE_WRITTEN] = "page.written",
	[EVENT_SW_PAUSE_BEGIN] = "pause.begin",
	[EVENT_SW_PAUSE_END] = "pause.end",
	[EVENT_SW_VCPU_IN] = "vcpu.in",
	[EVENT_SW_VCPU_OUT] = "vcpu.out",
	[EVENT_SW_PROCESS] = "guest.process",
	[EVENT_SW_HOOK] = "guest.hook",
	[EVENT_SW_SNAPSHOT] = "snapshot.instant",
	[EVENT_SW_PAGE_OPEN] = "page.open",
};

static const char *const link_names[] = {[EVENT_LINK_FRAME_SENT] = "link.frame_sent", [EVENT_LINK_FRAME_ARRIVES] = "link.frame_arrives"};

static const struct {
	const char *const *names;
	size_t count;
} sources[EVENT_SOURCES] = {
	[EVENT_SEE] = {see_names, sizeof see_names / sizeof see_names[0]},
	[EVENT_BAU] = {bau_names, sizeof bau_names / sizeof bau_names[0]},
	[EVENT_HART] = {hart_names, sizeof hart_names / sizeof hart_names[0]},
	[EVENT_SOFTWARE] = {software_names, sizeof software_names / sizeof software_names[0]},
	[EVENT_LINK] = {link_names, sizeof link_names / sizeof link_names[0]},
};

int event_log_add(struct event_log *log, const struct event *event)
{
	if (log->count == log->capacity) {
		size_t capacity = log->capacity ? log->capacity * 2 : 65536;
		struct event *events = realloc(log->events, capacity * sizeof *events);
		if (!events)
			return -1;
		log->events = events;
		log->capacity = capacity;
	}
	log->events[log->count++] = *event;
	if (event->source < EVENT_SOURCES && event->code < EVENT_CODES)
		log->seen[event->source][event->code]++;
	return 0;
}

void event_log_free(struct event_log *log)
{
	free(log->events);
	*log = (struct event_log){0};
}

const char *event_name(const struct event *event)
{
	const char *name = NULL;
	if (event->source < EVENT_SOURCES && event->code < sources[event->source].count)
		name = sources[event->source].names[event->code];
	return name ? name : "unknown";
}

int event_by_name(const char *name, struct event *event)
{
	for (unsigned source = 0; source < EVENT_SOURCES; source++) {
		for (unsigned code = 0; code < sources[source].count; code++) {
			const char *known = sources[source].names[code];
			if (!known || strcmp(known, name) != 0)
				continue;
			event->source = (uint8_t)source;
			event->code = (uint8_t)code;
			return 0;
		}
	}
	return -1;
}

int64_t event_log_count(const struct event_log *log, const char *name)
{
	struct event event;
	return event_by_name(name, &event) == 0 ? (int64_t)log->seen[event.source][event.code] : -1;
}

static int by_cycle(const void *left, const void *right)
{
	const struct event *a = left, *b = right;
	if (a->cycle != b->cycle)
		return a->cycle < b->cycle ? -1 : 1;
	if (a->source != b->source)
		return a->source - b->source;
	if (a->code != b->code)
		return a->code - b->code;
	return a->id < b->id ? -1 : a->id > b->id;
}

void event_log_sort(struct event_log *log)
{
	if (log->count)
		qsort(log->events, log->count, sizeof log->events[0], by_cycle);
}

int event_log_write(struct event_log *log, const char *path)
{
	FILE *file = fopen(path, "w");
	if (!file)
		return -1;
	event_log_sort(log);
	fprintf(file, "cycle\tevent\tfunction\tid\tvalue\n");
	for (size_t i = 0; i < log->count; i++) {
		const struct event *event = &log->events[i];
		fprintf(file, "%llu\t%s\t%u\t%u\t0x%llx\n", (unsigned long long)event->cycle, event_name(event), event->function, event->id,
			(unsigned long long)event->value);
	}
	return fclose(file) == 0 ? 0 : -1;
}
