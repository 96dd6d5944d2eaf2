#include "hypervisor/guests/apps/app.h"

#if defined(__aarch64__)
long app_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
		x4 __asm__("x4") = e, x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#else
long app_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = number, a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d,
		a4 __asm__("a4") = e, a5 __asm__("a5") = f;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
	return a0;
}
#endif

void put_text(const char *text)
{
	size_t bytes = 0;

	while (text[bytes])
		bytes++;
	app_call(CALL_WRITE, 1, (long)text, (long)bytes, 0, 0, 0);
}

void put_number(uint64_t value)
{
	char text[21];
	unsigned at = sizeof(text) - 1;

	text[at] = 0;
	do
		text[--at] = (char)('0' + value % 10);
	while (value /= 10);
	put_text(text + at);
}

void put_hex(uint64_t value, unsigned digits)
{
	char text[17];

	text[digits] = 0;
	while (digits--) {
		text[digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
	put_text(text);
}

void put_result(const char *name, uint64_t value)
{
	put_text(name);
	put_text(" ");
	put_hex(value, 16);
	put_text("\n");
}

void *take_memory(size_t bytes)
{
	long start = app_call(CALL_BRK, 0, 0, 0, 0, 0, 0), end = start + (long)((bytes + 15) & ~(size_t)15);

	return app_call(CALL_BRK, end, 0, 0, 0, 0, 0) == end ? (void *)start : NULL;
}

uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The compiler may call these. */
void *memcpy(void *to, const void *from, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)to)[i] = ((const unsigned char *)from)[i];
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)to)[i] = (unsigned char)value;
	return to;
}

void _start(void);
void _start(void)
{
	int status = 0;

	for (unsigned i = 0; i < APP_TIMES; i++)
		status |= app_main();
	app_call(CALL_EXIT, status, 0, 0, 0, 0, 0);
	__builtin_unreachable();
}
