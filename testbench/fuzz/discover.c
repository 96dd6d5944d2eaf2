/* libFuzzer target: hostile files, hostile memory, hostile rules.
 *
 * The first byte chooses what the rest is: a kernel file (any wrapping), a dump of physical memory, memory of one
 * of the architectures at a kernel's address together with a small export table that leads into it, rule text, or page tables.
 * What counts is that every run ends, in bounded time, without a fault that the sanitizers see.
 */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/discover.h"
#include "hypervisor/discover/dump.h"
#include "hypervisor/discover/image.h"
#include "hypervisor/discover/ps.h"
#include "hypervisor/discover/tables_rv64.h"

extern const char discover_builtin_rules[];

static struct image image;
static struct dump dump;
static struct discover discover;
static struct rules rules;

#define IMAGE_BASE 0xffffffff81000000ull

enum { RULE_ARENA_BYTES = 4 << 20, TABLE_ENTRIES = 64, NAME_BYTES = 16, ENTRY_BYTES = 12 };

static void ignore_process(void *context, const struct process *p)
{
	(void)context;
	(void)p;
}

static int open_disassembler(enum discover_arch arch, struct capstone *capstone, struct convert_tables *tables,
			     struct disassembler_ops *ops)
{
	return arch == DISCOVER_RV64 ? tables_rv64_open(tables, ops) : capstone_open(capstone, arch, ops);
}

static void run(const struct discover_memory *memory, const char *rule_text)
{
	struct discover_arena arena = { malloc(DISCOVER_ARENA_BYTES), DISCOVER_ARENA_BYTES, 0 };
	struct discover_arena rule_arena = { malloc(RULE_ARENA_BYTES), RULE_ARENA_BYTES, 0 };
	struct disassembler_ops ops;
	struct capstone capstone;
	struct convert_tables tables;
	const char *missing;

	if (rules_parse(rule_text, &rule_arena, &rules) == 0 && open_disassembler(memory->arch, &capstone, &tables, &ops) == 0) {
		if (discover_run(&discover, memory, &ops, &rules, &arena) == DISCOVER_OK)
			ps_walk(&discover, ignore_process, NULL, &missing);
		if (memory->arch != DISCOVER_RV64)
			capstone_close(&capstone);
	}
	free(arena.base);
	free(rule_arena.base);
}

static void fuzz_file(const uint8_t *data, size_t bytes)
{
	struct discover_memory memory;
	uint8_t *copy = malloc(bytes + 64);
	const char *why;
	int status;

	memset(copy, 0, bytes + 64);
	memcpy(copy, data, bytes);
	status = image_open(&image, copy, bytes + 64, &memory, &why);
	if (status == 0 || (status == 1 && dump_open(&dump, copy, bytes + 64, &memory, &why) == 0))
		run(&memory, discover_builtin_rules);
	image_close(&image);
	free(copy);
}

/* Sorted, as the table must be. */
static const char *const anchors[] = { "commit_creds", "find_get_pid", "fput", "get_task_mm", "get_task_pid",
				       "init_task", "sched_show_task", "schedule", "wake_up_process" };

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, 4);
}

/* A table of sorted names, some of them real anchors, whose values point all over the fuzzed bytes. */
static void build_table(uint8_t *memory, size_t code, size_t code_bytes)
{
	size_t names = TABLE_ENTRIES * ENTRY_BYTES;

	for (uint32_t i = 0; i < TABLE_ENTRIES; i++) {
		char *name = (char *)memory + names + i * NAME_BYTES;
		uint32_t value = (uint32_t)(code + (code_bytes * i / TABLE_ENTRIES & ~(size_t)15));

		if (i < sizeof(anchors) / sizeof(anchors[0]))
			strncpy(name, anchors[i], NAME_BYTES - 1);
		else
			memcpy(name, (char[]){ 'z', (char)('a' + i / 26), (char)('a' + i % 26), 0 }, 4);
		put32(memory + i * ENTRY_BYTES, value - i * ENTRY_BYTES);
		put32(memory + i * ENTRY_BYTES + 4,
		      (uint32_t)(names + i * NAME_BYTES) - (i * ENTRY_BYTES + 4));
	}
}

