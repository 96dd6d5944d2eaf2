# What OpenSBI starts in S-mode: a timer interrupt through the SBI, a line on the console, and a clean power-off.
	.globl	_start
_start:
	la	t0, handler
	csrw	stvec, t0
	rdtime	a0
	addi	a0, a0, 200
	li	a7, 0x54494d45		# TIME: set_timer
	li	a6, 0
	ecall
	li	t0, 32			# STIE
	csrw	sie, t0
	csrsi	sstatus, 2
1:	wfi
	beqz	s1, 1b
	la	s0, text
2:	lbu	a0, 0(s0)
	beqz	a0, 3f
	li	a7, 1			# console_putchar
	ecall
	addi	s0, s0, 1
	j	2b
3:	li	a7, 0x53525354		# SRST: shut down
	li	a6, 0
	li	a0, 0
	li	a1, 0
	ecall
	j	.
	.balign 4
handler:
	li	s1, 1
	csrw	sie, zero
	sret
text:	.asciz	"supervisor took its timer interrupt\n"
