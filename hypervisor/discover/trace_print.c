#include "hypervisor/discover/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 6 };

static void print_value(FILE *out, const struct discover *d, struct value v, int depth);

static bool print_name(FILE *out, const struct discover *d, int64_t value)
{
	char name[128];

	for (unsigned i = 0; i < d->findings; i++) {
		const struct finding *f = &d->finding[i];

		if (f->known && f->target->kind != TARGET_OFFSET && f->value == value)
			return fprintf(out, "%s", f->target->name) > 0;
	}
	if (!discover_exports_name(d->memory, &d->exports, (uint64_t)value, name, sizeof(name)))
		return false;
	return fprintf(out, "%s", name) > 0;
}

static void print_base(FILE *out, const struct discover *d, const struct node *n, int depth)
{
	switch (n->kind) {
	case NODE_NONE: case NODE_UNKNOWN: fprintf(out, "_"); break;
	case NODE_ARGUMENT: fprintf(out, "a%u", n->number); break;
	case NODE_CURRENT: fprintf(out, "current"); break;
	case NODE_PERCPU: fprintf(out, "percpu"); break;
	case NODE_STACK: fprintf(out, "_ /* stack */"); break;
	case NODE_LOAD:
		fprintf(out, "[");
		print_value(out, d, n->from, depth + 1);
		fprintf(out, "]%u", n->size);
		break;
	case NODE_RESULT: case NODE_INDEX:
		fprintf(out, n->kind == NODE_INDEX ? "index(" : "result(");
		print_value(out, d, n->from, depth + 1);
		fprintf(out, ")");
		break;
	}
}

static void print_value(FILE *out, const struct discover *d, struct value v, int depth)
{
	if (depth > MAX_DEPTH) {
		fprintf(out, "_");
		return;
	}
	if (v.node == 0) {
		if (!print_name(out, d, v.offset))
			fprintf(out, "0x%" PRIx64, (uint64_t)v.offset);
		return;
	}
	print_base(out, d, &d->trace->node[v.node], depth);
	if (v.offset)
		fprintf(out, v.offset < 0 ? "-0x%" PRIx64 : "+0x%" PRIx64,
			v.offset < 0 ? 0 - (uint64_t)v.offset : (uint64_t)v.offset);
}

static void print_event(FILE *out, const struct discover *d, const struct trace_event *e)
{
	static const char *const names[] = { "load", "store", "atomic", "call", "compare", "return" };

	fprintf(out, "  0x%" PRIx64 "  %s", e->address, names[e->kind]);
	if (e->size)
		fprintf(out, "%u", e->size);
	fprintf(out, " ");
	print_value(out, d, e->kind == EVENT_RETURN ? e->value : e->at, 0);
	if (e->kind == EVENT_CALL) {
		for (int i = 0; i < ARGUMENTS_MAX; i++) {
			fprintf(out, i ? ", " : "(");
			print_value(out, d, e->argument[i], 0);
		}
		fprintf(out, e->tail ? ") # tail" : ")");
	}
	if (e->kind == EVENT_STORE || e->kind == EVENT_COMPARE) {
		fprintf(out, e->kind == EVENT_STORE ? " = " : ", ");
		print_value(out, d, e->value, 0);
	}
	fprintf(out, "\n");
}

static bool print_all(FILE *out, struct discover *d, bool through)
{
	char name[128];

	for (size_t i = 0; i < d->exports.count; i++)
		if (discover_read_string(d->memory, d->exports.entry[i].name, name, sizeof(name)) > 0)
			trace_print(out, d, name, through);
	return true;
}

bool trace_print(FILE *out, struct discover *d, const char *name, bool through)
{
	int64_t entry;

	if (strcmp(name, "all") == 0)
		return print_all(out, d, through);
	if (!discover_resolve(d, name, &entry)) {
		char *end;

		entry = (int64_t)strtoull(name, &end, 16);
		if (*end)
			return false;
	}
	if (!trace_function(d->trace, (uint64_t)entry, through))
		return false;
	fprintf(out, "%s: %u instructions, %u undecodable\n", name, d->trace->instructions, d->trace->undecoded);
	for (unsigned i = 0; i < d->trace->events; i++)
		print_event(out, d, &d->trace->event[i]);
	return true;
}
