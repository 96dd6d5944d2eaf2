#include "firmware/core/copy.h"

#include <stdint.h>
#include <string.h>

#ifdef __riscv
#define BLOCK_BYTES 64

/* In assembly since the compiler, told nothing of the misaligned accesses, would go byte by byte. */
void copy_payload(void *to, const void *from, size_t bytes)
{
	const uint8_t *source = from;
	uint8_t *target = to;

	for (; bytes >= BLOCK_BYTES; bytes -= BLOCK_BYTES, source += BLOCK_BYTES, target += BLOCK_BYTES) {
		uint64_t a, b, c, d;

		__asm__ volatile("ld %0, 0(%5)\n\tld %1, 8(%5)\n\tld %2, 16(%5)\n\tld %3, 24(%5)\n\t"
				 "sd %0, 0(%4)\n\tsd %1, 8(%4)\n\tsd %2, 16(%4)\n\tsd %3, 24(%4)\n\t"
				 "ld %0, 32(%5)\n\tld %1, 40(%5)\n\tld %2, 48(%5)\n\tld %3, 56(%5)\n\t"
				 "sd %0, 32(%4)\n\tsd %1, 40(%4)\n\tsd %2, 48(%4)\n\tsd %3, 56(%4)"
				 : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d)
				 : "r"(target), "r"(source)
				 : "memory");
	}
	for (; bytes >= 8; bytes -= 8, source += 8, target += 8) {
		uint64_t word;

		__asm__ volatile("ld %0, 0(%2)\n\tsd %0, 0(%1)" : "=&r"(word) : "r"(target), "r"(source) : "memory");
	}
	while (bytes--)
		*target++ = *source++;
}
#else
void copy_payload(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}
#endif
