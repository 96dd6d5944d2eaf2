/* The translator for x86-64.
 *
 * Registers: rbx hart state, r12 cycles left, r13 block, r14 pc of the block's start, r15 read TLB, rbp write TLB; [rsp] the frame.
 * Guest registers stay in the state; rax holds the one that was used last, so that chains of results need no load. */
#include "models/hart/host_x86_job.h"

#if defined(__x86_64__)
#include <stdlib.h>
#include <sys/mman.h>

enum { CODE_BYTES = 32 << 20, OP_BYTES_MOST = 400, LEAST_OPS = 2, EXITS_OF_ONE_OP = 10 };

/* --- common parts ---------------------------------------------------------------------------------------------- */

static void emit_entry(struct host_code *h)
{
	static const uint8_t saved[] = {RBX, RBP, R12, R13, R14, R15, RDI};
	struct x86_code *e = &h->e;

	h->enter = (enum host_exit (*)(struct host_frame *, struct hart_core *, const void *))(uintptr_t)e->at;
	for (unsigned i = 0; i < sizeof(saved); i++) {
		x86_rex(e, 0, 0, 0, saved[i]);
		x86_byte(e, 0x50 | (saved[i] & 7));
	}
	x86_rr(e, 1, 0x8b, RBX, RSI);
	x86_rm(e, 1, 0x8b, R12, RDI, offsetof(struct host_frame, left));
	x86_rm(e, 1, 0x8b, R14, RDI, offsetof(struct host_frame, pc));
	x86_rm(e, 1, 0x8b, R13, RDI, offsetof(struct host_frame, block));
	x86_rm(e, 1, 0x8b, R15, RBX, offsetof(struct hart_core, read_tlb));
	x86_rm(e, 1, 0x8b, RBP, RBX, offsetof(struct hart_core, write_tlb));
	x86_byte(e, 0xff);	/* jmp rdx */
	x86_byte(e, 0xe2);
}

/* rdx: the op. */
static void emit_leave(struct host_code *h, enum host_exit reason)
{
	static const uint8_t saved[] = {R15, R14, R13, R12, RBP, RBX};
	struct x86_code *e = &h->e;

	h->leave[reason] = e->at;
	x86_byte(e, 0x5f);	/* pop rdi */
	x86_rm(e, 1, 0x89, R12, RDI, offsetof(struct host_frame, left));
	x86_rm(e, 1, 0x89, R14, RDI, offsetof(struct host_frame, pc));
	x86_rm(e, 1, 0x89, R13, RDI, offsetof(struct host_frame, block));
	x86_rm(e, 1, 0x89, RDX, RDI, offsetof(struct host_frame, op));
	x86_set(e, RAX, (int32_t)reason);
	for (unsigned i = 0; i < sizeof(saved); i++) {
		x86_rex(e, 0, 0, 0, saved[i]);
		x86_byte(e, 0x58 | (saved[i] & 7));
	}
	x86_byte(e, 0xc3);
}

/* Enters the block in rax if the cycles suffice for all of it. */
static void emit_next(struct host_code *h)
{
	struct x86_code *e = &h->e;
	uint8_t *short_of;

	h->next = e->at;
	x86_rr(e, 1, 0x8b, R13, RAX);
	x86_byte(e, 0x0f);	/* movzx ecx, word [rax + instructions] */
	x86_byte(e, 0xb7);
	x86_memory(e, RCX, RAX, offsetof(struct block, instructions));
	x86_rr(e, 1, 0x3b, R12, RCX);
	short_of = x86_branch(e, X86_L);
	x86_byte(e, 0xff);	/* jmp [rax + code] */
	x86_memory(e, 4, RAX, offsetof(struct block, code));
	h->stub = e->at;
	x86_land(e->at, short_of);
	x86_jump(e, h->leave[HOST_EXIT_ENTER]);
}

struct host_code *host_code_create(void)
{
	struct host_code *h = calloc(1, sizeof(*h));
	void *memory = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!h || memory == MAP_FAILED) {
		if (memory != MAP_FAILED)
			munmap(memory, CODE_BYTES);
		free(h);
		return NULL;
	}
	h->memory = memory;
	h->e = (struct x86_code){h->memory, h->memory + CODE_BYTES};
	emit_entry(h);
	for (unsigned reason = 0; reason < 4; reason++)
		emit_leave(h, (enum host_exit)reason);
	emit_next(h);
	h->begin = h->e.at;
	h->fma = __builtin_cpu_supports("fma");
	return h;
}

void host_code_destroy(struct host_code *h)
{
	if (!h)
		return;
	munmap(h->memory, CODE_BYTES);
	free(h);
}

void host_code_reset(struct host_code *h)
{
	if (h)
		h->e.at = h->begin;
}

const void *host_code_stub(const struct host_code *h) { return h->stub; }

enum host_exit host_code_run(const struct host_code *h, struct hart_core *c, struct host_frame *frame)
{
	return h->enter(frame, c, frame->block->code);
}

/* --- a block ------------------------------------------------------------------------------------------------------ */

/* A part of an instruction counts as a native op of its own. */
static void count_part(struct job *j)
{
	x86_rm(j->e, 1, 0x8b, RDI, RSP, 0);
	x86_rm(j->e, 1, 0xff, 0, RDI, offsetof(struct host_frame, parts));	/* inc */
}

static void emit_exit(struct job *j, const struct exit *x)
{
	x86_land(j->e->at, x->branch);
	if (x->taken) {
		job_leave_block(j, x->op->n + 1u, (int64_t)x->op->at + x->op->imm);
		job_through_link(j, x->op);
		return;
	}
	x86_set64(j->e, RDX, (uint64_t)(uintptr_t)x->op);
	x86_jump(j->e, j->code->leave[HOST_EXIT_OP]);
}

static bool has_link(unsigned code) { return (code >= NATIVE_BEQ && code <= NATIVE_J) || code == CODE_END; }

bool host_code_translate(struct host_code *h, struct block *b)
{
	struct job job = {.e = &h->e, .code = h, .op = &b->slot[0].op, .held = NONE}, *j = &job;
	uint8_t *begin = h->e.at;
	enum job_next next = GOES_ON;
	unsigned done = 0;

	if (h->e.end - h->e.at < (EXITS + 1) * OP_BYTES_MOST)
		return false;
	while (next == GOES_ON) {
		next = j->exits + EXITS_OF_ONE_OP > EXITS ? UNDONE : job_translate_op(j);
		if (next == UNDONE) {
			x86_set64(j->e, RDX, (uint64_t)(uintptr_t)j->op);
			x86_jump(j->e, h->leave[HOST_EXIT_OP]);
		} else if (next == GOES_ON) {
			if (!j->op->length)
				count_part(j);
			done++;
			j->op += has_link(j->op->code) ? 2 : 1;
		} else {
			done++;
		}
	}
	if (done < LEAST_OPS) {
		h->e.at = begin;
		return false;
	}
	for (unsigned i = 0; i < j->exits; i++)
		emit_exit(j, &j->exit[i]);
	b->code = begin;
	return true;
}

#else

struct host_code *host_code_create(void) { return NULL; }
void host_code_destroy(struct host_code *code) { (void)code; }
void host_code_reset(struct host_code *code) { (void)code; }
const void *host_code_stub(const struct host_code *code) { (void)code; return NULL; }
bool host_code_translate(struct host_code *code, struct block *block) { (void)code; (void)block; return false; }
enum host_exit host_code_run(const struct host_code *code, struct hart_core *c, struct host_frame *frame)
{
	(void)code; (void)c; (void)frame;
	return HOST_EXIT_ENTER;
}

#endif
