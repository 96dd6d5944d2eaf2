#include "hypervisor/discover/tables_rv64.h"

#include <string.h>

#include "hypervisor/discover/uop.h"
#include "models/convert/disasm.h"
#include "native_ops.h"

enum { ZERO = 0, RA = 1, SP = 2, TP = 4, T0 = 5, A0 = 10, A1 = 11 };

static void emit(struct decoded *out, struct uop u)
{
	uop_emit(out, u, ZERO);
}

static void clobber(struct decoded *out, int8_t d)
{
	uop_clobber(out, d, ZERO);
}

/* Native registers 0..35 are the core's registers of the same numbers; the kernel keeps the current task in tp. */
static int8_t source(unsigned reg)
{
	return reg == TP ? (int8_t)REG_CURRENT : (int8_t)reg;
}

static void set(struct decoded *out, uint64_t op, uint64_t value)
{
	struct uop u = uop_blank(UOP_SET);

	u.d = (int8_t)native_rd(op);
	u.imm = (int64_t)value;
	emit(out, u);
}

static void add(struct decoded *out, uint64_t op, bool two, bool narrow)
{
	struct uop u = uop_blank(UOP_ADD);

	u.d = (int8_t)native_rd(op);
	u.a = source(native_rs1(op));
	u.narrow = narrow;
	if (two)
		u.b = source(native_rs2(op));
	else
		u.imm = native_imm(op);
	if (two && native_rs2(op) == 0)
		u.b = REG_NONE;
	if (two && native_rs1(op) == 0) {
		u.a = u.b;
		u.b = REG_NONE;
	}
	if (u.a == REG_NONE)
		u.a = 0;
	emit(out, u);
}

static void memory(struct decoded *out, uint64_t op, enum uop_kind kind, unsigned bytes)
{
	struct uop u = uop_blank(kind);

	u.a = source(native_rs1(op));
	u.size = (uint8_t)bytes;
	if (kind != UOP_ATOMIC)
		u.imm = native_imm(op);
	if (kind == UOP_STORE)
		u.s = source(native_rs2(op));
	else
		u.d = (int8_t)native_rd(op);
	emit(out, u);
}

static void branch(struct decoded *out, uint64_t op, uint64_t pc)
{
	struct uop u = uop_blank(UOP_COMPARE);

	u.a = source(native_rs1(op));
	u.b = source(native_rs2(op));
	emit(out, u);
	u = uop_blank(UOP_BRANCH);
	u.imm = (int64_t)(pc + (uint64_t)(int64_t)native_imm(op));
	emit(out, u);
}

/* A link in t0 is the ftrace hook's: it returns with all registers as they were. */
static void jump(struct decoded *out, uint64_t op, uint64_t pc)
{
	bool link = native_rd(op) != 0;
	struct uop u = uop_blank(link ? UOP_CALL : UOP_JUMP);

	if (native_rd(op) == T0) {
		clobber(out, T0);
		return;
	}
	if (native_opcode(op) == NATIVE_J) {
		u.imm = (int64_t)(pc + (uint64_t)(int64_t)native_imm(op));
		emit(out, u);
		return;
	}
	if (!link && native_rs1(op) == RA) {
		emit(out, uop_blank(UOP_RETURN));
		return;
	}
	struct uop target = uop_blank(UOP_ADD);

	target.d = REG_TEMP;
	target.a = source(native_rs1(op));
	target.imm = native_imm(op);
	emit(out, target);
	u.a = REG_TEMP;
	emit(out, u);
}

