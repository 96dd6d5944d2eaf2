#include "hypervisor/discover/memory.h"

#include <string.h>

bool discover_read(const struct discover_memory *memory, uint64_t va, void *out, size_t bytes)
{
	uint8_t *to = out;

	while (bytes) {
		size_t in_page = va % DISCOVER_PAGE_BYTES;
		size_t n = DISCOVER_PAGE_BYTES - in_page;
		const uint8_t *page = memory->page(memory->context, va - in_page);

		if (!page)
			return false;
		if (n > bytes)
			n = bytes;
		memcpy(to, page + in_page, n);
		to += n;
		va += n;
		bytes -= n;
	}
	return true;
}

bool discover_read_u32(const struct discover_memory *memory, uint64_t va, uint32_t *out)
{
	uint8_t b[4];

	if (!discover_read(memory, va, b, sizeof(b)))
		return false;
	*out = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	return true;
}

bool discover_read_u64(const struct discover_memory *memory, uint64_t va, uint64_t *out)
{
	uint32_t low, high;

	if (!discover_read_u32(memory, va, &low) || !discover_read_u32(memory, va + 4, &high))
		return false;
	*out = (uint64_t)high << 32 | low;
	return true;
}

int discover_read_string(const struct discover_memory *memory, uint64_t va, char *out, size_t bytes)
{
	const uint8_t *page = NULL;

	for (size_t i = 0; i < bytes; i++, va++) {
		if (!page || va % DISCOVER_PAGE_BYTES == 0) {
			page = memory->page(memory->context, va - va % DISCOVER_PAGE_BYTES);
			if (!page)
				break;
		}
		out[i] = (char)page[va % DISCOVER_PAGE_BYTES];
		if (!out[i])
			return (int)i;
		if (out[i] < 0x20 || out[i] > 0x7e)
			break;
	}
	if (bytes)
		out[0] = 0;
	return -1;
}

void *discover_alloc(struct discover_arena *arena, size_t bytes)
{
	size_t start = (arena->used + 15) & ~(size_t)15;
	void *p;

	if (start > arena->bytes || bytes > arena->bytes - start)
		return NULL;
	p = arena->base + start;
	arena->used = start + bytes;
	memset(p, 0, bytes);
	return p;
}
