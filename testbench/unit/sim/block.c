#include "sim/kernel/block.h"

#include <stdlib.h>

#include "testbench/gtest/test.h"

/* A block of one counter: out.count follows the sum of in.add; the "RTL" can be told to be wrong from a cycle on. */
struct fake_in {
	uint8_t valid, pad0[7];
	uint64_t add;
};

struct fake_out {
	uint64_t count;
	uint8_t idle, pad0[7];
};

static const struct pin in_pins[] = {{"valid", 0, 1}, {"add", 8, 40}};
static const struct pin out_pins[] = {{"count", 0, 40}, {"idle", 8, 1}};
static const struct pin_table pins = {"fake", in_pins, 2, sizeof(struct fake_in), out_pins, 2, sizeof(struct fake_out)};
static uint64_t rtl_count, rtl_wrong_from;
static unsigned rtl_steps;

static void add(uint64_t *count, const struct fake_in *in, struct fake_out *out)
{
	*count += in->valid ? in->add : 0;
	*out = (struct fake_out){.count = *count, .idle = 1};
}

static void model_reset(void *model) { *(uint64_t *)model = 0; }
static void model_outputs(const void *model, void *out) { *(struct fake_out *)out = (struct fake_out){.count = *(const uint64_t *)model, .idle = 1}; }
static void model_step(void *model, const void *in, void *out) { add(model, in, out); }
static bool in_quiet(const void *now, const void *before) { return (void)before, !((const struct fake_in *)now)->valid; }

static void *rtl_create(const char *scope) { return (void)scope, rtl_count = 0, rtl_steps = 0, &rtl_count; }
static void rtl_destroy(void *rtl) { (void)rtl; }
static void rtl_reset(void *rtl, void *out) { (void)rtl, model_outputs(&rtl_count, out); }

static void rtl_step(void *rtl, const void *in, void *out)
{
	add(rtl, in, out);
	rtl_steps++;
	if (rtl_wrong_from && rtl_steps >= rtl_wrong_from)
		((struct fake_out *)out)->count ^= 0x10;
}

static const struct rtl_ops rtl = {"fake", rtl_create, rtl_destroy, rtl_reset, rtl_step, NULL, NULL, NULL, NULL};
static const struct block_type type = {
	.pins = &pins, .model_bytes = 8, .model_reset = model_reset, .model_outputs = model_outputs, .model_step = model_step,
	.in_quiet = in_quiet, .idle_offset = offsetof(struct fake_out, idle), .rtl = &rtl, .rtl_debug = &rtl,
};

TEST(block, lockstep_of_equal_backends_compares_every_step)
{
	struct block block;
	struct fake_out out;
	rtl_wrong_from = 0;
	ASSERT_EQ(block_create(&block, &type, BLOCK_LOCKSTEP, false, &out), 0);
	for (uint64_t cycle = 0; cycle < 10; cycle++)
		EXPECT_TRUE(block_step(&block, &(struct fake_in){.valid = 1, .add = cycle}, &out, cycle));
	EXPECT_EQ(out.count, 45u);
	EXPECT_EQ(block.cycles_compared, 10u);
	EXPECT_FALSE(block.mismatch.found);
	block_destroy(&block);
}

TEST(block, the_first_difference_is_kept_with_port_cycle_and_both_values)
{
	struct block block;
	struct fake_out out;
	rtl_wrong_from = 3;
	ASSERT_EQ(block_create(&block, &type, BLOCK_LOCKSTEP, false, &out), 0);
	for (uint64_t cycle = 100; cycle < 106; cycle++)
		EXPECT_EQ(block_step(&block, &(struct fake_in){.valid = 1, .add = 1}, &out, cycle), cycle < 102);
	EXPECT_TRUE(block.mismatch.found);
	EXPECT_STREQ(block.mismatch.pin, "count");
	EXPECT_EQ(block.mismatch.cycle, 103u);
	EXPECT_STREQ(block.mismatch.model_value, "0x0000000003");
	EXPECT_STREQ(block.mismatch.rtl_value, "0x0000000013");
	EXPECT_EQ(out.count, 6u);
	block_destroy(&block);
}

TEST(block, an_idle_block_with_quiet_inputs_is_not_stepped)
{
	struct block block;
	struct fake_out out;
	rtl_wrong_from = 0;
	ASSERT_EQ(block_create(&block, &type, BLOCK_LOCKSTEP, false, &out), 0);
	for (uint64_t cycle = 0; cycle < 100; cycle++)
		EXPECT_TRUE(block_step(&block, &(struct fake_in){.valid = cycle == 50, .add = 1}, &out, cycle));
	EXPECT_EQ(block.cycles_stepped, 1u);
	EXPECT_EQ(block.cycles_skipped, 99u);
	EXPECT_EQ(rtl_steps, 1u);
	block.skip_idle = false;
	EXPECT_TRUE(block_step(&block, &(struct fake_in){0}, &out, 100));
	EXPECT_EQ(rtl_steps, 2u);
	block_destroy(&block);
}

TEST(block, backends_have_names_and_nothing_else_does)
{
	enum block_backend backend = BLOCK_RTL;
	EXPECT_EQ(block_backend_parse("lockstep", &backend), 0);
	EXPECT_EQ(backend, BLOCK_LOCKSTEP);
	EXPECT_EQ(block_backend_parse("Model", &backend), -1);
	EXPECT_EQ(backend, BLOCK_LOCKSTEP);
	EXPECT_STREQ(block_backend_name(BLOCK_RTL), "rtl");
}

TEST(pins, wide_values_are_formatted_from_the_top)
{
	struct { uint32_t wide[4]; } image = {{0x33221100, 0x77665544, 0xbbaa9988, 0xd}};
	struct pin pin = {"wide", 0, 100};
	char text[64];
	pin_format(&pin, &image, text, sizeof text);
	EXPECT_STREQ(text, "0xdbbaa99887766554433221100");
	pin_format(&pin, &image, text, 6);
	EXPECT_STREQ(text, "0xdbb");
}
