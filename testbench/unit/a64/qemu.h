/* Debian's qemu-aarch64 as the reference for A64 programs. */
#ifndef ASSAY_TESTBENCH_UNIT_A64_QEMU_H
#define ASSAY_TESTBENCH_UNIT_A64_QEMU_H

#include <stddef.h>
#include <stdint.h>

/** Runs the program on a processor of the first version of the architecture with CRC32.
 * @param status receives its exit status, unless NULL
 * @return how many bytes of standard output it wrote (the first @p most of them are in @p out), or -1 */
long qemu_run(const char *path, uint8_t *out, size_t most, int *status);

#endif
