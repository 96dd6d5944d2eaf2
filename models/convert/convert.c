/* Conversion of one instruction: space -> first level -> (second level) -> template -> field substitution. */
#include "models/convert/convert.h"
#include "models/convert/convert_image.h"

/* The number that up to three bit ranges of the instruction spell, most significant range first. */
static uint32_t index_of(uint32_t pieces, uint32_t insn)
{
	uint32_t index = 0;

	for (; pieces; pieces >>= 10) {
		unsigned len = pieces >> 5 & 31;

		index = index << len | (insn >> (pieces & 31) & ((1u << len) - 1));
	}
	return index;
}

uint64_t convert_place(const struct convert_tables *t, uint32_t list, uint64_t base, uint32_t insn)
{
	const uint32_t *d = t->directive + (list & 0xffff);

	for (uint32_t n = list >> 16; n; n--, d++) {
		unsigned len = (*d >> 5 & 31) + 1, at = *d >> 10 & 63;
		uint64_t bits = insn >> (*d & 31) & (UINT64_MAX >> (64 - len));

		if (*d >> 16 & 1 && bits >> (len - 1))
			bits |= UINT64_MAX << len;
		base |= bits << at;
	}
	return base;
}

static const uint32_t *space_of(const struct convert_tables *t, uint32_t insn)
{
	const uint32_t *s = t->space;

	for (uint32_t n = t->spaces - 1; n && (insn & s[0]) != s[1]; n--)
		s += IMAGE_SPACE_WORDS;
	return s;
}

unsigned convert_length(const struct convert_tables *t, uint16_t first)
{
	return space_of(t, first)[2];
}

/* The row that matches, or the space's illegal row. */
static unsigned find_row(const struct convert_tables *t, const uint32_t *space, uint32_t insn, struct convert_result *r)
{
	const uint32_t *e = t->first + IMAGE_LEVEL_WORDS * (space[4] + index_of(space[3], insn));
	unsigned kind = e[2] >> 30, number = e[2] & 0xffff;

	r->steps = 0;
	r->level = CONVERT_MISS;
	if (kind == FIRST_MISS || (insn & e[0]) != e[1])
		return space[5];
	if (kind == FIRST_DONE) {
		r->level = CONVERT_FIRST;
		return number;
	}
	for (number += index_of(e[3], insn); number != (uint32_t)IMAGE_NO_NEXT; number = e[3]) {
		e = t->second + IMAGE_LEVEL_WORDS * number;
		r->steps++;
		if ((insn & e[0]) == e[1]) {
			r->level = CONVERT_SECOND;
			return e[2];
		}
	}
	return space[5];
}

void convert_instruction(const struct convert_tables *t, uint32_t insn, struct convert_result *r)
{
	const uint32_t *space = space_of(t, insn), *w;

	if (space[2] == 2)
		insn &= 0xffff;
	r->row = (uint16_t)find_row(t, space, insn, r);
	w = t->template + IMAGE_TEMPLATE_WORDS * r->row;
	r->count = (uint8_t)w[0];
	r->length = (uint8_t)(w[0] >> 8);
	w++;
	for (unsigned i = 0; i < r->count; i++, w += 3)
		r->op[i] = convert_place(t, w[2], w[0] | (uint64_t)w[1] << 32, insn);
	w += 3 * (TEMPLATE_INFO_OP - r->count);
	r->trap_info = (uint32_t)convert_place(t, w[2], w[0], insn);
}

const char *convert_row_name(const struct convert_tables *t, unsigned row)
{
	return t->text + t->name[IMAGE_NAME_WORDS * row];
}