static void put64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, 8);
}

static const uint8_t *flat_at(void *context, uint64_t pa, uint64_t bytes)
{
	struct dump *d = context;

	return pa < d->physical.range[0].bytes && bytes <= d->physical.range[0].bytes - pa ? d->data[0] + pa : NULL;
}

static void dump_over(const uint8_t *bytes, size_t size)
{
	dump.data[0] = bytes;
	dump.physical.context = &dump;
	dump.physical.at = flat_at;
	dump.physical.ranges = 1;
	dump.physical.range[0].bytes = size;
}

static void fuzz_code(const uint8_t *data, size_t bytes, enum discover_arch arch, const char *rule_text)
{
	size_t code = TABLE_ENTRIES * (ENTRY_BYTES + NAME_BYTES), total = code + bytes;
	struct discover_memory memory;
	uint8_t *copy = malloc(total);

	memset(copy, 0, total);
	build_table(copy, code, bytes);
	memcpy(copy + code, data, bytes);
	memset(&image, 0, sizeof(image));
	image.segments = 1;
	image.segment[0] = (struct image_segment){ IMAGE_BASE, IMAGE_BASE + ((total + 4095) & ~(uint64_t)4095), copy,
						   total };
	image_memory(&image, arch, &memory);
	run(&memory, rule_text);
	free(copy);
}

static void fuzz_rules(const uint8_t *data, size_t bytes)
{
	static const uint8_t some_code[64] = { 0x48, 0x8b, 0x47, 0x10, 0xc3 };
	char *text = malloc(bytes + 1);

	memcpy(text, data, bytes);
	text[bytes] = 0;
	fuzz_code(some_code, sizeof(some_code), DISCOVER_X86_64, text);
	free(text);
}

/* Page tables: the first byte chooses the machine, three bytes each an entry: where, and to which page with which flags. */
static void fuzz_tables(const uint8_t *data, size_t bytes)
{
	enum { PAGES = 16, BYTES = PAGES * 4096 };
	static const enum discover_arch arches[] = { DISCOVER_X86_64, DISCOVER_AARCH64, DISCOVER_RV64 };
	static const uint16_t spots[] = { 0, 256, 257, 320, 510, 511 };
	uint8_t *copy = calloc(1, BYTES);
	struct discover_memory memory;

	memset(&dump, 0, sizeof(dump));
	for (size_t i = 1; i + 3 <= bytes; i += 3) {
		size_t at = (size_t)(data[i] % PAGES) * 4096 + 8u * (size_t)(spots[(data[i] >> 4) % 6] + data[i + 1] % 4);
		uint64_t page = data[i + 1] >> 2, flags = data[i + 2];

		if (at + 8 <= BYTES)
			put64(copy + at, arches[data[0] % 3] == DISCOVER_RV64 ? page << 10 | flags : page << 12 | flags);
	}
	dump_over(copy, BYTES);
	if (paging_find(&dump.paging, &dump.physical, arches[data[0] % 3])) {
		paging_memory(&dump.paging, &memory);
		run(&memory, discover_builtin_rules);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes < 2)
		return 0;
	switch (data[0] % 6) {
	case 0: fuzz_file(data + 1, bytes - 1); break;
	case 1: fuzz_code(data + 1, bytes - 1, DISCOVER_X86_64, discover_builtin_rules); break;
	case 2: fuzz_code(data + 1, bytes - 1, DISCOVER_AARCH64, discover_builtin_rules); break;
	case 3: fuzz_rules(data + 1, bytes - 1); break;
	case 4: fuzz_code(data + 1, bytes - 1, DISCOVER_RV64, discover_builtin_rules); break;
	case 5: fuzz_tables(data + 1, bytes - 1); break;
	}
	return 0;
}
