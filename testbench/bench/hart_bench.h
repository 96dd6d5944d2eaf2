/* What the bare-metal kernels of testbench/bench share: start, output, end. ROUNDS is set by the build; what a kernel prints must be
 * the same on every machine. Bare metal, M-mode. Included by each kernel, which defines
 * `uint32_t bench(void)`. */
#ifndef ASSAY_TESTBENCH_BENCH_HART_BENCH_H
#define ASSAY_TESTBENCH_BENCH_HART_BENCH_H

#include <stdint.h>

#ifndef ROUNDS
#define ROUNDS 1
#endif

static uint32_t bench(void);

static void put_hex(uint32_t value)
{
	for (int i = 28; i >= 0; i -= 4)
		*(volatile char *)0x10000000 = "0123456789abcdef"[value >> i & 15];
	*(volatile char *)0x10000000 = '\n';
}

__attribute__((noreturn, used)) void bench_main(void)
{
	put_hex(bench());
	*(volatile uint32_t *)0x100000 = 0x5555;
	for (;;)
		;
}

/* The linker puts this section first: machines start at the first byte. mstatus.FS = initial. */
__attribute__((naked, noreturn, used, section(".text.unlikely"))) void _start(void)
{
	__asm__("li sp, 0x82000000\n\tli t0, 0x2000\n\tcsrs mstatus, t0\n\tj bench_main");
}

#endif
