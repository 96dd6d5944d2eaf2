/* The translator for x86-64: ops of guest ISAs with flags. The guest's flags lie in a register of the state; what rarely comes is left to the executor. */
#include "models/hart/host_x86_job.h"

#if defined(__x86_64__)
#include "models/convert/bit_mask.h"
#include "models/hart/alu_flags.h"

enum { CMOV = 0x40, SET = 0x90, X86_S = 8, X86_NS = 9 };

static bool is_word(const struct job *j, unsigned bit) { return (unsigned)j->op->imm & bit; }

/* 0f OPCODE, rax and a register of the guest's. */
static void two_byte(struct x86_code *e, unsigned w, unsigned opcode, unsigned reg, unsigned rm)
{
	x86_rex(e, w, reg, 0, rm);
	x86_byte(e, 0x0f);
	x86_byte(e, opcode);
	x86_byte(e, 3 << 6 | (reg & 7) << 3 | (rm & 7));
}

static void binary_word(struct job *j, unsigned opcode)
{
	job_load(j, RAX, j->op->rs1);
	x86_rm(j->e, 0, opcode, RAX, RBX, register_at(j->op->rs2));
	job_result(j);
}

static void complement_word(struct job *j, unsigned opcode)
{
	job_load(j, RCX, j->op->rs2);
	x86_rr(j->e, 1, 0xf7, 2, RCX);	/* not */
	job_load(j, RAX, j->op->rs1);
	x86_rr(j->e, 0, opcode, RAX, RCX);
	job_result(j);
}

static void shift_word(struct job *j, enum x86_shift op)
{
	job_load(j, RCX, j->op->rs2);
	job_load(j, RAX, j->op->rs1);
	x86_rr(j->e, 0, 0x8b, RAX, RAX);	/* a shift by 0 must clear the upper half too */
	x86_shift(j->e, 0, op, RAX);
	job_result(j);
}

static void immediate(struct job *j, unsigned w, enum x86_alu op)
{
	job_load(j, RAX, j->op->rs1);
	x86_alu_immediate(j->e, w, op, RAX, j->op->imm);
	job_result(j);
}

/* The guest's flags from the host's; C is the complement of the host's carry after a subtraction. rax stays. */
static void keep_flags(struct job *j, bool subtraction)
{
	static const uint8_t where[4] = {RDX, RCX, RSI, RDI};
	const uint8_t condition[4] = {X86_S, X86_E, subtraction ? X86_AE : X86_B, X86_O};
	struct x86_code *e = j->e;

	for (unsigned i = 0; i < 4; i++)
		two_byte(e, 0, SET | condition[i], 0, where[i]);
	for (unsigned i = 0; i < 4; i++)
		two_byte(e, 0, 0xb6, where[i], where[i]);	/* movzx */
	for (unsigned i = 1; i < 4; i++) {
		x86_shift_immediate(e, 0, X86_SHL, RDX, 1);
		x86_rr(e, 0, 0x0b, RDX, where[i]);
	}
	x86_shift_immediate(e, 0, X86_SHL, RDX, FLAGS_SHIFT);
	x86_rm(e, 1, 0x89, RDX, RBX, register_at(HART_FLAGS));
}

static void result_with_flags(struct job *j, bool subtraction)
{
	j->held = NONE;
	keep_flags(j, subtraction);
	job_result(j);
}

static void binary_flags(struct job *j, unsigned w, unsigned opcode, bool subtraction)
{
	job_load(j, RAX, j->op->rs1);
	x86_rm(j->e, w, opcode, RAX, RBX, register_at(j->op->rs2));
	result_with_flags(j, subtraction);
}

static void immediate_flags(struct job *j, unsigned w, enum x86_alu op)
{
	job_load(j, RAX, j->op->rs1);
	x86_alu_immediate(j->e, w, op, RAX, j->op->imm);
	result_with_flags(j, op == X86_SUB);
}

static void add_extended(struct job *j, bool flags)
{
	struct x86_code *e = j->e;
	unsigned imm = (unsigned)j->op->imm, w = !(imm & ADDX_WORD), option = imm & 7, shift = imm >> ADDX_SHIFT & 7;

	job_load(j, RCX, j->op->rs2);
	switch (option) {
	case 0: case 1: two_byte(e, 0, 0xb6 | option, RCX, RCX); break;
	case 2: x86_rr(e, 0, 0x8b, RCX, RCX); break;
	case 4: case 5: two_byte(e, 1, 0xbe | (option & 1), RCX, RCX); break;
	case 6: x86_rr(e, 1, 0x63, RCX, RCX); break;
	default: break;
	}
	if (shift)
		x86_shift_immediate(e, 1, X86_SHL, RCX, shift);
	job_load(j, RAX, j->op->rs1);
	x86_rr(e, w, imm & ADDX_SUBTRACT ? 0x2b : 0x03, RAX, RCX);
	if (flags)
		result_with_flags(j, imm & ADDX_SUBTRACT);
	else
		job_result(j);
}

