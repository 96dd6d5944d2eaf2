#include "hypervisor/discover/discover.h"

#include <string.h>

#include "hypervisor/discover/banner.h"
#include "hypervisor/discover/syscalls.h"

enum { OBJECT_BYTES = 16384 };

const struct finding *discover_find(const struct discover *d, const char *name)
{
	for (unsigned i = 0; i < d->findings; i++)
		if (strcmp(d->finding[i].target->name, name) == 0)
			return &d->finding[i];
	return NULL;
}

bool discover_value(const struct discover *d, const char *name, int64_t *value)
{
	const struct finding *f = discover_find(d, name);

	if (!f || !f->known)
		return false;
	*value = f->value;
	return true;
}

bool discover_resolve(void *context, const char *name, int64_t *value)
{
	const struct discover *d = context;
	uint64_t exported;
	int64_t table;

	if (discover_value(d, name, value))
		return true;
	if (discover_exports_lookup(d->memory, &d->exports, name, &exported)) {
		*value = (int64_t)exported;
		return true;
	}
	return strncmp(name, "sys_", 4) == 0 && discover_value(d, "sys_call_table", &table) &&
	       syscalls_function(d->memory, &d->exports, (uint64_t)table, name, value);
}

static bool evaluate(const struct discover *d, const struct pattern *p, int64_t self, int64_t *out)
{
	uint64_t sum = (uint64_t)p->add;

	if (p->kind == PATTERN_LOAD) {
		int64_t at;
		uint64_t loaded;

		if (!evaluate(d, p->inner, self, &at) || !discover_read_u64(d->memory, (uint64_t)at, &loaded))
			return false;
		sum += loaded;
	} else if (p->kind != PATTERN_CONSTANT) {
		return false;
	}
	for (unsigned i = 0; i < p->terms; i++) {
		int64_t n = self;

		if (strcmp(p->term[i], "self") != 0 && !discover_resolve((void *)(uintptr_t)d, p->term[i], &n))
			return false;
		sum = p->minus[i] ? sum - (uint64_t)n : sum + (uint64_t)n;
	}
	*out = (int64_t)sum;
	return true;
}

static const char *ask_function(struct discover *d, const struct target *t, const struct witness *w,
				struct testimony *out)
{
	struct matcher m = { .trace = d->trace, .resolve = discover_resolve, .context = d,
			     .min = t->min, .max = t->max, .align = t->align };
	struct match match = { 0 };
	int64_t entry = 0;
	const char *why;

	out->function = NULL;
	for (unsigned i = 0; i < w->functions && !out->function; i++)
		if (discover_resolve(d, w->function[i], &entry))
			out->function = w->function[i];
	if (!out->function)
		return "no such function is known";
	m.has_current = discover_value(d, "current_task", &m.current_offset);
	if (!trace_function(d->trace, (uint64_t)entry, w->through))
		return "the function is not readable";
	why = match_witness(&m, w, &match);
	out->value = match.value;
	out->address = match.address;
	return why;
}

static const char *ask_export(struct discover *d, const struct witness *w, struct testimony *out)
{
	uint64_t value;

	for (unsigned i = 0; i < w->functions; i++) {
		if (!discover_exports_lookup(d->memory, &d->exports, w->function[i], &value))
			continue;
		out->function = w->function[i];
		out->value = (int64_t)value;
		return NULL;
	}
	return "not exported";
}

static const char *ask_object(struct discover *d, const struct witness *w, struct testimony *out)
{
	size_t n = strlen(w->text);
	int64_t object;
	uint8_t have[64];

	if (n >= sizeof(have) || !evaluate(d, w->where, 0, &object))
		return "the object is unknown";
	for (int64_t at = 0; at < OBJECT_BYTES; at++) {
		if (!discover_read(d->memory, (uint64_t)(object + at), have, n))
			return "the object is not readable";
		if (memcmp(have, w->text, n) == 0) {
			out->value = at;
			out->address = 0;
			return NULL;
		}
	}
	return "the text does not occur in the object";
}

static const char *ask_value(struct discover *d, const struct witness *w, struct testimony *out)
{
	return evaluate(d, w->where, 0, &out->value) ? NULL : "needs a value that is unknown";
}

static const char *ask(struct discover *d, const struct target *t, const struct witness *w, struct testimony *out)
{
	switch (w->kind) {
	case WITNESS_FUNCTION: return ask_function(d, t, w, out);
	case WITNESS_EXPORT: return ask_export(d, w, out);
	case WITNESS_STRING: return ask_object(d, w, out);
	case WITNESS_VALUE: return ask_value(d, w, out);
	case WITNESS_SYSCALLS: return syscalls_find(d->memory, &d->exports, &out->value);
	}
	return "unknown kind of witness";
}

