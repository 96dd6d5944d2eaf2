/* Formatted text without a C library: %s %c %u %d %x %lu %ld %lx %% with zero-fill and width. */
#ifndef HYPERVISOR_LIB_FORMAT_H
#define HYPERVISOR_LIB_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * Writes the text, cut to @p bytes - 1 characters and always terminated.
 * @return the characters written, without the NUL
 */
size_t format_text(char *out, size_t bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_arguments(char *out, size_t bytes, const char *format, va_list arguments);

#endif