static void translate(struct decoded *out, uint64_t op, uint64_t pc)
{
	switch (native_opcode(op)) {
	case NATIVE_LI: set(out, op, (uint64_t)(int64_t)native_imm(op)); break;
	case NATIVE_ADDPC: set(out, op, pc + (uint64_t)(int64_t)native_imm(op)); break;
	case NATIVE_ADD: add(out, op, true, false); break;
	case NATIVE_ADDW: add(out, op, true, true); break;
	case NATIVE_ADDI: add(out, op, false, false); break;
	case NATIVE_ADDIW: add(out, op, false, native_imm(op) != 0); break; /* sext.w moves */
	case NATIVE_LB: case NATIVE_LBU: memory(out, op, UOP_LOAD, 1); break;
	case NATIVE_LH: case NATIVE_LHU: memory(out, op, UOP_LOAD, 2); break;
	case NATIVE_LW: case NATIVE_LWU: memory(out, op, UOP_LOAD, 4); break;
	case NATIVE_LD: memory(out, op, UOP_LOAD, 8); break;
	case NATIVE_SB: memory(out, op, UOP_STORE, 1); break;
	case NATIVE_SH: memory(out, op, UOP_STORE, 2); break;
	case NATIVE_SW: memory(out, op, UOP_STORE, 4); break;
	case NATIVE_SD: memory(out, op, UOP_STORE, 8); break;
	case NATIVE_LR: case NATIVE_SC: case NATIVE_AMOSWAP: case NATIVE_AMOADD: case NATIVE_AMOXOR: case NATIVE_AMOAND:
	case NATIVE_AMOOR: case NATIVE_AMOMIN: case NATIVE_AMOMAX: case NATIVE_AMOMINU: case NATIVE_AMOMAXU:
		memory(out, op, UOP_ATOMIC, 1u << native_aux(op));
		break;
	case NATIVE_BEQ: case NATIVE_BNE: case NATIVE_BLT: case NATIVE_BGE: case NATIVE_BLTU: case NATIVE_BGEU:
		branch(out, op, pc);
		break;
	case NATIVE_J: case NATIVE_JR: jump(out, op, pc); break;
	case NATIVE_EBREAK: case NATIVE_MRET: case NATIVE_SRET: emit(out, uop_blank(UOP_STOP)); break;
	case NATIVE_ECALL: /* to the firmware */
		clobber(out, A0);
		clobber(out, A1);
		break;
	default: clobber(out, (int8_t)native_rd(op));
	}
}

static bool decode(void *context, const uint8_t *code, size_t bytes, uint64_t at, struct decoded *out)
{
	const struct convert_tables *tables = context;
	struct convert_result r;
	uint32_t insn;

	out->count = 0;
	out->bytes = 0;
	if (bytes < 4)
		return false;
	memcpy(&insn, code, 4);
	convert_instruction(tables, insn, &r);
	out->bytes = r.length;
	if (!(insn & 0xffff) || !~insn) { /* defined illegal: no code */
		emit(out, uop_blank(UOP_STOP));
		return true;
	}
	if (r.level == CONVERT_MISS) { /* an extension that the tables do not have: it may write its rd */
		clobber(out, r.length == 4 ? (int8_t)(insn >> 7 & 31) : REG_NONE);
		return true;
	}
	for (unsigned i = 0; i < r.count; i++)
		translate(out, r.op[i], at);
	return true;
}

static bool is_nop(uint32_t word)
{
	return word == 0x00000013 || word == 0x00010001;
}

/* What no path runs through: ret, jr, j, jal zero, ebreak, zeros. */
static bool ends_a_path(const uint8_t *before)
{
	uint32_t word, half;

	memcpy(&word, before, 4);
	half = word >> 16;
	return (half & 0xf07f) == 0x8002 || (half & 0xe003) == 0xa001 || half == 0x9002 || half == 0 ||
	       (word & 0xfff) == 0x06f || (word & 0x7fff) == 0x067 || word == 0x00100073;
}

/* The ftrace slot (nops, or auipc t0 where patched), or a frame being made, after the end of a path. */
static bool function_starts(const uint8_t *code, size_t bytes, uint64_t address, uint64_t hook)
{
	uint32_t word, next;

	(void)hook;
	if (bytes < 12 || address % 2)
		return false;
	memcpy(&word, code + 4, 4);
	memcpy(&next, code + 8, 4);
	return ends_a_path(code) && ((is_nop(word) && is_nop(next)) || (word & 0xfff) == 0x297 ||
				     (word & 0xff83) == 0x7101 || (word & 0xff83) == 0x1101 ||
				     (word & 0x800fffff) == 0x80010113);
}

static void format(void *context, const uint8_t *code, size_t bytes, uint64_t address, char *out, size_t out_bytes)
{
	uint32_t insn = 0;

	memcpy(&insn, code, bytes < 4 ? bytes : 4);
	disasm_instruction(context, address, insn, out, out_bytes);
}

int tables_rv64_open(struct convert_tables *tables, struct disassembler_ops *ops)
{
	if (convert_load(tables, rv64_table_image, rv64_table_bytes))
		return -1;
	*ops = (struct disassembler_ops){
		.name = "conversion tables RV64",
		.step_bytes = 2,
		.max_bytes = 4,
		.stack = SP,
		.result = A0,
		.link = RA,
		.zero = 0,
		.argument = { 10, 11, 12, 13, 14, 15 },
		.caller_saved = 1u << RA | 7u << 5 | 0xffu << 10 | 0xfu << 28,
		.decode = decode,
		.function_starts = function_starts,
		.format = format,
		.context = tables,
	};
	return 0;
}
