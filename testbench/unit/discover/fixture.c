#include "testbench/unit/discover/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULE_ARENA_BYTES = 4 << 20 };

uint64_t fixture_function(unsigned entry)
{
	return FIXTURE_BASE + FIXTURE_CODE + 0x100ull * entry;
}

static void put(uint8_t *p, uint64_t v, unsigned bytes)
{
	memcpy(p, &v, bytes);
}

static void put_entry(struct fixture *f, unsigned i)
{
	unsigned at = FIXTURE_TABLE + i * f->stride, name = FIXTURE_NAMES + i * FIXTURE_NAME_BYTES;
	uint8_t *p = f->bytes + at;

	if (f->stride <= 12) {
		put(p, fixture_function(i) - (FIXTURE_BASE + at), 4);
		put(p + 4, (uint64_t)name - (at + 4), 4);
	} else {
		put(p, fixture_function(i), 8);
		put(p + 8, FIXTURE_BASE + name, 8);
	}
}

void fixture_open(struct fixture *f, const char *const *names, unsigned stride)
{
	bool named = true;

	memset(f, 0, sizeof(*f));
	f->stride = stride;
	for (unsigned i = 0; i < FIXTURE_ENTRIES; i++) {
		char *name = (char *)f->bytes + FIXTURE_NAMES + i * FIXTURE_NAME_BYTES;

		named = named && names[i];
		if (named)
			snprintf(name, FIXTURE_NAME_BYTES, "%s", names[i]);
		else
			snprintf(name, FIXTURE_NAME_BYTES, "z%c%c", (char)('a' + i / 26), (char)('a' + i % 26));
		put_entry(f, i);
		f->bytes[FIXTURE_CODE + 0x100 * i] = 0xc3;
	}
	f->image.segments = 1;
	f->image.segment[0] = (struct image_segment){ FIXTURE_BASE, FIXTURE_BASE + FIXTURE_BYTES, f->bytes,
						      FIXTURE_BYTES };
	image_memory(&f->image, DISCOVER_X86_64, &f->memory);
	capstone_open(&f->capstone, DISCOVER_X86_64, &f->ops);
	f->arena = (struct discover_arena){ malloc(DISCOVER_ARENA_BYTES), DISCOVER_ARENA_BYTES, 0 };
	f->rule_arena = (struct discover_arena){ malloc(RULE_ARENA_BYTES), RULE_ARENA_BYTES, 0 };
}

void fixture_close(struct fixture *f)
{
	capstone_close(&f->capstone);
	free(f->arena.base);
	free(f->rule_arena.base);
}

void fixture_code(struct fixture *f, unsigned entry, const uint8_t *code, size_t bytes)
{
	memcpy(f->bytes + FIXTURE_CODE + 0x100 * entry, code, bytes);
}

enum discover_status fixture_run(struct fixture *f, const char *rules)
{
	if (rules_parse(rules, &f->rule_arena, &f->rules))
		return DISCOVER_NO_MEMORY;
	return discover_run(&f->discover, &f->memory, &f->ops, &f->rules, &f->arena);
}
