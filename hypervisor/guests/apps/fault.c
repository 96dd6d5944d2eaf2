/* A64 programs that end by an exception, one for each FAULT_*; the instruction is at the symbol `fault_here`. */
#include "hypervisor/guests/apps/app.h"

#if defined(FAULT_undefined)
#define INSTRUCTION "udf #7"
#elif defined(FAULT_store)
#define INSTRUCTION "str x1, [x0, #-16]!"
#elif defined(FAULT_kernel)
#define INSTRUCTION "ldp x3, x4, [x1], #16"
#elif defined(FAULT_fetch)
#define INSTRUCTION "br x2"
#elif defined(FAULT_misaligned)
#define INSTRUCTION "ldxr x3, [x5]"
#elif defined(FAULT_breakpoint)
#define INSTRUCTION "brk #1"
#endif

/* x0: 16, x1: where the kernel is, x2: a page that is not there, x5: not a multiple of 8. */
int app_main(void)
{
	static uint64_t words[2];

	put_text("before\n");
	__asm__ volatile("mov x0, #16\n\tmov x1, #0x80200000\n\tmov x2, #0x3000000000\n\tadd x5, %0, #1\n\t.globl fault_here\nfault_here: " INSTRUCTION
		: : "r"(words) : "x0", "x1", "x2", "x3", "x4", "x5", "memory");
	put_text("after\n");
	return 0;
}
