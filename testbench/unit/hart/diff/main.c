/* Writes the image of a differential program.
 *
 * Usage: hart_diff RUNTIME.bin KIND SEED SLOTS OUT.bin; KIND: i m a c b f illegal (M-mode programs), s (M, S, U, Sv39, PMP), h (two-stage),
 * hs (two-stage, guests entered by SRET) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/unit/hart/diff/program.h"

static bool generate(struct program *p, const char *kind, unsigned slots)
{
	static const char *const user[] = {"i", "m", "a", "c", "b", "f", "illegal"};

	for (unsigned i = 0; i < sizeof(user) / sizeof(user[0]); i++)
		if (!strcmp(kind, user[i])) {
			generate_user(p, kind, slots);
			return true;
		}
	p->enter_by_sret = !strcmp(kind, "hs");
	if (strcmp(kind, "s") && strcmp(kind, "h") && !p->enter_by_sret)
		return false;
	generate_privileged(p, kind[0] == 'h', slots);
	return true;
}

int main(int argc, char **argv)
{
	struct program p;
	unsigned slots = argc == 6 ? (unsigned)strtoul(argv[4], NULL, 0) : 0;
	int status = 2;

	if (argc != 6 || slots < 1 || slots > (DIFF_DATA - DIFF_BODY) / DIFF_SLOT_BYTES - 1) {
		fprintf(stderr, "usage: hart_diff RUNTIME.bin i|m|a|c|b|f|illegal|s|h|hs SEED SLOTS OUT.bin\n");
		return 2;
	}
	program_init(&p, strtoull(argv[3], NULL, 0));
	if (!program_load_runtime(&p, argv[1])) {
		if (generate(&p, argv[2], slots))
			status = program_write(&p, argv[5]) ? 2 : 0;
		else
			fprintf(stderr, "hart_diff: no kind %s\n", argv[2]);
	}
	free(p.image);
	return status;
}
