#include "hypervisor/discover/match.h"

#include <string.h>

static bool match_value(struct matcher *m, const struct pattern *p, struct value v);

static bool is_current(const struct matcher *m, const struct node *n)
{
	if (n->kind == NODE_CURRENT)
		return true;
	return m->has_current && n->kind == NODE_LOAD && n->from.offset == m->current_offset &&
	       m->trace->node[n->from.node].kind == NODE_PERCPU;
}

static bool text_is_at(const struct matcher *m, const char *text, uint64_t va)
{
	char have[64];
	size_t n = strlen(text);

	return n < sizeof(have) && discover_read(m->trace->memory, va, have, n) && memcmp(have, text, n) == 0;
}

static bool match_base(struct matcher *m, const struct pattern *p, struct value *v)
{
	const struct node *n = &m->trace->node[v->node];
	struct value inner = n->from;

	switch (p->kind) {
	case PATTERN_ANY: return true;
	case PATTERN_CONSTANT: return v->node == 0;
	case PATTERN_ARGUMENT: return n->kind == NODE_ARGUMENT && n->number == p->number;
	case PATTERN_CURRENT: return is_current(m, n);
	case PATTERN_PERCPU: return n->kind == NODE_PERCPU;
	case PATTERN_LOAD:
		return n->kind == NODE_LOAD && (!p->size || p->size == n->size) && match_value(m, p->inner, n->from);
	case PATTERN_RESULT: return n->kind == NODE_RESULT && match_value(m, p->inner, n->from);
	case PATTERN_TEXT:
		if (v->node != 0 || !text_is_at(m, p->text, (uint64_t)v->offset))
			return false;
		v->offset = 0;
		return true;
	case PATTERN_INDEX:
		inner.offset = (int64_t)((uint64_t)inner.offset + (uint64_t)v->offset);
		v->offset = 0;
		return n->kind == NODE_INDEX && match_value(m, p->inner, inner);
	}
	return false;
}

static bool acceptable(const struct matcher *m, int64_t n)
{
	return n >= m->min && n <= m->max && n % m->align == 0;
}

/* A 32-bit register holds a negative number as its low half. */
static bool same_constant(const struct pattern *p, int64_t have, int64_t want)
{
	return have == want || (p->kind == PATTERN_CONSTANT && want < 0 && have == (int64_t)(uint32_t)want);
}

static bool match_value(struct matcher *m, const struct pattern *p, struct value v)
{
	int64_t want = p->add;

	if (!match_base(m, p, &v))
		return false;
	if (p->any_offset && !p->capture && !p->terms && !p->add)
		return true;
	for (unsigned i = 0; i < p->terms; i++) {
		int64_t n;

		if (!m->resolve(m->context, p->term[i], &n)) {
			m->unresolved = p->term[i];
			return false;
		}
		want = (int64_t)(p->minus[i] ? (uint64_t)want - (uint64_t)n : (uint64_t)want + (uint64_t)n);
	}
	if (!p->capture)
		return same_constant(p, v.offset, want);
	m->captured = (int64_t)((uint64_t)v.offset - (uint64_t)want);
	if (p->negate)
		m->captured = (int64_t)(0 - (uint64_t)m->captured);
	return acceptable(m, m->captured);
}

static bool match_event(struct matcher *m, const struct event_pattern *p, const struct trace_event *e)
{
	if (p->kind != e->kind || (p->size && p->size != e->size))
		return false;
	if (e->kind == EVENT_RETURN)
		return match_value(m, p->at, e->value);
	if (!match_value(m, p->at, e->at))
		return false;
	for (unsigned i = 0; i < p->arguments; i++)
		if (!match_value(m, p->argument[i], e->argument[i]))
			return false;
	return !p->value || match_value(m, p->value, e->value);
}

const char *match_witness(struct matcher *m, const struct witness *witness, struct match *out)
{
	const struct trace *t = m->trace;
	unsigned from = 0;
	bool found = false;

	m->unresolved = NULL;
	for (unsigned i = 0; i < witness->afters; i++) {
		while (from < t->events && !match_event(m, &witness->after[i], &t->event[from]))
			from++;
		if (from++ >= t->events)
			return m->unresolved ? "needs a value that is unknown" : "the event to start after does not occur";
	}
	for (unsigned i = from; i < t->events; i++) {
		if (!match_event(m, &witness->event, &t->event[i]))
			continue;
		if (found && witness->select == SELECT_ONLY && m->captured != out->value)
			return "several different values fit";
		if (found && witness->select != SELECT_LAST)
			continue;
		found = true;
		out->value = m->captured;
		out->address = t->event[i].address;
		if (witness->select == SELECT_FIRST)
			break;
	}
	if (found)
		return NULL;
	return m->unresolved ? "needs a value that is unknown" : "the pattern does not occur";
}
