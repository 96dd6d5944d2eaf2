/* The translator for x86-64: floating point, where fp_host.h allows the host's own arithmetic and "inexact" is set already.
 *
 * What a block knows of the unit (on, dirty, inexact, nearest even) it checks once: nothing in host code takes it back. */
#include "models/hart/host_x86_job.h"

#if defined(__x86_64__)
#include "models/hart/fp_host.h"

enum { XMM0, XMM1, XMM2, PREFIX_D = 0xf2, PREFIX_S = 0xf3 };
enum sse { SSE_SQRT = 0x51, SSE_ADD = 0x58, SSE_MUL = 0x59, SSE_SUB = 0x5c, SSE_DIV = 0x5e, SSE_MOVE = 0x10, SSE_FROM_INTEGER = 0x2a,
	SSE_TRUNCATE = 0x2c, SSE_COMPARE = 0x2e, SSE_OTHER_FORMAT = 0x5a };

static unsigned rounding(const struct job *j) { return (unsigned)j->op->imm >> 5 & 7; }
static unsigned float_number(unsigned r) { return r - HART_F0; }

/* Leaves host code unless the byte of the hart differs from zero. */
static void need_byte(struct job *j, size_t offset)
{
	x86_byte(j->e, 0x80);	/* cmp byte [rbx + offset], 0 */
	x86_memory(j->e, X86_CMP, RBX, (int32_t)offset);
	x86_byte(j->e, 0);
	job_exit_here(j, x86_branch(j->e, X86_E), false);
}

static void need_on(struct job *j)
{
	if (!j->on)
		need_byte(j, offsetof(struct hart_core, fp_on));
	j->on = true;
}

static void need_dirty(struct job *j)
{
	if (!j->dirty)
		need_byte(j, offsetof(struct hart_core, fp_dirty));
	j->dirty = j->on = true;
}

/* Nearest even also says that the unit is dirty. */
static void need_nearest(struct job *j)
{
	unsigned rm = rounding(j);

	if (!(j->nearest >> rm & 1))
		need_byte(j, offsetof(struct hart_core, fp_nearest) + rm);
	j->nearest = (uint8_t)(j->nearest | 1u << rm);
	j->dirty = j->on = true;
}

static void need_inexact(struct job *j)
{
	if (!j->inexact) {
		x86_byte(j->e, 0xf6);	/* test byte [rbx + fcsr], NX */
		x86_memory(j->e, 0, RBX, offsetof(struct hart, fcsr));
		x86_byte(j->e, FP_NX);
		job_exit_here(j, x86_branch(j->e, X86_E), false);
	}
	j->inexact = true;
}

static void need_boxed(struct job *j, unsigned r)
{
	if (!(j->boxed >> float_number(r) & 1)) {
		x86_byte(j->e, 0x83);	/* cmp dword [r + 4], -1 */
		x86_memory(j->e, X86_CMP, RBX, register_at(r) + 4);
		x86_byte(j->e, 0xff);
		job_exit_here(j, x86_branch(j->e, X86_NE), false);
	}
	j->boxed |= 1u << float_number(r);
}

static void sse_memory(struct job *j, unsigned prefix, unsigned w, enum sse opcode, unsigned reg, unsigned guest)
{
	x86_byte(j->e, prefix);
	if (w)
		x86_byte(j->e, 0x48);
	x86_byte(j->e, 0x0f);
	x86_byte(j->e, opcode);
	x86_memory(j->e, reg, RBX, register_at(guest));
}

/* A single in eax, with its box. */
static void single_result(struct job *j)
{
	struct x86_code *e = j->e;
	int32_t at = register_at(j->op->rd);

	x86_rm(e, 0, 0x89, RAX, RBX, at);
	x86_rex(e, 0, 0, 0, RBX);
	x86_byte(e, 0xc7);	/* mov dword [rd + 4], -1 */
	x86_memory(e, 0, RBX, at + 4);
	x86_word32(e, UINT32_MAX);
	j->boxed |= 1u << float_number(j->op->rd);
	j->held = NONE;
}

