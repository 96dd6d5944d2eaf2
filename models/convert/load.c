/* Attaches to a table image after checking that nothing in it can lead outside. */
#include <stdbool.h>
#include <string.h>

#include "models/convert/convert.h"
#include "models/convert/convert_image.h"

static uint32_t crc32_of(const unsigned char *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	while (n--) {
		crc ^= *p++;
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* One section from its header pair (count, offset); @return false if it does not fit. */
static bool section(const uint32_t *image, size_t bytes, unsigned pair, unsigned words, uint32_t *count, const uint32_t **at)
{
	uint32_t n = image[4 + 2 * pair], offset = image[5 + 2 * pair];

	if (offset % IMAGE_SECTION_BYTES || offset > bytes || n > (bytes - offset) / (4 * words))
		return false;
	*count = n;
	*at = image + offset / 4;
	return true;
}

static bool list_fits(const struct convert_tables *t, uint32_t list)
{
	return (uint64_t)(list & 0xffff) + (list >> 16) <= t->directives;
}

static unsigned index_bits(uint32_t pieces)
{
	unsigned bits = 0;

	for (; pieces; pieces >>= 10)
		bits += pieces >> 5 & 31;
	return bits;
}

static bool levels_fit(const struct convert_tables *t)
{
	for (uint32_t i = 0; i < t->spaces; i++) {
		const uint32_t *s = t->space + IMAGE_SPACE_WORDS * i;

		if (index_bits(s[3]) > 16 || (uint64_t)s[4] + (1u << index_bits(s[3])) > t->level1 || s[5] >= t->rows || (s[2] != 2 && s[2] != 4))
			return false;
	}
	for (uint32_t i = 0; i < t->level1; i++) {
		const uint32_t *e = t->first + IMAGE_LEVEL_WORDS * i;
		unsigned kind = e[2] >> 30;

		if (kind == FIRST_DONE ? (e[2] & 0xffff) >= t->rows : kind == FIRST_PARTIAL &&
				(index_bits(e[3]) > 16 || (e[2] & 0xffff) + (1u << index_bits(e[3])) > t->level2))
			return false;
	}
	for (uint32_t i = 0; i < t->level2; i++) {
		const uint32_t *e = t->second + IMAGE_LEVEL_WORDS * i;

		/* Chains only lead forward, so that they end. */
		if (e[2] >= t->rows || (e[3] != (uint32_t)IMAGE_NO_NEXT && (e[3] <= i || e[3] >= t->level2)))
			return false;
	}
	return true;
}

static bool rows_fit(const struct convert_tables *t)
{
	for (uint32_t i = 0; i < t->rows; i++) {
		const uint32_t *w = t->template + IMAGE_TEMPLATE_WORDS * i, *n = t->name + IMAGE_NAME_WORDS * i;
		unsigned count = w[0] & 0xff, length = w[0] >> 8 & 0xff, flow = w[0] >> 16;

		if (count < 1 || count > CONVERT_MAX_OPS || flow > FLOW_LEAVE || (length != 2 && length != 4) || n[0] >= t->text_bytes || n[1] >= t->text_bytes)
			return false;
		for (unsigned k = 0; k <= TEMPLATE_INFO_OP; k++)
			if (!list_fits(t, w[3 + 3 * k]))
				return false;
	}
	for (uint32_t i = 0; i < t->fields; i++)
		if (!list_fits(t, t->field[IMAGE_FIELD_WORDS * i + 1]))
			return false;
	return true;
}

int convert_load(struct convert_tables *tables, const void *image, size_t bytes)
{
	const uint32_t *w = image;
	struct convert_tables t = {.image = image};
	const uint32_t *text;
	uint32_t names;

	if (bytes < 4 * IMAGE_HEADER_WORDS || bytes % 4 || w[0] != IMAGE_MAGIC || w[1] != IMAGE_VERSION || w[2] != bytes)
		return CONVERT_ERROR_FORMAT;
	if (w[3] != crc32_of((const unsigned char *)image + IMAGE_CHECKED_FROM, bytes - IMAGE_CHECKED_FROM))
		return CONVERT_ERROR_CHECKSUM;
	if (!section(w, bytes, 0, IMAGE_SPACE_WORDS, &t.spaces, &t.space) || !section(w, bytes, 1, IMAGE_LEVEL_WORDS, &t.level1, &t.first) ||
			!section(w, bytes, 2, IMAGE_LEVEL_WORDS, &t.level2, &t.second) ||
			!section(w, bytes, 3, IMAGE_TEMPLATE_WORDS, &t.rows, &t.template) ||
			!section(w, bytes, 4, 1, &t.directives, &t.directive) || !section(w, bytes, 5, IMAGE_NAME_WORDS, &names, &t.name) ||
			!section(w, bytes, 6, IMAGE_FIELD_WORDS, &t.fields, &t.field))
		return CONVERT_ERROR_FORMAT;
	t.text_bytes = w[18];
	if (w[19] % 4 || w[19] > bytes || t.text_bytes > bytes - w[19] || t.text_bytes == 0)
		return CONVERT_ERROR_FORMAT;
	text = w + w[19] / 4;
	t.text = (const char *)text;
	t.isa = w[20];
	if (names != t.rows || t.spaces < 1 || t.text[t.text_bytes - 1] != '\0' || !levels_fit(&t) || !rows_fit(&t))
		return CONVERT_ERROR_RANGE;
	*tables = t;
	return CONVERT_OK;
}
