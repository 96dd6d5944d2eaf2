/* A differential program under construction: a memory image of slots and data, made from a seed. */
#ifndef ASSAY_TESTBENCH_UNIT_HART_DIFF_PROGRAM_H
#define ASSAY_TESTBENCH_UNIT_HART_DIFF_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/convert/convert.h"
#include "testbench/unit/hart/diff/layout.h"

/* Registers the programs must leave alone, and those that always point into the data. */
enum { REG_HANDLER0 = 26, REG_HANDLER1 = 27, REG_RESUME = 30, REG_LOG = 31, REG_ADDRESS = 29 };

struct program {
	struct convert_tables tables;
	uint64_t random;
	uint8_t *image;		/* DIFF_IMAGE_BYTES bytes, address DIFF_BASE first */
	uint64_t at;		/* address of the next instruction */
	uint64_t slot_end;
	uint64_t tables_used;	/* next free page for page tables */
	bool enter_by_sret;	/* guests are entered by SRET with hstatus.SPV, not by MRET with mstatus.MPV */
};

void program_init(struct program *p, uint64_t seed);
/** Loads the assembled run-time support. @return 0, or -1 with a message. */
int program_load_runtime(struct program *p, const char *path);
int program_write(const struct program *p, const char *path);

uint64_t program_random(struct program *p);
/** @return a number below @p n. */
unsigned program_below(struct program *p, unsigned n);
/** A value that is often a corner case. */
uint64_t program_value(struct program *p);

uint64_t program_get64(const struct program *p, uint64_t address);
void program_put64(struct program *p, uint64_t address, uint64_t value);
void program_put32(struct program *p, uint32_t insn);
void program_put16(struct program *p, uint16_t insn);

/** Begins a slot: sets the resume register. */
void program_slot_begin(struct program *p);
/** Fills the slot with no-operations. */
void program_slot_end(struct program *p);
/** @return bytes left in the slot. */
unsigned program_slot_room(const struct program *p);
/** Ends the body. */
void program_finish(struct program *p);

/* Encoders of the few instructions that the generator places deliberately. */
uint32_t encode_i(unsigned opcode, unsigned funct3, unsigned rd, unsigned rs1, int imm);
uint32_t encode_r(unsigned opcode, unsigned funct3, unsigned funct7, unsigned rd, unsigned rs1, unsigned rs2);
uint32_t encode_s(unsigned funct3, unsigned rs1, unsigned rs2, int imm);
uint32_t encode_b(unsigned funct3, unsigned rs1, unsigned rs2, int offset);
uint32_t encode_j(unsigned rd, int offset);
uint32_t encode_csr(unsigned funct3, unsigned csr, unsigned rd, unsigned rs1);
/** Loads a 64-bit constant into a register: at most 8 instructions. */
void program_li(struct program *p, unsigned rd, uint64_t value);

/** Kinds of programs. */
void generate_user(struct program *p, const char *kind, unsigned slots);
void generate_privileged(struct program *p, bool hypervisor, unsigned slots);

#endif
