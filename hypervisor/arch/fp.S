/* Floating-point registers of a guest: 32 of 64 bits, then fcsr. sstatus.FS must not be off. */
    .text
    .option arch, +d

/* void fp_save(uint64_t *a0) */
    .globl fp_save
fp_save:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsd f\n, (8 * \n)(a0)
    .endr
    csrr t0, fcsr
    sd t0, 256(a0)
    ret

/* void fp_restore(const uint64_t *a0) */
    .globl fp_restore
fp_restore:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld f\n, (8 * \n)(a0)
    .endr
    ld t0, 256(a0)
    csrw fcsr, t0
    ret
