/* Runs a static A64 program on the hart's test board, system calls served by the host.
 * Usage: a64_runner [--timed] [--heat N] [--stats] PROGRAM
 * What it writes goes to standard output; the exit status is the program's, 3 after an exception, 2 for bad usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/unit/a64/process.h"

int main(int argc, char **argv)
{
	struct process p;
	bool timed = false, stats = false;
	int heat = -1, i = 1, status = 3;

	for (; i < argc - 1; i++) {
		if (!strcmp(argv[i], "--timed"))
			timed = true;
		else if (!strcmp(argv[i], "--stats"))
			stats = true;
		else if (!strcmp(argv[i], "--heat") && i + 2 < argc)
			heat = atoi(argv[++i]);
		else
			break;
	}
	if (i != argc - 1 || argv[i][0] == '-') {
		fprintf(stderr, "usage: a64_runner [--timed] [--heat N] [--stats] PROGRAM\n");
		return 2;
	}
	if (process_create(&p, argv[i]))
		return 2;
	if (heat >= 0)
		hart_domain_set_heat(p.board->domain, (unsigned)heat);
	if (!process_run(&p, timed, UINT64_C(100000000000), 100000))
		fprintf(stderr, "a64_runner: no end\n");
	else if (p.exited)
		status = p.status;
	else
		fprintf(stderr, "a64_runner: exception %llu at 0x%llx, 0x%llx\n", (unsigned long long)p.cause, (unsigned long long)p.epc,
			(unsigned long long)p.tval);
	fwrite(p.output, 1, p.output_bytes, stdout);
	fflush(stdout);
	if (stats)
		fprintf(stderr, "%llu instructions, %llu native ops\n", (unsigned long long)hart_state(hart_core_of(p.board->domain, 0))->instructions,
			(unsigned long long)hart_state(hart_core_of(p.board->domain, 0))->native_ops);
	process_destroy(&p);
	return status;
}
