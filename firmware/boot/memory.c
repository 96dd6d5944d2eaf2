/* For firmware and boot ROM: the C library goes byte by byte. The processor does misaligned accesses in hardware. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias, aligned(1))) any_word;

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	uint8_t *byte_to = to;
	const uint8_t *byte_from = from;

	for (; bytes >= sizeof(any_word); bytes -= sizeof(any_word), byte_to += sizeof(any_word), byte_from += sizeof(any_word))
		*(any_word *)byte_to = *(const any_word *)byte_from;
	while (bytes-- > 0)
		*byte_to++ = *byte_from++;
	return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void *memset(void *to, int value, size_t bytes)
{
	uint64_t word = (uint8_t)value * 0x0101010101010101ull;
	uint8_t *byte_to = to;

	for (; bytes >= sizeof(any_word); bytes -= sizeof(any_word), byte_to += sizeof(any_word))
		*(any_word *)byte_to = word;
	while (bytes-- > 0)
		*byte_to++ = (uint8_t)word;
	return to;
}
