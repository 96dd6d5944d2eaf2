#include "hypervisor/discover/exports.h"

#include <string.h>

enum { MIN_RUN = 32, MAX_RUNS = 64, MAX_ENTRIES = 32768, NAME_BYTES = 128, PERCPU_LIMIT = 1 << 20 };

struct run {
	uint64_t start;
	size_t count;
	unsigned stride;
};

struct scan {
	const struct discover_memory *memory;
	struct discover_exports *out;
	uint64_t start, end; /* the range that is being scanned */
	char name[NAME_BYTES]; /* of the entry that was validated last */
	struct run run[MAX_RUNS];
	unsigned runs;
};

static bool is_identifier_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static uint32_t hash_of(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

static bool in_image(const struct discover_exports *e, uint64_t va)
{
	return va >= e->image_start && va < e->image_end;
}

/* The cheap test that nearly every position of an image fails. */
static bool name_starts_here(const struct scan *s, uint64_t va)
{
	const uint8_t *page;
	uint8_t c;

	if (!in_image(s->out, va))
		return false;
	page = s->memory->page(s->memory->context, va - va % DISCOVER_PAGE_BYTES);
	if (!page)
		return false;
	c = page[va % DISCOVER_PAGE_BYTES];
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool read_entry(const struct scan *s, uint64_t va, unsigned stride, struct discover_export *e)
{
	uint32_t value32, name32;

	if (va + stride > s->end)
		return false;
	if (stride <= 12) {
		if (!discover_read_u32(s->memory, va, &value32) || !discover_read_u32(s->memory, va + 4, &name32))
			return false;
		e->value = va + (uint64_t)(int64_t)(int32_t)value32;
		e->name = va + 4 + (uint64_t)(int64_t)(int32_t)name32;
	} else if (!discover_read_u64(s->memory, va, &e->value) || !discover_read_u64(s->memory, va + 8, &e->name)) {
		return false;
	}
	return (in_image(s->out, e->value) || e->value < PERCPU_LIMIT) && name_starts_here(s, e->name);
}

static bool entry_is_valid(struct scan *s, uint64_t va, unsigned stride, struct discover_export *e)
{
	int n;

	if (!read_entry(s, va, stride, e))
		return false;
	n = discover_read_string(s->memory, e->name, s->name, sizeof(s->name));
	for (int i = 0; i < n; i++)
		if (!is_identifier_char(s->name[i]))
			return false;
	e->hash = hash_of(s->name);
	return n >= 2;
}

/* A run is a maximal sequence of valid entries sorted by name, as the linker script sorts them: other tables of
 * (pointer, string) pairs are not. Most values are addresses: a table of numbers and names is none.
 * Returns its length. */
static size_t measure_run(struct scan *s, uint64_t va, unsigned stride, bool *is_table)
{
	struct discover_export e;
	size_t n, addresses = 0;

	s->name[0] = 0;
	for (n = 0; n < MAX_ENTRIES; n++) {
		char previous[NAME_BYTES];

		memcpy(previous, s->name, sizeof(previous));
		if (!entry_is_valid(s, va + n * stride, stride, &e) || strcmp(previous, s->name) >= 0)
			break;
		addresses += in_image(s->out, e.value);
	}
	*is_table = n >= MIN_RUN && 2 * addresses >= n;
	return n;
}

/* When there are too many, the shortest is forgotten. */
static void keep_run(struct scan *s, struct run run)
{
	unsigned shortest = 0;

	if (s->runs < MAX_RUNS) {
		s->run[s->runs++] = run;
		return;
	}
	for (unsigned i = 1; i < MAX_RUNS; i++)
		if (s->run[i].count < s->run[shortest].count)
			shortest = i;
	if (s->run[shortest].count < run.count)
		s->run[shortest] = run;
}

static unsigned try_strides(struct scan *s, uint64_t va, const unsigned *strides, uint64_t *next)
{
	struct discover_export e;

	for (unsigned i = 0; i < 2; i++) {
		unsigned stride = strides[i];
		size_t n;
		bool is_table;

		/* Three cheap looks before strings are read. */
		if (!read_entry(s, va, stride, &e) || !read_entry(s, va + stride, stride, &e) ||
		    !read_entry(s, va + 2 * stride, stride, &e))
			continue;
		n = measure_run(s, va, stride, &is_table);
		if (n < MIN_RUN)
			continue;
		if (is_table)
			keep_run(s, (struct run){ va, n, stride });
		*next = va + n * stride;
		return stride;
	}
	return 0;
}

/* Guests and hosts are little-endian. */
static uint32_t word32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t word64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

enum { LOOK_AHEAD_BYTES = 32 };

/* This loop sees every aligned word of the image, so it works on a copy of the page: two entries in a row must name
 * places in the image before anything is read through the page table. */
static bool may_be_relative(const struct scan *s, const uint8_t *p, uint64_t va, unsigned stride)
{
	if (!word32(p + 4)) /* most of an image is zeros */
		return false;
	for (unsigned at = 0; at <= stride; at += stride) {
		uint64_t value = va + at + (uint64_t)(int64_t)(int32_t)word32(p + at);
		uint64_t name = va + at + 4 + (uint64_t)(int64_t)(int32_t)word32(p + at + 4);

		if (!in_image(s->out, name) || !(in_image(s->out, value) || value < PERCPU_LIMIT))
			return false;
	}
	return true;
}

static uint64_t scan_page(struct scan *s, uint64_t page, uint64_t from)
{
	static const unsigned relative[] = { 12, 8 }, absolute[] = { 24, 16 };
	uint8_t copy[DISCOVER_PAGE_BYTES + LOOK_AHEAD_BYTES] = { 0 };
	const uint8_t *bytes = s->memory->page(s->memory->context, page);
	uint64_t next = page + DISCOVER_PAGE_BYTES;

	if (!bytes)
		return next;
	memcpy(copy, bytes, DISCOVER_PAGE_BYTES);
	bytes = s->memory->page(s->memory->context, next);
	if (bytes)
		memcpy(copy + DISCOVER_PAGE_BYTES, bytes, LOOK_AHEAD_BYTES);
	for (uint64_t va = from; va < page + DISCOVER_PAGE_BYTES; va += 4) {
		const uint8_t *p = copy + (va - page);

		if ((may_be_relative(s, p, va, 12) || may_be_relative(s, p, va, 8)) && try_strides(s, va, relative, &next))
			return next;
		if (va % 8 == 0 && in_image(s->out, word64(p + 8)) && try_strides(s, va, absolute, &next))
			return next;
	}
	return next;
}

static void scan_range(struct scan *s)
{
	uint64_t va = s->start;

	while (va < s->end)
		va = scan_page(s, va - va % DISCOVER_PAGE_BYTES, va);
}

/* The layout that most entries have is the kernel's; what runs of another layout there are is coincidence. */
static void take_runs(struct scan *s)
{
	struct discover_exports *out = s->out;
	size_t total[25] = { 0 };
	unsigned best = 0;

	for (unsigned i = 0; i < s->runs; i++) {
		total[s->run[i].stride] += s->run[i].count;
		if (total[s->run[i].stride] > total[best])
			best = s->run[i].stride;
	}
	out->stride_bytes = best;
	s->start = 0;
	s->end = UINT64_MAX;
	for (unsigned i = 0; i < s->runs; i++) {
		const struct run *r = &s->run[i];

		if (r->stride != best)
			continue;
		if (!out->count)
			out->table = r->start;
		for (size_t k = 0; k < r->count && out->count < out->capacity; k++)
			if (entry_is_valid(s, r->start + k * best, best, &out->entry[out->count]))
				out->count++;
	}
}

static void sift_down(const struct discover_exports *e, uint32_t *heap, size_t root, size_t n)
{
	for (;;) {
		size_t child = 2 * root + 1;
		uint32_t t;

		if (child >= n)
			return;
		if (child + 1 < n && e->entry[heap[child]].value < e->entry[heap[child + 1]].value)
			child++;
		if (e->entry[heap[root]].value >= e->entry[heap[child]].value)
			return;
		t = heap[root];
		heap[root] = heap[child];
		heap[child] = t;
		root = child;
	}
}

/* Heap sort: no recursion, no allocation, no quadratic case for a hostile table. */
static void sort_by_value(struct discover_exports *e)
{
	for (size_t i = 0; i < e->count; i++)
		e->by_value[i] = (uint32_t)i;
	for (size_t i = e->count / 2; i-- > 0;)
		sift_down(e, e->by_value, i, e->count);
	for (size_t n = e->count; n-- > 1;) {
		uint32_t t = e->by_value[0];

		e->by_value[0] = e->by_value[n];
		e->by_value[n] = t;
		sift_down(e, e->by_value, 0, n);
	}
}

static int index_entries(struct discover_arena *arena, struct discover_exports *e)
{
	for (e->slots = 64; e->slots < 2 * e->count; e->slots *= 2)
		;
	e->by_name = discover_alloc(arena, e->slots * sizeof(*e->by_name));
	e->by_value = discover_alloc(arena, e->count * sizeof(*e->by_value));
	if (!e->by_name || !e->by_value)
		return -2;
	for (size_t i = 0; i < e->count; i++) {
		size_t slot = e->entry[i].hash & (e->slots - 1);

		while (e->by_name[slot])
			slot = (slot + 1) & (e->slots - 1);
		e->by_name[slot] = (uint32_t)i + 1;
	}
	sort_by_value(e);
	return 0;
}

int discover_exports_find(const struct discover_memory *memory, struct discover_arena *arena,
			  struct discover_exports *out)
{
	struct scan s = { .memory = memory, .out = out };
	uint64_t from = 0;

	memset(out, 0, sizeof(*out));
	out->capacity = MAX_ENTRIES;
	out->entry = discover_alloc(arena, out->capacity * sizeof(*out->entry));
	if (!out->entry)
		return -2;
	out->image_start = UINT64_MAX;
	while (memory->range(memory->context, from, &s.start, &s.end)) {
		if (s.start < out->image_start)
			out->image_start = s.start;
		out->image_end = s.end;
		from = s.end;
	}
	for (from = 0; memory->range(memory->context, from, &s.start, &s.end); from = s.end)
		scan_range(&s);
	take_runs(&s);
	return out->count ? index_entries(arena, out) : -1;
}

bool discover_exports_lookup(const struct discover_memory *memory, const struct discover_exports *exports,
			     const char *name, uint64_t *value)
{
	uint32_t hash = hash_of(name);
	char other[NAME_BYTES];
	size_t slot;

	if (!exports->slots)
		return false;
	for (slot = hash & (exports->slots - 1); exports->by_name[slot]; slot = (slot + 1) & (exports->slots - 1)) {
		const struct discover_export *e = &exports->entry[exports->by_name[slot] - 1];

		if (e->hash == hash && discover_read_string(memory, e->name, other, sizeof(other)) >= 0 &&
		    strcmp(other, name) == 0) {
			*value = e->value;
			return true;
		}
	}
	return false;
}

static const struct discover_export *find_value(const struct discover_exports *exports, uint64_t value)
{
	size_t low = 0, high = exports->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (exports->entry[exports->by_value[mid]].value < value)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == exports->count || exports->entry[exports->by_value[low]].value != value)
		return NULL;
	return &exports->entry[exports->by_value[low]];
}

bool discover_exports_name(const struct discover_memory *memory, const struct discover_exports *exports,
			   uint64_t value, char *out, size_t bytes)
{
	const struct discover_export *e = find_value(exports, value);

	return e && discover_read_string(memory, e->name, out, bytes) > 0;
}

bool discover_exports_is_value(const struct discover_exports *exports, uint64_t value)
{
	return find_value(exports, value) != NULL;
}
