/* The few memory and string functions that freestanding code (and the compiler) needs. */
#ifndef HYPERVISOR_LIB_STRING_H
#define HYPERVISOR_LIB_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t bytes);

/** Copies @p from, cut to @p bytes - 1 characters and always terminated. */
void string_copy(char *to, const char *from, size_t bytes);
/** The value of `key=NUMBER` (decimal or 0x) among the words of @p text, or @p otherwise when absent or malformed. */
uint64_t string_option(const char *text, const char *key, uint64_t otherwise);
/** True when the words of @p text contain `key=value` exactly. */
bool string_option_is(const char *text, const char *key, const char *value);

#endif
