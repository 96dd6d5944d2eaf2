/*
 * The checksum of pages and structures, over 64-bit words. Four words go into the sum by one operation each (add, exclusive or, add, exclusive or), then it is
 * multiplied by an odd number, so that it matters where they stood; every 512 bytes the upper half comes down, where the products go on. Each step can be
 * undone, so a change of one word always shows; two changes, or blocks of 32 bytes that stand elsewhere, stay unseen once in 2^64, but for two flips of the
 * same bit within 32 bytes, or of a top bit within 512, which may. 1.3 operations a word, since whoever saves pages pays for each.
 */
#ifndef HYPERVISOR_SNAPSHOT_SUM_H
#define HYPERVISOR_SNAPSHOT_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_SUM_SEED 0x9e3779b97f4a7c15ull
#define SNAPSHOT_SUM_FACTOR 0xbf58476d1ce4e5b9ull
#define SNAPSHOT_SUM_LAST 0x94d049bb133111ebull

typedef uint64_t __attribute__((may_alias)) snapshot_word;

/* The compiler may not load far ahead: it would run out of registers, and each word that it puts aside costs two more accesses. */
static inline uint64_t snapshot_sum_four(uint64_t sum, const snapshot_word *w) {
    sum = ((((sum + w[0]) ^ w[1]) + w[2]) ^ w[3]) * SNAPSHOT_SUM_FACTOR;
    __asm__ volatile("" : "+r"(sum) : : "memory");
    return sum;
}

static inline uint64_t snapshot_sum_one(uint64_t sum, uint64_t word) {
    return (sum + word) * SNAPSHOT_SUM_FACTOR;
}

static inline uint64_t snapshot_sum_end(uint64_t sum) {
    sum = (sum ^ sum >> 29) * SNAPSHOT_SUM_LAST;
    return sum ^ sum >> 32;
}

/** Sums @p bytes (a multiple of 8) at an 8-byte aligned address. */
static inline uint64_t snapshot_sum(const void *data, size_t bytes) {
    const snapshot_word *w = (const snapshot_word *)data, *end = w + bytes / 8;
    uint64_t sum = SNAPSHOT_SUM_SEED + bytes;
    for (; end - w >= 64; w += 64) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 64; i += 4)
            sum = snapshot_sum_four(sum, w + i);
        sum ^= sum >> 32;
    }
    for (; end - w >= 4; w += 4)
        sum = snapshot_sum_four(sum, w);
    for (; w < end; w++)
        sum = snapshot_sum_one(sum, *w);
    return snapshot_sum_end(sum);
}

/** Copies a page of 4096 bytes. @return its sum; one after the other they take a third more */
static inline uint64_t snapshot_copy_and_sum(void *to, const void *from) {
    snapshot_word *d = (snapshot_word *)to;
    const snapshot_word *w = (const snapshot_word *)from, *end = w + 512;
    uint64_t sum = SNAPSHOT_SUM_SEED + 4096;
    for (; w < end; w += 64, d += 64) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 64; i += 4) {
            uint64_t a = w[i], b = w[i + 1], c = w[i + 2], e = w[i + 3];
            d[i] = a;
            d[i + 1] = b;
            d[i + 2] = c;
            d[i + 3] = e;
            sum = ((((sum + a) ^ b) + c) ^ e) * SNAPSHOT_SUM_FACTOR;
            __asm__ volatile("" : "+r"(sum) : : "memory");
        }
        sum ^= sum >> 32;
    }
    return snapshot_sum_end(sum);
}

/** Copies a page of 4096 bytes. */
static inline void snapshot_copy(void *to, const void *from) {
    snapshot_word *d = (snapshot_word *)to;
    const snapshot_word *w = (const snapshot_word *)from;
    for (const snapshot_word *end = w + 512; w < end; w += 64, d += 64) {
#pragma GCC unroll 64
        for (unsigned i = 0; i < 64; i++)
            d[i] = w[i];
    }
}

/** True when all 4096 bytes of a page are 0. Most pages that are not say so in their first word. */
static inline bool snapshot_is_zero(const void *page) {
    const snapshot_word *w = (const snapshot_word *)page, *end = w + 512;
    uint64_t any = w[0];
    for (; !any && w < end; w += 64) {
#pragma GCC unroll 64
        for (unsigned i = 0; i < 64; i++) {
            any |= w[i];
            __asm__ volatile("" : "+r"(any));
        }
    }
    return !any;
}

#endif
