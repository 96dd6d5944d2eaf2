/* The few x86-64 instructions that translated blocks are made of. */
#ifndef ASSAY_MODELS_HART_HOST_X86_H
#define ASSAY_MODELS_HART_HOST_X86_H

#include <stdint.h>
#include <string.h>

enum x86_register { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
/* Operations of the form "op register, memory" (opcode) and "op register, immediate" (opcode 81 / number). */
enum x86_alu { X86_ADD = 0, X86_OR = 1, X86_AND = 4, X86_SUB = 5, X86_XOR = 6, X86_CMP = 7 };
enum x86_shift { X86_ROL = 0, X86_ROR = 1, X86_SHL = 4, X86_SHR = 5, X86_SAR = 7 };
enum x86_condition { X86_O = 0, X86_B = 2, X86_AE = 3, X86_E = 4, X86_NE = 5, X86_A = 7, X86_P = 10, X86_L = 12, X86_GE = 13, X86_LE = 14, X86_G = 15 };

struct x86_code {
	uint8_t *at, *end;
};

static inline void x86_byte(struct x86_code *e, unsigned byte) { *e->at++ = (uint8_t)byte; }
static inline void x86_word32(struct x86_code *e, uint32_t v) { memcpy(e->at, &v, 4); e->at += 4; }
static inline void x86_word64(struct x86_code *e, uint64_t v) { memcpy(e->at, &v, 8); e->at += 8; }

/* REX prefix; W: 64 bits. */
static inline void x86_rex(struct x86_code *e, unsigned w, unsigned reg, unsigned index, unsigned base)
{
	x86_byte(e, 0x40 | w << 3 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3);
}

/* Register and [base + displacement]. */
static inline void x86_memory(struct x86_code *e, unsigned reg, unsigned base, int32_t displacement)
{
	unsigned low = base & 7, mod = displacement >= -128 && displacement < 128 ? 1 : 2;

	x86_byte(e, mod << 6 | (reg & 7) << 3 | low);
	if (low == RSP)
		x86_byte(e, 0x24);
	if (mod == 1)
		x86_byte(e, (uint8_t)displacement);
	else
		x86_word32(e, (uint32_t)displacement);
}

/* An instruction with OPCODE on a register and memory; W: 64 bits, else 32. */
static inline void x86_rm(struct x86_code *e, unsigned w, unsigned opcode, unsigned reg, unsigned base, int32_t displacement)
{
	x86_rex(e, w, reg, 0, base);
	x86_byte(e, opcode);
	x86_memory(e, reg, base, displacement);
}

/* The same on [base + index + displacement]. */
static inline void x86_rx(struct x86_code *e, unsigned opcode, unsigned reg, unsigned base, unsigned index, int8_t displacement)
{
	x86_rex(e, 1, reg, index, base);
	x86_byte(e, opcode);
	x86_byte(e, 1 << 6 | (reg & 7) << 3 | 4);
	x86_byte(e, (index & 7) << 3 | (base & 7));
	x86_byte(e, (uint8_t)displacement);
}

/* The same on two registers: reg and rm. */
static inline void x86_rr(struct x86_code *e, unsigned w, unsigned opcode, unsigned reg, unsigned rm)
{
	x86_rex(e, w, reg, 0, rm);
	x86_byte(e, opcode);
	x86_byte(e, 3 << 6 | (reg & 7) << 3 | (rm & 7));
}

static inline void x86_alu_immediate(struct x86_code *e, unsigned w, enum x86_alu op, unsigned reg, int32_t value)
{
	x86_rex(e, w, 0, 0, reg);
	x86_byte(e, 0x81);
	x86_byte(e, 3 << 6 | op << 3 | (reg & 7));
	x86_word32(e, (uint32_t)value);
}

static inline void x86_shift_immediate(struct x86_code *e, unsigned w, enum x86_shift op, unsigned reg, unsigned count)
{
	x86_rex(e, w, 0, 0, reg);
	x86_byte(e, 0xc1);
	x86_byte(e, 3 << 6 | op << 3 | (reg & 7));
	x86_byte(e, count);
}

/* By cl. */
static inline void x86_shift(struct x86_code *e, unsigned w, enum x86_shift op, unsigned reg) { x86_rr(e, w, 0xd3, op, reg); }

/* A sign-extended immediate, or any 64 bits. */
static inline void x86_set(struct x86_code *e, unsigned reg, int32_t value)
{
	x86_rex(e, 1, 0, 0, reg);
	x86_byte(e, 0xc7);
	x86_byte(e, 3 << 6 | (reg & 7));
	x86_word32(e, (uint32_t)value);
}

static inline void x86_set64(struct x86_code *e, unsigned reg, uint64_t value)
{
	x86_rex(e, 1, 0, 0, reg);
	x86_byte(e, 0xb8 | (reg & 7));
	x86_word64(e, value);
}

static inline void x86_jump(struct x86_code *e, const uint8_t *target)
{
	x86_byte(e, 0xe9);
	x86_word32(e, (uint32_t)(target - (e->at + 4)));
}

/* A conditional jump whose target x86_land() fills in. @return where it stands */
static inline uint8_t *x86_branch(struct x86_code *e, enum x86_condition c)
{
	x86_byte(e, 0x0f);
	x86_byte(e, 0x80 | c);
	x86_word32(e, 0);
	return e->at;
}

static inline void x86_land(const uint8_t *target, uint8_t *branch)
{
	uint32_t offset = (uint32_t)(target - branch);

	memcpy(branch - 4, &offset, 4);
}

#endif
