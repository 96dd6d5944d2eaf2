/* What the core needs of a disassembler: instructions as short sequences of micro-operations.
 *
 * The vocabulary is what address arithmetic and control flow are made of; everything else an instruction does
 * to a register is UOP_CLOBBER ("this register now holds something unknown"). A disassembler that cannot
 * decode an instruction says so, and the core steps over it.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_DISASSEMBLER_H
#define ASSAY_HYPERVISOR_DISCOVER_DISASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UOPS_MAX = 8, REGISTERS_MAX = 48, ARGUMENTS_MAX = 6 };

enum {
	REG_NONE = -1,
	REG_TEMP = 40,	    /* scratch within one instruction */
	REG_TEMP2 = 41,
	REG_CURRENT = 42,   /* read only: the current task, where a register holds it (sp_el0, tp) */
	REG_PERCPU = 43,    /* read only: this CPU's per-CPU base (gs, tpidr_el1) */
};

enum uop_kind {
	UOP_SET,     /* d = imm */
	UOP_ADD,     /* d = a + (b, if any) * scale + imm; also move */
	UOP_LOAD,    /* d = memory[a + b * scale + imm], size bytes; d may be REG_NONE */
	UOP_STORE,   /* memory[a + b * scale + imm] = s (or, if s is REG_NONE, value), size bytes */
	UOP_ATOMIC,  /* an atomic read-modify-write of memory[a + b * scale + imm]; d gets something unknown */
	UOP_CLOBBER, /* d = unknown */
	UOP_COMPARE, /* flags of a against b (or, if b is REG_NONE, imm) */
	UOP_CALL,    /* to imm, or to register a when a is not REG_NONE */
	UOP_JUMP,    /* same */
	UOP_BRANCH,  /* conditionally to imm */
	UOP_RETURN,
	UOP_STOP,    /* never continues (ud2, brk #bug) */
};

struct uop {
	enum uop_kind kind;
	int8_t d, a, b, s;
	uint8_t scale, size;
	bool narrow; /* ADD: the result is cut to 32 bits */
	int64_t imm, value;
};

struct decoded {
	unsigned bytes;
	unsigned count;
	struct uop uop[UOPS_MAX];
};

struct disassembler_ops {
	const char *name;
	unsigned step_bytes;  /* how far to go on after an instruction that does not decode */
	unsigned max_bytes;   /* longest instruction */
	int8_t stack;	      /* the stack pointer */
	int8_t result;	      /* first result register */
	int8_t link;	      /* register of the return address, REG_NONE if it is on the stack */
	int8_t zero;	      /* register that always reads 0, REG_NONE if there is none */
	int8_t argument[ARGUMENTS_MAX];
	uint64_t caller_saved; /* bit per register */
	/** Decodes the instruction in code[0..bytes). @return false if it cannot. */
	bool (*decode)(void *context, const uint8_t *code, size_t bytes, uint64_t address, struct decoded *out);
	/** @return whether a function's prologue starts at code[4] (so that a jump there is a tail call); code[0..4)
	 * is what precedes it. @p hook is the address of the ftrace hook, 0 if unknown. */
	bool (*function_starts)(const uint8_t *code, size_t bytes, uint64_t address, uint64_t hook);
	/** Writes the instruction as text for --explain. */
	void (*format)(void *context, const uint8_t *code, size_t bytes, uint64_t address, char *out,
		       size_t out_bytes);
	void *context;
};

#endif
