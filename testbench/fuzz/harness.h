/* Unit-test support (testbench/gtest/test.h) inside a fuzz target: a failed expectation is a finding. Include in one file of a target. */
#ifndef ASSAY_FUZZ_HARNESS_H
#define ASSAY_FUZZ_HARNESS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "testbench/gtest/test.h"

uint64_t test_seed(void) { return 1; }

bool test_has_failed(void) { return false; }

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

#endif
