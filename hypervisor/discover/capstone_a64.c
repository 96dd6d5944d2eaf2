/* AArch64 through libcapstone, with the LSE atomics that libcapstone 4 does not know. */
#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/uop.h"

#include <string.h>

enum { LR = 30, SP = 31, ZR = 32 };

static int8_t map_register(arm64_reg r)
{
	if (r >= ARM64_REG_X0 && r <= ARM64_REG_X28)
		return (int8_t)(r - ARM64_REG_X0);
	if (r >= ARM64_REG_W0 && r <= ARM64_REG_W30)
		return (int8_t)(r - ARM64_REG_W0);
	switch (r) {
	case ARM64_REG_X29: return 29;
	case ARM64_REG_X30: return LR;
	case ARM64_REG_SP: case ARM64_REG_WSP: return SP;
	case ARM64_REG_XZR: case ARM64_REG_WZR: return ZR;
	default: return REG_NONE;
	}
}

static bool is_wide(arm64_reg r)
{
	return (r >= ARM64_REG_X0 && r <= ARM64_REG_X28) || r == ARM64_REG_X29 || r == ARM64_REG_X30 ||
	       r == ARM64_REG_SP || r == ARM64_REG_XZR;
}

static void emit(struct decoded *out, struct uop u)
{
	uop_emit(out, u, ZR);
}

static void clobber(struct decoded *out, int8_t d)
{
	uop_clobber(out, d, ZR);
}

static unsigned access_bytes(const cs_insn *insn, const cs_arm64_op *data)
{
	switch (insn->id) {
	case ARM64_INS_LDRB: case ARM64_INS_STRB: case ARM64_INS_LDRSB: case ARM64_INS_LDURB: case ARM64_INS_STURB:
	case ARM64_INS_LDARB: case ARM64_INS_STLRB:
		return 1;
	case ARM64_INS_LDRH: case ARM64_INS_STRH: case ARM64_INS_LDRSH: case ARM64_INS_LDURH: case ARM64_INS_STURH:
	case ARM64_INS_LDARH: case ARM64_INS_STLRH:
		return 2;
	case ARM64_INS_LDRSW: case ARM64_INS_LDURSW:
		return 4;
	default:
		return is_wide(data->reg) ? 8 : 4;
	}
}

/* Loads and stores of one or two registers, with their write-back. */
static void load_store(struct decoded *out, const cs_insn *insn, bool store, bool atomic)
{
	const cs_arm64 *a = &insn->detail->arm64;
	int memory = -1, post = 0;
	struct uop u = uop_blank(store ? UOP_STORE : UOP_LOAD);

	for (int i = 0; i < a->op_count; i++)
		if (a->operands[i].type == ARM64_OP_MEM)
			memory = i;
	if (memory < 0)
		return;
	const cs_arm64_op *m = &a->operands[memory];

	u.a = map_register(m->mem.base);
	u.b = map_register(m->mem.index);
	u.imm = m->mem.disp;
	u.scale = u.b != REG_NONE ? (uint8_t)(1u << (m->shift.value & 7)) : 1;
	if (memory + 1 < a->op_count && a->operands[memory + 1].type == ARM64_OP_IMM)
		post = (int)a->operands[memory + 1].imm;
	if (atomic)
		u.kind = UOP_ATOMIC;
	struct uop add = uop_blank(UOP_ADD);

	add.d = add.a = u.a;
	if (a->writeback && !post) { /* pre-index: the base moves first */
		add.imm = u.imm;
		u.imm = 0;
		emit(out, add);
	}
	for (int i = 0; i < memory; i++) {
		int8_t r = map_register(a->operands[i].reg);

		if (atomic && store && i == 0)
			continue; /* the status register of stxr */
		u.size = (uint8_t)access_bytes(insn, &a->operands[i]);
		u.s = store ? (r == REG_NONE ? REG_TEMP : r) : REG_NONE;
		u.d = store ? REG_NONE : r;
		if (u.s == ZR) {
			u.s = REG_NONE;
			u.value = 0;
		}
		emit(out, u);
		u.imm += u.size;
	}
	if (atomic && store)
		clobber(out, map_register(a->operands[0].reg));
	if (a->writeback && post) {
		add.imm = post;
		emit(out, add);
	}
}

static void add_or_sub(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	bool sub = insn->id == ARM64_INS_SUB;
	struct uop u = uop_blank(UOP_ADD);

	u.d = map_register(op[0].reg);
	u.a = map_register(op[1].reg);
	u.narrow = !is_wide(op[0].reg);
	if (op[2].type == ARM64_OP_IMM) {
		u.imm = op[2].imm << (op[2].shift.type == ARM64_SFT_LSL ? op[2].shift.value : 0);
		if (sub)
			u.imm = -u.imm;
	} else {
		u.b = map_register(op[2].reg);
		u.scale = (uint8_t)(1u << (op[2].shift.value & 7));
		if (sub || (op[2].shift.type != ARM64_SFT_LSL && op[2].shift.type != ARM64_SFT_INVALID) ||
		    op[2].shift.value > 6)
			u.kind = UOP_CLOBBER;
	}
	emit(out, u);
}

