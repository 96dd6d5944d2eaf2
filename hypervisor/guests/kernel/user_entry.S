/* uint64_t user_enter(struct user_frame *): the kernel's way into U-mode and back; returns after the next trap, with its cause.
 * While the process runs, sscratch holds its frame. Kernel and process share the page table entry that maps the kernel. */
#include "hypervisor/guests/kernel/callee_saved.h"
#include "hypervisor/guests/kernel/user_offsets.h"

    .macro each_register op
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    \op x\n, 8 * \n(x31)
    .endr
    .endm

    .globl user_enter
user_enter:
    addi sp, sp, -128
    each_callee_saved sd
    sd gp, 104(sp)
    sd tp, 112(sp)
    mv x31, a0
    sd sp, USER_KERNEL_SP(x31)
    ld t0, USER_PC(x31)
    csrw sepc, t0
    la t0, user_trap
    csrw stvec, t0
    csrw sscratch, x31
    each_register ld
    ld x31, 8 * 31(x31)
    sret

    .balign 4
user_trap:
    csrrw x31, sscratch, x31
    each_register sd
    csrr t0, sscratch
    sd t0, 8 * 31(x31)
    csrr t0, sepc
    sd t0, USER_PC(x31)
    csrr a0, scause
    sd a0, USER_CAUSE(x31)
    csrr t0, stval
    sd t0, USER_VALUE(x31)
    la t0, trap_entry
    csrw stvec, t0
    ld sp, USER_KERNEL_SP(x31)
    each_callee_saved ld
    ld gp, 104(sp)
    ld tp, 112(sp)
    addi sp, sp, 128
    ret
