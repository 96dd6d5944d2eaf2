/* Memory and string functions. Copies go by 64-bit words in unrolled loops, since a simulated processor pays for each instruction. */
#include "hypervisor/lib/string.h"

typedef uint64_t __attribute__((may_alias)) word_t;

static bool both_aligned(const void *a, const void *b) {
    return (((uintptr_t)a | (uintptr_t)b) & 7u) == 0;
}

void *memcpy(void *to, const void *from, size_t bytes) {
    unsigned char *d = to;
    const unsigned char *s = from;
    if (both_aligned(d, s)) {
        for (; bytes >= 128; bytes -= 128, d += 128, s += 128) {
#pragma GCC unroll 16
            for (unsigned i = 0; i < 16; i++)
                ((word_t *)d)[i] = ((const word_t *)s)[i];
        }
        for (; bytes >= 32; bytes -= 32, d += 32, s += 32) {
            uint64_t a = ((const word_t *)s)[0], b = ((const word_t *)s)[1];
            uint64_t c = ((const word_t *)s)[2], e = ((const word_t *)s)[3];
            ((word_t *)d)[0] = a;
            ((word_t *)d)[1] = b;
            ((word_t *)d)[2] = c;
            ((word_t *)d)[3] = e;
        }
        for (; bytes >= 8; bytes -= 8, d += 8, s += 8)
            *(word_t *)d = *(const word_t *)s;
    }
    while (bytes--)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    unsigned char *d = to;
    const unsigned char *s = from;
    if (d <= s || d >= s + bytes)
        return memcpy(to, from, bytes);
    while (bytes--)
        d[bytes] = s[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    unsigned char *d = to;
    uint64_t word = (unsigned char)value * 0x0101010101010101ull;
    for (; bytes && ((uintptr_t)d & 7u); bytes--)
        *d++ = (unsigned char)value;
    for (; bytes >= 64; bytes -= 64, d += 64) {
        word_t *w = (word_t *)d;
        w[0] = word, w[1] = word, w[2] = word, w[3] = word;
        w[4] = word, w[5] = word, w[6] = word, w[7] = word;
    }
    while (bytes--)
        *d++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
    const unsigned char *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *text) {
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b) {
    for (; *a && *a == *b; a++, b++)
        ;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t bytes) {
    for (; bytes; bytes--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}
