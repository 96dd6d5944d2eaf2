/* libFuzzer target: hostile files, hostile memory, hostile rules.
 *
 * The first byte chooses what the rest is: a kernel file (any wrapping), a dump of physical memory, memory of one
 * of the architectures at a kernel's address together with a small export table that leads into it, or rule text.
 * What counts is that every run ends, in bounded time, without a fault that the sanitizers see.
 */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/discover.h"
#include "hypervisor/discover/dump.h"
#include "hypervisor/discover/image.h"
#include "hypervisor/discover/ps.h"

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

static void run(const struct discover_memory *memory, const char *rule_text)
{
	struct discover_arena arena = { malloc(DISCOVER_ARENA_BYTES), DISCOVER_ARENA_BYTES, 0 };
	struct discover_arena rule_arena = { malloc(RULE_ARENA_BYTES), RULE_ARENA_BYTES, 0 };
	struct disassembler_ops ops;
	struct capstone capstone;
	const char *missing;

	if (memory->arch != DISCOVER_RV64 && rules_parse(rule_text, &rule_arena, &rules) == 0 &&
	    capstone_open(&capstone, memory->arch, &ops) == 0) {
		if (discover_run(&discover, memory, &ops, &rules, &arena) == DISCOVER_OK)
			ps_walk(&discover, ignore_process, NULL, &missing);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (bytes < 2)
		return 0;
	switch (data[0] % 4) {
	case 0: fuzz_file(data + 1, bytes - 1); break;
	case 1: fuzz_code(data + 1, bytes - 1, DISCOVER_X86_64, discover_builtin_rules); break;
	case 2: fuzz_code(data + 1, bytes - 1, DISCOVER_AARCH64, discover_builtin_rules); break;
	case 3: fuzz_rules(data + 1, bytes - 1); break;
	}
	return 0;
}