static void double_result(struct job *j)
{
	job_result(j);
	j->boxed &= ~(1u << float_number(j->op->rd));
}

/* xmm0 becomes rd if its exponent lies between LEAST and MOST. */
static void checked_result(struct job *j, bool is_double, unsigned least, unsigned most)
{
	struct x86_code *e = j->e;

	x86_byte(e, 0x66);	/* movq rax, xmm0 or movd eax, xmm0 */
	if (is_double)
		x86_byte(e, 0x48);
	x86_byte(e, 0x0f);
	x86_byte(e, 0x7e);
	x86_byte(e, 0xc0);
	j->held = NONE;
	x86_rr(e, is_double, 0x8b, RCX, RAX);
	x86_shift_immediate(e, is_double, X86_SHR, RCX, is_double ? 52 : 23);
	x86_alu_immediate(e, 0, X86_AND, RCX, is_double ? 0x7ff : 0xff);
	if (least)
		x86_alu_immediate(e, 0, X86_SUB, RCX, (int32_t)least);
	x86_alu_immediate(e, 0, X86_CMP, RCX, (int32_t)(most - least));
	job_exit_here(j, x86_branch(e, X86_A), false);
	if (is_double)
		double_result(j);
	else
		single_result(j);
}

static unsigned least_of(enum sse operation, bool is_double)
{
	return operation == SSE_ADD || operation == SSE_SUB ? 0 : is_double ? FP_D_LEAST : FP_S_LEAST;
}

static void arithmetic(struct job *j, bool is_double, enum sse operation)
{
	unsigned prefix = is_double ? PREFIX_D : PREFIX_S;

	need_nearest(j);
	need_inexact(j);
	if (!is_double) {
		need_boxed(j, j->op->rs1);
		if (operation != SSE_SQRT)
			need_boxed(j, j->op->rs2);
	}
	if (operation != SSE_SQRT)
		sse_memory(j, prefix, 0, SSE_MOVE, XMM0, j->op->rs1);
	sse_memory(j, prefix, 0, operation, XMM0, operation == SSE_SQRT ? j->op->rs1 : j->op->rs2);
	checked_result(j, is_double, least_of(operation, is_double), is_double ? FP_D_MOST : FP_S_MOST);
}

/* vfmadd213 and its relatives: xmm0 = xmm1 * xmm0 + xmm2. */
static enum job_next multiply_add(struct job *j, bool is_double, unsigned opcode)
{
	unsigned third = HART_F0 + ((unsigned)j->op->imm & 31), prefix = is_double ? PREFIX_D : PREFIX_S;

	if (!j->code->fma)
		return UNDONE;
	need_nearest(j);
	need_inexact(j);
	if (!is_double) {
		need_boxed(j, j->op->rs1);
		need_boxed(j, j->op->rs2);
		need_boxed(j, third);
	}
	sse_memory(j, prefix, 0, SSE_MOVE, XMM0, j->op->rs1);
	sse_memory(j, prefix, 0, SSE_MOVE, XMM1, j->op->rs2);
	sse_memory(j, prefix, 0, SSE_MOVE, XMM2, third);
	x86_byte(j->e, 0xc4);
	x86_byte(j->e, 0xe2);
	x86_byte(j->e, is_double ? 0xf1 : 0x71);
	x86_byte(j->e, opcode);
	x86_byte(j->e, 0xc2);
	checked_result(j, is_double, is_double ? FP_D_LEAST : FP_S_LEAST, is_double ? FP_D_MOST : FP_S_MOST);
	return GOES_ON;
}

