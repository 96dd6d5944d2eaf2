/* The conversion tables of rv64.tcl: every compressed encoding and a sample of the others against an independent statement of
 * what is legal (unprivileged 20191213, chapters 16 and 24; privileged 1.12), conversions, disassembly. */
#include "models/convert/convert.h"
#include "models/convert/disasm.h"
#include "native_ops.h"
#include "testbench/gtest/test.h"

enum { SAMPLES = 2000000 };

static const struct convert_tables *tables(void)
{
	static struct convert_tables t;

	if (!t.image)
		EXPECT_EQ(convert_load(&t, rv64_table_image, rv64_table_bytes), CONVERT_OK);
	return &t;
}

static bool legal(uint32_t insn)
{
	struct convert_result r;

	convert_instruction(tables(), insn, &r);
	return native_opcode(r.op[0]) != NATIVE_ILLEGAL;
}

/* Quadrant 1, funct3 4: register arithmetic. */
static bool compressed_arithmetic(unsigned i)
{
	if ((i >> 10 & 3) != 3)
		return true;
	return !(i >> 12 & 1) || (i >> 5 & 3) < 2;
}

/* RV64C with F and D. */
static bool compressed_legal(unsigned i)
{
	unsigned f3 = i >> 13, rd = i >> 7 & 31, imm = (i >> 7 & 32) | (i >> 2 & 31);

	switch ((i & 3) << 3 | f3) {
	case 000:
		return i >> 5 & 0xff;		/* c.addi4spn with 0 is reserved; all zero is illegal */
	case 001: case 002: case 003: case 005: case 006: case 007:
		return true;			/* c.fld c.lw c.ld c.fsd c.sw c.sd */
	case 010: case 012: case 015: case 016: case 017:
		return true;			/* c.addi c.li c.j c.beqz c.bnez */
	case 011:
		return rd != 0;			/* c.addiw */
	case 013:
		return imm != 0;		/* c.lui, c.addi16sp */
	case 014:
		return compressed_arithmetic(i);
	case 020:
		return true;			/* c.slli */
	case 022: case 023:
		return rd != 0;			/* c.lwsp c.ldsp */
	case 024:
		return (i >> 12 & 1) || rd || (i >> 2 & 31);	/* c.jr of x0 is reserved */
	case 021: case 025: case 026: case 027:
		return true;			/* c.fldsp c.fsdsp c.swsp c.sdsp */
	default:
		return false;			/* funct3 4 of quadrant 0 */
	}
}

/* Zba, Zbb and Zbs in OP and OP-32. */
static bool op_bits_legal(unsigned f3, unsigned f7, unsigned rs2, bool word)
{
	switch (f7) {
	case 0x04: return word && (f3 == 0 || (f3 == 4 && rs2 == 0));	/* add.uw zext.h */
	case 0x05: return !word && f3 >= 4;				/* min minu max maxu */
	case 0x10: return f3 == 2 || f3 == 4 || f3 == 6;		/* sh1add sh2add sh3add */
	case 0x14: return !word && f3 == 1;				/* bset */
	case 0x20: return !word && (f3 == 4 || f3 == 6 || f3 == 7);	/* xnor orn andn */
	case 0x24: return !word && (f3 == 1 || f3 == 5);		/* bclr bext */
	case 0x30: return f3 == 1 || f3 == 5;				/* rol ror */
	case 0x34: return !word && f3 == 1;				/* binv */
	default: return false;
	}
}

static bool op_legal(unsigned f3, unsigned f7, unsigned rs2, bool word)
{
	if (op_bits_legal(f3, f7, rs2, word))
		return true;
	if (f7 == 0)
		return !word || f3 == 0 || f3 == 1 || f3 == 5;
	if (f7 == 32)
		return f3 == 0 || f3 == 5;
	return f7 == 1 && (!word || f3 == 0 || f3 >= 4);
}

/* OP-IMM: shifts, and what Zbb and Zbs put beside them. */
static bool op_imm_legal(unsigned f3, unsigned f6, unsigned low)
{
	if (f3 == 1)
		return f6 == 0 || f6 == 0x0a || f6 == 0x12 || f6 == 0x1a || (f6 == 0x18 && (low <= 2 || low == 4 || low == 5));
	if (f3 == 5)
		return f6 == 0 || f6 == 0x10 || f6 == 0x12 || f6 == 0x18 || (f6 == 0x0a && low == 7) || (f6 == 0x1a && low == 56);
	return true;
}

static bool op_imm_word_legal(unsigned f3, unsigned f7, unsigned rs2)
{
	if (f3 == 1)
		return f7 == 0 || f7 >> 1 == 2 || (f7 == 0x30 && rs2 <= 2);
	return f3 == 0 || (f3 == 5 && (f7 == 0 || f7 == 0x20 || f7 == 0x30));
}

