#include "sim/fabric/arena.h"

#include <stdint.h>
#include <sys/mman.h>

/* Far from where Linux places programs, libraries, heaps and stacks on x86-64 and AArch64. */
static const uintptr_t ARENA_BASE = UINT64_C(0x100000000000);

enum { PAGE = 4096 };

static size_t arena_used;
static unsigned arena_pieces;

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE - 1) / PAGE * PAGE;
}

void *arena_take(size_t bytes)
{
	size_t whole = whole_pages(bytes);
	void *wanted = (void *)(ARENA_BASE + arena_used);
	void *got = mmap(wanted, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == MAP_FAILED)
		return NULL;
	if (got != wanted) {
		munmap(got, whole);
		return NULL;
	}
	arena_used += whole;
	arena_pieces++;
	return got;
}

void arena_give(void *memory, size_t bytes)
{
	if (!memory)
		return;
	munmap(memory, whole_pages(bytes));
	if (--arena_pieces == 0)
		arena_used = 0;
}