/* The bit field comes to the top, then down to its place. */
static void field(struct job *j, bool is_signed)
{
	unsigned imm = (unsigned)j->op->imm, w = !(imm & FIELD_WORD), width = w ? 64 : 32, r = imm & (width - 1), s = imm >> 6 & (width - 1);
	unsigned up = width - 1 - s, down = s >= r ? up + r : r - s - 1;

	job_load(j, RAX, j->op->rs1);
	x86_shift_immediate(j->e, w, X86_SHL, RAX, up);
	x86_shift_immediate(j->e, w, is_signed ? X86_SAR : X86_SHR, RAX, down);
	if (!w)
		x86_rr(j->e, 0, 0x8b, RAX, RAX);
	job_result(j);
}

static void insert_field(struct job *j)
{
	struct x86_code *e = j->e;
	unsigned imm = (unsigned)j->op->imm, w = !(imm & FIELD_WORD), width = w ? 64 : 32, r = imm & (width - 1), s = imm >> 6 & (width - 1);
	uint64_t ones = s >= r ? UINT64_MAX >> (63 - (s - r)) : (UINT64_MAX >> (63 - s)) << (width - r);

	job_load(j, RAX, j->op->rs1);
	j->held = NONE;
	x86_shift_immediate(e, w, X86_ROR, RAX, r);
	x86_set64(e, RCX, ones);
	x86_rr(e, 1, 0x23, RAX, RCX);
	x86_rr(e, 1, 0xf7, 2, RCX);	/* not */
	x86_rm(e, 1, 0x23, RCX, RBX, register_at(j->op->rs2));
	x86_rr(e, w, 0x0b, RAX, RCX);
	job_result(j);
}

static void extract(struct job *j)
{
	unsigned imm = (unsigned)j->op->imm, w = !(imm & EXTR_WORD);

	job_load(j, RCX, j->op->rs1);
	job_load(j, RAX, j->op->rs2);
	two_byte(j->e, w, 0xac, RCX, RAX);	/* shrd */
	x86_byte(j->e, imm & (w ? 63 : 31));
	if (!w)
		x86_rr(j->e, 0, 0x8b, RAX, RAX);
	job_result(j);
}

static void with_mask(struct job *j, unsigned opcode, bool flags)
{
	struct x86_code *e = j->e;
	unsigned w = !is_word(j, MASK_WORD);

	x86_set64(e, RCX, bit_mask((unsigned)j->op->imm));
	job_load(j, RAX, j->op->rs1);
	x86_rr(e, w, opcode, RAX, RCX);
	if (flags)
		result_with_flags(j, false);
	else
		job_result(j);
}

/* Sets the host's flags by the guest's. @return the host's condition that holds when the guest's does; clobbers rcx and rdx */
static enum x86_condition test_condition(struct job *j, unsigned condition)
{
	static const uint32_t bits[4] = {FLAG_Z, FLAG_C, FLAG_N, FLAG_V};
	struct x86_code *e = j->e;
	unsigned opposite = condition & 1;

	x86_rm(e, 0, 0x8b, RCX, RBX, register_at(HART_FLAGS));
	if (condition < 8) {
		x86_alu_immediate(e, 0, X86_AND, RCX, (int32_t)(bits[condition >> 1] << FLAGS_SHIFT));
		return opposite ? X86_E : X86_NE;
	}
	if (condition < 10) {	/* C and not Z */
		x86_alu_immediate(e, 0, X86_AND, RCX, (int32_t)((FLAG_C | FLAG_Z) << FLAGS_SHIFT));
		x86_alu_immediate(e, 0, X86_CMP, RCX, (int32_t)(FLAG_C << FLAGS_SHIFT));
		return opposite ? X86_NE : X86_E;
	}
	/* Bit 31: N differs from V, or Z. */
	x86_rr(e, 0, 0x8b, RDX, RCX);
	x86_shift_immediate(e, 0, X86_SHL, RDX, 3);
	x86_rr(e, 0, 0x33, RDX, RCX);
	if (condition >= 12) {
		x86_shift_immediate(e, 0, X86_SHL, RCX, 1);
		x86_rr(e, 0, 0x0b, RDX, RCX);
	}
	x86_rr(e, 0, 0x85, RDX, RDX);
	return (enum x86_condition)(opposite ? X86_S : X86_NS);
}

