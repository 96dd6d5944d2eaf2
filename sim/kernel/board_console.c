#include "sim/kernel/board_console.h"

#include <string.h>

static bool end_line(struct board_console *console)
{
	console->line[console->line_length] = '\0';
	console->line_length = 0;
	if (console->echo)
		fprintf(console->echo, "%s%s\n", console->echo_prefix, console->line);
	if (!console->pattern || console->matched || !strstr(console->line, console->pattern))
		return false;
	console->matched = true;
	memcpy(console->matched_line, console->line, sizeof console->line);
	return true;
}

bool board_console_put(struct board_console *console, uint8_t byte)
{
	if (console->length < BOARD_TEXT_BYTES)
		console->text[console->length++] = (char)byte;
	if (byte == '\n')
		return end_line(console);
	if (byte != '\r' && byte != '\0' && console->line_length < BOARD_LINE_BYTES - 1)
		console->line[console->line_length++] = (char)byte;
	return false;
}
