/* The image of a differential program and the encoders it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testbench/unit/hart/diff/program.h"

enum { C_NOP = 0x0001, OP_IMM = 0x13, OP_LUI = 0x37, OP_AUIPC = 0x17, OP_JAL = 0x6f, OP_STORE = 0x23, OP_BRANCH = 0x63, OP_SYSTEM = 0x73 };

void program_init(struct program *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->random = seed * 0x9e3779b97f4a7c15u + 1;
	p->image = calloc(1, DIFF_IMAGE_BYTES);
	if (!p->image || convert_load(&p->tables, rv64_table_image, rv64_table_bytes))
		abort();
	p->at = DIFF_BODY;
	p->tables_used = DIFF_TABLES;
}

int program_load_runtime(struct program *p, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(p->image, 1, DIFF_PARAMETERS - DIFF_BASE, f) : 0;

	if (f)
		fclose(f);
	if (n == 0)
		fprintf(stderr, "%s: cannot be read\n", path);
	return n ? 0 : -1;
}

int program_write(const struct program *p, const char *path)
{
	FILE *f = fopen(path, "wb");
	int ok = f && fwrite(p->image, 1, DIFF_IMAGE_BYTES, f) == DIFF_IMAGE_BYTES;

	if (f && fclose(f))
		ok = 0;
	if (!ok)
		fprintf(stderr, "%s: cannot be written\n", path);
	return ok ? 0 : -1;
}

uint64_t program_random(struct program *p)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return p->random * 0x2545f4914f6cdd1du;
}

unsigned program_below(struct program *p, unsigned n) { return (unsigned)((program_random(p) >> 32) % n); }

uint64_t program_value(struct program *p)
{
	static const uint64_t corner[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, INT32_MAX, 0xffffffff80000000u, 0x80000000u,
		UINT32_MAX, 0x5555555555555555u, 0xaaaaaaaaaaaaaaaau, 63, 64, 31, 32};

	if (program_below(p, 3) == 0)
		return corner[program_below(p, sizeof(corner) / sizeof(corner[0]))];
	return program_random(p) >> program_below(p, 64);
}

static uint8_t *place(const struct program *p, uint64_t address, size_t bytes)
{
	if (address < DIFF_BASE || address - DIFF_BASE > DIFF_IMAGE_BYTES - bytes)
		abort();
	return p->image + (address - DIFF_BASE);
}

uint64_t program_get64(const struct program *p, uint64_t address)
{
	uint64_t value;

	memcpy(&value, place(p, address, 8), 8);
	return value;
}

void program_put64(struct program *p, uint64_t address, uint64_t value) { memcpy(place(p, address, 8), &value, 8); }

void program_put32(struct program *p, uint32_t insn)
{
	memcpy(place(p, p->at, 4), &insn, 4);
	p->at += 4;
}

void program_put16(struct program *p, uint16_t insn)
{
	memcpy(place(p, p->at, 2), &insn, 2);
	p->at += 2;
}

void program_slot_begin(struct program *p)
{
	p->slot_end = p->at + DIFF_SLOT_BYTES;
	program_put32(p, OP_AUIPC | REG_RESUME << 7);
}

unsigned program_slot_room(const struct program *p) { return (unsigned)(p->slot_end - p->at); }

void program_slot_end(struct program *p)
{
	if (p->at > p->slot_end)
		abort();
	while (p->at < p->slot_end)
		program_put16(p, C_NOP);
}

void program_finish(struct program *p) { program_put32(p, encode_j(0, (int)((int64_t)DIFF_FINISH - (int64_t)p->at))); }

uint32_t encode_i(unsigned opcode, unsigned funct3, unsigned rd, unsigned rs1, int imm)
{
	return (uint32_t)imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

uint32_t encode_r(unsigned opcode, unsigned funct3, unsigned funct7, unsigned rd, unsigned rs1, unsigned rs2)
{
	return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

uint32_t encode_s(unsigned funct3, unsigned rs1, unsigned rs2, int imm)
{
	uint32_t u = (uint32_t)imm;

	return (u >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (u & 31) << 7 | OP_STORE;
}

uint32_t encode_b(unsigned funct3, unsigned rs1, unsigned rs2, int offset)
{
	uint32_t u = (uint32_t)offset;

	return (u >> 12 & 1) << 31 | (u >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (u >> 1 & 15) << 8 | (u >> 11 & 1) << 7 | OP_BRANCH;
}

uint32_t encode_j(unsigned rd, int offset)
{
	uint32_t u = (uint32_t)offset;

	return (u >> 20 & 1) << 31 | (u >> 1 & 0x3ff) << 21 | (u >> 11 & 1) << 20 | (u >> 12 & 0xff) << 12 | rd << 7 | OP_JAL;
}

uint32_t encode_csr(unsigned funct3, unsigned csr, unsigned rd, unsigned rs1)
{
	return csr << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | OP_SYSTEM;
}

/* The top half by lui and addiw, then up to three shifts with additions. */
void program_li(struct program *p, unsigned rd, uint64_t value)
{
	int64_t v = (int64_t)value, low, high;

	if (v == (int32_t)v) {
		low = (int64_t)(value << 52) >> 52;
		high = (v - low) >> 12;
		program_put32(p, (uint32_t)high << 12 | rd << 7 | OP_LUI);
		program_put32(p, encode_i(0x1b, 0, rd, rd, (int)low));
		return;
	}
	low = (int64_t)(value << 52) >> 52;
	program_li(p, rd, (uint64_t)((int64_t)(value - (uint64_t)low) >> 12));
	program_put32(p, encode_i(OP_IMM, 1, rd, rd, 12));
	program_put32(p, encode_i(OP_IMM, 0, rd, rd, (int)low));
}