static bool check_holds(const struct discover *d, const struct check *c, int64_t self)
{
	int64_t where, want;
	uint64_t have;
	char text[64];
	size_t n;

	if (!evaluate(d, c->where, self, &where))
		return false;
	if (c->differs)
		return !evaluate(d, c->differs, self, &want) || where != want;
	if (c->equals)
		return evaluate(d, c->equals, self, &want) && discover_read_u64(d->memory, (uint64_t)where, &have) &&
		       have == (uint64_t)want;
	n = strlen(c->text);
	return n < sizeof(text) && discover_read(d->memory, (uint64_t)where, text, n) && memcmp(text, c->text, n) == 0;
}

static const char *implausible(const struct discover *d, const struct target *t, int64_t value)
{
	const struct discover_exports *e = &d->exports;
	bool in_image = (uint64_t)value >= e->image_start && (uint64_t)value < e->image_end;
	uint8_t byte;

	if ((t->kind == TARGET_DATA || t->kind == TARGET_FUNCTION) && !in_image)
		return "the value lies outside the kernel image";
	if (t->kind == TARGET_FUNCTION && !discover_read(d->memory, (uint64_t)value, &byte, 1))
		return "the function is not mapped";
	for (unsigned i = 0; i < t->checks; i++)
		if (t->check[i].arches >> d->memory->arch & 1 && !check_holds(d, &t->check[i], value))
			return "a plausibility check fails";
	return NULL;
}

static bool same_testimony(const struct testimony *a, const struct testimony *b)
{
	return !a->why && !b->why && a->value == b->value;
}

/* The value that most witnesses give must have no contradiction and enough support. */
static void judge(struct discover *d, struct finding *f)
{
	const struct target *t = f->target;
	const struct testimony *first = NULL;
	bool exported = false;

	for (unsigned i = 0; i < t->witnesses; i++) {
		const struct testimony *w = &f->testimony[i];

		if (w->why)
			continue;
		if (!first)
			first = w;
		if (same_testimony(first, w))
			f->agreeing++;
		else
			f->contradicting++;
		exported |= t->witness[i].kind == WITNESS_EXPORT;
	}
	if (!first)
		f->why = "no witness testifies";
	else if (f->contradicting)
		f->why = "witnesses contradict each other";
	else if (f->agreeing < t->need && !exported)
		f->why = "too few witnesses";
	else
		f->why = implausible(d, t, first->value);
	if (f->why)
		return;
	f->known = true;
	f->value = first->value;
}

static void investigate(struct discover *d, const struct target *t)
{
	struct finding *f = &d->finding[d->findings];

	memset(f, 0, sizeof(*f));
	f->target = t;
	for (unsigned i = 0; i < t->witnesses; i++) {
		struct testimony *out = &f->testimony[i];

		if (t->witness[i].arches >> d->memory->arch & 1)
			out->why = ask(d, t, &t->witness[i], out);
		else
			out->why = "for another architecture";
	}
	judge(d, f);
	d->findings++;
}

/* The banner, and a page of the table of exports: constants, somewhere else after a boot with another random offset. 0 if unmapped. */
static uint64_t fingerprint(const struct discover *d)
{
	uint64_t hash = 14695981039346656037ull, table = d->exports.table & ~(uint64_t)(DISCOVER_PAGE_BYTES - 1);
	char banner[DISCOVER_BANNER_BYTES];
	const uint8_t *page;

	if (d->banner[0] && !discover_read(d->memory, d->banner_at, banner, strlen(d->banner)))
		return 0;
	for (size_t i = 0; d->banner[i]; i++)
		hash = (hash ^ (uint8_t)banner[i]) * 1099511628211ull;
	page = d->memory->page(d->memory->context, table);
	if (!page)
		return 0;
	for (size_t i = 0; i < DISCOVER_PAGE_BYTES; i++)
		hash = (hash ^ page[i]) * 1099511628211ull;
	return hash | 1;
}

bool discover_is_current(const struct discover *d)
{
	return d->fingerprint && d->fingerprint == fingerprint(d);
}

enum discover_status discover_run(struct discover *d, const struct discover_memory *memory,
				  const struct disassembler_ops *ops, const struct rules *rules,
				  struct discover_arena *arena)
{
	int status;

	memset(d, 0, sizeof(*d));
	d->memory = memory;
	d->ops = ops;
	d->rules = rules;
	status = discover_exports_find(memory, arena, &d->exports);
	if (status)
		return status == -1 ? DISCOVER_NO_EXPORTS : DISCOVER_NO_MEMORY;
	d->trace = discover_alloc(arena, sizeof(*d->trace));
	if (!d->trace)
		return DISCOVER_NO_MEMORY;
	d->banner_at = banner_find(memory, d->banner, sizeof(d->banner));
	d->fingerprint = fingerprint(d);
	trace_init(d->trace, memory, &d->exports, ops);
	for (unsigned i = 0; i < rules->targets; i++)
		if (rules->target[i]->arches >> memory->arch & 1)
			investigate(d, rules->target[i]);
	return DISCOVER_OK;
}
