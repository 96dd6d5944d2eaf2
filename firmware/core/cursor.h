/* Words and numbers of a line of text, taken one after the other. */
#ifndef ASSAY_FIRMWARE_CORE_CURSOR_H
#define ASSAY_FIRMWARE_CORE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of the line that is being read. */
struct cursor {
	const char *at;
	const char *end;
};

void cursor_skip_blanks(struct cursor *cursor);

/** @return whether nothing but blanks or a comment (# to the end) is left. */
bool cursor_at_end(struct cursor *cursor);

/** Takes the next word. @return its length, 0 at the end of the line */
size_t cursor_word(struct cursor *cursor, const char **word);

/** Takes @p literal if it stands right here. @return whether it did */
bool cursor_literal(struct cursor *cursor, const char *literal);

/** Takes the next word. @return whether it is @p keyword */
bool cursor_keyword(struct cursor *cursor, const char *keyword);

/** Takes digits that stand right here. @return whether there are some, and their number is at most @p max */
bool cursor_number(struct cursor *cursor, unsigned base, uint64_t max, uint64_t *value);

/** Takes @p count numbers of up to 255 with @p separator between them. @return whether they are there */
bool cursor_bytes(struct cursor *cursor, uint8_t *bytes, int count, unsigned base, const char *separator);

#endif
