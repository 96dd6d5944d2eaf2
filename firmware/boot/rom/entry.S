/* Reset of the NIC's processor. The stack is that of the image that is to come (link.ld); the ROM has no data. */
#define SYSTEM_RESET 0x10010020 /* PLATFORM_SYSTEM + SYS_RESET */
#define RESET_CRASH 0x52535402  /* SYS_RESET_KEY | SYS_CAUSE_CRASH */

	.section .text.entry, "ax"
	.globl _start
_start:
	li	sp, 0x80010000
	csrw	mie, zero
	j	1f
	/* Where a test of the watchdog sends the processor: models/board/memory_map.h, NIC_ROM_HANG. */
	.org	32
3:	j	3b
	.section .text.after, "ax"
1:	la	t0, 2f
	csrw	mtvec, t0
	call	rom_main
	fence.i
	jr	a0
/* A trap of the ROM itself: from the start, as often as the count of attempts allows. */
	.balign	4
2:	li	t0, SYSTEM_RESET
	li	t1, RESET_CRASH
	sd	t1, 0(t0)
4:	wfi
	j	4b
