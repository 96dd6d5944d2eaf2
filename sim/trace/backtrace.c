#include "sim/trace/backtrace.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTER_RA = 1, REGISTER_SP = 2, REGISTERS = 32, FRAMES_MAX = 64 };

struct backtrace {
	Dwfl *dwfl;
	Dwfl_Module *module;
	Dwarf_CFI *cfi;
	Dwarf_Addr bias;
};

/* A frame while it is unwound; what is not known reads as 0. */
struct frame {
	uint64_t pc, cfa, registers[REGISTERS];
};

static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo, .section_address = dwfl_offline_section_address};

struct backtrace *backtrace_open(const char *path, uint8_t build_id[20], char *error, size_t error_size)
{
	struct backtrace *trace = calloc(1, sizeof *trace);
	const unsigned char *bits;
	GElf_Addr where;

	if (!trace)
		return NULL;
	memset(build_id, 0, 20);
	trace->dwfl = dwfl_begin(&callbacks);
	trace->module = trace->dwfl ? dwfl_report_elf(trace->dwfl, "firmware", path, -1, 0, false) : NULL;
	if (trace->module && dwfl_report_end(trace->dwfl, NULL, NULL) == 0 && dwfl_module_getdwarf(trace->module, &trace->bias))
		trace->cfi = dwfl_module_dwarf_cfi(trace->module, &trace->bias);
	if (!trace->cfi) {
		snprintf(error, error_size, "firmware image %s: not an ELF with DWARF", path);
		backtrace_close(trace);
		return NULL;
	}
	if (dwfl_module_build_id(trace->module, &bits, &where) == 20)
		memcpy(build_id, bits, 20);
	return trace;
}

void backtrace_close(struct backtrace *trace)
{
	if (trace && trace->dwfl)
		dwfl_end(trace->dwfl);
	free(trace);
}

static bool load(const struct backtrace_state *state, uint64_t address, uint64_t *value)
{
	uint64_t offset = address - state->address;

	if (offset > state->bytes || state->bytes - offset < sizeof *value)
		return false;
	memcpy(value, state->stack + offset, sizeof *value);
	return true;
}

/* The few expressions that compilers write for frames: a register or the CFA, and an offset. */
static bool evaluate(const struct frame *frame, const Dwarf_Op *ops, size_t count, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < count; i++) {
		if (ops[i].atom == DW_OP_call_frame_cfa)
			*value = frame->cfa;
		else if (ops[i].atom >= DW_OP_breg0 && ops[i].atom <= DW_OP_breg31)
			*value = frame->registers[ops[i].atom - DW_OP_breg0] + ops[i].number;
		else if (ops[i].atom == DW_OP_bregx && ops[i].number < REGISTERS)
			*value = frame->registers[ops[i].number] + ops[i].number2;
		else if (ops[i].atom == DW_OP_plus_uconst)
			*value += ops[i].number;
		else if (ops[i].atom != DW_OP_stack_value)
			return false;
	}
	return count > 0;
}

static bool restore_register(const struct backtrace_state *state, const struct frame *frame, Dwarf_Frame *rules, int number, uint64_t *value)
{
	Dwarf_Op memory[3], *ops;
	size_t count;
	uint64_t address;

	if (dwarf_frame_register(rules, number, memory, &ops, &count) != 0)
		return false;
	if (count == 0 && ops == NULL)
		return true; /* as it was */
	return count > 0 && evaluate(frame, ops, count, &address) && load(state, address, value);
}

/* @param inner whether PC is where the frame was when it called, not where it stopped */
static bool step_out(const struct backtrace *trace, const struct backtrace_state *state, struct frame *frame, bool inner)
{
	Dwarf_Frame *rules;
	Dwarf_Op *ops;
	size_t count;
	struct frame outer = *frame;
	uint64_t ra = frame->registers[REGISTER_RA];

	if (dwarf_cfi_addrframe(trace->cfi, frame->pc - trace->bias - inner, &rules) != 0)
		return false;
	bool known = dwarf_frame_cfa(rules, &ops, &count) == 0 && evaluate(frame, ops, count, &frame->cfa);
	known = known && restore_register(state, frame, rules, REGISTER_RA, &ra);
	for (int number = 3; known && number < REGISTERS; number++)
		restore_register(state, frame, rules, number, &outer.registers[number]);
	free(rules);
	if (!known)
		return false;
	outer.registers[REGISTER_SP] = frame->cfa;
	outer.registers[REGISTER_RA] = ra;
	outer.pc = ra;
	*frame = outer;
	return true;
}

static void print_frame(const struct backtrace *trace, unsigned number, uint64_t pc, bool inner)
{
	GElf_Off offset = 0;
	GElf_Sym symbol;
	int line = 0;
	const char *name = dwfl_module_addrinfo(trace->module, pc - inner, &offset, &symbol, NULL, NULL, NULL);
	Dwfl_Line *source = dwfl_module_getsrc(trace->module, pc - inner);
	const char *file = source ? dwfl_lineinfo(source, NULL, &line, NULL, NULL, NULL) : NULL;

	printf("  #%-2u %016llx %s", number, (unsigned long long)pc, name && name[0] != '$' ? name : "?");
	if (file)
		printf(" at %s:%d", file, line);
	putchar('\n');
}

void backtrace_print(struct backtrace *trace, const struct backtrace_state *state)
{
	struct frame frame = {.pc = state->pc};
	unsigned number = 0;

	memcpy(frame.registers, state->registers, sizeof frame.registers);
	print_frame(trace, number++, frame.pc, false);
	/* A jump to nowhere, or into the boot ROM: the caller is in ra. */
	if (!dwfl_module_addrname(trace->module, frame.pc)) {
		frame.pc = frame.registers[REGISTER_RA];
		print_frame(trace, number++, frame.pc, true);
	}
	while (number < FRAMES_MAX && step_out(trace, state, &frame, number > 1) && frame.pc != 0 && dwfl_module_addrname(trace->module, frame.pc - 1))
		print_frame(trace, number++, frame.pc, true);
}
