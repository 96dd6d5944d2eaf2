#include "testbench/unit/a64/process.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "models/hart/bits.h"

/* Linux's numbers (include/uapi/asm-generic/unistd.h); arguments in X0 to X5, the number in X8. */
enum { SYS_WRITE = 64, SYS_EXIT = 93, SYS_EXIT_GROUP = 94, SYS_BRK = 214, ENOSYS_NEGATIVE = -38, EFAULT_NEGATIVE = -14 };
enum { X0 = 31, X1 = 1, X2 = 2, X8 = 8, STACK_BYTES = 1 << 16 };

/* The board calls back with itself; there is one process at a time. */
static struct process *current;

static uint64_t do_write(struct process *p, uint64_t from, uint64_t bytes)
{
	uint64_t offset = from - BOARD_RAM_BASE;

	if (offset > p->board->ram_bytes || bytes > p->board->ram_bytes - offset)
		return (uint64_t)EFAULT_NEGATIVE;
	if (bytes > PROCESS_OUTPUT_BYTES - p->output_bytes)
		bytes = PROCESS_OUTPUT_BYTES - p->output_bytes;
	memcpy(p->output + p->output_bytes, p->board->ram + offset, bytes);
	p->output_bytes += bytes;
	return bytes;
}

static void stop(struct process *p)
{
	p->board->finished = true;
}

static void serve(struct process *p, struct hart *h)
{
	switch (h->x[X8]) {
	case SYS_WRITE:
		h->x[X0] = do_write(p, h->x[X1], h->x[X2]);
		break;
	case SYS_EXIT:
	case SYS_EXIT_GROUP:
		p->exited = true;
		p->status = (int)(h->x[X0] & 255);
		stop(p);
		return;
	case SYS_BRK:
		if (h->x[X0] >= p->brk && h->x[X0] < BOARD_RAM_BASE + p->board->ram_bytes - STACK_BYTES)
			p->brk = h->x[X0];
		h->x[X0] = p->brk;
		break;
	default:
		h->x[X0] = (uint64_t)ENOSYS_NEGATIVE;
	}
	h->pc = h->mepc + 4;
	h->priv = HART_U;
	hart_state_changed(hart_core_of(p->board->domain, 0));
}

static void trapped(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval)
{
	struct board *b = ctx;
	struct process *p = current;

	if (cause == CAUSE_ECALL_U) {
		serve(p, hart_state(hart_core_of(b->domain, hart)));
		return;
	}
	p->cause = cause;
	p->epc = epc;
	p->tval = tval;
	stop(p);
}

/* The end of the highest segment, or 0 if PATH is no A64 program. */
static uint64_t end_of(const char *path)
{
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	uint64_t end = 0;
	FILE *f = fopen(path, "rb");

	if (f && fread(&head, sizeof(head), 1, f) == 1 && head.e_machine == EM_AARCH64 && head.e_type == ET_EXEC && !fseek(f, (long)head.e_phoff, SEEK_SET))
		for (unsigned i = 0; i < head.e_phnum && fread(&segment, sizeof(segment), 1, f) == 1; i++)
			if (segment.p_type == PT_LOAD && segment.p_vaddr + segment.p_memsz > end)
				end = segment.p_vaddr + segment.p_memsz;
	if (f)
		fclose(f);
	if (!end)
		fprintf(stderr, "%s: not a static A64 program\n", path);
	return end;
}

void process_enter_user(struct board *b, uint64_t pc)
{
	static const uint32_t loop = 0x0000006f;
	struct hart *h = hart_state(hart_core_of(b->domain, 0));

	if (board_load(b, BOARD_ROM_BASE, &loop, sizeof(loop)))
		abort();
	h->pc = pc;
	h->priv = HART_U;
	h->uisa = 1;
	h->mtvec = BOARD_ROM_BASE;
	h->pmpcfg[0] = 0x1f;
	h->pmpaddr[0] = UINT64_MAX >> 10;
	hart_state_changed(hart_core_of(b->domain, 0));
}

int process_create(struct process *p, const char *path)
{
	uint64_t entry, end = end_of(path);

	*p = (struct process){.cause = UINT64_MAX, .brk = (end + 4095) & ~UINT64_C(4095)};
	if (!end)
		return -1;
	p->board = board_create(&(struct board_options){.isa = HART_ISA_H | HART_ISA_FD | HART_ISA_A64, .ram_bytes = PROCESS_RAM_BYTES, .trap = trapped});
	p->output = malloc(PROCESS_OUTPUT_BYTES);
	if (!p->output || board_load_elf(p->board, path, &entry)) {
		process_destroy(p);
		return -1;
	}
	current = p;
	hart_state(hart_core_of(p->board->domain, 0))->x[HART_SP] = BOARD_RAM_BASE + p->board->ram_bytes - 64;
	process_enter_user(p->board, entry);
	return 0;
}

bool process_run(struct process *p, bool timed, uint64_t max_cycles, unsigned slice)
{
	current = p;
	board_run(p->board, timed, max_cycles, slice);
	return p->exited || p->cause != UINT64_MAX;
}

void process_destroy(struct process *p)
{
	free(p->output);
	if (p->board)
		board_destroy(p->board);
	*p = (struct process){0};
}
