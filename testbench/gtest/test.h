/* Unit tests in C, run by GoogleTest.
 *
 * A test is a C function that registers itself:
 *
 *     TEST(ring, wraps_at_its_end) { EXPECT_EQ(ring_next(7, 8), 0); }
 *
 * EXPECT_* record a failure and go on; ASSERT_* record it and return from the test function.
 * Integers are compared as 64-bit values: a signed and an unsigned operand compare by their 64-bit pattern.
 */
#ifndef ASSAY_TESTBENCH_GTEST_TEST_H
#define ASSAY_TESTBENCH_GTEST_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*test_function)(void);

/** Registers a test with GoogleTest. Called before main by TEST(). */
void test_register(const char *suite, const char *name, const char *file, int line, test_function fn);

/** Records a failure of the running test at @p file:@p line; @p format as printf. */
void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/** @return whether the running test has failed so far. */
bool test_has_failed(void);

/** The seed of this run: environment variable ASSAY_SEED, else 1. A failing random test prints it. */
uint64_t test_seed(void);

#ifdef __cplusplus
}
#endif

#define TEST(suite, name)                                                                          \
	static void test_##suite##_##name(void);                                                   \
	__attribute__((constructor)) static void test_register_##suite##_##name(void)              \
	{                                                                                          \
		test_register(#suite, #name, __FILE__, __LINE__, test_##suite##_##name);           \
	}                                                                                          \
	static void test_##suite##_##name(void)

#define TEST_COMPARE_(a, op, b, on_fail)                                                           \
	do {                                                                                       \
		_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wsign-compare\"") \
		__typeof__(a) test_a_ = (a);                                                       \
		__typeof__(b) test_b_ = (b);                                                       \
		if (!(test_a_ op test_b_)) {                                                       \
			test_fail(__FILE__, __LINE__, "%s " #op " %s\n  left:  %lld (0x%llx)\n"    \
				"  right: %lld (0x%llx)", #a, #b, (long long)test_a_,              \
				(unsigned long long)test_a_, (long long)test_b_,                   \
				(unsigned long long)test_b_);                                      \
			on_fail;                                                                   \
		}                                                                                  \
		_Pragma("GCC diagnostic pop")                                                      \
	} while (0)

#define TEST_TRUE_(c, on_fail)                                                                     \
	do {                                                                                       \
		if (!(c)) {                                                                        \
			test_fail(__FILE__, __LINE__, "expected %s", #c);                          \
			on_fail;                                                                   \
		}                                                                                  \
	} while (0)

#define TEST_STR_(a, b, on_fail)                                                                   \
	do {                                                                                       \
		const char *test_a_ = (a), *test_b_ = (b);                                         \
		if (!test_a_ || !test_b_ || strcmp(test_a_, test_b_) != 0) {                       \
			test_fail(__FILE__, __LINE__, "%s equals %s\n  left:  \"%s\"\n  right: \"%s\"", #a, #b,   \
				test_a_ ? test_a_ : "(null)", test_b_ ? test_b_ : "(null)");       \
			on_fail;                                                                   \
		}                                                                                  \
	} while (0)

#define TEST_MEM_(a, b, n, on_fail)                                                                \
	do {                                                                                       \
		const unsigned char *test_a_ = (const void *)(a), *test_b_ = (const void *)(b);    \
		size_t test_n_ = (n), test_i_ = 0;                                                 \
		while (test_i_ < test_n_ && test_a_[test_i_] == test_b_[test_i_])                  \
			test_i_++;                                                                 \
		if (test_i_ < test_n_) {                                                           \
			test_fail(__FILE__, __LINE__, "%s equals %s: byte %zu is 0x%02x, not 0x%02x",          \
				#a, #b, test_i_, test_a_[test_i_], test_b_[test_i_]);              \
			on_fail;                                                                   \
		}                                                                                  \
	} while (0)

#define EXPECT_TRUE(c) TEST_TRUE_(c, (void)0)
#define EXPECT_FALSE(c) TEST_TRUE_(!(c), (void)0)
#define EXPECT_EQ(a, b) TEST_COMPARE_(a, ==, b, (void)0)
#define EXPECT_NE(a, b) TEST_COMPARE_(a, !=, b, (void)0)
#define EXPECT_LT(a, b) TEST_COMPARE_(a, <, b, (void)0)
#define EXPECT_LE(a, b) TEST_COMPARE_(a, <=, b, (void)0)
#define EXPECT_GT(a, b) TEST_COMPARE_(a, >, b, (void)0)
#define EXPECT_GE(a, b) TEST_COMPARE_(a, >=, b, (void)0)
#define EXPECT_STREQ(a, b) TEST_STR_(a, b, (void)0)
#define EXPECT_MEMEQ(a, b, n) TEST_MEM_(a, b, n, (void)0)
#define ASSERT_TRUE(c) TEST_TRUE_(c, return)
#define ASSERT_FALSE(c) TEST_TRUE_(!(c), return)
#define ASSERT_EQ(a, b) TEST_COMPARE_(a, ==, b, return)
#define ASSERT_NE(a, b) TEST_COMPARE_(a, !=, b, return)
#define ASSERT_STREQ(a, b) TEST_STR_(a, b, return)
#define ASSERT_MEMEQ(a, b, n) TEST_MEM_(a, b, n, return)

#endif
