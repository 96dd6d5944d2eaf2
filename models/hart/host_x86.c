/* The translator for x86-64.
 *
 * Registers: rbx hart state, r12 cycles left, r13 block, r14 pc of the block's start, r15 read TLB, rbp write TLB; [rsp] the frame.
 * Guest registers stay in the state; rax holds the one that was used last, so that chains of results need no load. */
#include "models/hart/host_code.h"

#if defined(__x86_64__)
#include <stdlib.h>
#include <sys/mman.h>

#include "models/hart/host_x86.h"
#include "native_ops.h"

enum { CODE_BYTES = 32 << 20, OP_BYTES_MOST = 160, LEAST_OPS = 2, NONE = -1, EXITS = BLOCK_MAX_INSTRUCTIONS * CONVERT_MAX_OPS + 2 };

struct host_code {
	uint8_t *memory;
	uint8_t *begin;		/* behind the common parts */
	uint8_t *stub, *leave[4], *next;
	struct x86_code e;
	enum host_exit (*enter)(struct host_frame *frame, struct hart_core *c, const void *code);
};

/* One block's translation. */
struct job {
	struct x86_code *e;
	const struct host_code *code;
	const struct xop *op;
	int held;		/* register of the guest that rax holds, or NONE */
	unsigned exits;
	struct exit {
		uint8_t *branch;
		const struct xop *op;
		bool taken;	/* a branch's way to its target; else the op is left undone */
	} exit[EXITS];
};

static int32_t register_at(unsigned r) { return (int32_t)(8 * r); }

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

/* --- one op ------------------------------------------------------------------------------------------------------ */

static void load(struct job *j, unsigned reg, unsigned guest)
{
	if (j->held == (int)guest) {
		if (reg != RAX)
			x86_rr(j->e, 1, 0x8b, reg, RAX);
		return;
	}
	x86_rm(j->e, 1, 0x8b, reg, RBX, register_at(guest));
	if (reg == RAX)
		j->held = (int)guest;
}

/* rax becomes rd. */
static void result(struct job *j)
{
	x86_rm(j->e, 1, 0x89, RAX, RBX, register_at(j->op->rd));
	j->held = j->op->rd;
}

static void result_word(struct job *j)
{
	x86_rr(j->e, 1, 0x63, RAX, RAX);	/* movsxd */
	result(j);
}

/* rax = rs1 OP rs2; a commutative one may begin with the operand that rax holds. */
static void binary(struct job *j, unsigned w, unsigned opcode, bool commutes)
{
	unsigned first = j->op->rs1, second = j->op->rs2;

	if (commutes && j->held == (int)second) {
		first = second;
		second = j->op->rs1;
	}
	load(j, RAX, first);
	x86_rm(j->e, w, opcode, RAX, RBX, register_at(second));
}

static void flag_result(struct job *j, enum x86_condition c)
{
	x86_byte(j->e, 0x0f);	/* setc al; movzx eax, al */
	x86_byte(j->e, 0x90 | c);
	x86_byte(j->e, 0xc0);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, 0xb6);
	x86_byte(j->e, 0xc0);
	result(j);
}

static void shift_by_register(struct job *j, unsigned w, enum x86_shift op)
{
	load(j, RCX, j->op->rs2);
	load(j, RAX, j->op->rs1);
	x86_shift(j->e, w, op, RAX);
	if (w)
		result(j);
	else
		result_word(j);
}

static void shift_by_immediate(struct job *j, unsigned w, enum x86_shift op)
{
	load(j, RAX, j->op->rs1);
	x86_shift_immediate(j->e, w, op, RAX, (unsigned)j->op->imm & (w ? 63 : 31));
	if (w)
		result(j);
	else
		result_word(j);
}

static void with_immediate(struct job *j, unsigned w, enum x86_alu op)
{
	load(j, RAX, j->op->rs1);
	if (j->op->imm || op != X86_ADD)
		x86_alu_immediate(j->e, w, op, RAX, j->op->imm);
	if (w)
		result(j);
	else
		result_word(j);
}

