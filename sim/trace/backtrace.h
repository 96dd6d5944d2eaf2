/* A backtrace from saved registers and a piece of stack, by the call frame information of an image (DWARF .debug_frame). */
#ifndef ASSAY_SIM_TRACE_BACKTRACE_H
#define ASSAY_SIM_TRACE_BACKTRACE_H

#include <stddef.h>
#include <stdint.h>

struct backtrace;

/** Registers x0 to x31 and pc, and @p bytes bytes of memory at @p address: the stack. */
struct backtrace_state {
	uint64_t pc, registers[32];
	uint64_t address;
	const uint8_t *stack;
	size_t bytes;
};

/** @return NULL with one line in @p error: not an ELF with DWARF. @param build_id receives the image's, zeroes if it has none; 20 bytes */
struct backtrace *backtrace_open(const char *path, uint8_t build_id[20], char *error, size_t error_size);
void backtrace_close(struct backtrace *trace);

/** Prints a line a frame, innermost first, as far as the stack reaches. */
void backtrace_print(struct backtrace *trace, const struct backtrace_state *state);

#endif
