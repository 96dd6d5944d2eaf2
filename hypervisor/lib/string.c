/* Text helpers that the C library lacks. */
#include "hypervisor/lib/string.h"

void string_copy(char *to, const char *from, size_t bytes) {
    size_t n = 0;
    for (; n + 1 < bytes && from[n]; n++)
        to[n] = from[n];
    to[n] = 0;
}

/* The text after "key=" of the word that begins so, or NULL. */
static const char *option_find(const char *text, const char *key) {
    size_t length = strlen(key);
    while (*text) {
        while (*text == ' ')
            text++;
        if (strncmp(text, key, length) == 0 && text[length] == '=')
            return text + length + 1;
        while (*text && *text != ' ')
            text++;
    }
    return NULL;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

uint64_t string_option(const char *text, const char *key, uint64_t otherwise) {
    const char *p = option_find(text, key);
    if (!p)
        return otherwise;
    int base = (p[0] == '0' && p[1] == 'x') ? 16 : 10;
    if (base == 16)
        p += 2;
    uint64_t value = 0;
    if (digit_value(*p) >= base)
        return otherwise;
    for (; digit_value(*p) < base; p++)
        value = value * (uint64_t)base + (uint64_t)digit_value(*p);
    return (*p == 0 || *p == ' ') ? value : otherwise;
}

bool string_option_is(const char *text, const char *key, const char *value) {
    const char *p = option_find(text, key);
    size_t length = strlen(value);
    return p && strncmp(p, value, length) == 0 && (p[length] == 0 || p[length] == ' ');
}
