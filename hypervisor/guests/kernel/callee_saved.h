/* For assembly: `each_callee_saved sd` puts ra and s0 to s11 at sp, `each_callee_saved ld` takes them back; they take 104 bytes there. */
#ifndef ASSAY_HYPERVISOR_GUESTS_KERNEL_CALLEE_SAVED_H
#define ASSAY_HYPERVISOR_GUESTS_KERNEL_CALLEE_SAVED_H

    .macro each_callee_saved op
    \op ra, 0(sp)
    \op s0, 8(sp)
    \op s1, 16(sp)
    \op s2, 24(sp)
    \op s3, 32(sp)
    \op s4, 40(sp)
    \op s5, 48(sp)
    \op s6, 56(sp)
    \op s7, 64(sp)
    \op s8, 72(sp)
    \op s9, 80(sp)
    \op s10, 88(sp)
    \op s11, 96(sp)
    .endm

#endif
