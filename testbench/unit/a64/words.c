/* Random A64 words and what the tables say they are: half of them match a row, half are any word.
 * Usage: a64_words SEED COUNT FILE: the words go to FILE, one after the other, one line for each to standard output.
 * Exit status 2 for bad usage or if FILE cannot be written. */
#include <stdio.h>
#include <stdlib.h>

#include "models/convert/convert.h"
#include "models/convert/convert_image.h"
#include "models/convert/disasm.h"

static uint64_t state;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint32_t word(const struct convert_tables *t)
{
	const uint32_t *e;

	if (next_random() & 1)
		return (uint32_t)next_random();
	do
		e = t->second + IMAGE_LEVEL_WORDS * (next_random() % t->level2);
	while (!e[0]);
	return e[1] | ((uint32_t)next_random() & ~e[0]);
}

int main(int argc, char **argv)
{
	struct convert_tables t;
	char text[DISASM_TEXT_BYTES];
	unsigned count = argc == 4 ? (unsigned)atoi(argv[2]) : 0;
	FILE *f = count ? fopen(argv[3], "wb") : NULL;

	if (!f || convert_load(&t, a64_table_image, a64_table_bytes)) {
		fprintf(stderr, "usage: a64_words SEED COUNT FILE\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 0) * 2654435761u + 1;
	for (unsigned i = 0; i < count; i++) {
		uint32_t w = word(&t);

		disasm_instruction(&t, 4 * (uint64_t)i, w, text, sizeof(text));
		printf("%08x %s\n", w, text);
		if (fwrite(&w, 4, 1, f) != 1)
			return 2;
	}
	return fclose(f) ? 2 : 0;
}
