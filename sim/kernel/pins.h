/* What the pins of a block are called and where they lie in struct <block>_in and struct <block>_out. Tables are generated. */
#ifndef ASSAY_SIM_KERNEL_PINS_H
#define ASSAY_SIM_KERNEL_PINS_H

#include <stddef.h>
#include <stdint.h>

struct pin {
	const char *name;
	uint32_t offset_bytes;
	uint32_t width_bits;
};

struct pin_table {
	const char *block;
	const struct pin *in;
	uint32_t in_count, in_bytes;
	const struct pin *out;
	uint32_t out_count, out_bytes;
};

/** Writes the value of @p pin in the image @p ports as hexadecimal text to @p text (@p size bytes, cut if too short). */
void pin_format(const struct pin *pin, const void *ports, char *text, size_t size);

/** @return the first output pin whose value differs between the images @p a and @p b, NULL if none does. */
const struct pin *pins_first_difference(const struct pin_table *table, const void *a, const void *b);

#endif
