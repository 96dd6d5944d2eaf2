/* The translator for x86-64, op by op: integers, memory, control transfer. */
#include "models/hart/host_x86_job.h"

#if defined(__x86_64__)

void job_load(struct job *j, unsigned reg, unsigned guest)
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
void job_result(struct job *j)
{
	x86_rm(j->e, 1, 0x89, RAX, RBX, register_at(j->op->rd));
	j->held = j->op->rd;
}

static void result_word(struct job *j)
{
	x86_rr(j->e, 1, 0x63, RAX, RAX);	/* movsxd */
	job_result(j);
}

/* rax = rs1 OP rs2; a commutative one may begin with the operand that rax holds. */
static void binary(struct job *j, unsigned w, unsigned opcode, bool commutes)
{
	unsigned first = j->op->rs1, second = j->op->rs2;

	if (commutes && j->held == (int)second) {
		first = second;
		second = j->op->rs1;
	}
	job_load(j, RAX, first);
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
	job_result(j);
}

static void shift_by_register(struct job *j, unsigned w, enum x86_shift op)
{
	job_load(j, RCX, j->op->rs2);
	job_load(j, RAX, j->op->rs1);
	x86_shift(j->e, w, op, RAX);
	if (w)
		job_result(j);
	else
		result_word(j);
}

static void shift_by_immediate(struct job *j, unsigned w, enum x86_shift op)
{
	job_load(j, RAX, j->op->rs1);
	x86_shift_immediate(j->e, w, op, RAX, (unsigned)j->op->imm & (w ? 63 : 31));
	if (w)
		job_result(j);
	else
		result_word(j);
}

static void with_immediate(struct job *j, unsigned w, enum x86_alu op)
{
	job_load(j, RAX, j->op->rs1);
	if (j->op->imm || op != X86_ADD)
		x86_alu_immediate(j->e, w, op, RAX, j->op->imm);
	if (w)
		job_result(j);
	else
		result_word(j);
}

static void multiply(struct job *j, unsigned w)
{
	job_load(j, RAX, j->op->rs1);
	x86_rex(j->e, w, RAX, 0, RBX);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, 0xaf);
	x86_memory(j->e, RAX, RBX, register_at(j->op->rs2));
	if (w)
		job_result(j);
	else
		result_word(j);
}

/* NUMBER of opcode F7: 4 unsigned, 5 signed; the high half is in rdx. */
static void multiply_high(struct job *j, unsigned number)
{
	job_load(j, RAX, j->op->rs1);
	x86_rm(j->e, 1, 0xf7, number, RBX, register_at(j->op->rs2));
	x86_rr(j->e, 1, 0x8b, RAX, RDX);
	job_result(j);
}

void job_exit_here(struct job *j, uint8_t *branch, bool taken) { j->exit[j->exits++] = (struct exit){branch, j->op, taken}; }

/* The virtual address in rax is checked against the TLB in TLB; rax becomes the host address. */
void job_check_address(struct job *j, unsigned tlb, unsigned bytes)
{
	struct x86_code *e = j->e;

	_Static_assert(sizeof(struct tlb_entry) == 32, "the index is the page number times 32");
	x86_rr(e, 0, 0x8b, RCX, RAX);
	x86_shift_immediate(e, 0, X86_SHR, RCX, PAGE_SHIFT - 5);
	x86_alu_immediate(e, 0, X86_AND, RCX, (TLB_ENTRIES - 1) << 5);
	x86_rr(e, 1, 0x8b, RDX, RAX);
	x86_alu_immediate(e, 1, X86_AND, RDX, (int32_t)(PAGE_MASK | (bytes - 1)));
	x86_rx(e, 0x3b, RDX, tlb, RCX, offsetof(struct tlb_entry, tag));
	job_exit_here(j, x86_branch(e, X86_NE), false);
	x86_rx(e, 0x03, RAX, tlb, RCX, offsetof(struct tlb_entry, addend));
}

void job_address(struct job *j, unsigned tlb, unsigned bytes)
{
	job_load(j, RAX, j->op->rs1);
	if (j->op->imm)
		x86_alu_immediate(j->e, 1, X86_ADD, RAX, j->op->imm);
	j->held = NONE;
	job_check_address(j, tlb, bytes);
}

/* PREFIX: 0x0f, or 0 for a one-byte opcode. */
static void load_op(struct job *j, unsigned bytes, unsigned w, unsigned prefix, unsigned opcode)
{
	job_address(j, R15, bytes);
	x86_rex(j->e, w, RAX, 0, RAX);
	if (prefix)
		x86_byte(j->e, prefix);
	x86_byte(j->e, opcode);
	x86_byte(j->e, 0);	/* rax, [rax] */
	job_result(j);
}

static void store_op(struct job *j, unsigned bytes)
{
	struct x86_code *e = j->e;

	job_address(j, RBP, bytes);
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
		job_load(j, RAX, first);
		x86_rm(j->e, 1, 0x3b, RAX, RBX, register_at(second));
	}
	job_exit_here(j, x86_branch(j->e, c), true);
}

