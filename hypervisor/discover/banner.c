#include "hypervisor/discover/banner.h"

#include <string.h>

static const char start_of_banner[] = "Linux version ";

/* The format string "Linux version %s" is not the banner: a digit must follow. */
static bool take(const struct discover_memory *memory, uint64_t va, char *out, size_t bytes)
{
	size_t n = sizeof(start_of_banner) - 1, got = 0;

	while (got + 1 < bytes && discover_read(memory, va + got, out + got, 1) && out[got] >= ' ' && out[got] <= '~')
		got++;
	out[got] = 0;
	return got > n && out[n] >= '1' && out[n] <= '9';
}

static uint64_t search_page(const struct discover_memory *memory, uint64_t va, char *out, size_t bytes)
{
	const uint8_t *page = memory->page(memory->context, va);
	const uint8_t *at = page, *end = page + DISCOVER_PAGE_BYTES;
	size_t hit[8], hits = 0, n = sizeof(start_of_banner) - 1;

	while (page && hits < 8 && (at = memchr(at, 'L', (size_t)(end - at))) != NULL) {
		if ((size_t)(end - at) < n || memcmp(at, start_of_banner, n) == 0)
			hit[hits++] = (size_t)(at - page);
		at++;
	}
	for (size_t i = 0; i < hits; i++) {
		char text[sizeof(start_of_banner)];

		if (discover_read(memory, va + hit[i], text, n) && memcmp(text, start_of_banner, n) == 0 &&
		    take(memory, va + hit[i], out, bytes))
			return va + hit[i];
	}
	return 0;
}

uint64_t banner_find(const struct discover_memory *memory, char *out, size_t bytes)
{
	uint64_t start, end, at;

	for (uint64_t from = 0; memory->range(memory->context, from, &start, &end); from = end) {
		for (uint64_t va = start; va < end; va += DISCOVER_PAGE_BYTES) {
			at = search_page(memory, va, out, bytes);
			if (at)
				return at;
		}
	}
	out[0] = 0;
	return 0;
}