/* FSGNJ and its relatives with one source: move, negate (btc), absolute value (btr). */
static enum job_next change_sign(struct job *j, bool is_double, unsigned operation)
{
	if (j->op->rs1 != j->op->rs2)
		return UNDONE;
	need_dirty(j);
	if (!is_double)
		need_boxed(j, j->op->rs1);
	job_load(j, RAX, j->op->rs1);
	if (operation) {
		x86_rex(j->e, 1, 0, 0, RAX);
		x86_byte(j->e, 0x0f);
		x86_byte(j->e, 0xba);
		x86_byte(j->e, operation);
		x86_byte(j->e, is_double ? 63 : 31);
	}
	job_result(j);
	if (is_double)
		j->boxed &= ~(1u << float_number(j->op->rd));
	else
		j->boxed |= 1u << float_number(j->op->rd);
	return GOES_ON;
}

/* CONDITION of "second operand against first": an unordered pair leaves. */
static void compare(struct job *j, bool is_double, enum x86_condition condition)
{
	struct x86_code *e = j->e;
	unsigned prefix = is_double ? PREFIX_D : PREFIX_S;

	need_on(j);
	if (!is_double) {
		need_boxed(j, j->op->rs1);
		need_boxed(j, j->op->rs2);
	}
	sse_memory(j, prefix, 0, SSE_MOVE, XMM0, j->op->rs2);
	if (is_double)
		x86_byte(e, 0x66);
	x86_byte(e, 0x0f);	/* ucomis xmm0, [rs1] */
	x86_byte(e, SSE_COMPARE);
	x86_memory(e, XMM0, RBX, register_at(j->op->rs1));
	job_exit_here(j, x86_branch(e, X86_P), false);
	x86_byte(e, 0x0f);
	x86_byte(e, 0x90 | condition);
	x86_byte(e, 0xc0);
	x86_byte(e, 0x0f);
	x86_byte(e, 0xb6);
	x86_byte(e, 0xc0);
	job_result(j);
}

/* Words are exact in a double; the rest rounds, which only "inexact" can tell. */
static enum job_next from_integer(struct job *j, bool is_double)
{
	unsigned kind = (unsigned)j->op->imm & 3;
	struct x86_code *e = j->e;

	if (kind == FP_LU)
		return UNDONE;
	need_nearest(j);
	if (!is_double || kind == FP_L)
		need_inexact(j);
	x86_rm(e, kind == FP_L, kind == FP_W ? 0x63 : 0x8b, RAX, RBX, register_at(j->op->rs1));
	if (kind == FP_W)
		x86_rr(e, 1, 0x63, RAX, RAX);
	j->held = NONE;
	x86_byte(e, is_double ? PREFIX_D : PREFIX_S);	/* cvtsi2sd xmm0, rax */
	x86_byte(e, 0x48);
	x86_byte(e, 0x0f);
	x86_byte(e, SSE_FROM_INTEGER);
	x86_byte(e, 0xc0);
	checked_result(j, is_double, 0, is_double ? FP_D_MOST : FP_S_MOST);
	return GOES_ON;
}

/* Truncation to a signed integer in range, as C does it. */
static enum job_next to_integer(struct job *j, bool is_double)
{
	unsigned kind = (unsigned)j->op->imm & 3;
	struct x86_code *e = j->e;

	if (rounding(j) != FP_RTZ || (kind != FP_W && kind != FP_L))
		return UNDONE;
	need_on(j);
	need_inexact(j);
	if (!is_double)
		need_boxed(j, j->op->rs1);
	sse_memory(j, is_double ? PREFIX_D : PREFIX_S, 1, SSE_TRUNCATE, RAX, j->op->rs1);
	j->held = NONE;
	if (kind == FP_W) {
		x86_rr(e, 1, 0x63, RCX, RAX);
		x86_rr(e, 1, 0x3b, RCX, RAX);
		job_exit_here(j, x86_branch(e, X86_NE), false);
	} else {
		/* Out of range is 1 << 63, which overflows when 1 is taken from it. */
		x86_rr(e, 1, 0x8b, RCX, RAX);
		x86_alu_immediate(e, 1, X86_SUB, RCX, 1);
		job_exit_here(j, x86_branch(e, X86_O), false);
	}
	job_result(j);
	return GOES_ON;
}

