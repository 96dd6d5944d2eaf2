/* Formatted text without a C library. */
#include "hypervisor/lib/format.h"

#include <stdbool.h>
#include <stdint.h>

struct sink {
    char *out;
    size_t bytes;
    size_t used;
};

struct conversion {
    unsigned width;
    char fill;
    bool is_long;
};

static void sink_put(struct sink *s, char c) {
    if (s->used + 1 < s->bytes)
        s->out[s->used++] = c;
}

static void put_number(struct sink *s, const struct conversion *c, uint64_t value, unsigned base, bool negative) {
    char digits[24];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    unsigned length = n + negative;
    if (negative && c->fill == '0')
        sink_put(s, '-');
    for (unsigned i = length; i < c->width; i++)
        sink_put(s, c->fill);
    if (negative && c->fill != '0')
        sink_put(s, '-');
    while (n)
        sink_put(s, digits[--n]);
}

static void put_string(struct sink *s, const struct conversion *c, const char *text) {
    unsigned n = 0;
    while (text[n])
        n++;
    for (unsigned i = n; i < c->width; i++)
        sink_put(s, ' ');
    while (*text)
        sink_put(s, *text++);
}

static uint64_t take_unsigned(const struct conversion *c, va_list *arguments) {
    return c->is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned);
}

static void put_signed(struct sink *s, const struct conversion *c, va_list *arguments) {
    int64_t value = c->is_long ? va_arg(*arguments, long) : va_arg(*arguments, int);
    put_number(s, c, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, value < 0);
}

static void put_conversion(struct sink *s, const struct conversion *c, char kind, va_list *arguments) {
    switch (kind) {
    case 's': put_string(s, c, va_arg(*arguments, const char *)); break;
    case 'c': sink_put(s, (char)va_arg(*arguments, int)); break;
    case 'd': put_signed(s, c, arguments); break;
    case 'u': put_number(s, c, take_unsigned(c, arguments), 10, false); break;
    case 'x': put_number(s, c, take_unsigned(c, arguments), 16, false); break;
    default: sink_put(s, kind); break;
    }
}

static const char *parse_conversion(const char *p, struct conversion *c) {
    *c = (struct conversion){.fill = ' '};
    if (*p == '0') {
        c->fill = '0';
        p++;
    }
    for (; *p >= '0' && *p <= '9'; p++)
        c->width = c->width * 10 + (unsigned)(*p - '0');
    for (; *p == 'l'; p++)
        c->is_long = true;
    return p;
}

size_t format_arguments(char *out, size_t bytes, const char *format, va_list arguments) {
    struct sink s = {out, bytes, 0};
    va_list list;
    va_copy(list, arguments);
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            sink_put(&s, *p);
            continue;
        }
        struct conversion c;
        p = parse_conversion(p + 1, &c);
        if (!*p)
            break;
        put_conversion(&s, &c, *p, &list);
    }
    va_end(list);
    if (bytes)
        out[s.used] = 0;
    return s.used;
}

size_t format_text(char *out, size_t bytes, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t used = format_arguments(out, bytes, format, arguments);
    va_end(arguments);
    return used;
}