static void multiply(struct job *j, unsigned w)
{
	load(j, RAX, j->op->rs1);
	x86_rex(j->e, w, RAX, 0, RBX);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, 0xaf);
	x86_memory(j->e, RAX, RBX, register_at(j->op->rs2));
	if (w)
		result(j);
	else
		result_word(j);
}

/* NUMBER of opcode F7: 4 unsigned, 5 signed; the high half is in rdx. */
static void multiply_high(struct job *j, unsigned number)
{
	load(j, RAX, j->op->rs1);
	x86_rm(j->e, 1, 0xf7, number, RBX, register_at(j->op->rs2));
	x86_rr(j->e, 1, 0x8b, RAX, RDX);
	result(j);
}

static void exit_here(struct job *j, uint8_t *branch, bool taken) { j->exit[j->exits++] = (struct exit){branch, j->op, taken}; }

/* rax = rs1 + imm checked against the TLB in TLB; rax becomes the host address. */
static void address(struct job *j, unsigned tlb, unsigned bytes)
{
	struct x86_code *e = j->e;

	load(j, RAX, j->op->rs1);
	if (j->op->imm)
		x86_alu_immediate(e, 1, X86_ADD, RAX, j->op->imm);
	j->held = NONE;
	_Static_assert(sizeof(struct tlb_entry) == 32, "the index is the page number times 32");
	x86_rr(e, 0, 0x8b, RCX, RAX);
	x86_shift_immediate(e, 0, X86_SHR, RCX, PAGE_SHIFT - 5);
	x86_alu_immediate(e, 0, X86_AND, RCX, (TLB_ENTRIES - 1) << 5);
	x86_rr(e, 1, 0x8b, RDX, RAX);
	x86_alu_immediate(e, 1, X86_AND, RDX, (int32_t)(PAGE_MASK | (bytes - 1)));
	x86_rx(e, 0x3b, RDX, tlb, RCX, offsetof(struct tlb_entry, tag));
	exit_here(j, x86_branch(e, X86_NE), false);
	x86_rx(e, 0x03, RAX, tlb, RCX, offsetof(struct tlb_entry, addend));
}

/* PREFIX: 0x0f, or 0 for a one-byte opcode. */
static void load_op(struct job *j, unsigned bytes, unsigned w, unsigned prefix, unsigned opcode)
{
	address(j, R15, bytes);
	x86_rex(j->e, w, RAX, 0, RAX);
	if (prefix)
		x86_byte(j->e, prefix);
	x86_byte(j->e, opcode);
	x86_byte(j->e, 0);	/* rax, [rax] */
	result(j);
}

static void store_op(struct job *j, unsigned bytes)
{
	struct x86_code *e = j->e;

	address(j, RBP, bytes);
	x86_rm(e, 1, 0x8b, RSI, RBX, register_at(j->op->rs2));
	if (bytes == 2)
		x86_byte(e, 0x66);
	x86_rex(e, bytes == 8, RSI, 0, RAX);
	x86_byte(e, bytes == 1 ? 0x88 : 0x89);
	x86_byte(e, RSI << 3);	/* [rax], rsi */
}

static void branch(struct job *j, enum x86_condition c)
{
	unsigned first = j->op->rs1, second = j->op->rs2;

	if (j->held == (int)second && j->held != (int)first) {
		x86_rm(j->e, 1, 0x39, RAX, RBX, register_at(first));	/* cmp [rs1], rax */
	} else {
		load(j, RAX, first);
		x86_rm(j->e, 1, 0x3b, RAX, RBX, register_at(second));
	}
	exit_here(j, x86_branch(j->e, c), true);
}

