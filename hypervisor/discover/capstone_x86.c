/* x86-64 through libcapstone. */
#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/uop.h"

#include <string.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI }; /* r8..r15 follow as 8..15 */

static int8_t map_register(x86_reg r)
{
	static const struct {
		x86_reg name[4];
	} table[16] = {
		{ { X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL } },
		{ { X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL } },
		{ { X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL } },
		{ { X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL } },
		{ { X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL } },
		{ { X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL } },
		{ { X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL } },
		{ { X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL } },
		{ { X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B } },
		{ { X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B } },
		{ { X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B } },
		{ { X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B } },
		{ { X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B } },
		{ { X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B } },
		{ { X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B } },
		{ { X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B } },
	};

	for (int8_t i = 0; i < 16; i++)
		for (int j = 0; j < 4; j++)
			if (table[i].name[j] == r)
				return i;
	return REG_NONE;
}

static void emit(struct decoded *out, struct uop u)
{
	if (out->count < UOPS_MAX)
		out->uop[out->count++] = u;
}

/* Fills the address fields. A segment override other than gs never occurs in kernel code we care about. */
static struct uop address(enum uop_kind kind, const cs_x86_op *op, const cs_insn *insn)
{
	struct uop u = uop_blank(kind);
	const x86_op_mem *m = &op->mem;

	u.size = op->size;
	u.imm = m->disp;
	u.a = map_register(m->base);
	u.b = map_register(m->index);
	u.scale = (uint8_t)m->scale;
	if (m->base == X86_REG_RIP)
		u.imm += (int64_t)(insn->address + insn->size);
	if (m->segment == X86_REG_GS) {
		/* gs:[rip+x] and gs:[x] are one variable of this CPU; with another register it is an array. */
		if (u.a != REG_NONE && u.b == REG_NONE)
			u.b = u.a;
		u.a = REG_PERCPU;
	}
	return u;
}

/* Puts an operand's value into a register and says which. */
static int8_t fetch(struct decoded *out, const cs_insn *insn, const cs_x86_op *op, int8_t temp)
{
	struct uop u;

	if (op->type == X86_OP_REG)
		return map_register(op->reg);
	if (op->type == X86_OP_IMM) {
		u = uop_blank(UOP_SET);
		u.imm = op->imm;
	} else {
		u = address(UOP_LOAD, op, insn);
	}
	u.d = temp;
	emit(out, u);
	return temp;
}

static void move(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	struct uop u;

	if (op[0].type == X86_OP_MEM) {
		u = address(UOP_STORE, &op[0], insn);
		if (op[1].type == X86_OP_IMM)
			u.value = op[1].imm;
		else
			u.s = map_register(op[1].reg);
		if (op[1].type != X86_OP_IMM && u.s == REG_NONE) {
			emit(out, (struct uop){ .kind = UOP_CLOBBER, .d = REG_TEMP });
			u.s = REG_TEMP;
		}
	} else if (op[1].type == X86_OP_MEM) {
		u = address(UOP_LOAD, &op[1], insn);
		u.d = map_register(op[0].reg);
	} else if (op[1].type == X86_OP_IMM) {
		u = uop_blank(UOP_SET);
		u.imm = op[1].imm;
		if (op[0].size == 4)
			u.imm = (int64_t)(uint32_t)u.imm;
		u.d = map_register(op[0].reg);
	} else {
		u = uop_blank(op[0].size >= 4 && map_register(op[1].reg) != REG_NONE ? UOP_ADD : UOP_CLOBBER);
		u.d = map_register(op[0].reg);
		u.a = map_register(op[1].reg);
		u.narrow = op[0].size == 4;
	}
	emit(out, u);
}

static void lea(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	struct uop u = address(UOP_ADD, &op[1], insn);

	u.d = map_register(op[0].reg);
	emit(out, u);
}

