#include "sim/trace/interrupts.h"

#include <stdbool.h>
#include <stdlib.h>

#include "bau_regs.h"
#include "hypervisor/events_wire.h"
#include "see_regs.h"

enum { HARTS = 16, NO_VM = 0xffff };

struct collector {
	uint64_t from;
	uint16_t requester, vm;
	uint16_t function; /* of the SEE that has that requester id */
	uint64_t *sent; /* cycles, in order of leaving the SEE; the link keeps the order of a function's messages */
	size_t sent_count, arrived_count;
	uint16_t on_hart[HARTS];
	struct interrupt_sample under_way;
	struct interrupt_sample *samples;
	size_t count;
};

static void arrive(struct collector *c, const struct event *event)
{
	if (event->function != c->requester)
		return;
	size_t order = c->arrived_count++;
	if (event->cycle < c->from)
		return;
	c->under_way = (struct interrupt_sample){
		.number = event->id, .arrived = event->cycle, .sent = order < c->sent_count ? c->sent[order] : event->cycle,
	};
}

static void follow(struct collector *c, const struct event *event)
{
	struct interrupt_sample *s = &c->under_way;
	if (event->id != s->number || event->function != c->requester)
		return;
	switch (event->code) {
	case BAU_EVENT_DTE_READ: s->hit = event->value & 1; break;
	case BAU_EVENT_ITE_READ: s->table = event->cycle; break;
	case BAU_EVENT_VECTOR_SET: s->vector = event->cycle; break;
	case BAU_EVENT_SIGNAL: s->signal = event->cycle; break;
	case BAU_EVENT_MISMATCH: s->path = INTERRUPT_MISMATCH; break;
	case BAU_EVENT_RECORDED: s->path = INTERRUPT_RECORDED; break;
	case BAU_EVENT_BROADCAST:
		s->notified = event->cycle;
		if (s->path == INTERRUPT_DIRECT)
			s->path = INTERRUPT_BROADCAST;
		break;
	default: break;
	}
}

static void handle(struct collector *c, const struct event *event)
{
	if (event->function >= HARTS || c->on_hart[event->function] != c->vm || !c->under_way.arrived || !c->under_way.vector)
		return;
	c->under_way.handler = event->cycle;
	c->samples[c->count++] = c->under_way;
	c->under_way = (struct interrupt_sample){0};
}

static void follow_vcpu(struct collector *c, const struct event *event)
{
	if (event->value >= HARTS)
		return;
	if (event->code == EVENT_SW_VCPU_IN)
		c->on_hart[event->value] = event->function;
	else if (event->code == EVENT_SW_VCPU_OUT)
		c->on_hart[event->value] = NO_VM;
}

static void take(struct collector *c, const struct event *event)
{
	switch (event->source) {
	case EVENT_SEE:
		if (event->code == SEE_EVENT_MSIX && event->function == c->function)
			c->sent[c->sent_count++] = event->cycle;
		break;
	case EVENT_BAU:
		if (event->code == BAU_EVENT_ARRIVED)
			arrive(c, event);
		else
			follow(c, event);
		break;
	case EVENT_HART:
		if (event->code == EVENT_HART_GUEST_INTERRUPT)
			handle(c, event);
		break;
	case EVENT_SOFTWARE: follow_vcpu(c, event); break;
	default: break;
	}
}

long interrupt_samples(struct event_log *log, uint64_t from, uint16_t requester, uint16_t vm, struct interrupt_sample **samples)
{
	struct collector c = {
		.from = from, .requester = requester, .vm = vm,
		.function = requester < SEE_FIRST_VF_RID ? 0 : (uint16_t)(requester - SEE_FIRST_VF_RID + 1), .sent = calloc(log->count + 1, sizeof *c.sent),
		.samples = calloc(log->count + 1, sizeof *c.samples),
	};
	bool ready = c.sent && c.samples;
	for (unsigned i = 0; i < HARTS; i++)
		c.on_hart[i] = NO_VM;
	if (ready) {
		event_log_sort(log);
		for (size_t i = 0; i < log->count; i++)
			take(&c, &log->events[i]);
	}
	free(c.sent);
	if (!ready) {
		free(c.samples);
		return -1;
	}
	*samples = c.samples;
	return (long)c.count;
}