/* The op leaves its block, OFFSET from its start, having retired COUNT instructions. */
static void leave_block(struct job *j, unsigned count, int64_t offset)
{
	x86_alu_immediate(j->e, 1, X86_SUB, R12, (int32_t)count);
	x86_alu_immediate(j->e, 1, X86_ADD, R14, (int32_t)offset);
}

static void through_link(struct job *j, const struct xop *op)
{
	struct x86_code *e = j->e;
	uint8_t *empty;

	x86_set64(e, RDX, (uint64_t)(uintptr_t)op);
	x86_rm(e, 1, 0x8b, RAX, RDX, sizeof(union slot));
	x86_rr(e, 1, 0x85, RAX, RAX);
	empty = x86_branch(e, X86_E);
	x86_jump(e, j->code->next);
	x86_land(e->at, empty);
	x86_jump(e, j->code->leave[HOST_EXIT_LINK]);
}

static void jump(struct job *j)
{
	x86_rm(j->e, 1, 0x8d, RAX, R14, j->op->at + j->op->length);	/* lea */
	result(j);
	leave_block(j, j->op->n + 1u, (int64_t)j->op->at + j->op->imm);
	through_link(j, j->op);
}

static void jump_register(struct job *j)
{
	struct x86_code *e = j->e;
	uint8_t *miss, *dead;

	load(j, RAX, j->op->rs1);
	x86_rr(e, 1, 0x8b, RSI, RAX);
	x86_alu_immediate(e, 1, X86_ADD, RSI, j->op->imm);
	x86_alu_immediate(e, 1, X86_AND, RSI, -2);
	x86_rm(e, 1, 0x8d, RAX, R14, j->op->at + j->op->length);
	result(j);
	x86_alu_immediate(e, 1, X86_SUB, R12, j->op->n + 1);
	x86_rr(e, 1, 0x8b, R14, RSI);
	_Static_assert(sizeof(struct jump_entry) == 16, "the index is half the pc times 16");
	x86_rr(e, 0, 0x8b, RCX, RSI);
	x86_alu_immediate(e, 0, X86_AND, RCX, (JUMP_ENTRIES - 1) << 1);
	x86_shift_immediate(e, 0, X86_SHL, RCX, 3);
	x86_rm(e, 1, 0x8b, RDX, RBX, offsetof(struct hart_core, jump_cache));
	x86_rx(e, 0x3b, RSI, RDX, RCX, offsetof(struct jump_entry, pc));
	miss = x86_branch(e, X86_NE);
	x86_rx(e, 0x8b, RAX, RDX, RCX, offsetof(struct jump_entry, block));
	x86_byte(e, 0x80);	/* cmp byte [rax + live], 0 */
	x86_memory(e, 7, RAX, offsetof(struct block, live));
	x86_byte(e, 0);
	dead = x86_branch(e, X86_E);
	x86_jump(e, j->code->next);
	x86_land(e->at, miss);
	x86_land(e->at, dead);
	x86_jump(e, j->code->leave[HOST_EXIT_FIND]);
}

static void add_pc(struct job *j)
{
	x86_set(j->e, RAX, j->op->imm);
	x86_rr(j->e, 1, 0x03, RAX, R14);
	if (j->op->at)
		x86_alu_immediate(j->e, 1, X86_ADD, RAX, j->op->at);
	result(j);
}

static void shift_add(struct job *j, bool word)
{
	load(j, RAX, j->op->rs1);
	if (word)
		x86_rr(j->e, 0, 0x8b, RAX, RAX);	/* clears the upper half */
	if (j->op->imm)
		x86_shift_immediate(j->e, 1, X86_SHL, RAX, (unsigned)j->op->imm & 63);
	x86_rm(j->e, 1, 0x03, RAX, RBX, register_at(j->op->rs2));
	result(j);
}