static void between_formats(struct job *j, bool to_double)
{
	need_nearest(j);
	if (to_double)
		need_boxed(j, j->op->rs1);
	else
		need_inexact(j);
	sse_memory(j, to_double ? PREFIX_S : PREFIX_D, 0, SSE_OTHER_FORMAT, XMM0, j->op->rs1);
	checked_result(j, to_double, to_double ? 0 : FP_S_LEAST, to_double ? FP_D_MOST : FP_S_MOST);
}

static void float_load(struct job *j, bool is_double)
{
	need_dirty(j);
	job_address(j, R15, is_double ? 8 : 4);
	x86_rm(j->e, is_double, 0x8b, RAX, RAX, 0);
	if (is_double)
		double_result(j);
	else
		single_result(j);
}

static void float_store(struct job *j, bool is_double)
{
	need_on(j);
	job_address(j, RBP, is_double ? 8 : 4);
	x86_rm(j->e, is_double, 0x8b, RSI, RBX, register_at(j->op->rs2));
	x86_rm(j->e, is_double, 0x89, RSI, RAX, 0);
}

static enum job_next move(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_FMV_X_D:
		need_on(j);
		job_load(j, RAX, j->op->rs1);
		job_result(j);
		return GOES_ON;
	case NATIVE_FMV_X_W:
		need_on(j);
		x86_rm(j->e, 1, 0x63, RAX, RBX, register_at(j->op->rs1));
		job_result(j);
		return GOES_ON;
	case NATIVE_FMV_D_X:
		need_dirty(j);
		job_load(j, RAX, j->op->rs1);
		double_result(j);
		return GOES_ON;
	case NATIVE_FMV_W_X:
		need_dirty(j);
		job_load(j, RAX, j->op->rs1);
		single_result(j);
		return GOES_ON;
	default:
		return job_translate_jump(j);
	}
}

enum job_next job_translate_float(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_FLW: float_load(j, false); return GOES_ON;
	case NATIVE_FLD: float_load(j, true); return GOES_ON;
	case NATIVE_FSW: float_store(j, false); return GOES_ON;
	case NATIVE_FSD: float_store(j, true); return GOES_ON;
#define BOTH(NAME, action) case NATIVE_##NAME##_S: { const bool d = false; action; } case NATIVE_##NAME##_D: { const bool d = true; action; }
	BOTH(FADD, arithmetic(j, d, SSE_ADD); return GOES_ON)
	BOTH(FSUB, arithmetic(j, d, SSE_SUB); return GOES_ON)
	BOTH(FMUL, arithmetic(j, d, SSE_MUL); return GOES_ON)
	BOTH(FDIV, arithmetic(j, d, SSE_DIV); return GOES_ON)
	BOTH(FSQRT, arithmetic(j, d, SSE_SQRT); return GOES_ON)
	BOTH(FMADD, return multiply_add(j, d, 0xa9))
	BOTH(FMSUB, return multiply_add(j, d, 0xab))
	BOTH(FNMSUB, return multiply_add(j, d, 0xad))
	BOTH(FNMADD, return multiply_add(j, d, 0xaf))
	BOTH(FSGNJ, return change_sign(j, d, 0))
	BOTH(FSGNJN, return change_sign(j, d, 0xf8))
	BOTH(FSGNJX, return change_sign(j, d, 0xf0))
	BOTH(FEQ, compare(j, d, X86_E); return GOES_ON)
	BOTH(FLT, compare(j, d, X86_A); return GOES_ON)
	BOTH(FLE, compare(j, d, X86_AE); return GOES_ON)
	BOTH(FCVT_I, return to_integer(j, d))
#undef BOTH
	case NATIVE_FCVT_S_I: return from_integer(j, false);
	case NATIVE_FCVT_D_I: return from_integer(j, true);
	case NATIVE_FCVT_S_D: between_formats(j, false); return GOES_ON;
	case NATIVE_FCVT_D_S: between_formats(j, true); return GOES_ON;
	default: return move(j);
	}
}

#endif
