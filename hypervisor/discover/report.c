#include "hypervisor/discover/report.h"

#include <inttypes.h>
#include <string.h>

static const char *const arch_names[] = { "x86_64", "aarch64", "rv64" };
static const char *const kind_names[] = { "offset", "data", "function", "percpu" };

static unsigned count_known(const struct discover *d)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->findings; i++)
		n += d->finding[i].known;
	return n;
}

void report_text(FILE *out, const struct discover *d)
{
	fprintf(out, "%s\n%s, %zu exported symbols (table at 0x%" PRIx64 ", entries of %u bytes)\n", d->banner,
		arch_names[d->memory->arch], d->exports.count, d->exports.table, d->exports.stride_bytes);
	for (unsigned i = 0; i < d->findings; i++) {
		const struct finding *f = &d->finding[i];

		if (f->known)
			fprintf(out, "%-32s %-8s 0x%" PRIx64 "  (%u witnesses)\n", f->target->name,
				kind_names[f->target->kind], (uint64_t)f->value, f->agreeing);
		else
			fprintf(out, "%-32s %-8s unknown: %s\n", f->target->name, kind_names[f->target->kind], f->why);
	}
	fprintf(out, "%u of %u targets known\n", count_known(d), d->findings);
}

static void json_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		fputc(*s >= ' ' ? *s : ' ', out);
	}
	fputc('"', out);
}

void report_json(FILE *out, const struct discover *d)
{
	fprintf(out, "{\n  \"arch\": \"%s\",\n  \"banner\": ", arch_names[d->memory->arch]);
	json_string(out, d->banner);
	fprintf(out, ",\n  \"image\": {\"start\": \"0x%" PRIx64 "\", \"end\": \"0x%" PRIx64 "\"},\n",
		d->exports.image_start, d->exports.image_end);
	fprintf(out, "  \"exports\": {\"table\": \"0x%" PRIx64 "\", \"stride\": %u, \"count\": %zu},\n", d->exports.table,
		d->exports.stride_bytes, d->exports.count);
	fprintf(out, "  \"targets\": {");
	for (unsigned i = 0; i < d->findings; i++) {
		const struct finding *f = &d->finding[i];

		fprintf(out, "%s\n    \"%s\": {\"kind\": \"%s\", ", i ? "," : "", f->target->name,
			kind_names[f->target->kind]);
		if (f->known)
			fprintf(out, "\"value\": \"0x%" PRIx64 "\"", (uint64_t)f->value);
		else
			fprintf(out, "\"why\": \"%s\"", f->why);
		fprintf(out, ", \"agreeing\": %u, \"contradicting\": %u}", f->agreeing, f->contradicting);
	}
	fprintf(out, "\n  }\n}\n");
}

static void explain_instruction(FILE *out, const struct discover *d, uint64_t address)
{
	uint8_t code[16];
	char text[160];

	if (!discover_read(d->memory, address, code, d->ops->max_bytes))
		return;
	d->ops->format(d->ops->context, code, d->ops->max_bytes, address, text, sizeof(text));
	fprintf(out, "      0x%" PRIx64 ": %s\n", address, text);
}

static void explain_testimony(FILE *out, const struct discover *d, const struct witness *w,
			      const struct testimony *t)
{
	static const char *const source[] = { "code of", "export", "text in an object", "other values", "holes of the table" };
	uint64_t anchor;

	fprintf(out, "  witness of rule line %u: %s %s", w->line, source[w->kind], t->function ? t->function : "");
	if (t->function && discover_exports_lookup(d->memory, &d->exports, t->function, &anchor))
		fprintf(out, " (exported at 0x%" PRIx64 ")", anchor);
	if (t->why) {
		fprintf(out, "\n      abstains: %s\n", t->why);
		return;
	}
	fprintf(out, "\n");
	if (t->address)
		explain_instruction(out, d, t->address);
	fprintf(out, "      says 0x%" PRIx64 "\n", (uint64_t)t->value);
}

bool report_explain(FILE *out, const struct discover *d, const char *name)
{
	const struct finding *f = discover_find(d, name);

	if (!f) {
		fprintf(out, "no rule is called %s\n", name);
		return false;
	}
	fprintf(out, "%s (%s): %s\n", name, kind_names[f->target->kind], f->target->about ? f->target->about : "");
	for (unsigned i = 0; i < f->target->witnesses; i++)
		if (f->target->witness[i].arches >> d->memory->arch & 1)
			explain_testimony(out, d, &f->target->witness[i], &f->testimony[i]);
	if (f->known)
		fprintf(out, "=> 0x%" PRIx64 ": %u agree, none contradicts, %u needed, %u checks hold\n",
			(uint64_t)f->value, f->agreeing, f->target->need, f->target->checks);
	else
		fprintf(out, "=> unknown: %s (%u for the first value, %u against)\n", f->why, f->agreeing,
			f->contradicting);
	return f->known;
}
