/* What programs for the guest kernel's U-mode need: system calls of Linux on RV64 and A64, and a little text. Each program is one file with
 * int app_main(void); it also runs under qemu-aarch64 or qemu-riscv64. */
#ifndef HYPERVISOR_GUESTS_APPS_APP_H
#define HYPERVISOR_GUESTS_APPS_APP_H

#include <stddef.h>
#include <stdint.h>

enum { CALL_WRITE = 64, CALL_EXIT = 93, CALL_BRK = 214, CALL_MMAP = 222 };

long app_call(long number, long a, long b, long c, long d, long e, long f);

/** Writes text to standard output, as it is. */
void put_text(const char *text);
void put_number(uint64_t value);
void put_hex(uint64_t value, unsigned digits);
/** `NAME VALUE` in hexadecimal, on a line of its own. */
void put_result(const char *name, uint64_t value);

/** @p bytes of memory that nobody frees, through brk; NULL when there is none. */
void *take_memory(size_t bytes);

/** The next number of a sequence that *state, not 0, determines. */
uint64_t next_random(uint64_t *state);

/** What the program does; each time the same. Done APP_TIMES times, for measurements. */
int app_main(void);
#ifndef APP_TIMES
#define APP_TIMES 1
#endif

#endif
