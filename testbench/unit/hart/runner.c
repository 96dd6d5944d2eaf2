/* Runs a bare-metal program on the test board.
 *
 * Usage: hart_runner [--timed] [--harts N] [--ram MIB] [--sstc] [--no-h] [--cycles N] [--trace] [--dtb FILE]
 *                    [--no-fd] [--heat N] [--signature FILE] [--load ADDRESS FILE]... PROGRAM
 * PROGRAM is an ELF, or a flat image for RAM's base. Status: 0 the program reported success, 1 failure, 2 bad usage, 3 no end. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/convert/disasm.h"
#include "testbench/unit/hart/board.h"

enum { DTB_BELOW_END = 1 << 20 };

struct options {
	struct board_options board;
	bool timed, stats;
	uint64_t cycles;
	const char *heat;
	const char *dtb, *signature, *program;
	unsigned loads;
	const char *load[8][2];
};

static void trace(void *ctx, unsigned hart, const struct hart_trace *r)
{
	struct board *b = ctx;
	char text[DISASM_TEXT_BYTES];

	disasm_instruction(&b->tables, r->pc, r->insn, text, sizeof(text));
	printf("%u %c%c %016" PRIx64 " %08x %s\n", hart, r->virt ? 'V' : ' ', "US?M"[r->priv], r->pc, r->insn, text);
}

static void trap(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval)
{
	struct board *b = ctx;

	b->traps++;
	printf("%u trap %" PRIx64 " epc %016" PRIx64 " tval %016" PRIx64 "\n", hart, cause, epc, tval);
}

static int usage(void)
{
	fprintf(stderr, "usage: hart_runner [--timed] [--harts N] [--ram MIB] [--sstc] [--no-h] [--no-fd] [--heat N] [--cycles N] [--trace] [--stats]\n"
		"                   [--dtb FILE] [--signature FILE] [--load ADDRESS FILE]... PROGRAM\n");
	return 2;
}

/* Options with a value; @return whether NAME is one. */
static bool take_value(struct options *o, const char *name, const char *value)
{
	if (!strcmp(name, "--harts"))
		o->board.harts = (unsigned)strtoul(value, NULL, 0);
	else if (!strcmp(name, "--ram"))
		o->board.ram_bytes = strtoull(value, NULL, 0) << 20;
	else if (!strcmp(name, "--cycles"))
		o->cycles = strtoull(value, NULL, 0);
	else if (!strcmp(name, "--heat"))
		o->heat = value;
	else if (!strcmp(name, "--dtb"))
		o->dtb = value;
	else if (!strcmp(name, "--signature"))
		o->signature = value;
	else
		return false;
	return true;
}

static bool parse(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--timed")) {
			o->timed = true;
		} else if (!strcmp(argv[i], "--stats")) {
			o->stats = true;
		} else if (!strcmp(argv[i], "--sstc")) {
			o->board.isa |= HART_ISA_SSTC;
		} else if (!strcmp(argv[i], "--no-h")) {
			o->board.isa &= ~(unsigned)HART_ISA_H;
		} else if (!strcmp(argv[i], "--no-fd")) {
			o->board.isa &= ~(unsigned)HART_ISA_FD;
		} else if (!strcmp(argv[i], "--trace")) {
			o->board.trace = trace;
			o->board.trap = trap;
		} else if (!strcmp(argv[i], "--load") && i + 2 < argc && o->loads < 8) {
			o->load[o->loads][0] = argv[i + 1];
			o->load[o->loads++][1] = argv[i + 2];
			i += 2;
		} else if (i + 1 < argc && take_value(o, argv[i], argv[i + 1])) {
			i++;
		} else if (argv[i][0] != '-' && !o->program) {
			o->program = argv[i];
		} else {
			return false;
		}
	}
	return o->program && o->board.harts <= BOARD_HARTS;
}

static bool is_elf(const char *path)
{
	unsigned char magic[4] = {0};
	FILE *f = fopen(path, "rb");
	bool elf = f && fread(magic, 1, 4, f) == 4 && !memcmp(magic, "\177ELF", 4);

	if (f)
		fclose(f);
	return elf;
}

static int load(struct board *b, const struct options *o)
{
	uint64_t entry = BOARD_RAM_BASE, dtb = BOARD_RAM_BASE + b->ram_bytes - DTB_BELOW_END;

	if (is_elf(o->program) ? board_load_elf(b, o->program, &entry) : board_load_file(b, BOARD_RAM_BASE, o->program) < 0)
		return -1;
	for (unsigned i = 0; i < o->loads; i++)
		if (board_load_file(b, strtoull(o->load[i][0], NULL, 0), o->load[i][1]) < 0)
			return -1;
	if (o->dtb && board_load_file(b, dtb, o->dtb) < 0)
		return -1;
	for (unsigned i = 0; i < b->harts; i++) {
		struct hart *h = hart_state(hart_core_of(b->domain, i));

		h->pc = entry;
		h->x[10] = i;
		h->x[11] = o->dtb ? dtb : 0;
		hart_state_changed(hart_core_of(b->domain, i));
	}
	return 0;
}

static int write_signature(const struct board *b, const struct options *o)
{
	uint64_t from, to;
	FILE *f;

	if (board_elf_symbol(o->program, "begin_signature", &from) || board_elf_symbol(o->program, "end_signature", &to)) {
		fprintf(stderr, "%s: no signature symbols\n", o->program);
		return 2;
	}
	f = fopen(o->signature, "w");
	if (!f) {
		fprintf(stderr, "%s: cannot be written\n", o->signature);
		return 2;
	}
	for (; from < to; from += 4) {
		uint32_t word;

		memcpy(&word, b->ram + (from - BOARD_RAM_BASE), 4);
		fprintf(f, "%08x\n", word);
	}
	return fclose(f) ? 2 : 0;
}

int main(int argc, char **argv)
{
	struct options o = {.board = {.harts = 1, .ram_bytes = 128u << 20, .isa = HART_ISA_H | HART_ISA_FD}, .cycles = 2000000000};
	struct board *b;
	clock_t begun;
	bool passed;
	int status = 0;

	if (!parse(&o, argc, argv))
		return usage();
	b = board_create(&o.board);
	b->echo = stdout;
	if (o.heat)
		hart_domain_set_heat(b->domain, (unsigned)strtoul(o.heat, NULL, 0));
	if (load(b, &o))
		return 2;
	begun = clock();
	passed = board_run(b, o.timed, o.cycles, 10000);
	if (o.stats) {
		const struct hart *h = hart_state(hart_core_of(b->domain, 0));
		double s = (double)(clock() - begun) / CLOCKS_PER_SEC;

		fprintf(stderr, "hart 0: pc %" PRIx64 " %" PRIu64 " instructions %" PRIu64 " native ops, %.2f CPU s, %.1f MIPS\n", h->pc,
			h->instructions, h->native_ops, s, (double)h->instructions / s / 1e6);
	}
	if (o.signature)
		status = write_signature(b, &o);
	if (!status)
		status = passed ? 0 : b->finished ? 1 : 3;
	if (b->finished && b->exit_code)
		fprintf(stderr, "%s: failed with %u\n", o.program, b->exit_code);
	board_destroy(b);
	return status;
}