static void select(struct job *j)
{
	struct x86_code *e = j->e;
	unsigned imm = (unsigned)j->op->imm, w = !(imm & CSEL_WORD), condition = imm & 15;
	enum x86_condition holds;

	job_load(j, RAX, j->op->rs2);
	j->held = NONE;
	if (imm & CSEL_INVERT)
		x86_rr(e, w, 0xf7, 2, RAX);
	if (imm & CSEL_INCREMENT)
		x86_alu_immediate(e, w, X86_ADD, RAX, 1);
	if (condition >= 14) {
		job_load(j, RAX, j->op->rs1);
	} else {
		holds = test_condition(j, condition);
		x86_rex(e, 1, RAX, 0, RBX);	/* cmov rax, [rs1] */
		x86_byte(e, 0x0f);
		x86_byte(e, CMOV | holds);
		x86_memory(e, RAX, RBX, register_at(j->op->rs1));
	}
	if (!w)
		x86_rr(e, 0, 0x8b, RAX, RAX);
	job_result(j);
}

void job_branch_by_flags(struct job *j)
{
	if (j->op->rs2 >= 14)
		x86_rr(j->e, 0, 0x3b, RAX, RAX);	/* always */
	job_exit_here(j, x86_branch(j->e, j->op->rs2 >= 14 ? X86_E : test_condition(j, j->op->rs2)), true);
}

/* --- memory -------------------------------------------------------------------------------------------------------- */

static int32_t offset(const struct job *j) { return j->op->imm >> 4; }

/* rax: host address of rs1 + AT; leaves host code before the op unless the TLB has it, and with PAIRED its neighbour, aligned. */
static void address(struct job *j, unsigned tlb, unsigned align, int32_t at, bool paired)
{
	struct x86_code *e = j->e;

	job_load(j, RAX, j->op->rs1);
	if (at)
		x86_alu_immediate(e, 1, X86_ADD, RAX, at);
	j->held = NONE;
	if (paired) {
		x86_rr(e, 0, 0x8b, RCX, RAX);
		x86_alu_immediate(e, 0, X86_AND, RCX, PAGE_BYTES - 1);
		x86_alu_immediate(e, 0, X86_CMP, RCX, (int32_t)(PAGE_BYTES - align));
		job_exit_here(j, x86_branch(e, X86_E), false);
	}
	job_check_address(j, tlb, align);
}

/* The base becomes rs1 + imm. */
static void write_base(struct job *j)
{
	x86_rm(j->e, 1, 0x81, 0, RBX, register_at(j->op->rs1));	/* add qword [rs1], imm */
	x86_word32(j->e, (uint32_t)offset(j));
}

/* rsi = [rax + AT] by size code */
static void load_into(struct x86_code *e, unsigned reg, unsigned code, bool cut, int8_t at)
{
	static const struct { uint8_t w, prefix, opcode; } form[8] = {
		{1, 0x0f, 0xbe}, {1, 0x0f, 0xbf}, {1, 0, 0x63}, {1, 0, 0x8b}, {0, 0x0f, 0xb6}, {0, 0x0f, 0xb7}, {0, 0, 0x8b}, {1, 0, 0x8b}};

	x86_rex(e, form[code].w && !cut, reg, 0, RAX);
	if (form[code].prefix)
		x86_byte(e, form[code].prefix);
	x86_byte(e, form[code].opcode);
	x86_memory(e, reg, RAX, at);
}

static void load_update(struct job *j)
{
	unsigned code = (unsigned)j->op->imm & 7;

	address(j, R15, 1u << (code & 3), j->op->code == NATIVE_LDPOST ? 0 : offset(j), false);
	load_into(j->e, RSI, code, j->op->imm & 8, 0);
	if (j->op->code != NATIVE_LDX)
		write_base(j);
	x86_rm(j->e, 1, 0x89, RSI, RBX, register_at(j->op->rd));
}

static void store_into(struct x86_code *e, unsigned reg, unsigned size, int8_t at)
{
	if (size == 1)
		x86_byte(e, 0x66);
	x86_rex(e, size == 3, reg, 0, RAX);
	x86_byte(e, size ? 0x89 : 0x88);
	x86_memory(e, reg, RAX, at);
}

static void store_update(struct job *j)
{
	unsigned size = (unsigned)j->op->imm & 3;

	address(j, RBP, 1u << size, j->op->code == NATIVE_STPOST ? 0 : offset(j), false);
	x86_rm(j->e, 1, 0x8b, RSI, RBX, register_at(j->op->rs2));
	store_into(j->e, RSI, size, 0);
	write_base(j);
}

