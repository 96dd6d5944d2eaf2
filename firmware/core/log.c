#include "firmware/core/log.h"

#include "firmware/core/clock.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES 224

static void log_format(const char *format, va_list arguments)
{
	char line[LINE_BYTES];
	uint64_t us = clock_ticks() / (CLOCK_TICKS_PER_SECOND / 1000000);
	int used = snprintf(line, sizeof(line), "[%4lu.%06lu] ", (unsigned long)(us / 1000000),
		(unsigned long)(us % 1000000));

	vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
	log_sink_write(line);
	log_sink_write("\n");
}

void log_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_format(format, arguments);
	va_end(arguments);
}

void log_panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_format(format, arguments);
	va_end(arguments);
	log_sink_crash();
}

void log_stop(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_format(format, arguments);
	va_end(arguments);
	log_sink_stop();
}