/* rs1 &, | or ^ the complement of rs2. */
static void with_complement(struct job *j, unsigned opcode)
{
	load(j, RCX, j->op->rs2);
	x86_rr(j->e, 1, 0xf7, 2, RCX);		/* not */
	load(j, RAX, j->op->rs1);
	x86_rr(j->e, 1, opcode, RAX, RCX);
	result(j);
}

static void extend(struct job *j, unsigned w, unsigned opcode)
{
	load(j, RAX, j->op->rs1);
	x86_rex(j->e, w, RAX, 0, RAX);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, opcode);
	x86_byte(j->e, 0xc0);
	result(j);
}

enum next { GOES_ON, ENDS, UNDONE };

static enum next translate_jump(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_BEQ: branch(j, X86_E); return GOES_ON;
	case NATIVE_BNE: branch(j, X86_NE); return GOES_ON;
	case NATIVE_BLT: branch(j, X86_L); return GOES_ON;
	case NATIVE_BGE: branch(j, X86_GE); return GOES_ON;
	case NATIVE_BLTU: branch(j, X86_B); return GOES_ON;
	case NATIVE_BGEU: branch(j, X86_AE); return GOES_ON;
	case NATIVE_J: jump(j); return ENDS;
	case NATIVE_JR: jump_register(j); return ENDS;
	case CODE_END:
		leave_block(j, j->op->n, j->op->at);
		through_link(j, j->op);
		return ENDS;
	default: return UNDONE;
	}
}

static enum next translate_memory(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_LB: load_op(j, 1, 1, 0x0f, 0xbe); break;
	case NATIVE_LH: load_op(j, 2, 1, 0x0f, 0xbf); break;
	case NATIVE_LW: load_op(j, 4, 1, 0, 0x63); break;
	case NATIVE_LD: load_op(j, 8, 1, 0, 0x8b); break;
	case NATIVE_LBU: load_op(j, 1, 0, 0x0f, 0xb6); break;
	case NATIVE_LHU: load_op(j, 2, 0, 0x0f, 0xb7); break;
	case NATIVE_LWU: load_op(j, 4, 0, 0, 0x8b); break;
	case NATIVE_SB: store_op(j, 1); break;
	case NATIVE_SH: store_op(j, 2); break;
	case NATIVE_SW: store_op(j, 4); break;
	case NATIVE_SD: store_op(j, 8); break;
	default: return translate_jump(j);
	}
	return GOES_ON;
}

static enum next translate_bits(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_SHADD: shift_add(j, false); break;
	case NATIVE_SHADDUW: shift_add(j, true); break;
	case NATIVE_ANDN: with_complement(j, 0x23); break;
	case NATIVE_ORN: with_complement(j, 0x0b); break;
	case NATIVE_XNOR: with_complement(j, 0x33); break;
	case NATIVE_SEXTB: extend(j, 1, 0xbe); break;
	case NATIVE_SEXTH: extend(j, 1, 0xbf); break;
	case NATIVE_ZEXTH: extend(j, 0, 0xb7); break;
	case NATIVE_ROL: shift_by_register(j, 1, X86_ROL); break;
	case NATIVE_ROR: shift_by_register(j, 1, X86_ROR); break;
	case NATIVE_RORI: shift_by_immediate(j, 1, X86_ROR); break;
	case NATIVE_ROLW: shift_by_register(j, 0, X86_ROL); break;
	case NATIVE_RORW: shift_by_register(j, 0, X86_ROR); break;
	case NATIVE_RORIW: shift_by_immediate(j, 0, X86_ROR); break;
	default: return translate_memory(j);
	}
	return GOES_ON;
}