static void add_or_sub(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	bool sub = insn->id == X86_INS_SUB || insn->id == X86_INS_DEC;
	bool one = insn->id == X86_INS_INC || insn->id == X86_INS_DEC;
	struct uop u = uop_blank(UOP_ADD);

	if (op[0].type != X86_OP_REG)
		return;
	u.d = u.a = map_register(op[0].reg);
	if (one || op[1].type == X86_OP_IMM) {
		int64_t n = one ? 1 : op[1].imm;

		u.imm = sub ? (int64_t)(0 - (uint64_t)n) : n;
	} else {
		u.b = fetch(out, insn, &op[1], REG_TEMP);
		if (sub)
			u.kind = UOP_CLOBBER;
	}
	emit(out, u);
}

static void read_modify_write(struct decoded *out, const cs_insn *insn, const cs_x86_op *op, bool atomic)
{
	struct uop u = address(atomic ? UOP_ATOMIC : UOP_LOAD, op, insn);

	u.d = REG_TEMP;
	emit(out, u);
	if (atomic)
		return;
	emit(out, (struct uop){ .kind = UOP_CLOBBER, .d = REG_TEMP });
	u.kind = UOP_STORE;
	u.d = REG_NONE;
	u.s = REG_TEMP;
	emit(out, u);
}

static void compare(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	struct uop u = uop_blank(UOP_COMPARE);

	u.a = fetch(out, insn, &op[0], REG_TEMP);
	if (op[1].type == X86_OP_IMM)
		u.imm = op[1].imm;
	else
		u.b = fetch(out, insn, &op[1], REG_TEMP2);
	if (insn->id == X86_INS_TEST && u.b == u.a) {
		u.b = REG_NONE;
		u.imm = 0;
	}
	emit(out, u);
}

static void push_pop(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	bool push = insn->id == X86_INS_PUSH;
	struct uop move_stack = uop_blank(UOP_ADD), u = uop_blank(push ? UOP_STORE : UOP_LOAD);

	move_stack.d = move_stack.a = RSP;
	move_stack.imm = push ? -8 : 8;
	u.a = RSP;
	u.size = 8;
	if (push) {
		u.s = fetch(out, insn, op, REG_TEMP);
		emit(out, move_stack);
		emit(out, u);
	} else {
		u.d = op->type == X86_OP_REG ? map_register(op->reg) : REG_TEMP;
		emit(out, u);
		emit(out, move_stack);
	}
}

static void control(struct decoded *out, const cs_insn *insn, const cs_x86_op *op, enum uop_kind kind)
{
	struct uop u = uop_blank(kind);

	if (kind != UOP_RETURN) {
		if (op->type == X86_OP_IMM)
			u.imm = op->imm;
		else
			u.a = fetch(out, insn, op, REG_TEMP);
		if (op->type != X86_OP_IMM && u.a == REG_NONE)
			u.a = REG_TEMP;
	}
	emit(out, u);
}

/* Anything else: it reads its memory operands and writes what capstone says that it writes. */
static void other(struct decoded *out, const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;
	bool locked = x->prefix[0] == X86_PREFIX_LOCK;

	for (int i = 0; i < x->op_count; i++) {
		const cs_x86_op *op = &x->operands[i];

		if (op->type == X86_OP_MEM && insn->id != X86_INS_NOP) {
			bool writes = op->access & CS_AC_WRITE;

			if (locked || insn->id == X86_INS_XCHG)
				read_modify_write(out, insn, op, true);
			else if (writes && (op->access & CS_AC_READ))
				read_modify_write(out, insn, op, false);
			else if (!writes)
				fetch(out, insn, op, REG_TEMP);
		}
	}
	for (int i = 0; i < x->op_count; i++)
		if (x->operands[i].type == X86_OP_REG && (x->operands[i].access & CS_AC_WRITE))
			emit(out, (struct uop){ .kind = UOP_CLOBBER, .d = map_register(x->operands[i].reg) });
	for (int i = 0; i < insn->detail->regs_write_count; i++)
		if (map_register(insn->detail->regs_write[i]) != REG_NONE)
			emit(out, (struct uop){ .kind = UOP_CLOBBER,
						.d = map_register(insn->detail->regs_write[i]) });
}

