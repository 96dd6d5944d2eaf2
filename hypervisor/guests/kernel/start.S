/* Entry with a0 = hart id, a1 = device tree (first hart) or stack top (the others, started through SBI HSM at secondary_entry). */
#include "hypervisor/guests/kernel/callee_saved.h"

    .section .text.start, "ax"
    .globl _start
_start:
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la sp, boot_stack_top
    la t0, trap_entry
    csrw stvec, t0
    csrw sie, zero
    call kernel_main
1:  wfi
    j 1b

/* SBI call a0, function a1, of the kind a2, that suspends without the registers; the hart comes back with a0 = its id and a1 = what was given, here
 * the stack. @return the hart id, or the error when nothing was suspended */
    .globl suspend_and_restart
suspend_and_restart:
    addi sp, sp, -128
    each_callee_saved sd
    csrr t0, satp
    sd t0, 104(sp)
    csrr t0, sstatus
    sd t0, 112(sp)
    mv a7, a0
    mv a6, a1
    mv a0, a2
    la a1, 1f
    mv a2, sp
    ecall
    j 2f
1:  mv sp, a1
    la t0, trap_entry
    csrw stvec, t0
    ld t0, 104(sp)
    csrw satp, t0
    ld t0, 112(sp)
    csrw sstatus, t0
2:  each_callee_saved ld
    addi sp, sp, 128
    ret

    .globl secondary_entry
secondary_entry:
    mv sp, a1
    la t0, trap_entry
    csrw stvec, t0
    csrw sie, zero
    call secondary_main
1:  wfi
    j 1b

/* Traps in the kernel itself: the caller-saved registers go to the stack, since the handler is C. trap_handle() answers the new pc. */
    .globl trap_entry
    .balign 4
trap_entry:
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd t3, 32(sp)
    sd t4, 40(sp)
    sd t5, 48(sp)
    sd t6, 56(sp)
    sd a0, 64(sp)
    sd a1, 72(sp)
    sd a2, 80(sp)
    sd a3, 88(sp)
    sd a4, 96(sp)
    sd a5, 104(sp)
    sd a6, 112(sp)
    sd a7, 120(sp)
    csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    mv a3, ra
    call trap_handle
    csrw sepc, a0
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld t3, 32(sp)
    ld t4, 40(sp)
    ld t5, 48(sp)
    ld t6, 56(sp)
    ld a0, 64(sp)
    ld a1, 72(sp)
    ld a2, 80(sp)
    ld a3, 88(sp)
    ld a4, 96(sp)
    ld a5, 104(sp)
    ld a6, 112(sp)
    ld a7, 120(sp)
    addi sp, sp, 128
    sret

    .section .bss.stack, "aw", @nobits
    .balign 16
    .space 16384
boot_stack_top:
