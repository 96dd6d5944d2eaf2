/* What the fuzz targets share: the fuzzer's bytes as a list of acts and operands, and the end of a run that breaks a rule. */
#ifndef ASSAY_FUZZ_INPUT_H
#define ASSAY_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The bytes that are not yet used. */
struct input {
	const uint8_t *at;
	size_t left;
};

/* The next BYTES (0 to 8) as a little-endian number; bytes beyond the end are 0. */
static inline uint64_t take_bytes(struct input *input, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && input->left; i++, input->left--)
		value |= (uint64_t)*input->at++ << 8 * i;
	return value;
}

/* The next byte, 0 beyond the end. */
static inline uint8_t take(struct input *input) { return (uint8_t)take_bytes(input, 1); }

/* The fuzzer takes an abort for a finding. */
static inline void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}
#define REQUIRE(condition) require((condition), #condition)

#endif