static void move(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	struct uop u = uop_blank(UOP_SET);

	u.d = map_register(op[0].reg);
	if (op[1].type == ARM64_OP_IMM) {
		unsigned shift = op[1].shift.type == ARM64_SFT_LSL ? op[1].shift.value : 0;

		u.imm = (int64_t)((uint64_t)op[1].imm << (shift & 63));
		if (insn->id == ARM64_INS_MOVN)
			u.imm = ~u.imm;
		if (!is_wide(op[0].reg))
			u.imm = (int64_t)(uint32_t)u.imm;
	} else if (map_register(op[1].reg) != ZR) {
		u.kind = UOP_ADD;
		u.a = map_register(op[1].reg);
		u.narrow = !is_wide(op[0].reg);
		if (u.a == REG_NONE)
			u.kind = UOP_CLOBBER;
	}
	emit(out, u);
}

static void compare(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	struct uop u = uop_blank(UOP_COMPARE);

	u.a = map_register(op[0].reg);
	if (op[1].type == ARM64_OP_IMM)
		u.imm = insn->id == ARM64_INS_CMN ? -op[1].imm : op[1].imm;
	else
		u.b = map_register(op[1].reg);
	emit(out, u);
}

/* Branches on one register: the register is compared with zero. The target is the last operand. */
static void compare_branch(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64 *a = &insn->detail->arm64;
	struct uop u = uop_blank(UOP_COMPARE);

	u.a = map_register(a->operands[0].reg);
	emit(out, u);
	u = uop_blank(UOP_BRANCH);
	u.imm = a->operands[a->op_count - 1].imm;
	emit(out, u);
}

static void control(struct decoded *out, const cs_insn *insn, enum uop_kind kind)
{
	const cs_arm64 *a = &insn->detail->arm64;
	struct uop u = uop_blank(kind);

	if (a->op_count && a->operands[0].type == ARM64_OP_REG)
		u.a = map_register(a->operands[0].reg);
	else if (a->op_count)
		u.imm = a->operands[a->op_count - 1].imm;
	emit(out, u);
}

static void system_read(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	uint32_t word;
	struct uop u = uop_blank(UOP_ADD);

	/* mrs: o0, op1, CRn, CRm, op2 in bits 19..5. sp_el0 = 3,0,4,1,0; tpidr_el1 = 3,0,13,0,4; tpidr_el2 3,4,13,0,2 */
	memcpy(&word, insn->bytes, 4);
	u.d = map_register(op[0].reg);
	switch (word >> 5 & 0x7fff) {
	case 0x4208: u.a = REG_CURRENT; break;
	case 0x4684: case 0x6682: u.a = REG_PERCPU; break;
	default: u.kind = UOP_CLOBBER;
	}
	emit(out, u);
}

static void other(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64 *a = &insn->detail->arm64;

	/* In every remaining instruction that writes a general register it is the first operand. */
	if (a->op_count && a->operands[0].type == ARM64_OP_REG)
		clobber(out, map_register(a->operands[0].reg));
}

static void translate_branch(struct decoded *out, const cs_insn *insn)
{
	switch (insn->id) {
	case ARM64_INS_B:
		control(out, insn, insn->detail->arm64.cc == ARM64_CC_INVALID ||
				   insn->detail->arm64.cc == ARM64_CC_AL ? UOP_JUMP : UOP_BRANCH);
		break;
	case ARM64_INS_BR: control(out, insn, UOP_JUMP); break;
	case ARM64_INS_BL: case ARM64_INS_BLR: control(out, insn, UOP_CALL); break;
	case ARM64_INS_CBZ: case ARM64_INS_CBNZ: case ARM64_INS_TBZ: case ARM64_INS_TBNZ:
		compare_branch(out, insn);
		break;
	case ARM64_INS_RET: emit(out, uop_blank(UOP_RETURN)); break;
	case ARM64_INS_BRK: case ARM64_INS_ERET: emit(out, uop_blank(UOP_STOP)); break;
	default: other(out, insn);
	}
}