static bool is_group(const cs_insn *insn, uint8_t group)
{
	for (int i = 0; i < insn->detail->groups_count; i++)
		if (insn->detail->groups[i] == group)
			return true;
	return false;
}

static void zero_idiom(struct decoded *out, const cs_insn *insn, const cs_x86_op *op)
{
	if (op[0].type == X86_OP_REG && op[1].type == X86_OP_REG && op[0].reg == op[1].reg) {
		struct uop u = uop_blank(UOP_SET);

		u.d = map_register(op[0].reg);
		emit(out, u);
	} else {
		other(out, insn);
	}
}

static void translate(struct decoded *out, const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;
	const cs_x86_op *op = x->operands;

	switch (insn->id) {
	case X86_INS_MOV: case X86_INS_MOVABS: case X86_INS_MOVZX: case X86_INS_MOVSX: case X86_INS_MOVSXD:
		move(out, insn, op);
		break;
	case X86_INS_LEA: lea(out, insn, op); break;
	case X86_INS_ADD: case X86_INS_SUB: case X86_INS_INC: case X86_INS_DEC:
		if (op[0].type == X86_OP_REG)
			add_or_sub(out, insn, op);
		else
			other(out, insn);
		break;
	case X86_INS_XOR: zero_idiom(out, insn, op); break;
	case X86_INS_CMP: case X86_INS_TEST: compare(out, insn, op); break;
	case X86_INS_PUSH: case X86_INS_POP: push_pop(out, insn, op); break;
	case X86_INS_CALL: control(out, insn, op, UOP_CALL); break;
	case X86_INS_JMP: control(out, insn, op, UOP_JUMP); break;
	case X86_INS_RET: control(out, insn, op, UOP_RETURN); break;
	case X86_INS_UD2: case X86_INS_HLT: case X86_INS_INT3: emit(out, uop_blank(UOP_STOP)); break;
	case X86_INS_NOP: break;
	default:
		if (is_group(insn, CS_GRP_JUMP) && op[0].type == X86_OP_IMM)
			control(out, insn, op, UOP_BRANCH);
		else
			other(out, insn);
	}
}

static bool decode(void *context, const uint8_t *code, size_t bytes, uint64_t at, struct decoded *out)
{
	struct capstone *c = context;
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };

	out->count = 0;
	if (bytes >= 4 && memcmp(code, endbr64, 4) == 0) {
		out->bytes = 4;
		return true;
	}
	if (!cs_disasm_iter(c->handle, &code, &bytes, &at, c->insn))
		return false;
	out->bytes = c->insn->size;
	translate(out, c->insn);
	return true;
}

/* An aligned endbr64 or ftrace slot: a call of the hook before the kernel patched it, a 5-byte nop afterwards. */
static bool function_starts(const uint8_t *code, size_t bytes, uint64_t address, uint64_t hook)
{
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa };
	static const uint8_t nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	int32_t distance;

	if (bytes < 9 || address % 16)
		return false;
	memcpy(&distance, code + 5, 4);
	if (code[4] == 0xe8)
		return hook && address + 5 + (uint64_t)(int64_t)distance == hook;
	return memcmp(code + 4, nop5, 5) == 0 || memcmp(code + 4, endbr64, 4) == 0;
}

const struct disassembler_ops capstone_x86_ops = {
	.name = "libcapstone x86-64",
	.step_bytes = 1,
	.max_bytes = 15,
	.stack = RSP,
	.result = RAX,
	.link = REG_NONE,
	.zero = REG_NONE,
	.argument = { RDI, RSI, RDX, RCX, 8, 9 },
	.caller_saved = 1u << RAX | 1u << RCX | 1u << RDX | 1u << RSI | 1u << RDI | 0xf00u,
	.decode = decode,
	.function_starts = function_starts,
	.format = capstone_format,
};
