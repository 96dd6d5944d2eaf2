#include "sim/kernel/pins.h"

#include <stdio.h>
#include <string.h>

static size_t pin_bytes(const struct pin *pin)
{
	static const uint32_t sizes[] = {1, 2, 4, 8};
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		if (pin->width_bits <= sizes[i] * 8)
			return sizes[i];
	}
	return (pin->width_bits + 31) / 32 * 4;
}

void pin_format(const struct pin *pin, const void *ports, char *text, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)ports + pin->offset_bytes;
	size_t digits = (pin->width_bits + 3) / 4;
	int used = snprintf(text, size, "0x");
	for (size_t i = digits; i-- > 0 && used > 0 && (size_t)used < size;) {
		unsigned nibble = (unsigned)bytes[i / 2] >> (i % 2 * 4) & 0xf;
		used += snprintf(text + used, size - (size_t)used, "%x", nibble);
	}
}

const struct pin *pins_first_difference(const struct pin_table *table, const void *a, const void *b)
{
	for (uint32_t i = 0; i < table->out_count; i++) {
		const struct pin *pin = &table->out[i];
		size_t offset = pin->offset_bytes;
		if (memcmp((const uint8_t *)a + offset, (const uint8_t *)b + offset, pin_bytes(pin)) != 0)
			return pin;
	}
	return NULL;
}
