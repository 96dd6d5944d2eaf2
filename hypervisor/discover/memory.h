/* What discovery sees of a guest: pages of kernel virtual memory, and nothing else.
 *
 * Every source (a vmlinux, an Image, a physical dump behind page tables, a live VM) implements these two
 * functions. The core never writes through them.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_MEMORY_H
#define ASSAY_HYPERVISOR_DISCOVER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISCOVER_PAGE_BYTES 4096u

enum discover_arch { DISCOVER_X86_64, DISCOVER_AARCH64, DISCOVER_RV64 };

struct discover_memory {
	void *context;
	enum discover_arch arch;
	/** @return DISCOVER_PAGE_BYTES readable bytes at the page-aligned @p va, NULL if nothing is mapped.
	 * The pointer stays valid until the next call. */
	const uint8_t *(*page)(void *context, uint64_t va);
	/** Finds the first mapped range of the kernel image that ends above @p from.
	 * @return false when there is none; then the outputs are untouched. */
	bool (*range)(void *context, uint64_t from, uint64_t *start, uint64_t *end);
};

/** Copies @p bytes at @p va into @p out. @return false if any byte is unmapped (out is then partly written). */
bool discover_read(const struct discover_memory *memory, uint64_t va, void *out, size_t bytes);

/** Reads a little-endian integer of 4 or 8 bytes. @return false if unmapped. */
bool discover_read_u32(const struct discover_memory *memory, uint64_t va, uint32_t *out);
bool discover_read_u64(const struct discover_memory *memory, uint64_t va, uint64_t *out);

/** Reads a NUL-terminated string of at most @p bytes - 1 characters, always terminated.
 * @return its length, or -1 if unmapped, unterminated or not printable ASCII. */
int discover_read_string(const struct discover_memory *memory, uint64_t va, char *out, size_t bytes);

/** Memory that the caller gives to the core; the core has no other. */
struct discover_arena {
	uint8_t *base;
	size_t bytes, used;
};

/** @return zeroed memory aligned to 16, NULL when the arena is full. */
void *discover_alloc(struct discover_arena *arena, size_t bytes);

#endif
