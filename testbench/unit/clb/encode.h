/* The few RV64 instructions that the tests of the CLB write. */
#ifndef ASSAY_TESTBENCH_UNIT_CLB_ENCODE_H
#define ASSAY_TESTBENCH_UNIT_CLB_ENCODE_H

#include <stdint.h>

enum { INSN_NOP = 0x13, INSN_RET = 0x8067, INSN_MULHSU = 0x02c5a533, INSN_C_NOP2 = 0x00010001, INSN_UNKNOWN = 0x0000007b };

static inline uint32_t insn_addi(unsigned rd, unsigned rs1, int imm)
{
	return ((uint32_t)imm & 0xfff) << 20 | rs1 << 15 | rd << 7 | 0x13;
}

static inline uint32_t insn_branch(unsigned funct3, unsigned rs1, unsigned rs2, int offset)
{
	uint32_t o = (uint32_t)offset;

	return (o >> 12 & 1) << 31 | (o >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (o >> 1 & 15) << 8 | (o >> 11 & 1) << 7 | 0x63;
}
static inline uint32_t insn_beq(unsigned rs1, unsigned rs2, int offset) { return insn_branch(0, rs1, rs2, offset); }
static inline uint32_t insn_bne(unsigned rs1, unsigned rs2, int offset) { return insn_branch(1, rs1, rs2, offset); }

static inline uint32_t insn_jal(unsigned rd, int offset)
{
	uint32_t o = (uint32_t)offset;

	return (o >> 20 & 1) << 31 | (o >> 1 & 0x3ff) << 21 | (o >> 11 & 1) << 20 | (o >> 12 & 0xff) << 12 | rd << 7 | 0x6f;
}

/* sw rs2, offset(rs1) */
static inline uint32_t insn_sw(unsigned rs2, unsigned rs1, int offset)
{
	uint32_t o = (uint32_t)offset & 0xfff;

	return (o >> 5) << 25 | rs2 << 20 | rs1 << 15 | 2u << 12 | (o & 31) << 7 | 0x23;
}

#endif
