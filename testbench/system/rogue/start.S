/* Entry of the rogue, and accesses that may be refused: a trap inside of them is noted and the instruction skipped, a trap elsewhere is a
 * mistake of the rogue's own and goes to rogue_crashed. */
#include "hypervisor/arch/relocate.h"

    .section .text.start, "ax"
    .globl _start
_start:
    la sp, rogue_stacks
    li t0, 16384
    add sp, sp, t0
    relocate_image
    la t0, rogue_trap
    csrw stvec, t0
    csrw sie, zero
    call rogue_boot
1:  wfi
    j 1b

/* a0 = hart, a1 = stack's end */
    .globl rogue_hart_entry
rogue_hart_entry:
    mv sp, a1
    la t0, rogue_trap
    csrw stvec, t0
    csrw sie, zero
    call rogue_main
1:  wfi
    j 1b

    .balign 4
rogue_trap:
    csrr t5, sepc
    la t6, rogue_probes
    bltu t5, t6, 1f
    la t6, rogue_probes_end
    bgeu t5, t6, 1f
    addi t5, t5, 4
    csrw sepc, t5
    csrr t6, scause
    sret
1:  csrr a0, scause
    mv a1, t5
    csrr a2, stval
    call rogue_crashed

/* uint64_t rogue_probe_*(address, value *): the cause of the trap, 0 for none */
    .option push
    .option norvc
rogue_probes:
    .macro probe name, load, store
    .globl rogue_load_\name
rogue_load_\name:
    li t6, 0
    li t4, 0
    \load t4, 0(a0)
    sd t4, 0(a1)
    mv a0, t6
    ret
    .globl rogue_store_\name
rogue_store_\name:
    li t6, 0
    ld t4, 0(a1)
    \store t4, 0(a0)
    mv a0, t6
    ret
    .endm
    probe 8, lbu, sb
    probe 32, lwu, sw
    probe 64, ld, sd
    .globl rogue_swap
rogue_swap:
    li t6, 0
    ld t4, 0(a1)
    amoswap.d t4, t4, (a0)
    mv a0, t6
    ret
rogue_probes_end:
    .option pop

    .section .bss.stacks, "aw", @nobits
    .balign 16
    .globl rogue_stacks
rogue_stacks:
    .space 16384 * 8
