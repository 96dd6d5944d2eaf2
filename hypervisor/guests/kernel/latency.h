/* A distribution of times: exact below 64, then 32 steps an octave (3 %). */
#ifndef HYPERVISOR_GUESTS_KERNEL_LATENCY_H
#define HYPERVISOR_GUESTS_KERNEL_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS 32u
#define LATENCY_BUCKETS (64u + 32u * LATENCY_STEPS)

struct latency {
    uint64_t count, most;
    uint32_t bucket[LATENCY_BUCKETS];
};

static inline unsigned latency_octave(uint64_t value) {
    unsigned octave = 0; /* of values from 64 on */
    while (value >> (octave + 7))
        octave++;
    return octave;
}

static inline void latency_add(struct latency *l, uint64_t value) {
    unsigned octave = value < 64 ? 0 : latency_octave(value);
    uint64_t at = value < 64 ? value : 64 + octave * LATENCY_STEPS + (value >> (octave + 1)) % LATENCY_STEPS;
    l->bucket[at < LATENCY_BUCKETS ? at : LATENCY_BUCKETS - 1]++;
    l->count++;
    l->most = value > l->most ? value : l->most;
}

/** The value below or at which @p permille of them lie, rounded up to its step. */
static inline uint64_t latency_quantile(const struct latency *l, unsigned permille) {
    uint64_t wanted = (l->count * permille + 999) / 1000, seen = 0;
    unsigned at = 0;
    while (at < LATENCY_BUCKETS - 1 && (seen += l->bucket[at]) < wanted)
        at++;
    if (at < 64)
        return at;
    unsigned octave = (at - 64) / LATENCY_STEPS;
    uint64_t upper = ((uint64_t)(LATENCY_STEPS + (at - 64) % LATENCY_STEPS + 1) << (octave + 1)) - 1;
    return upper < l->most ? upper : l->most;
}

#endif