/* OP-FP; a reserved rounding mode is the executor's to refuse, because that of fcsr is. */
static bool op_fp_legal(unsigned f3, unsigned f7, unsigned rs2)
{
	if (f7 & 2)
		return false;	/* neither single nor double */
	switch (f7 >> 2) {
	case 0: case 1: case 2: case 3: return true;
	case 4: return f3 <= 2;
	case 5: return f3 <= 1;
	case 8: return rs2 == (f7 & 1 ? 0 : 1);
	case 11: return rs2 == 0;
	case 20: return f3 <= 2;
	case 24: case 26: return rs2 <= 3;
	case 28: return rs2 == 0 && f3 <= 1;
	case 30: return rs2 == 0 && f3 == 0;
	default: return false;
	}
}

static bool atomic_legal(uint32_t i)
{
	unsigned f3 = i >> 12 & 7, f5 = i >> 27;

	if (f3 != 2 && f3 != 3)
		return false;
	if (f5 == 2)
		return (i >> 20 & 31) == 0;
	return f5 == 0 || f5 == 1 || f5 == 3 || f5 == 4 || f5 == 8 || f5 == 12 || f5 == 16 || f5 == 20 || f5 == 24 || f5 == 28;
}

static bool guest_access_legal(unsigned f7, unsigned rs2, unsigned rd)
{
	switch (f7) {
	case 0x30: return rs2 <= 1;
	case 0x32: case 0x34: return rs2 <= 1 || rs2 == 3;
	case 0x36: return rs2 == 0;
	case 0x31: case 0x33: case 0x35: case 0x37: return rd == 0;
	default: return false;
	}
}

static bool system_legal(uint32_t i)
{
	unsigned f3 = i >> 12 & 7, rd = i >> 7 & 31, f7 = i >> 25;

	if (f3 == 4)
		return guest_access_legal(f7, i >> 20 & 31, rd);
	if (f3)
		return true;
	if (rd == 0 && (f7 == 0x09 || f7 == 0x11 || f7 == 0x31 || f7 == 0x0b || f7 == 0x13 || f7 == 0x33))
		return true;
	if (i == 0x18000073 || i == 0x18100073)
		return true;	/* sfence.w.inval sfence.inval.ir */
	return i == 0x73 || i == 0x100073 || i == 0x10200073 || i == 0x30200073 || i == 0x10500073;
}

static bool wide_legal(uint32_t i)
{
	unsigned f3 = i >> 12 & 7, f7 = i >> 25, rs2 = i >> 20 & 31, rd = i >> 7 & 31;

	switch (i >> 2 & 31) {
	case 0x00: return f3 != 7;
	case 0x01: case 0x09: return f3 == 2 || f3 == 3;
	case 0x03: return f3 <= 1 || (f3 == 2 && rd == 0 && f7 == 0 && (rs2 <= 2 || rs2 == 4));
	case 0x04: return op_imm_legal(f3, f7 >> 1, i >> 20 & 63);
	case 0x05: case 0x0d: case 0x1b: return true;
	case 0x06: return op_imm_word_legal(f3, f7, rs2);
	case 0x08: return f3 <= 3;
	case 0x0b: return atomic_legal(i);
	case 0x0c: return op_legal(f3, f7, rs2, false);
	case 0x0e: return op_legal(f3, f7, rs2, true);
	case 0x10: case 0x11: case 0x12: case 0x13: return (f7 & 3) <= 1;
	case 0x14: return op_fp_legal(f3, f7, rs2);
	case 0x18: return f3 != 2 && f3 != 3;
	case 0x19: return f3 == 0;
	case 0x1c: return system_legal(i);
	default: return false;
	}
}

TEST(tables, every_compressed_encoding)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < 0x10000; i++)
		if ((i & 3) != 3 && legal(i) != compressed_legal(i) && wrong++ < 10)
			test_fail(__FILE__, __LINE__, "0x%04x is %s", i, legal(i) ? "converted" : "illegal");
	EXPECT_EQ(wrong, 0);
}

TEST(tables, sampled_wide_encodings)
{
	static const uint8_t crowded[] = {0x70, 0x2c, 0x30, 0x50, 0x10, 0x18, 0x38, 0x0c};
	uint64_t x = test_seed();
	unsigned wrong = 0;

	for (unsigned n = 0; n < SAMPLES; n++) {
		uint32_t insn;

		x = x * 6364136223846793005u + 1442695040888963407u;
		insn = (uint32_t)(x >> 32) | 3;
		/* Half of the samples in the crowded opcodes, with operands that are often zero. */
		if (n & 1)
			insn = (insn & ~0x7cu) | crowded[n >> 1 & 7];
		if (n & 16)
			insn &= ~0xf80u;
		if (n & 32)
			insn &= ~0x1e00000u;
		if (n & 64)
			insn &= ~0x82000000u;
		if (legal(insn) != wide_legal(insn) && wrong++ < 10)
			test_fail(__FILE__, __LINE__, "0x%08x is %s", insn, legal(insn) ? "converted" : "illegal");
	}
	EXPECT_EQ(wrong, 0);
}

