/* What the first processes of small Linux machines share: system calls (RV64 and AArch64: asm-generic/unistd.h numbers them alike for
 * both), the two functions that a compiler may call, and text on standard output. Without a C library. */
#ifndef ASSAY_INTEROP_FREESTANDING_H
#define ASSAY_INTEROP_FREESTANDING_H

#include <stddef.h>
#include <stdint.h>

enum { SYS_WRITE = 64 };

/* @return the result, or minus errno */
static long call(long n, long a, long b, long c, long d, long e, long f)
{
#ifdef __riscv
	register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d, a4 __asm__("a4") = e,
		a5 __asm__("a5") = f, a7 __asm__("a7") = n;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
	return a0;
#else
	register long x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
		x5 __asm__("x5") = f, x8 __asm__("x8") = n;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8) : "memory");
	return x0;
#endif
}
#define CALL(n, a, b, c, d) call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *memset(void *to, int value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((char *)to)[i] = (char)value;
	return to;
}

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static void print(const char *text) { CALL(SYS_WRITE, 1, text, length(text), 0); }

/* BASE: 2 to 16 */
static __attribute__((unused)) void print_number(uint64_t value, unsigned base)
{
	char text[65], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = "0123456789abcdef"[value % base];
	while (value /= base);
	print(p);
}

#endif
