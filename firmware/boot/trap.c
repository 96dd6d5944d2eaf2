#include "firmware/core/log.h"

#include <stdint.h>

#define READ_CSR(name)                                                                             \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("csrr %0, " #name : "=r"(value_));                                \
		value_;                                                                            \
	})

/** Called by crt0 with the integer registers in order (x0's place is not used). Never returns. */
_Noreturn void trap_fatal(const uint64_t *registers);

void trap_fatal(const uint64_t *registers)
{
	log_line("trap: cause %lx at %lx, value %lx", READ_CSR(mcause), READ_CSR(mepc), READ_CSR(mtval));
	for (int i = 1; i < 32; i += 4)
		log_line("  x%-2d %016lx %016lx %016lx %016lx", i, registers[i], i + 1 < 32 ? registers[i + 1] : 0,
			i + 2 < 32 ? registers[i + 2] : 0, i + 3 < 32 ? registers[i + 3] : 0);
	log_panic("fatal trap, ra %lx", registers[1]);
}