/* The op leaves its block, OFFSET from its start, having retired COUNT instructions. */
void job_leave_block(struct job *j, unsigned count, int64_t offset)
{
	x86_alu_immediate(j->e, 1, X86_SUB, R12, (int32_t)count);
	x86_alu_immediate(j->e, 1, X86_ADD, R14, (int32_t)offset);
}

void job_through_link(struct job *j, const struct xop *op)
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
	job_result(j);
	job_leave_block(j, j->op->n + 1u, (int64_t)j->op->at + j->op->imm);
	job_through_link(j, j->op);
}

static void jump_register(struct job *j)
{
	struct x86_code *e = j->e;
	uint8_t *miss, *dead;

	job_load(j, RAX, j->op->rs1);
	x86_rr(e, 1, 0x8b, RSI, RAX);
	if (j->op->code == NATIVE_JRX) {
		x86_rr(e, 0, 0xf6, 0, RSI);	/* test sil, 3 */
		x86_byte(e, 3);
		job_exit_here(j, x86_branch(e, X86_NE), false);
	} else {
		x86_alu_immediate(e, 1, X86_ADD, RSI, j->op->imm);
		x86_alu_immediate(e, 1, X86_AND, RSI, -2);
	}
	x86_rm(e, 1, 0x8d, RAX, R14, j->op->at + j->op->length);
	job_result(j);
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
	job_result(j);
}

static void shift_add(struct job *j, bool word)
{
	job_load(j, RAX, j->op->rs1);
	if (word)
		x86_rr(j->e, 0, 0x8b, RAX, RAX);	/* clears the upper half */
	if (j->op->imm)
		x86_shift_immediate(j->e, 1, X86_SHL, RAX, (unsigned)j->op->imm & 63);
	x86_rm(j->e, 1, 0x03, RAX, RBX, register_at(j->op->rs2));
	job_result(j);
}

/* rs1 &, | or ^ the complement of rs2. */
static void with_complement(struct job *j, unsigned opcode)
{
	job_load(j, RCX, j->op->rs2);
	x86_rr(j->e, 1, 0xf7, 2, RCX);		/* not */
	job_load(j, RAX, j->op->rs1);
	x86_rr(j->e, 1, opcode, RAX, RCX);
	job_result(j);
}

static void extend(struct job *j, unsigned w, unsigned opcode)
{
	job_load(j, RAX, j->op->rs1);
	x86_rex(j->e, w, RAX, 0, RAX);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, opcode);
	x86_byte(j->e, 0xc0);
	job_result(j);
}

enum job_next job_translate_jump(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_BEQ: branch(j, X86_E); return GOES_ON;
	case NATIVE_BNE: branch(j, X86_NE); return GOES_ON;
	case NATIVE_BLT: branch(j, X86_L); return GOES_ON;
	case NATIVE_BGE: branch(j, X86_GE); return GOES_ON;
	case NATIVE_BLTU: branch(j, X86_B); return GOES_ON;
	case NATIVE_BGEU: branch(j, X86_AE); return GOES_ON;
	case NATIVE_J: jump(j); return ENDS;
	case NATIVE_BCOND: job_branch_by_flags(j); return GOES_ON;
	case NATIVE_JR: case NATIVE_JRX: jump_register(j); return ENDS;
	case CODE_END:
		job_leave_block(j, j->op->n, j->op->at);
		job_through_link(j, j->op);
		return ENDS;
	default: return UNDONE;
	}
}

static enum job_next translate_memory(struct job *j)
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
	default: return job_translate_flags(j);
	}
	return GOES_ON;
}

static enum job_next translate_bits(struct job *j)
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

enum job_next job_translate_op(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_NOP: case NATIVE_FENCE: case NATIVE_FENCEI: break;
	case NATIVE_ADDPC: add_pc(j); break;
	case NATIVE_LI: x86_set(j->e, RAX, j->op->imm); job_result(j); break;
	case NATIVE_ADD: binary(j, 1, 0x03, true); job_result(j); break;
	case NATIVE_SUB: binary(j, 1, 0x2b, false); job_result(j); break;
	case NATIVE_XOR: binary(j, 1, 0x33, true); job_result(j); break;
	case NATIVE_OR: binary(j, 1, 0x0b, true); job_result(j); break;
	case NATIVE_AND: binary(j, 1, 0x23, true); job_result(j); break;
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
	case NATIVE_SLTI: job_load(j, RAX, j->op->rs1); x86_alu_immediate(j->e, 1, X86_CMP, RAX, j->op->imm); flag_result(j, X86_L); break;
	case NATIVE_SLTIU: job_load(j, RAX, j->op->rs1); x86_alu_immediate(j->e, 1, X86_CMP, RAX, j->op->imm); flag_result(j, X86_B); break;
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

#endif