static enum next translate_op(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_NOP: case NATIVE_FENCE: case NATIVE_FENCEI: break;
	case NATIVE_ADDPC: add_pc(j); break;
	case NATIVE_LI: x86_set(j->e, RAX, j->op->imm); result(j); break;
	case NATIVE_ADD: binary(j, 1, 0x03, true); result(j); break;
	case NATIVE_SUB: binary(j, 1, 0x2b, false); result(j); break;
	case NATIVE_XOR: binary(j, 1, 0x33, true); result(j); break;
	case NATIVE_OR: binary(j, 1, 0x0b, true); result(j); break;
	case NATIVE_AND: binary(j, 1, 0x23, true); result(j); break;
	case NATIVE_ADDW: binary(j, 0, 0x03, true); result_word(j); break;
	case NATIVE_SUBW: binary(j, 0, 0x2b, false); result_word(j); break;
	case NATIVE_SLT: binary(j, 1, 0x3b, false); flag_result(j, X86_L); break;
	case NATIVE_SLTU: binary(j, 1, 0x3b, false); flag_result(j, X86_B); break;
	case NATIVE_SLL: shift_by_register(j, 1, X86_SHL); break;
	case NATIVE_SRL: shift_by_register(j, 1, X86_SHR); break;
	case NATIVE_SRA: shift_by_register(j, 1, X86_SAR); break;
	case NATIVE_SLLW: shift_by_register(j, 0, X86_SHL); break;
	case NATIVE_SRLW: shift_by_register(j, 0, X86_SHR); break;
	case NATIVE_SRAW: shift_by_register(j, 0, X86_SAR); break;
	case NATIVE_ADDI: with_immediate(j, 1, X86_ADD); break;
	case NATIVE_XORI: with_immediate(j, 1, X86_XOR); break;
	case NATIVE_ORI: with_immediate(j, 1, X86_OR); break;
	case NATIVE_ANDI: with_immediate(j, 1, X86_AND); break;
	case NATIVE_ADDIW: with_immediate(j, 0, X86_ADD); break;
	case NATIVE_SLTI: load(j, RAX, j->op->rs1); x86_alu_immediate(j->e, 1, X86_CMP, RAX, j->op->imm); flag_result(j, X86_L); break;
	case NATIVE_SLTIU: load(j, RAX, j->op->rs1); x86_alu_immediate(j->e, 1, X86_CMP, RAX, j->op->imm); flag_result(j, X86_B); break;
	case NATIVE_SLLI: shift_by_immediate(j, 1, X86_SHL); break;
	case NATIVE_SRLI: shift_by_immediate(j, 1, X86_SHR); break;
	case NATIVE_SRAI: shift_by_immediate(j, 1, X86_SAR); break;
	case NATIVE_SLLIW: shift_by_immediate(j, 0, X86_SHL); break;
	case NATIVE_SRLIW: shift_by_immediate(j, 0, X86_SHR); break;
	case NATIVE_SRAIW: shift_by_immediate(j, 0, X86_SAR); break;
	case NATIVE_MUL: multiply(j, 1); break;
	case NATIVE_MULW: multiply(j, 0); break;
	case NATIVE_MULH: multiply_high(j, 5); break;
	case NATIVE_MULHU: multiply_high(j, 4); break;
	default: return translate_bits(j);
	}
	return GOES_ON;
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
		leave_block(j, x->op->n + 1u, (int64_t)x->op->at + x->op->imm);
		through_link(j, x->op);
		return;
	}
	x86_set64(j->e, RDX, (uint64_t)(uintptr_t)x->op);
	x86_jump(j->e, j->code->leave[HOST_EXIT_OP]);
}

static bool has_link(unsigned code) { return (code >= NATIVE_BEQ && code <= NATIVE_J) || code == CODE_END; }

bool host_code_translate(struct host_code *h, struct block *b)
{
	struct job job, *j = &job;
	uint8_t *begin = h->e.at;
	enum next next = GOES_ON;
	unsigned done = 0;

	if (h->e.end - h->e.at < (EXITS + 1) * OP_BYTES_MOST)
		return false;
	j->e = &h->e;
	j->code = h;
	j->op = &b->slot[0].op;
	j->held = NONE;
	j->exits = 0;
	while (next == GOES_ON) {
		next = translate_op(j);
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