static void translate(struct decoded *out, const cs_insn *insn)
{
	const cs_arm64_op *op = insn->detail->arm64.operands;
	struct uop u = uop_blank(UOP_SET);

	switch (insn->id) {
	case ARM64_INS_ADR: case ARM64_INS_ADRP:
		u.d = map_register(op[0].reg);
		u.imm = op[1].imm;
		emit(out, u);
		break;
	case ARM64_INS_ADD: case ARM64_INS_SUB: add_or_sub(out, insn); break;
	case ARM64_INS_MOV: case ARM64_INS_MOVZ: case ARM64_INS_MOVN: move(out, insn); break;
	case ARM64_INS_SXTW: case ARM64_INS_UXTW:
		u.kind = UOP_ADD;
		u.d = map_register(op[0].reg);
		u.a = map_register(op[1].reg);
		u.narrow = insn->id == ARM64_INS_UXTW;
		emit(out, u);
		break;
	case ARM64_INS_CMP: case ARM64_INS_CMN: case ARM64_INS_TST: compare(out, insn); break;
	case ARM64_INS_MRS: system_read(out, insn); break;
	case ARM64_INS_LDR: case ARM64_INS_LDUR: case ARM64_INS_LDRB: case ARM64_INS_LDRH: case ARM64_INS_LDRSW:
	case ARM64_INS_LDRSB: case ARM64_INS_LDRSH: case ARM64_INS_LDURB: case ARM64_INS_LDURH:
	case ARM64_INS_LDURSW: case ARM64_INS_LDP: case ARM64_INS_LDPSW: case ARM64_INS_LDAR:
	case ARM64_INS_LDARB: case ARM64_INS_LDARH: case ARM64_INS_LDTR:
		load_store(out, insn, false, false);
		break;
	case ARM64_INS_LDXR: case ARM64_INS_LDAXR: load_store(out, insn, false, true); break;
	case ARM64_INS_STXR: case ARM64_INS_STLXR: load_store(out, insn, true, true); break;
	case ARM64_INS_STR: case ARM64_INS_STUR: case ARM64_INS_STRB: case ARM64_INS_STRH: case ARM64_INS_STURB:
	case ARM64_INS_STURH: case ARM64_INS_STP: case ARM64_INS_STLR: case ARM64_INS_STLRB: case ARM64_INS_STLRH:
		load_store(out, insn, true, false);
		break;
	default: translate_branch(out, insn);
	}
}

/* CAS*, LD<op>*, SWP*: Arm ARM C4.1 "Loads and stores", rows "Compare and swap" and "Atomic memory operations" */
static bool decode_lse(uint32_t word, struct decoded *out)
{
	struct uop u = uop_blank(UOP_ATOMIC);
	bool cas = (word & 0x3fa07c00) == 0x08a07c00;
	bool op = (word & 0x3b200c00) == 0x38200000;

	if (!cas && !op)
		return false;
	u.a = (int8_t)(word >> 5 & 31);
	u.size = (uint8_t)(1u << (word >> 30));
	u.d = (int8_t)(cas ? word >> 16 & 31 : word & 31);
	if (u.d == 31)
		u.d = REG_NONE;
	emit(out, u);
	return true;
}

static bool decode(void *context, const uint8_t *code, size_t bytes, uint64_t at, struct decoded *out)
{
	struct capstone *c = context;
	uint32_t word;

	out->count = 0;
	out->bytes = 4;
	if (bytes < 4)
		return false;
	memcpy(&word, code, 4);
	if ((word & 0xfffff01f) == 0xd503201f || decode_lse(word, out)) /* hints: nop, paciasp, bti */
		return true;
	if (!cs_disasm_iter(c->handle, &code, &bytes, &at, c->insn))
		return false;
	translate(out, c->insn);
	return true;
}

/* What no path runs through: ret, b, brk, padding. */
static bool ends_a_path(uint32_t word)
{
	return word == 0xd65f03c0 || (word & 0xfc000000) == 0x14000000 || (word & 0xffe0001f) == 0xd4200000 ||
	       word == 0xd503201f || word == 0;
}

/* bti c, paciasp, or the two nops of the ftrace slot (patched: mov x9, x30; nop), after the end of a path. */
static bool function_starts(const uint8_t *code, size_t bytes, uint64_t address, uint64_t hook)
{
	uint32_t before, word, next;

	(void)hook;
	if (bytes < 12 || address % 4)
		return false;
	memcpy(&before, code, 4);
	memcpy(&word, code + 4, 4);
	memcpy(&next, code + 8, 4);
	return ends_a_path(before) &&
	       (word == 0xd503245f || word == 0xd503233f ||
		(next == 0xd503201f && (word == next || word == 0xaa1e03e9)));
}

const struct disassembler_ops capstone_a64_ops = {
	.name = "libcapstone AArch64",
	.step_bytes = 4,
	.max_bytes = 4,
	.stack = SP,
	.result = 0,
	.link = LR,
	.zero = ZR,
	.argument = { 0, 1, 2, 3, 4, 5 },
	.caller_saved = 0x7ffffu | 1u << LR,
	.decode = decode,
	.function_starts = function_starts,
	.format = capstone_format,
};
