/* What survives a restart of the firmware lies in the section .keep, at the same place in every image. */
#ifndef ASSAY_FIRMWARE_BOOT_KEEP_H
#define ASSAY_FIRMWARE_BOOT_KEEP_H

/* Counts up whenever anything in .keep changes its place or meaning: an image with another number starts as if after power-on. */
#define KEEP_LAYOUT 5

#ifdef __riscv
#define KEEP __attribute__((section(".keep")))
#else
#define KEEP
#endif

#endif
