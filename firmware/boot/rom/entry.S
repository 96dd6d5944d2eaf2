/* Reset of the NIC's processor. The stack is that of the image that is to come (link.ld); the ROM has no data. */
	.section .text.entry, "ax"
	.globl _start
_start:
	li	sp, 0x80010000
	csrw	mie, zero
	j	1f
	.section .text.after, "ax"
1:	la	t0, 2f
	csrw	mtvec, t0
	call	rom_main
	fence.i
	jr	a0
	.balign	4
2:	wfi
	j	2b
