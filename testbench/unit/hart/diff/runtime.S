# Run-time support of a differential program: start, trap handler, printing of the log.
#
# Reserved registers: x31 log pointer, x30 resume address of the slot less DIFF_SLOT_BYTES, x26 and x27 the handler's own.
# Every trap that reaches M-mode appends a record and resumes in M-mode at the next slot, with mstatus, mie and mip as at the
# start. A trap that reaches S- or VS-mode comes to M-mode through an ecall in stvec's and vstvec's handler.
#include "testbench/unit/hart/diff/layout.h"

	.option norelax
	.option norvc
	.globl _start
_start:
	la	x27, handler
	csrw	mtvec, x27
	li	x27, -1
	csrw	pmpaddr0, x27
	li	x27, 0x1f
	csrw	pmpcfg0, x27
	la	x27, supervisor_handler
	csrw	stvec, x27
	li	x31, DIFF_LOG
	li	x26, 1
	slli	x26, x26, 61
	csrs	0x30a, x26		# menvcfg.ADUE: reset may leave it, and henvcfg's, 0 or 1
	slli	x27, x26, 1
	csrc	0x30a, x27		# menvcfg.PBMTE: QEMU 7.2 does not look at it, so that it goes without Svpbmt
	li	x27, DIFF_PARAMETERS
	ld	x27, DIFF_PARAMETER_LOG_H(x27)
	beqz	x27, 1f
	csrs	0x60a, x26		# henvcfg.ADUE
	la	x27, supervisor_handler
	csrw	0x205, x27		# vstvec
1:	li	x27, 0x7800		# MPP = M, FS = dirty
	csrw	mstatus, x27
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fmv.d.x	f\n, zero
	.endr
	li	x27, DIFF_BODY
	csrw	mepc, x27
	li	x30, DIFF_PARAMETERS
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29
	ld	x\n, (DIFF_PARAMETER_REGISTERS + 8 * \n)(x30)
	.endr
	mret

	.org	DIFF_SUPERVISOR_HANDLER - DIFF_BASE
supervisor_handler:
	ecall
	.balign 64
handler:
	.macro	record csr, word
	csrr	x27, \csr
	sd	x27, 8 * \word(x31)
	.endm
	record	mcause, 0
	record	mepc, 1
	record	mtval, 2
	record	mstatus, 3
	record	scause, 4
	record	sepc, 5
	record	stval, 6
	csrr	x27, mip
	andi	x27, x27, 0x766		# the machine timer is as the machine has it
	sd	x27, 8 * 7(x31)
	li	x26, DIFF_PARAMETERS
	ld	x27, DIFF_PARAMETER_LOG_H(x26)
	beqz	x27, 1f
	record	0x600, 8		# hstatus
	record	0x643, 9		# htval
	record	0x64a, 10		# htinst
	record	0x34b, 11		# mtval2
	record	0x34a, 12		# mtinst
	record	0x242, 13		# vscause
	record	0x241, 14		# vsepc
	record	0x243, 15		# vstval
	record	0x200, 16		# vsstatus
	csrw	0x645, zero		# hvip
	csrw	0x602, zero		# hedeleg
	csrw	0x600, zero		# hstatus
	csrw	0x280, zero		# vsatp
	csrw	0x643, zero
	csrw	0x64a, zero
	csrw	0x34b, zero
	csrw	0x34a, zero
	csrw	0x242, zero
	csrw	0x241, zero
	csrw	0x243, zero
1:	sd	x5, 8 * 17(x31)
	sd	x6, 8 * 18(x31)
	sd	x7, 8 * 19(x31)
	addi	x31, x31, 8 * DIFF_RECORD_WORDS
	csrw	mie, zero
	csrw	mip, zero
	csrw	medeleg, zero
	csrw	satp, zero
	csrw	mcause, zero
	csrw	mtval, zero
	csrw	scause, zero
	csrw	sepc, zero
	csrw	stval, zero
	li	x27, 0x7800
	csrw	mstatus, x27
	addi	x30, x30, DIFF_SLOT_BYTES
	csrw	mepc, x30
	mret

# The end of the body jumps here: prints the log, the registers and the sums, and finishes.
	.org	DIFF_FINISH - DIFF_BASE
finish:
	li	x26, DIFF_PARAMETERS
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29
	sd	x\n, 8 * (\n - 1)(x31)
	.endr
	li	x27, 0x6000
	csrs	mstatus, x27
	csrr	x27, fcsr
	sd	x27, 8 * 25(x31)
	li	x27, DIFF_DATA
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, 8 * \n(x27)
	.endr
	sd	zero, 8 * 26(x31)
	addi	x31, x31, 8 * 29
	ld	x20, DIFF_PARAMETER_SUMS(x26)
	li	x8, DIFF_LOG
2:	ld	x10, 0(x8)
	jal	print
	addi	x8, x8, 8
	bltu	x8, x31, 2b
	li	x8, DIFF_DATA
	li	x9, DIFF_DATA + DIFF_DATA_BYTES
	jal	sum
	beqz	x20, 3f
	li	x8, DIFF_PAGES
	li	x9, DIFF_PAGES + DIFF_PAGE_COUNT * 4096
	jal	sum
	li	x8, DIFF_TABLES
	li	x9, DIFF_TABLES + DIFF_TABLE_BYTES
	jal	sum
3:	li	x8, 0x100000
	li	x9, 0x5555
	sw	x9, 0(x8)
	j	.

# Prints a sum of the words from x8 to x9.
sum:
	mv	x21, x1
	li	x10, 0
	li	x12, 31
1:	ld	x11, 0(x8)
	mul	x10, x10, x12
	add	x10, x10, x11
	addi	x8, x8, 8
	bltu	x8, x9, 1b
	jal	print
	jr	x21

# Prints x10 as 16 hexadecimal digits and a newline.
print:
	li	x13, 0x10000000
	li	x14, 60
1:	srl	x15, x10, x14
	andi	x15, x15, 15
	addi	x15, x15, '0'
	li	x16, '9'
	ble	x15, x16, 2f
	addi	x15, x15, 'a' - '0' - 10
2:	sb	x15, 0(x13)
	addi	x14, x14, -4
	bgez	x14, 1b
	li	x15, '\n'
	sb	x15, 0(x13)
	ret
