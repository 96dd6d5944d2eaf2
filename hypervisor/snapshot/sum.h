/*
 * The checksum of pages and structures: two running sums over 64-bit words (Fletcher's construction modulo 2^64), folded into one word. A
 * change of a word or of their order changes it (but for one in 2^64). Two additions a word, since the drain pays for each instruction of each page.
 */
#ifndef HYPERVISOR_SNAPSHOT_SUM_H
#define HYPERVISOR_SNAPSHOT_SUM_H

#include <stddef.h>
#include <stdint.h>

struct snapshot_sum {
    uint64_t a, b;
};

static inline uint64_t snapshot_sum_fold(struct snapshot_sum s) {
    uint64_t mixed = (s.b ^ (s.b >> 29)) * 0xbf58476d1ce4e5b9ull;
    return s.a + (mixed ^ (mixed >> 32));
}

/** Sums @p bytes (a multiple of 32) at an 8-byte aligned address. */
static inline uint64_t snapshot_sum(const void *data, size_t bytes) {
    typedef uint64_t __attribute__((may_alias)) word_t;
    const word_t *w = (const word_t *)data;
    struct snapshot_sum s = {0x9e3779b97f4a7c15ull, bytes};
    const word_t *end = w + bytes / 8;
    for (; end - w >= 16; w += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++)
            s.b += s.a += w[i];
    }
    for (; w < end; w++)
        s.b += s.a += *w;
    return snapshot_sum_fold(s);
}

/** Copies a page of 4096 bytes and sums it on the way: what the walker does with most pages. */
static inline uint64_t snapshot_copy_sum(void *to, const void *from) {
    typedef uint64_t __attribute__((may_alias)) word_t;
    word_t *d = (word_t *)to;
    const word_t *w = (const word_t *)from;
    struct snapshot_sum s = {0x9e3779b97f4a7c15ull, 4096};
    for (const word_t *end = w + 512; w < end; w += 16, d += 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++) {
            uint64_t word = w[i];
            d[i] = word;
            s.b += s.a += word;
        }
    }
    return snapshot_sum_fold(s);
}

#endif
