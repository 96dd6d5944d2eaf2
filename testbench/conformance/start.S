/* Entry in M-mode with a0 = hart id, a1 = device tree: hart 0 runs the checks, the others sleep. Any trap ends the run. */
    .section .text.start, "ax"
    .globl _start
_start:
    bnez a0, 3f
    la t0, __bss_start
    la t1, __bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la sp, stack_top
    la t0, trap_entry
    csrw mtvec, t0
    csrw mie, zero
    mv a0, a1
    call check_main
3:  wfi
    j 3b

    .balign 4
trap_entry:
    la sp, stack_top
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call check_trapped
    j 3b

    .bss
    .balign 16
    .space 65536
stack_top:
