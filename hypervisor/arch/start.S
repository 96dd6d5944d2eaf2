/* Entry from the M-mode firmware: the boot hart comes to _start with a0 = hart id, a1 = device tree; the others through SBI HSM
 * to hart_entry with a1 = their struct hart. Only the first hart that comes to
 * _start is the boot hart. */
#include "hypervisor/arch/hart.h"
#include "hypervisor/arch/relocate.h"

    .section .text.start, "ax"
    .globl _start
_start:
    la t0, boot_taken
    li t1, 1
    amoswap.w.aqrl t1, t1, (t0)
    bnez t1, late_hart
    la sp, boot_stack_top
    relocate_image
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la t0, host_trap_entry
    csrw stvec, t0
    csrw sie, zero
    mv tp, zero
    call boot_main
    /* boot_main found the hart's own context. */
    mv a1, a0
    .globl hart_entry
hart_entry:
    mv tp, a1
    ld sp, HART_STACK_TOP(tp)
    la t0, host_trap_entry
    csrw stvec, t0
    csrw sie, zero
    call hart_main
1:  wfi
    j 1b

/* OpenSBI 1.1 may let a hart go that is being started before it has stored where to: such a hart comes to _start a second time. It waits
 * until the boot hart knows all harts and takes its own context. */
late_hart:
    la t0, harts_known
1:  lw t1, 0(t0)
    beqz t1, 1b
    fence r, rw
    la a1, harts
2:  ld t1, HART_ID(a1)
    beq t1, a0, hart_entry
    addi a1, a1, HART_BYTES
    j 2b

    .data
    .balign 4
boot_taken:
    .word 0
    .globl harts_known
harts_known:
    .word 0

    .section .bss.stack, "aw", @nobits
    .balign 16
    .space 16384
boot_stack_top:

/* The image that guests get when none is given. */
    .section .rodata.guest, "a"
    .balign 4096
    .globl builtin_guest_start
builtin_guest_start:
    .incbin GUEST_KERNEL
    .globl builtin_guest_end
builtin_guest_end:
