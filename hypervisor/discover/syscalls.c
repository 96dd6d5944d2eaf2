#include "hypervisor/discover/syscalls.h"

#include <string.h>

/* first..last: the hole to search for, longer where its neighbours are not configured; also: other numbers that must hold the
 * same pointer; present: calls that every kernel has, each a function of its own. */
struct holes {
	unsigned first, last;
	unsigned also[6], present[16];
};

/* x86-64: nfsservctl .. security; create_module, get_kernel_syms, query_module, epoll_ctl_old, epoll_wait_old,
 * vserver. Others: the generic table's reserved numbers; nfsservctl and the architecture's unused range. */
static const struct holes x86_holes = {
	180, 185, { 174, 177, 178, 214, 215, 236 }, { 0, 1, 2, 3, 5, 9, 11, 12, 39, 57, 59, 60, 62, 102, 231, 257 }
};
static const struct holes generic_holes = {
	295, 423, { 42, 244, 245, 250, 256, 257 }, { 17, 25, 56, 57, 63, 64, 93, 94, 124, 129, 172, 174, 214, 215, 220, 222 }
};

enum { ALSO = 6, PRESENT = 16, MOST_EXTRA = 64 };

static bool fits(const struct discover_memory *memory, const struct discover_exports *exports,
		 const struct holes *h, uint64_t table, uint64_t hole)
{
	uint64_t seen[PRESENT], v;

	for (unsigned i = 0; i < ALSO; i++)
		if (!discover_read_u64(memory, table + 8ull * h->also[i], &v) || v != hole)
			return false;
	for (unsigned i = 0; i < PRESENT; i++) {
		if (!discover_read_u64(memory, table + 8ull * h->present[i], &v) || v == hole ||
		    v < exports->image_start || v >= exports->image_end)
			return false;
		for (unsigned j = 0; j < i; j++)
			if (seen[j] == v)
				return false;
		seen[i] = v;
	}
	return true;
}

/* Runs of equal pointers are counted over the whole image, a page at a time. */
struct search {
	const struct discover_memory *memory;
	const struct discover_exports *exports;
	const struct holes *holes;
	uint64_t previous, table;
	unsigned run, found;
};

static void end_run(struct search *s, uint64_t va)
{
	const struct holes *h = s->holes;
	unsigned least = h->last - h->first + 1;

	for (unsigned extra = 0; s->run >= least + extra && extra < MOST_EXTRA; extra++) {
		uint64_t table = va - 8ull * (h->last + 1 + extra);

		if (!fits(s->memory, s->exports, h, table, s->previous))
			continue;
		s->table = table;
		s->found++;
	}
}

static void search_page(struct search *s, uint64_t va)
{
	uint64_t words[DISCOVER_PAGE_BYTES / 8] = { 0 };
	const uint8_t *page = s->memory->page(s->memory->context, va);

	if (page)
		memcpy(words, page, sizeof(words));
	for (unsigned i = 0; i < DISCOVER_PAGE_BYTES / 8; i++) {
		if (words[i] && words[i] == s->previous) {
			s->run++;
			continue;
		}
		end_run(s, va + 8ull * i);
		s->previous = words[i];
		s->run = 1;
	}
}

const char *syscalls_find(const struct discover_memory *memory, const struct discover_exports *exports,
			  int64_t *table)
{
	struct search s = { .memory = memory, .exports = exports,
			    .holes = memory->arch == DISCOVER_X86_64 ? &x86_holes : &generic_holes };
	uint64_t start, end;

	for (uint64_t from = 0; memory->range(memory->context, from, &start, &end); from = end)
		for (uint64_t va = start; va < end; va += DISCOVER_PAGE_BYTES)
			search_page(&s, va);
	if (s.found != 1)
		return s.found ? "several tables have the pattern of holes" : "no table has the pattern of holes";
	*table = (int64_t)s.table;
	return NULL;
}

bool syscalls_function(const struct discover_memory *memory, const struct discover_exports *exports, uint64_t table,
		       const char *name, int64_t *function)
{
	static const struct {
		const char *name;
		unsigned x86, generic;
	} calls[] = {
		{ "sys_kill", 62, 129 }, 
		{ "sys_getuid", 102, 174 }, { "sys_getgid", 104, 176 }, { "sys_geteuid", 107, 175 },
		{ "sys_getegid", 108, 177 }, { "sys_getppid", 110, 173 }, { "sys_gettid", 186, 178 },
		{ "sys_flock", 73, 32 }, { "sys_delete_module", 176, 106 },
	};
	uint64_t value;

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		unsigned number = memory->arch == DISCOVER_X86_64 ? calls[i].x86 : calls[i].generic;

		if (strcmp(calls[i].name, name) != 0 || !discover_read_u64(memory, table + 8ull * number, &value) ||
		    value < exports->image_start || value >= exports->image_end)
			continue;
		*function = (int64_t)value;
		return true;
	}
	return false;
}
