/* Disassembly from the same tables that convert. */
#ifndef ASSAY_MODELS_CONVERT_DISASM_H
#define ASSAY_MODELS_CONVERT_DISASM_H

#include <stddef.h>
#include <stdint.h>

#include "models/convert/convert.h"

enum { DISASM_TEXT_BYTES = 80 };

/** Writes "name operands" of one instruction; encodings without a row read "illegal".
 * @param pc its address, for relative targets
 * @param insn its bytes, little-endian
 * @param text receives at most @p bytes bytes, NUL included; DISASM_TEXT_BYTES always suffice
 * @return the instruction's length in bytes */
unsigned disasm_instruction(const struct convert_tables *tables, uint64_t pc, uint32_t insn, char *text, size_t bytes);

/** The name of a guest register, as in "a0". @param number 0..31 */
const char *disasm_register(unsigned number);

#endif
