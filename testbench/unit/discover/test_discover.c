/* Exports, tracing, witnesses, judgement and the process list, on images small enough to read. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/discover/ps.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/discover/fixture.h"

static struct fixture f;

static const char *const names[] = { "alpha", "beta", "gamma", "init_task", NULL };
enum { ALPHA, BETA, GAMMA, INIT_TASK };

static const uint8_t load_18[] = { 0x48, 0x8b, 0x47, 0x18, 0xc3 };	   /* mov rax, [rdi+0x18]; ret */
static const uint8_t load_20[] = { 0x48, 0x8b, 0x47, 0x20, 0xc3 };	   /* mov rax, [rdi+0x20]; ret */
static const uint8_t moved_load_18[] = { 0x53, 0x48, 0x89, 0xfb,	   /* push rbx; mov rbx, rdi */
					 0x48, 0x8b, 0x43, 0x18, 0x5b, 0xc3 }; /* mov rax, [rbx+0x18]; pop rbx; ret */

static const char two_witnesses[] = "target thing.field offset align 8\n"
				    "\tin alpha: load8 a0+?\n"
				    "\tin beta: load8 a0+?\n";

TEST(discover_exports, every_layout_is_recognised)
{
	static const unsigned strides[] = { 8, 12, 16, 24 };

	for (unsigned i = 0; i < 4; i++) {
		struct discover_exports e;
		uint64_t value = 0;

		fixture_open(&f, names, strides[i]);
		EXPECT_EQ(discover_exports_find(&f.memory, &f.arena, &e), 0);
		EXPECT_EQ(e.stride_bytes, strides[i]);
		EXPECT_EQ(e.count, FIXTURE_ENTRIES);
		EXPECT_TRUE(discover_exports_lookup(&f.memory, &e, "gamma", &value));
		EXPECT_EQ(value, fixture_function(GAMMA));
		EXPECT_FALSE(discover_exports_lookup(&f.memory, &e, "delta", &value));
		fixture_close(&f);
	}
}

TEST(discover_exports, unsorted_names_are_no_table)
{
	static const char *const unsorted[] = { "m", "k", "i", "g", "e", "c", "a", NULL };
	struct discover_exports e;

	fixture_open(&f, unsorted, 12);
	for (unsigned i = 7; i < FIXTURE_ENTRIES; i++)
		f.bytes[FIXTURE_NAMES + i * FIXTURE_NAME_BYTES] = (uint8_t)(i % 2 ? 'b' : 'a');
	EXPECT_EQ(discover_exports_find(&f.memory, &f.arena, &e), -1);
	fixture_close(&f);
}

TEST(discover_exports, numbers_with_names_are_no_table)
{
	struct discover_exports e;

	fixture_open(&f, names, 24);
	for (unsigned i = 0; i < FIXTURE_ENTRIES; i++)
		memset(f.bytes + FIXTURE_TABLE + 24 * i + 1, 0, 7); /* values below 256 */
	EXPECT_EQ(discover_exports_find(&f.memory, &f.arena, &e), -1);
	fixture_close(&f);
}

TEST(discover_exports, a_small_arena_is_an_error)
{
	struct discover_exports e;
	struct discover_arena small = { NULL, 0, 0 };

	fixture_open(&f, names, 12);
	EXPECT_EQ(discover_exports_find(&f.memory, &small, &e), -2);
	fixture_close(&f);
}

TEST(discover_judge, agreement_is_a_value)
{
	int64_t value = 0;

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, load_18, sizeof(load_18));
	fixture_code(&f, BETA, moved_load_18, sizeof(moved_load_18));
	ASSERT_EQ(fixture_run(&f, two_witnesses), DISCOVER_OK);
	EXPECT_TRUE(discover_value(&f.discover, "thing.field", &value));
	EXPECT_EQ(value, 0x18);
	fixture_close(&f);
}

TEST(discover_judge, contradiction_is_unknown)
{
	int64_t value;

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, load_18, sizeof(load_18));
	fixture_code(&f, BETA, load_20, sizeof(load_20));
	ASSERT_EQ(fixture_run(&f, two_witnesses), DISCOVER_OK);
	EXPECT_FALSE(discover_value(&f.discover, "thing.field", &value));
	EXPECT_STREQ(discover_find(&f.discover, "thing.field")->why, "witnesses contradict each other");
	fixture_close(&f);
}

