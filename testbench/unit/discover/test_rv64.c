/* The RV64 disassembler from the conversion tables: what its micro-operations make the tracer see. */
#include <string.h>

#include "hypervisor/discover/tables_rv64.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/discover/fixture.h"

static struct fixture f;
static struct convert_tables tables;

static const char *const names[] = { "alpha", "beta", "gamma", NULL };
enum { ALPHA, BETA, GAMMA };

static void open_rv64(void)
{
	fixture_open(&f, names, 24);
	f.memory.arch = DISCOVER_RV64;
	ASSERT_EQ(tables_rv64_open(&tables, &f.ops), 0);
}

static int64_t ask(const char *rule)
{
	int64_t value = -1;

	EXPECT_EQ(fixture_run(&f, rule), DISCOVER_OK);
	EXPECT_TRUE(discover_value(&f.discover, "x", &value));
	return value;
}

TEST(discover_rv64, addresses_from_auipc_and_addi)
{
	/* auipc a5, 1; addi a5, a5, 16; ld a0, 8(a5); ret */
	static const uint8_t code[] = { 0x97, 0x17, 0, 0, 0xc1, 0x07, 0x88, 0x67, 0x82, 0x80 };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ((uint64_t)ask("target x data\n\tneed 1\n\tin alpha: load8 ?\n"), fixture_function(ALPHA) + 0x1018);
	fixture_close(&f);
}

TEST(discover_rv64, current_is_tp)
{
	/* ld a5, 32(tp); lw a0, 24(a5); ret */
	static const uint8_t code[] = { 0x83, 0x37, 0x02, 0x02, 0x88, 0x4f, 0x82, 0x80 };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: load8 current+?\n"), 32);
	fixture_close(&f);
	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: load4 [current+32]8+?\n"), 24);
	fixture_close(&f);
}

TEST(discover_rv64, atomics_stores_and_constants)
{
	/* amoadd.w zero, a2, (a1); lui a4, 0x10; addiw a4, a4, -1; sw a4, 12(a0); sw zero, 16(a0); ret */
	static const uint8_t code[] = { 0x2f, 0xa0, 0xc5, 0x00, 0x41, 0x67, 0x7d, 0x37, 0x58, 0xc5,
					0x23, 0x28, 0x05, 0x00, 0x82, 0x80 };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: store4 a0+? = 0xffff\n"), 12);
	fixture_close(&f);
	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: store4 a0+? = 0\n"), 16);
	fixture_close(&f);
	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: atomic4 a1+?\n"), 0);
	fixture_close(&f);
}

TEST(discover_rv64, calls_through_ra_and_tail_calls)
{
	/* auipc ra, 0; jalr 0x100(ra): beta; then, with its result in a0: auipc t1, 0; jr 0x1f8(t1): gamma */
	static const uint8_t code[] = { 0x97, 0, 0, 0, 0xe7, 0x80, 0x00, 0x10, 0x17, 0x03, 0, 0, 0x67, 0x00, 0x83, 0x1f };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ((uint64_t)ask("target x function\n\tneed 1\n\tin alpha: call ?(a0)\n"), fixture_function(BETA));
	fixture_close(&f);
	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ((uint64_t)ask("target x function\n\tneed 1\n\tin alpha: call ?(result(beta))\n"), fixture_function(GAMMA));
	fixture_close(&f);
}

TEST(discover_rv64, a_patched_ftrace_slot_is_no_call)
{
	/* auipc t0, 0; jalr t0, 256(t0); ld a1, 40(a0); ret */
	static const uint8_t code[] = { 0x97, 0x02, 0, 0, 0xe7, 0x82, 0x02, 0x10, 0x0c, 0x75, 0x82, 0x80 };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: load8 a0+?\n"), 40);
	for (unsigned i = 0; i < f.discover.trace->events; i++)
		EXPECT_NE(f.discover.trace->event[i].kind, EVENT_CALL);
	fixture_close(&f);
}

TEST(discover_rv64, unknown_extensions_are_stepped_over)
{
	/* vsetvli a1, a2, e8 (0x00067557 | rd a1); fld ft0, 0(a0); ld a1, 40(a0); ret */
	static const uint8_t code[] = { 0xd7, 0x75, 0x06, 0x00, 0x07, 0x30, 0x05, 0x00, 0x0c, 0x75, 0x82, 0x80 };

	open_rv64();
	fixture_code(&f, ALPHA, code, sizeof(code));
	EXPECT_EQ(ask("target x offset\n\tneed 1\n\tin alpha: first load8 a0+?\n"), 40);
	fixture_close(&f);
}
