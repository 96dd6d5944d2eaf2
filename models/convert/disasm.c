/* Disassembly: the row's operand text with its field bytes replaced by what the field's directives extract. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "models/convert/bit_mask.h"
#include "models/convert/convert_image.h"
#include "models/convert/disasm.h"

/* The kinds of describe.tcl, in its order. */
enum {
	FIELD_REG = 0, FIELD_UINT, FIELD_SINT, FIELD_REL, FIELD_CSR, FIELD_FREG, FIELD_RM, FIELD_XREG, FIELD_WREG, FIELD_XSP, FIELD_WSP,
	FIELD_COND, FIELD_MASK, FIELD_WMASK, FIELD_PAGE, FIELD_EXTEND,
};

const char *disasm_register(unsigned number)
{
	static const char names[32][5] = {"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
		"a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

	return names[number & 31];
}

static const char *float_register(unsigned number)
{
	static const char names[32][5] = {"ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3",
		"fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

	return names[number & 31];
}

static const char *rounding_mode(unsigned number)
{
	static const char names[8][4] = {"rne", "rtz", "rdn", "rup", "rmm", "5", "6", "dyn"};

	return names[number & 7];
}

/* A register of A64: number 31 is the stack pointer or zero. */
static int print_a64_register(unsigned kind, unsigned number, char *out, size_t left)
{
	bool wide = kind == FIELD_XREG || kind == FIELD_XSP, stack = kind == FIELD_XSP || kind == FIELD_WSP;

	if (number == 31)
		return snprintf(out, left, "%s", stack ? (wide ? "sp" : "wsp") : wide ? "xzr" : "wzr");
	return snprintf(out, left, "%c%u", wide ? 'x' : 'w', number);
}

static int print_a64_field(unsigned kind, uint64_t pc, uint64_t value, char *out, size_t left)
{
	static const char conditions[16][3] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
	static const char extends[8][5] = {"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};

	switch (kind) {
	case FIELD_COND:
		return snprintf(out, left, "%s", conditions[value & 15]);
	case FIELD_MASK:
		return snprintf(out, left, "0x%llx", (unsigned long long)bit_mask((unsigned)value));
	case FIELD_WMASK:
		return snprintf(out, left, "0x%x", (unsigned)bit_mask((unsigned)value));
	case FIELD_PAGE:
		return snprintf(out, left, "0x%llx", (unsigned long long)((pc & ~UINT64_C(4095)) + (value << 12)));
	case FIELD_EXTEND:
		return snprintf(out, left, "%s", extends[value & 7]);
	default:
		return print_a64_register(kind, (unsigned)value, out, left);
	}
}

static int print_field(const struct convert_tables *t, const uint32_t *field, uint64_t pc, uint32_t insn, char *out, size_t left)
{
	uint64_t value = convert_place(t, field[1], 0, insn);

	switch (field[0]) {
	case FIELD_REG:
		return snprintf(out, left, "%s", disasm_register((unsigned)(value | field[2])));
	case FIELD_FREG:
		return snprintf(out, left, "%s", float_register((unsigned)(value | field[2])));
	case FIELD_RM:
		return snprintf(out, left, "%s", rounding_mode((unsigned)value));
	case FIELD_REL:
		return snprintf(out, left, "0x%llx", (unsigned long long)(pc + value));
	case FIELD_CSR:
		return snprintf(out, left, "0x%03llx", (unsigned long long)value);
	case FIELD_UINT:
	case FIELD_SINT:
		return snprintf(out, left, "%lld", (long long)value);
	default:
		return print_a64_field(field[0], pc, value, out, left);
	}
}

unsigned disasm_instruction(const struct convert_tables *t, uint64_t pc, uint32_t insn, char *text, size_t bytes)
{
	struct convert_result r;
	char line[DISASM_TEXT_BYTES];
	const char *p;
	size_t n;

	convert_instruction(t, insn, &r);
	n = (size_t)snprintf(line, sizeof(line), "%s", convert_row_name(t, r.row));
	p = t->text + t->name[IMAGE_NAME_WORDS * r.row + 1];
	if (*p && n < sizeof(line) - 1)
		line[n++] = ' ';
	for (; *p && n < sizeof(line) - 1; p++) {
		unsigned number = (unsigned char)*p;

		if (number < 0x80)
			line[n++] = *p;
		else if (number - 0x80 < t->fields)
			n += (size_t)print_field(t, t->field + IMAGE_FIELD_WORDS * (number - 0x80), pc, insn, line + n, sizeof(line) - n);
		if (n > sizeof(line) - 1)
			n = sizeof(line) - 1;
	}
	line[n] = '\0';
	snprintf(text, bytes, "%s", line);
	return r.length;
}