TEST(discover_judge, one_witness_of_two_is_unknown)
{
	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, load_18, sizeof(load_18));
	ASSERT_EQ(fixture_run(&f, two_witnesses), DISCOVER_OK);
	EXPECT_STREQ(discover_find(&f.discover, "thing.field")->why, "too few witnesses");
	fixture_close(&f);
}

TEST(discover_judge, a_failed_check_is_unknown)
{
	fixture_open(&f, names, 12);
	ASSERT_EQ(fixture_run(&f, "target task data\n\texport init_task\n\tcheck self+8 text \"swapper\"\n"),
		  DISCOVER_OK);
	EXPECT_STREQ(discover_find(&f.discover, "task")->why, "a plausibility check fails");
	fixture_close(&f);
}

TEST(discover_trace, a_tail_call_is_a_call)
{
	/* mov esi, 3; jmp gamma: the jump is 5 bytes at alpha+5, gamma starts with endbr64 */
	static const uint8_t endbr64[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0xc3 };
	uint8_t code[] = { 0xbe, 3, 0, 0, 0, 0xe9, 0xf6, 0x01, 0, 0 };
	int64_t value = 0;

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, code, sizeof(code));
	fixture_code(&f, GAMMA, endbr64, sizeof(endbr64));
	ASSERT_EQ(fixture_run(&f, "target callee function\n\tneed 1\n\tin alpha: call ?(a0, 3)\n"), DISCOVER_OK);
	EXPECT_TRUE(discover_value(&f.discover, "callee", &value));
	EXPECT_EQ((uint64_t)value, fixture_function(GAMMA));
	fixture_close(&f);
}

TEST(discover_trace, through_enters_what_is_not_exported)
{
	/* call +0x40 (no export starts there): mov rax, [rdi+0x28]; then ret */
	static const uint8_t caller[] = { 0xe8, 0x3b, 0, 0, 0, 0xc3 };
	static const uint8_t callee[] = { 0x48, 0x8b, 0x47, 0x28, 0xc3 };
	int64_t value = 0;

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, caller, sizeof(caller));
	memcpy(f.bytes + FIXTURE_CODE + 0x40, callee, sizeof(callee));
	ASSERT_EQ(fixture_run(&f, "target plain offset\n\tneed 1\n\tin alpha: load8 a0+?\n"
				  "target deep offset\n\tneed 1\n\tthrough alpha: load8 a0+?\n"), DISCOVER_OK);
	EXPECT_FALSE(discover_value(&f.discover, "plain", &value));
	EXPECT_TRUE(discover_value(&f.discover, "deep", &value));
	EXPECT_EQ(value, 0x28);
	fixture_close(&f);
}

TEST(discover_trace, a_text_is_a_value)
{
	/* lea rdi, [rip + (beta - 7 - alpha)]; mov rsi, 7; call gamma; ret */
	static const uint8_t code[] = { 0x48, 0x8d, 0x3d, 0xf9, 0, 0, 0, 0xbe, 7, 0, 0, 0, 0xe8, 0xef, 0x01, 0, 0, 0xc3 };
	int64_t value = 0;

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, code, sizeof(code));
	memcpy(f.bytes + FIXTURE_CODE + 0x100, "pid: %d", 8);
	ASSERT_EQ(fixture_run(&f, "target other offset\n\tneed 1\n\tin alpha: call _(\"tgid\", ?)\n"
				  "target number offset\n\tneed 1\n\tin alpha: call _(\"pid: \", ?)\n"), DISCOVER_OK);
	EXPECT_FALSE(discover_value(&f.discover, "other", &value));
	EXPECT_TRUE(discover_value(&f.discover, "number", &value));
	EXPECT_EQ(value, 7);
	fixture_close(&f);
}

TEST(discover_current, another_kernel_in_the_same_place_is_noticed)
{
	fixture_open(&f, names, 12);
	ASSERT_EQ(fixture_run(&f, two_witnesses), DISCOVER_OK);
	EXPECT_TRUE(discover_is_current(&f.discover));
	f.bytes[FIXTURE_NAMES + 100] ^= 1; /* data of other pages may change */
	EXPECT_TRUE(discover_is_current(&f.discover));
	f.bytes[FIXTURE_TABLE + 3] ^= 1;
	EXPECT_FALSE(discover_is_current(&f.discover));
	f.image.segments = 0; /* nothing is mapped any more */
	EXPECT_FALSE(discover_is_current(&f.discover));
	fixture_close(&f);
}

