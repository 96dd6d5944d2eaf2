/* For assembly: an image linked at HYPERVISOR_BASE by hypervisor.lds moves itself to where it is. Every address in its data (R_RISCV_RELATIVE,
 * all that a static program has) becomes its addend plus the distance from where it was linked. Clobbers t0 to t4. */
    .macro relocate_image
    la t0, relocations_start
    la t1, relocations_end
    la t2, _start
    li t3, HYPERVISOR_BASE
    sub t2, t2, t3
1:  bgeu t0, t1, 2f
    ld t3, 0(t0)
    ld t4, 16(t0)
    add t3, t3, t2
    add t4, t4, t2
    sd t4, 0(t3)
    addi t0, t0, 24
    j 1b
2:
    .endm
