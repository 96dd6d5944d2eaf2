#include "firmware/core/cursor.h"

#include <string.h>

void cursor_skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r'))
		cursor->at++;
}

bool cursor_at_end(struct cursor *cursor)
{
	cursor_skip_blanks(cursor);
	return cursor->at == cursor->end || *cursor->at == '#';
}

size_t cursor_word(struct cursor *cursor, const char **word)
{
	cursor_skip_blanks(cursor);
	*word = cursor->at;
	while (cursor->at < cursor->end && *cursor->at > ' ')
		cursor->at++;
	return (size_t)(cursor->at - *word);
}

bool cursor_literal(struct cursor *cursor, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, literal, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

bool cursor_keyword(struct cursor *cursor, const char *keyword)
{
	const char *word;
	size_t length = cursor_word(cursor, &word);

	return length == strlen(keyword) && memcmp(word, keyword, length) == 0;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool cursor_number(struct cursor *cursor, unsigned base, uint64_t max, uint64_t *value)
{
	uint64_t result = 0;
	const char *first = cursor->at;

	for (; cursor->at < cursor->end; cursor->at++) {
		unsigned digit = (unsigned)digit_value(*cursor->at);

		if (digit >= base)
			break;
		if (result > (max - digit) / base)
			return false;
		result = result * base + digit;
	}
	*value = result;
	return cursor->at != first && result <= max;
}

bool cursor_bytes(struct cursor *cursor, uint8_t *bytes, int count, unsigned base, const char *separator)
{
	uint64_t value;

	for (int i = 0; i < count; i++) {
		if ((i > 0 && !cursor_literal(cursor, separator)) || !cursor_number(cursor, base, 255, &value))
			return false;
		bytes[i] = (uint8_t)value;
	}
	return true;
}