/* A pair that is aligned to one of its halves and does not cross pages. */
static void pair(struct job *j)
{
	struct x86_code *e = j->e;
	unsigned kind = (unsigned)j->op->imm & 3, mode = (unsigned)j->op->imm >> 2 & 3, bytes = kind == 2 ? 8 : 4;
	bool loads = j->op->code == NATIVE_LDP;
	unsigned first = j->op->rd, second = j->op->rs2, code = kind == 2 ? 3 : kind == 1 ? 2 : 6;

	address(j, loads ? R15 : RBP, bytes, mode == 2 ? 0 : offset(j), true);
	if (loads) {
		load_into(e, RSI, code, false, 0);
		load_into(e, RDI, code, false, (int8_t)bytes);
		if (mode)
			write_base(j);
		x86_rm(e, 1, 0x89, RSI, RBX, register_at(first));
		x86_rm(e, 1, 0x89, RDI, RBX, register_at(second));
		return;
	}
	x86_rm(e, 1, 0x8b, RSI, RBX, register_at(first));
	x86_rm(e, 1, 0x8b, RDI, RBX, register_at(second));
	store_into(e, RSI, kind == 2 ? 3 : 2, 0);
	store_into(e, RDI, kind == 2 ? 3 : 2, (int8_t)bytes);
	if (mode)
		write_base(j);
}

static void page_address(struct job *j)
{
	struct x86_code *e = j->e;

	x86_rm(e, 1, 0x8d, RAX, R14, j->op->at);	/* lea */
	x86_alu_immediate(e, 1, X86_AND, RAX, (int32_t)PAGE_MASK);
	x86_set64(e, RCX, (uint64_t)(int64_t)j->op->imm << PAGE_SHIFT);
	x86_rr(e, 1, 0x03, RAX, RCX);
	j->held = NONE;
	job_result(j);
}

static enum job_next translate_memory(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_LDX: case NATIVE_LDPRE: case NATIVE_LDPOST: load_update(j); break;
	case NATIVE_STPRE: case NATIVE_STPOST: store_update(j); break;
	case NATIVE_LDP: case NATIVE_STP: pair(j); break;
	default: return job_translate_float(j);
	}
	return GOES_ON;
}

enum job_next job_translate_flags(struct job *j)
{
	switch (j->op->code) {
	case NATIVE_ADDZ: binary_word(j, 0x03); break;
	case NATIVE_SUBZ: binary_word(j, 0x2b); break;
	case NATIVE_ANDZ: binary_word(j, 0x23); break;
	case NATIVE_ORZ: binary_word(j, 0x0b); break;
	case NATIVE_XORZ: binary_word(j, 0x33); break;
	case NATIVE_ANDNZ: complement_word(j, 0x23); break;
	case NATIVE_ORNZ: complement_word(j, 0x0b); break;
	case NATIVE_XNORZ: complement_word(j, 0x33); break;
	case NATIVE_SLLZ: shift_word(j, X86_SHL); break;
	case NATIVE_SRLZ: shift_word(j, X86_SHR); break;
	case NATIVE_SRAZ: shift_word(j, X86_SAR); break;
	case NATIVE_RORZ: shift_word(j, X86_ROR); break;
	case NATIVE_ADDIZ: immediate(j, 0, X86_ADD); break;
	case NATIVE_SUBI: immediate(j, 1, X86_SUB); break;
	case NATIVE_SUBIZ: immediate(j, 0, X86_SUB); break;
	case NATIVE_ADDX: add_extended(j, false); break;
	case NATIVE_ADDXS: add_extended(j, true); break;
	case NATIVE_ADDS: binary_flags(j, 1, 0x03, false); break;
	case NATIVE_ADDSZ: binary_flags(j, 0, 0x03, false); break;
	case NATIVE_SUBS: binary_flags(j, 1, 0x2b, true); break;
	case NATIVE_SUBSZ: binary_flags(j, 0, 0x2b, true); break;
	case NATIVE_ANDS: binary_flags(j, 1, 0x23, false); break;
	case NATIVE_ANDSZ: binary_flags(j, 0, 0x23, false); break;
	case NATIVE_ADDSI: immediate_flags(j, 1, X86_ADD); break;
	case NATIVE_ADDSIZ: immediate_flags(j, 0, X86_ADD); break;
	case NATIVE_SUBSI: immediate_flags(j, 1, X86_SUB); break;
	case NATIVE_SUBSIZ: immediate_flags(j, 0, X86_SUB); break;
	case NATIVE_CSEL: select(j); break;
	case NATIVE_UBFM: field(j, false); break;
	case NATIVE_SBFM: field(j, true); break;
	case NATIVE_BFM: insert_field(j); break;
	case NATIVE_EXTR: extract(j); break;
	case NATIVE_ANDM: with_mask(j, 0x23, false); break;
	case NATIVE_ORM: with_mask(j, 0x0b, false); break;
	case NATIVE_XORM: with_mask(j, 0x33, false); break;
	case NATIVE_ANDMS: with_mask(j, 0x23, true); break;
	case NATIVE_ADRP: page_address(j); break;
	default: return translate_memory(j);
	}
	return GOES_ON;
}

#endif
