/* Programs of one extension in M-mode: random instructions of the description's rows, all operands random.
 *
 * An instruction is drawn as a random word and kept if the converter finds a row of the wanted kind and its native ops leave the
 * reserved registers alone. Memory accesses must use a register that points into the data. */
#include <string.h>

#include "native_ops.h"
#include "testbench/unit/hart/diff/program.h"

enum { BRANCH_SPAN = 12, CSR_FFLAGS = 1, CSR_FRM = 2 };

/* Bit 0: rd is a floating-point register. */
static const uint8_t float_operands[256] = {NATIVE_FLOAT_OPERANDS};

/* x2, x8, x9 and x29 point into the data and are never written. */
static bool is_pointer(unsigned reg) { return reg == 2 || reg == 8 || reg == 9 || reg == REG_ADDRESS; }

static bool is_reserved(unsigned reg)
{
	return is_pointer(reg) || reg == REG_HANDLER0 || reg == REG_HANDLER1 || reg == REG_RESUME || reg == REG_LOG;
}

static bool is_memory(unsigned code)
{
	return (code >= NATIVE_LB && code <= NATIVE_SD) || (code >= NATIVE_LR && code <= NATIVE_AMOMAXU) || (code >= NATIVE_FLW && code <= NATIVE_FSD);
}
static bool is_atomic(unsigned code) { return code >= NATIVE_LR && code <= NATIVE_AMOMAXU; }
static bool is_muldiv(unsigned code) { return code >= NATIVE_MUL && code <= NATIVE_REMUW; }
static bool is_bits(unsigned code) { return code >= NATIVE_SHADD && code <= NATIVE_BSET; }
static bool is_float(unsigned code) { return float_operands[code]; }
static bool is_plain(unsigned code) { return (code >= NATIVE_LI && code <= NATIVE_REMUW) || is_bits(code) || is_float(code); }

/* Whether a straight-line program may contain it: no control transfer, no CSR, no write to a reserved register. */
static bool usable(const struct convert_result *r)
{
	unsigned last = native_opcode(r->op[r->count - 1]);

	for (unsigned i = 0; i < r->count; i++) {
		if (!(float_operands[native_opcode(r->op[i])] & 1) && is_reserved(native_rd(r->op[i])))
			return false;
	}
	if (is_memory(last))
		return is_pointer(native_rs1(r->op[r->count - 1])) && native_imm(r->op[r->count - 1]) > -2048 && native_imm(r->op[r->count - 1]) < 2048;
	return is_plain(last) || last == NATIVE_FENCE || last == NATIVE_FENCEI;
}

static bool wanted(const char *kind, const struct convert_result *r)
{
	unsigned code = native_opcode(r->op[r->count - 1]), first = native_opcode(r->op[0]);

	if (!strcmp(kind, "m"))
		return is_muldiv(code) || is_muldiv(first) || code == NATIVE_ADD;
	if (!strcmp(kind, "a"))
		return is_atomic(code) || code == NATIVE_ADD;
	if (!strcmp(kind, "c"))
		return r->length == 2;
	/* QEMU 7.2 counts the upper half of ctzw's operand too if the lower one is zero (Zbb: 32). */
	if (!strcmp(kind, "b"))
		return is_bits(code) && code != NATIVE_CTZW;
	if (!strcmp(kind, "f"))
		return is_float(code);
	return !is_atomic(code) && !is_muldiv(code);
}

/* Floating point: loads, stores, multiply-adds, the rest; reserved rounding modes are rare, because they end the slot. */
static uint32_t draw_float(struct program *p, uint32_t word)
{
	static const uint8_t opcode[] = {0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53, 0x53, 0x53, 0x53, 0x53, 0x53};
	unsigned rounding = word >> 12 & 7;

	if (program_below(p, 20) == 0)
		return word & 0xffff;
	if (rounding == 5 || (rounding == 6 && program_below(p, 32)))
		word |= 7u << 12;
	return (word & ~0x7fu) | opcode[program_below(p, sizeof(opcode))];
}

/* Random words favour the interesting encodings: the low bits choose the length. */
static uint32_t draw(struct program *p, const char *kind)
{
	uint32_t word = (uint32_t)(program_random(p) >> 16);

	if (!strcmp(kind, "c"))
		return word & 3 ? word & 0xffff : word & 0xfffe;
	if (!strcmp(kind, "f"))
		return draw_float(p, word);
	word |= 3;
	if (!strcmp(kind, "b"))
		return (word & ~0x7fu) | 0x13 | (word & 0x28);
	if (!strcmp(kind, "a"))
		return (word & ~0x707fu) | 0x202f | program_below(p, 2) << 12;
	if (!strcmp(kind, "m"))
		return (word & ~0xfe00007fu) | 0x02000033 | (program_below(p, 4) == 0 ? 8u : 0);
	return word;
}

