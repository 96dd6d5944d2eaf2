#include "testbench/unit/clb/random_image.h"

#include <string.h>

enum { ENTRIES = 512, ROWS = 256, DIRECTIVES = 400, HEAD_BYTES = 128, GAP_WORDS = 4096 };

struct writer {
	uint32_t *word;
	uint64_t state;
};

static uint32_t draw(struct writer *w)
{
	w->state = w->state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(w->state >> 32);
}

/* Up to three ranges that together spell at most eight bits. */
static uint32_t pieces(struct writer *w)
{
	uint32_t out = 0;

	for (unsigned i = 0; i < draw(w) % 4; i++)
		out |= (draw(w) % 30 | (draw(w) % 3) << 5) << 10 * i;
	return out;
}

/* Few fixed bits, so that many instructions match. */
static uint32_t sparse(struct writer *w) { return draw(w) & draw(w) & draw(w) & draw(w); }

static void spaces(struct writer *w, uint32_t *at, unsigned count)
{
	for (unsigned i = 0; i < count; i++, at += 6) {
		at[0] = i + 1 == count ? 0 : draw(w) & 3;
		at[1] = draw(w) & at[0];
		at[2] = draw(w) & 1 ? 2 : 4;
		at[3] = pieces(w);
		at[4] = draw(w) % 64;
		at[5] = 0;
	}
}

static void levels(struct writer *w, uint32_t *first, uint32_t *second)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint32_t mask = sparse(w), kind = draw(w) % 8;

		kind = kind == 0 ? 0 : kind < 4 ? 1 : 2;
		memcpy(first + 4 * i, (const uint32_t[4]){mask, draw(w) & mask & draw(w), kind << 30 | (kind == 2 ? draw(w) % 256 : draw(w) % ROWS), pieces(w)}, 16);
		mask = sparse(w);
		memcpy(second + 4 * i, (const uint32_t[4]){mask, draw(w) & mask & draw(w), draw(w) % ROWS,
			i + 1 < ENTRIES && draw(w) % 3 == 0 ? i + 1 + draw(w) % (ENTRIES - i - 1) : UINT32_MAX}, 16);
	}
}

static void templates(struct writer *w, uint32_t *row)
{
	for (unsigned i = 0; i < ROWS; i++, row += 16) {
		row[0] = (1 + draw(w) % 4) | 4 << 8 | (draw(w) % 3 ? 0 : draw(w) % 4) << 16;
		for (unsigned k = 0; k < 5; k++) {
			row[1 + 3 * k] = draw(w);
			row[2 + 3 * k] = draw(w) & 1 ? 0 : (draw(w) & 0x3fe) - 0x200;
			row[3 + 3 * k] = draw(w) % (DIRECTIVES - 4) | (draw(w) % 5) << 16;
		}
	}
}

/* Sections lie at multiples of 8 or of 16, so that an entry lies in one line of its cache, or in two; each bit of an offset is 1 in some image. */
static uint32_t gap(struct writer *w) { return 8 * (draw(w) % GAP_WORDS); }

void random_image(uint8_t *at, size_t bytes, uint64_t seed, bool far)
{
	struct writer w = {.word = (uint32_t *)(void *)at, .state = seed};
	uint32_t count = 1 + draw(&w) % 4;
	const uint32_t space = HEAD_BYTES + gap(&w), first = space + 96 + gap(&w), second = first + 16 * ENTRIES + gap(&w);
	const uint32_t rows = second + 16 * ENTRIES + gap(&w), directives = rows + 64 * ROWS + gap(&w);
	const uint32_t head[] = {0x54435341, 1, (uint32_t)bytes, 0, count, space, ENTRIES, first, ENTRIES, second, ROWS, rows, DIRECTIVES, directives};

	memset(at, 0, bytes);
	memcpy(at, head, sizeof head);
	for (unsigned i = 5; i <= 13; i += 2)
		w.word[i] += far ? draw(&w) << 20 : 0;
	spaces(&w, w.word + space / 4, count);
	levels(&w, w.word + first / 4, w.word + second / 4);
	templates(&w, w.word + rows / 4);
	for (unsigned i = 0; i < DIRECTIVES; i++)
		w.word[directives / 4 + i] = draw(&w) & 0x1ffff;
}
