/* Formatting and boot arguments. */
#include <stdio.h>

#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "testbench/gtest/test.h"

TEST(hypervisor_text, formats_as_the_c_library)
{
	char ours[128], theirs[128];
#define SAME(...)                                             \
	do {                                                  \
		format_text(ours, sizeof ours, __VA_ARGS__);  \
		snprintf(theirs, sizeof theirs, __VA_ARGS__); \
		EXPECT_STREQ(ours, theirs);                   \
	} while (0)
	SAME("plain %% text");
	SAME("%u %d %x %c|%s|", 12u, -34, 0xabcdu, 'z', "word");
	SAME("%lu %ld %lx", ~0ul, -9223372036854775807l, 0x123456789abcdeful);
	SAME("%08x %8x %2u %5d %05d", 0x1fu, 0x1fu, 12345u, -7, -7);
	SAME("%6s|", "ab");
#undef SAME
}

TEST(hypervisor_text, cuts_and_terminates)
{
	char small[5];
	EXPECT_EQ(format_text(small, sizeof small, "%s", "longer than that"), 4);
	EXPECT_STREQ(small, "long");
	string_copy(small, "other", sizeof small);
	EXPECT_STREQ(small, "othe");
}

TEST(hypervisor_text, finds_boot_arguments)
{
	const char *text = "workload=io  seed=0x1F ops=200 odd=12z lbas= qd=7";
	EXPECT_EQ(string_option(text, "seed", 5), 0x1f);
	EXPECT_EQ(string_option(text, "ops", 5), 200);
	EXPECT_EQ(string_option(text, "qd", 5), 7);
	EXPECT_EQ(string_option(text, "odd", 5), 5);
	EXPECT_EQ(string_option(text, "lbas", 5), 5);
	EXPECT_EQ(string_option(text, "load", 5), 5);
	EXPECT_EQ(string_option("", "ops", 5), 5);
	EXPECT_TRUE(string_option_is(text, "workload", "io"));
	EXPECT_FALSE(string_option_is(text, "workload", "i"));
	EXPECT_FALSE(string_option_is(text, "workload", "io2"));
}