static void put(struct program *p, uint32_t insn, unsigned length)
{
	if (length == 2)
		program_put16(p, (uint16_t)insn);
	else
		program_put32(p, insn);
}

static void random_instruction(struct program *p, const char *kind)
{
	struct convert_result r;
	uint32_t insn;

	do {
		insn = draw(p, kind);
		convert_instruction(&p->tables, insn, &r);
	} while (r.level == CONVERT_MISS || native_opcode(r.op[0]) == NATIVE_ILLEGAL || !usable(&r) || !wanted(kind, &r));
	put(p, insn, r.length);
}

/* A forward branch or jump over one instruction. */
static void branch(struct program *p)
{
	static const uint8_t condition[] = {0, 1, 4, 5, 6, 7};
	unsigned rs1 = program_below(p, 32), rs2 = program_below(p, 4) ? program_below(p, 32) : rs1;

	switch (program_below(p, 4)) {
	case 0:
		program_put32(p, encode_j(program_below(p, 2) ? 1 : 0, 8));
		break;
	case 1:
		program_put32(p, 0x17 | 5 << 7);
		program_put32(p, encode_i(0x67, 0, 6, 5, 12));
		break;
	default:
		program_put32(p, encode_b(condition[program_below(p, 6)], rs1, rs2, 8));
	}
	program_put32(p, encode_i(0x13, 0, 7, 7, 1));
}

/* An encoding that the description calls illegal; the trap ends the slot. */
static void illegal(struct program *p)
{
	struct convert_result r;
	uint32_t insn;

	do {
		insn = (uint32_t)(program_random(p) >> 16);
		convert_instruction(&p->tables, insn, &r);
	} while (native_opcode(r.op[0]) != NATIVE_ILLEGAL);
	put(p, insn, r.length);
}

/* Changes the rounding mode, or reads and clears the flags. */
static void float_control(struct program *p)
{
	if (program_below(p, 2))
		program_put32(p, encode_csr(5, CSR_FRM, 0, program_below(p, 5)));
	else
		program_put32(p, encode_csr(5, CSR_FFLAGS, 5 + program_below(p, 3), 0));
}

static void fill_slot(struct program *p, const char *kind)
{
	program_slot_begin(p);
	while (program_slot_room(p) >= BRANCH_SPAN + 4) {
		unsigned roll = program_below(p, 100);

		if (roll < 8)
			branch(p);
		else if (!strcmp(kind, "illegal") && roll < 60)
			illegal(p);
		else if (!strcmp(kind, "f") && roll < 16)
			float_control(p);
		else
			random_instruction(p, !strcmp(kind, "illegal") ? "i" : kind);
	}
	program_slot_end(p);
}

/* A double, or a single in its box, often at an end of its range; now and then neither. */
static uint64_t float_value(struct program *p)
{
	static const uint64_t corner[] = {0, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 1, 0x000fffffffffffff, 0x0010000000000000,
		0x7fefffffffffffff, 0x3ff0000000000000, 0x3ff8000000000000, 0x43e0000000000000, 0x41dfffffffc00000, 0x41efffffffe00000};
	static const uint32_t single[] = {0, 0x7f800000, 0x7fc00000, 0x7f800001, 1, 0x7fffff, 0x800000, 0x7f7fffff, 0x3f800000, 0x3fc00000, 0x5f000000,
		0x4effffff, 0x4f800000};
	uint64_t random = program_random(p), sign = random & 1;
	unsigned pick = program_below(p, sizeof(single) / sizeof(single[0]));

	switch (program_below(p, 8)) {
	case 0: return corner[pick] | sign << 63;
	case 1: return 0xffffffff00000000 | single[pick] | sign << 31;
	case 2: return program_value(p);
	case 3: return 0xffffffff00000000 | (uint32_t)random;
	case 4: return 0xffffffff00000000 | (uint32_t)((random & 0x807fffff) | (0x3d + program_below(p, 6)) << 24);
	case 5: return random;
	default: return (random & 0x800fffffffffffff) | (uint64_t)(0x3f0 + program_below(p, 32)) << 52;
	}
}

void generate_user(struct program *p, const char *kind, unsigned slots)
{
	unsigned middle = DIFF_DATA_BYTES / 2;

	for (unsigned i = 1; i < 32; i++)
		program_put64(p, DIFF_PARAMETERS + DIFF_PARAMETER_REGISTERS + 8 * i, is_pointer(i) ?
			DIFF_DATA + middle + 8 * program_below(p, 64) : program_value(p));
	for (unsigned i = 0; i < DIFF_DATA_BYTES; i += 8)
		program_put64(p, DIFF_DATA + i, strcmp(kind, "f") ? program_value(p) : float_value(p));
	for (unsigned i = 0; i < slots; i++)
		fill_slot(p, kind);
	program_finish(p);
}