TEST(tables, length_follows_the_low_bits)
{
	for (unsigned i = 0; i < 0x10000; i++) {
		struct convert_result r;

		convert_instruction(tables(), i, &r);
		if (r.length != ((i & 3) == 3 ? 4 : 2) || convert_length(tables(), (uint16_t)i) != r.length) {
			test_fail(__FILE__, __LINE__, "0x%04x has %u bytes", i, r.length);
			return;
		}
		EXPECT_EQ(native_length(r.op[r.count - 1]), r.length);
	}
}

TEST(tables, both_levels_and_all_template_sizes_are_used)
{
	struct convert_result r;

	convert_instruction(tables(), 0x00100093, &r);		/* addi x1, x0, 1 */
	EXPECT_EQ(r.level, CONVERT_FIRST);
	EXPECT_EQ(r.op[0], NATIVE_ADDI | 1u << 8 | 2u << 26 | UINT64_C(1) << 32);
	convert_instruction(tables(), 0x40208033, &r);		/* sub x0, x1, x2 */
	EXPECT_EQ(r.level, CONVERT_SECOND);
	convert_instruction(tables(), 0x0220a1b3, &r);		/* mulhsu x3, x1, x2 */
	EXPECT_EQ(r.count, 4);
	EXPECT_EQ(native_length(r.op[0]), 0);
	EXPECT_EQ(native_rd(r.op[3]), 3);
	convert_instruction(tables(), 0xffffffff, &r);
	EXPECT_EQ(r.level, CONVERT_MISS);
}

TEST(tables, immediates)
{
	struct convert_result r;

	convert_instruction(tables(), 0xfe20cee3, &r);		/* blt x1, x2, -4 */
	EXPECT_EQ(native_imm(r.op[0]), -4);
	convert_instruction(tables(), 0x80000537, &r);		/* lui a0, 0x80000 */
	EXPECT_EQ(native_imm(r.op[0]), INT32_MIN);
	convert_instruction(tables(), 0x7139, &r);		/* c.addi16sp sp, -64 */
	EXPECT_EQ(native_imm(r.op[0]), -64);
	convert_instruction(tables(), 0xbfdd, &r);		/* c.j -10 */
	EXPECT_EQ(native_imm(r.op[0]), -10);
	convert_instruction(tables(), 0xfe113c23, &r);		/* sd ra, -8(sp) */
	EXPECT_EQ(native_imm(r.op[0]), -8);
}

static const char *text_of(uint64_t pc, uint32_t insn)
{
	static char text[DISASM_TEXT_BYTES];

	disasm_instruction(tables(), pc, insn, text, sizeof(text));
	return text;
}

TEST(disasm, reads_as_assembly)
{
	EXPECT_STREQ(text_of(0, 0x00a50513), "addi a0, a0, 10");
	EXPECT_STREQ(text_of(0x1000, 0xfe20cee3), "blt ra, sp, 0xffc");
	EXPECT_STREQ(text_of(0, 0x6402), "c.ldsp s0, 0(sp)");
	EXPECT_STREQ(text_of(0, 0x1005272f), "lr.w a4, (a0)");
	EXPECT_STREQ(text_of(0, 0x30529073), "csrw 0x305, t0");
	EXPECT_STREQ(text_of(0, 0xffffffff), "illegal");
	EXPECT_STREQ(text_of(0, 0x30200073), "mret");
	EXPECT_STREQ(text_of(0, 0x62c5f543), "fmadd.d fa0, fa1, fa2, fa2, dyn");
	EXPECT_STREQ(text_of(0, 0xc2051553), "fcvt.w.d a0, fa0, rtz");
	EXPECT_STREQ(text_of(0, 0x20c5e533), "sh3add a0, a1, a2");
}

TEST(image, refuses_what_is_not_one)
{
	static uint32_t copy[1 << 16];
	struct convert_tables t = {0};

	memcpy(copy, rv64_table_image, rv64_table_bytes);
	EXPECT_EQ(convert_load(&t, copy, rv64_table_bytes - 4), CONVERT_ERROR_FORMAT);
	EXPECT_EQ(convert_load(&t, copy, 16), CONVERT_ERROR_FORMAT);
	copy[1] = 99;
	EXPECT_EQ(convert_load(&t, copy, rv64_table_bytes), CONVERT_ERROR_FORMAT);
	EXPECT_TRUE(t.image == NULL);
}

TEST(image, every_flipped_bit_is_noticed)
{
	static uint32_t copy[1 << 16];
	struct convert_tables t = {0};

	memcpy(copy, rv64_table_image, rv64_table_bytes);
	for (size_t i = 0; i < rv64_table_bytes / 4; i += 37) {
		copy[i] ^= 1u << i % 32;
		if (convert_load(&t, copy, rv64_table_bytes) == CONVERT_OK)
			test_fail(__FILE__, __LINE__, "bit %zu of word %zu was accepted", i % 32, i);
		copy[i] ^= 1u << i % 32;
	}
	EXPECT_EQ(convert_load(&t, copy, rv64_table_bytes), CONVERT_OK);
}