TEST(discover_trace, a_loop_ends)
{
	static const uint8_t forever[] = { 0x48, 0x8b, 0x47, 0x18, 0xeb, 0xfa }; /* load; jmp to the load */

	fixture_open(&f, names, 12);
	fixture_code(&f, ALPHA, forever, sizeof(forever));
	ASSERT_EQ(fixture_run(&f, two_witnesses), DISCOVER_OK);
	EXPECT_FALSE(discover_find(&f.discover, "thing.field")->known);
	fixture_close(&f);
}

TEST(discover_rules, errors_name_their_line)
{
	static const char *const bad[] = { "target\n", "# one\ntarget a offset\n\tin x load\n", "nonsense\n",
					   "target a offset\n\tin x: load [[[[[[[[[[[a0]\n" };
	static const unsigned line[] = { 1, 3, 1, 2 };

	for (unsigned i = 0; i < 4; i++) {
		fixture_open(&f, names, 12);
		EXPECT_EQ(rules_parse(bad[i], &f.rule_arena, &f.rules), -1);
		EXPECT_EQ(f.rules.error_line, line[i]);
		fixture_close(&f);
	}
}

TEST(discover_rules, the_builtin_rules_parse_and_are_many)
{
	extern const char discover_builtin_rules[];
	unsigned x86 = 0, a64 = 0, functions = 0;

	fixture_open(&f, names, 12);
	ASSERT_EQ(rules_parse(discover_builtin_rules, &f.rule_arena, &f.rules), 0);
	for (unsigned i = 0; i < f.rules.targets; i++) {
		x86 += f.rules.target[i]->arches >> DISCOVER_X86_64 & 1;
		a64 += f.rules.target[i]->arches >> DISCOVER_AARCH64 & 1;
		functions += f.rules.target[i]->kind == TARGET_FUNCTION;
	}
	EXPECT_GE(x86, 40u);
	EXPECT_GE(a64, 25u);
	EXPECT_GE(functions, 15u);
	fixture_close(&f);
}

static void count_process(void *context, const struct process *p)
{
	(void)p;
	++*(unsigned *)context;
}

static const char ps_rules[] = "target init_task data\n\texport init_task\n"
			       "target task_struct.tasks offset\n\tneed 1\n\tvalue 0x10\n"
			       "target task_struct.tgid offset\n\tneed 1\n\tvalue 0x20\n"
			       "target task_struct.comm offset\n\tneed 1\n\tvalue 0x28\n"
			       "target task_struct.mm offset\n\tneed 1\n\tvalue 0x40\n"
			       "target task_struct.real_parent offset\n\tneed 1\n\tvalue 0x48\n";

static void put_pointer(uint64_t at, uint64_t value)
{
	memcpy(f.bytes + (at - FIXTURE_BASE), &value, 8);
}

/* init_task and one more task, 0x80 bytes behind it, linked in a ring unless next is another address. */
static enum ps_status walk_ring(uint64_t next, unsigned *count)
{
	uint64_t head = fixture_function(INIT_TASK), second = head + 0x80;
	const char *missing;
	enum ps_status status;

	fixture_open(&f, names, 12);
	put_pointer(head + 0x10, second + 0x10);
	put_pointer(second + 0x10, next ? next : head + 0x10);
	put_pointer(second + 0x48, head);
	*count = 0;
	status = fixture_run(&f, ps_rules) == DISCOVER_OK ? ps_walk(&f.discover, count_process, count, &missing)
							  : PS_UNKNOWN;
	fixture_close(&f);
	return status;
}

TEST(discover_ps, a_ring_ends_where_it_began)
{
	unsigned count;

	EXPECT_EQ(walk_ring(0, &count), PS_OK);
	EXPECT_EQ(count, 1u);
}

TEST(discover_ps, a_cycle_past_the_head_and_a_wild_link_are_damage)
{
	unsigned count;

	EXPECT_EQ(walk_ring(fixture_function(INIT_TASK) + 0x90, &count), PS_BROKEN);
	EXPECT_EQ(count, (unsigned)PS_MAX_PROCESSES);
	EXPECT_EQ(walk_ring(0x1234, &count), PS_BROKEN);
}
