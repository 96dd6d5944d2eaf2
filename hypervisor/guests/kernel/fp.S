/*
 * A computation that lives in the floating-point registers for as long as its hart does: fourteen logistic maps (f0 to f13, each with a parameter of
 * its own in f14 to f27), whose values stay between 0 and 1 and differ wholly after a while when a single bit was lost. sstatus.FS must not be off.
 */
    .text
    .option arch, +d

/* void fp_begin(uint64_t a0 = salt, 1 to 1000, uint64_t a1 = rounding mode) */
    .globl fp_begin
fp_begin:
    slli a1, a1, 5
    csrw fcsr, a1
    li t0, 1
    fcvt.d.l f31, t0
    li t0, 2048
    fcvt.d.l f30, t0
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
    addi t0, a0, 71 * \n + 1 /* x = (salt + 71 n + 1) / 2048 */
    fcvt.d.l f\n, t0
    fdiv.d f\n, f\n, f30
    .endr
    .irp n, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    li t0, 7600 + 40 * (\n - 14) /* r = 3.71 to 3.97 */
    fcvt.d.l f\n, t0
    fdiv.d f\n, f\n, f30
    .endr
    fmv.d.x f28, a0
    fcvt.s.l f29, a0 /* a single, in its box */
    ret

/* void fp_step(void): x = r x (1 - x), fourteen times */
    .globl fp_step
fp_step:
    .macro map x, r
    fsub.d f30, f31, f\x
    fmul.d f30, f30, f\x
    fmul.d f\x, f30, f\r
    .endm
    map 0, 14
    map 1, 15
    map 2, 16
    map 3, 17
    map 4, 18
    map 5, 19
    map 6, 20
    map 7, 21
    map 8, 22
    map 9, 23
    map 10, 24
    map 11, 25
    map 12, 26
    map 13, 27
    ret

/* uint64_t fp_fold(void): all 32 registers and fcsr in one word */
    .globl fp_fold
fp_fold:
    csrr a0, fcsr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fmv.x.d t0, f\n
    slli t1, a0, 7
    srli a0, a0, 57
    or a0, a0, t1
    xor a0, a0, t0
    .endr
    ret
