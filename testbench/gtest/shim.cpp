// The only C++ of the unit tests: C test functions become GoogleTest cases.
#include "testbench/gtest/test.h"

#include <gtest/gtest.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace {

class CTest : public testing::Test {
public:
	explicit CTest(test_function fn) : fn_(fn) {}
	void TestBody() override { fn_(); }

private:
	test_function fn_;
};

} // namespace

extern "C" void test_register(const char *suite, const char *name, const char *file, int line, test_function fn)
{
	testing::RegisterTest(suite, name, nullptr, nullptr, file, line,
			      [fn]() -> testing::Test * { return new CTest(fn); });
}

extern "C" void test_fail(const char *file, int line, const char *format, ...)
{
	char text[2048];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	ADD_FAILURE_AT(file, line) << text;
}

extern "C" bool test_has_failed(void)
{
	return testing::Test::HasFailure();
}

extern "C" uint64_t test_seed(void)
{
	const char *seed = getenv("ASSAY_SEED");
	return seed ? strtoull(seed, nullptr, 0) : 1;
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return RUN_ALL_TESTS();
}
