/* A small kernel image that a test composes: an export table, names, code. */
#ifndef ASSAY_TESTBENCH_UNIT_DISCOVER_FIXTURE_H
#define ASSAY_TESTBENCH_UNIT_DISCOVER_FIXTURE_H

#include "hypervisor/discover/capstone.h"
#include "hypervisor/discover/discover.h"
#include "hypervisor/discover/image.h"

#define FIXTURE_BASE 0xffffffff81000000ull

enum { FIXTURE_BYTES = 64 << 10, FIXTURE_ENTRIES = 64, FIXTURE_NAMES = 0x2000, FIXTURE_CODE = 0x4000,
       FIXTURE_TABLE = 0x1000, FIXTURE_NAME_BYTES = 32 };

struct fixture {
	uint8_t bytes[FIXTURE_BYTES];
	struct image image;
	struct discover_memory memory;
	struct capstone capstone;
	struct disassembler_ops ops;
	struct discover_arena arena, rule_arena;
	struct rules rules;
	struct discover discover;
	unsigned stride;
};

/** Fills in sorted filler names zaa, zab, ... of which the first ones are @p names (sorted, NULL ends them); entry
 * i's value is FIXTURE_CODE + 0x100 * i. @p stride 8, 12, 16 or 24 chooses the layout. */
void fixture_open(struct fixture *f, const char *const *names, unsigned stride);
void fixture_close(struct fixture *f);

/** Places code for the entry with index @p entry. */
void fixture_code(struct fixture *f, unsigned entry, const uint8_t *code, size_t bytes);

/** Address of entry's function. */
uint64_t fixture_function(unsigned entry);

/** Runs discovery with @p rules. */
enum discover_status fixture_run(struct fixture *f, const char *rules);

#endif
