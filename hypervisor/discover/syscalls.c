#include "hypervisor/discover/syscalls.h"

/* first..last: the hole to search for; also: other numbers that must hold the same pointer. */
struct holes {
	unsigned first, last;
	unsigned also[8], alsos;
};

/* x86-64: nfsservctl .. security; create_module, get_kernel_syms, query_module, epoll_ctl_old, epoll_wait_old,
 * vserver. Others: the generic table's reserved numbers; nfsservctl and the architecture's unused range. */
static const struct holes x86_holes = { 180, 185, { 174, 177, 178, 214, 215, 236 }, 6 };
static const struct holes generic_holes = { 295, 423, { 42, 244, 245, 250, 256, 257 }, 6 };

enum { DISTINCT = 32 };

static bool fits(const struct discover_memory *memory, const struct discover_exports *exports,
		 const struct holes *h, uint64_t table, uint64_t hole)
{
	uint64_t seen[DISTINCT];

	for (unsigned i = 0; i < h->alsos; i++) {
		uint64_t v;

		if (!discover_read_u64(memory, table + 8ull * h->also[i], &v) || v != hole)
			return false;
	}
	for (unsigned i = 0; i < DISTINCT; i++) { /* the first numbers are real calls, each its own function */
		if (!discover_read_u64(memory, table + 8ull * i, &seen[i]) || seen[i] == hole ||
		    seen[i] < exports->image_start || seen[i] >= exports->image_end)
			return false;
		for (unsigned j = 0; j < i; j++)
			if (seen[j] == seen[i])
				return false;
	}
	return true;
}

const char *syscalls_find(const struct discover_memory *memory, const struct discover_exports *exports,
			  int64_t *table)
{
	const struct holes *h = memory->arch == DISCOVER_X86_64 ? &x86_holes : &generic_holes;
	unsigned want = h->last - h->first + 1, run = 0, found = 0;
	uint64_t start, end, previous = 0, v;

	for (uint64_t from = 0; memory->range(memory->context, from, &start, &end); from = end) {
		run = 0;
		for (uint64_t va = start; va + 8 <= end; va += 8) {
			if (!discover_read_u64(memory, va, &v))
				v = 0;
			if (v && v == previous) {
				run++;
				continue;
			}
			if (run == want && fits(memory, exports, h, va - 8ull * (h->last + 1), previous)) {
				*table = (int64_t)(va - 8ull * (h->last + 1));
				found++;
			}
			previous = v;
			run = 1;
		}
	}
	if (found == 1)
		return NULL;
	return found ? "several tables have the pattern of holes" : "no table has the pattern of holes";
}
