#include "hypervisor/discover/discover_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "hypervisor/discover/ps.h"
#include "hypervisor/discover/report.h"
#include "hypervisor/discover/session.h"
#include "hypervisor/discover/trace_print.h"

struct options {
	const char *file, *explain, *trace, *rules;
	bool json, ps, cost, through;
};

static int usage(void)
{
	fprintf(stderr, "usage: discover FILE [--json] [--explain TARGET] [--trace FUNCTION | --through FUNCTION]\n"
			"                     [--rules FILE] [--cost]\n"
			"       discover ps FILE\n"
			"FILE is a kernel (bzImage, Image, vmlinux; also gzip, xz, zstd, lz4) or a dump of memory\n"
			"(raw physical, ELF core).\n");
	return 2;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o->json = true;
		else if (strcmp(argv[i], "--cost") == 0)
			o->cost = true;
		else if (strcmp(argv[i], "--explain") == 0 && i + 1 < argc)
			o->explain = argv[++i];
		else if (strcmp(argv[i], "--trace") == 0 && i + 1 < argc)
			o->trace = argv[++i];
		else if (strcmp(argv[i], "--through") == 0 && i + 1 < argc)
			o->through = (o->trace = argv[++i]) != NULL;
		else if (strcmp(argv[i], "--rules") == 0 && i + 1 < argc)
			o->rules = argv[++i];
		else if (argv[i][0] == '-')
			return false;
		else if (i == 1 && strcmp(argv[i], "ps") == 0)
			o->ps = true;
		else if (!o->file)
			o->file = argv[i];
		else
			return false;
	}
	return o->file != NULL;
}

static char *read_text(const char *path)
{
	enum { LIMIT_BYTES = 1 << 20 };
	char *text = calloc(1, LIMIT_BYTES);
	FILE *f = fopen(path, "r");
	size_t n = 0;

	if (f && text)
		n = fread(text, 1, LIMIT_BYTES - 1, f);
	if (f)
		fclose(f);
	if (n)
		return text;
	free(text);
	return NULL;
}

static void print_process(void *context, const struct process *p)
{
	(void)context;
	printf("%7d %7d  %s%s%s\n", p->pid, p->parent, p->is_kernel_thread ? "[" : "", p->comm,
	       p->is_kernel_thread ? "]" : "");
}

static int print_processes(const struct session *s)
{
	const char *missing;

	printf("%7s %7s  %s\n", "PID", "PPID", "COMMAND");
	switch (ps_walk(&s->discover, print_process, NULL, &missing)) {
	case PS_OK: return 0;
	case PS_UNKNOWN: fprintf(stderr, "discover: %s is unknown\n", missing); break;
	case PS_BROKEN: fprintf(stderr, "discover: the list of processes is damaged\n"); break;
	}
	return 1;
}

static int report(struct session *s, const struct options *o)
{
	bool any = false;

	if (o->ps)
		return print_processes(s);
	if (o->explain)
		return report_explain(stdout, &s->discover, o->explain) ? 0 : 1;
	if (o->trace)
		return trace_print(stdout, &s->discover, o->trace, o->through) ? 0 : 1;
	if (o->json)
		report_json(stdout, &s->discover);
	else
		report_text(stdout, &s->discover);
	for (unsigned i = 0; i < s->discover.findings; i++)
		any |= s->discover.finding[i].known;
	return any ? 0 : 1;
}

/* To standard error, so that what a run finds stays reproducible. */
static void print_cost(void)
{
	struct rusage r;

	if (getrusage(RUSAGE_SELF, &r) == 0)
		fprintf(stderr, "cost: %.3f s CPU, %ld KiB\n",
			(double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
				(double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6,
			r.ru_maxrss);
}

int discover_main(int argc, char **argv)
{
	static struct session session;
	struct options o = { 0 };
	char *own_rules = NULL;
	const char *why = NULL;
	int status;

	if (!parse_options(argc, argv, &o))
		return usage();
	if (o.rules && !(own_rules = read_text(o.rules))) {
		fprintf(stderr, "discover: %s: cannot be read\n", o.rules);
		return 2;
	}
	status = session_open(&session, o.file, own_rules ? own_rules : discover_builtin_rules, &why);
	if (status && session.rules.error)
		fprintf(stderr, "discover: rules, line %u: %s\n", session.rules.error_line, why);
	else if (status)
		fprintf(stderr, "discover: %s: %s\n", o.file, why);
	else
		status = report(&session, &o);
	session_close(&session);
	if (o.cost)
		print_cost();
	free(own_rules);
	return status;
}
