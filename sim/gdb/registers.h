/* Registers as GDB numbers and names them on RISC-V (gdb/features/riscv, gdb/riscv-tdep.h): x0 to x31, pc, f0 to f31, CSRs, priv. */
#ifndef ASSAY_SIM_GDB_REGISTERS_H
#define ASSAY_SIM_GDB_REGISTERS_H

#include <stdint.h>

#include "models/hart/hart.h"

enum { GDB_REG_PC = 32, GDB_REG_F0 = 33, GDB_REG_CSR0 = 65, GDB_REG_PRIV = 65 + 4096, GDB_REG_GENERAL = 33 /**< what `g` holds */ };

/** @return 0, or -1 if there is no such register. priv: bits 1:0 the privilege, bit 2 V. */
int gdb_register_read(struct hart_core *core, unsigned number, uint64_t *value);
int gdb_register_write(struct hart_core *core, unsigned number, uint64_t value);

/** The target description (XML) for a hart. @return its text, which lives as long as the program. */
const char *gdb_target_description(void);

#endif
