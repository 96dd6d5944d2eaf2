/* The world switch: vcpu_enter() runs the guest until it traps and returns to its caller then. */
#include "hypervisor/arch/hart.h"
#include "hypervisor/arch/vcpu_offsets.h"

#define FRAME 112

    .text
    .option arch, +h

/* void vcpu_enter(struct vcpu *a0) */
    .globl vcpu_enter
    .balign 4
vcpu_enter:
    addi sp, sp, -FRAME
    sd ra, 0(sp)
    sd tp, 8(sp)
    sd s0, 16(sp)
    sd s1, 24(sp)
    sd s2, 32(sp)
    sd s3, 40(sp)
    sd s4, 48(sp)
    sd s5, 56(sp)
    sd s6, 64(sp)
    sd s7, 72(sp)
    sd s8, 80(sp)
    sd s9, 88(sp)
    sd s10, 96(sp)
    sd s11, 104(sp)
    sd sp, VCPU_HOST_SP(a0)
    csrw sscratch, a0
    la t0, guest_exit
    csrw stvec, t0
    ld t0, VCPU_PC(a0)
    csrw sepc, t0
    ld t0, VCPU_HSTATUS(a0)
    csrw hstatus, t0
    ld t0, VCPU_SSTATUS(a0)
    csrw sstatus, t0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld x\n, (VCPU_X + 8 * \n)(a0)
    .endr
    ld a0, (VCPU_X + 8 * 10)(a0)
    sret

    .balign 4
guest_exit:
    csrrw a0, sscratch, a0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd x\n, (VCPU_X + 8 * \n)(a0)
    .endr
    csrr t0, sscratch
    sd t0, (VCPU_X + 8 * 10)(a0)
    csrr t0, sepc
    sd t0, VCPU_PC(a0)
    csrr t0, hstatus
    sd t0, VCPU_HSTATUS(a0)
    csrr t0, sstatus
    sd t0, VCPU_SSTATUS(a0)
    la t0, host_trap_entry
    csrw stvec, t0
    ld sp, VCPU_HOST_SP(a0)
    ld ra, 0(sp)
    ld tp, 8(sp)
    ld s0, 16(sp)
    ld s1, 24(sp)
    ld s2, 32(sp)
    ld s3, 40(sp)
    ld s4, 48(sp)
    ld s5, 56(sp)
    ld s6, 64(sp)
    ld s7, 72(sp)
    ld s8, 80(sp)
    ld s9, 88(sp)
    ld s10, 96(sp)
    ld s11, 104(sp)
    addi sp, sp, FRAME
    ret

/* int guest_fetch(uint64_t address, uint32_t *instruction): reads the instruction at a guest-virtual address as the guest would
 * fetch it; 0, or -1 when that faults. Two halves, since a compressed instruction may end a page. */
    .globl guest_fetch
guest_fetch:
    mv t2, a0
guest_fetch_low:
    hlvx.hu t0, (t2)
    andi t3, t0, 3
    li t4, 3
    bne t3, t4, 1f
    addi t2, t2, 2
guest_fetch_high:
    hlvx.hu t3, (t2)
    slli t3, t3, 16
    or t0, t0, t3
1:  sw t0, 0(a1)
    li a0, 0
    ret
guest_fetch_failed:
    li a0, -1
    ret

/* int guest_load(uint64_t address, uint64_t *word): reads a word at a guest-virtual address as the guest would; 0, or -1 when that faults:
 * scause and stval tell how. */
    .globl guest_load
guest_load:
    mv t2, a0
guest_load_word:
    hlv.d t0, (t2)
    sd t0, 0(a1)
    li a0, 0
    ret

/* Traps in HS-mode: interrupts stay disabled there, so only the faults of guest_fetch and guest_load are expected. */
    .globl host_trap_entry
    .balign 4
host_trap_entry:
    beqz tp, 9f
    sd t1, HART_SCRATCH(tp)
    csrw sscratch, t0
    csrr t0, sepc
    la t1, guest_fetch_low
    beq t0, t1, 2f
    la t1, guest_fetch_high
    beq t0, t1, 2f
    la t1, guest_load_word
    beq t0, t1, 2f
9:  csrr a0, scause
    csrr a1, sepc
    csrr a2, stval
    mv a3, ra
    tail host_trap_panic
2:  la t1, guest_fetch_failed
    csrw sepc, t1
    ld t1, HART_SCRATCH(tp)
    csrr t0, sscratch
    sret
