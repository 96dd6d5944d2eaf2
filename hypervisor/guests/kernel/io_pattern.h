/*
 * The random I/O pattern of workload `io`: what operation k does, as a pure function of (seed, k).
 *
 * The guest issues the operations in the order of k, never two in flight whose LBA ranges overlap. Hence the volume's final content is
 * that of applying the writes one after the other, and the testbench can replay them natively:
 *
 *     struct io_pattern p = {seed, first_lba, lbas};
 *     for (k = 0; k < ops; k++) {
 *         struct io_op op = io_pattern_op(&p, k);
 *         if (op.kind == IO_WRITE)
 *             for (b = 0; b < op.blocks; b++)
 *                 io_pattern_block(&p, k, op.lba + b, image + (op.lba + b) * io_pattern_block_bytes(&p));
 *     }
 *
 * Freestanding; little-endian machines only (both sides are).
 */
#ifndef HYPERVISOR_GUESTS_KERNEL_IO_PATTERN_H
#define HYPERVISOR_GUESTS_KERNEL_IO_PATTERN_H

#include <stdint.h>

#define IO_BLOCK_BYTES 512u
#define IO_MAX_BYTES 131072u
#define IO_MAX_BLOCKS (IO_MAX_BYTES / IO_BLOCK_BYTES)

enum io_kind { IO_READ, IO_WRITE };

struct io_pattern {
    uint64_t seed;
    uint64_t first_lba; /* the region that operations stay inside */
    uint64_t lbas;      /* its length in blocks, at least 1 */
    uint32_t block_bytes; /* of a block of the volume: 512 to 4096; 0: IO_BLOCK_BYTES */
};

struct io_op {
    enum io_kind kind;
    uint32_t blocks;        /* at most IO_MAX_BYTES, never more than the region has */
    uint64_t lba;           /* first block */
    uint32_t buffer_offset; /* of the data in its first page: 0..4092, a multiple of 4. No effect on the content. */
};

/* Marsaglia's xorshift64*: next value of a non-zero state. */
static inline uint64_t io_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dull;
}

/* Starting state for the stream that belongs to (seed, a, b); never 0. (Finalizer of splitmix64.) */
static inline uint64_t io_mix(uint64_t seed, uint64_t a, uint64_t b) {
    uint64_t z = seed + a * 0x9e3779b97f4a7c15ull + b * 0xd1b54a32d192ed03ull + 0x632be59bd9b4e019ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (z ^ (z >> 31)) | 1u;
}

static inline uint32_t io_pattern_block_bytes(const struct io_pattern *p) {
    return p->block_bytes ? p->block_bytes : IO_BLOCK_BYTES;
}

/* Half of the transfers are one block, one in fifty is long; mean about 10 blocks. */
static inline uint32_t io_pattern_blocks(uint64_t *state) {
    uint64_t choice = io_random(state) % 100u;
    uint64_t r = io_random(state);
    if (choice < 50u)
        return 1u;
    if (choice < 75u)
        return 2u + (uint32_t)(r % 7u);
    if (choice < 90u)
        return 9u + (uint32_t)(r % 8u);
    if (choice < 98u)
        return 17u + (uint32_t)(r % 48u);
    return 65u + (uint32_t)(r % (IO_MAX_BLOCKS - 64u));
}

/* What operation k does. */
static inline struct io_op io_pattern_op(const struct io_pattern *p, uint64_t k) {
    uint64_t state = io_mix(p->seed, k, 0);
    struct io_op op;
    uint32_t most = IO_MAX_BYTES / io_pattern_block_bytes(p);
    op.kind = (io_random(&state) >> 63) ? IO_WRITE : IO_READ;
    op.blocks = io_pattern_blocks(&state);
    if (op.blocks > most)
        op.blocks = most;
    if (op.blocks > p->lbas)
        op.blocks = (uint32_t)p->lbas;
    op.lba = p->first_lba + io_random(&state) % (p->lbas - op.blocks + 1u);
    op.buffer_offset = (uint32_t)(io_random(&state) >> 54) * 4u;
    return op;
}

/*
 * The block that write k puts at `lba`. The first word names (k, lba), so that a wrong block tells where it came from;
 * the others are a linear congruential sequence: four instructions for 8 bytes, because the simulated processor pays for each.
 * @param out a block, 4-byte aligned at least (misaligned 64-bit stores are meant)
 */
static inline void io_pattern_block(const struct io_pattern *p, uint64_t k, uint64_t lba, void *out) {
    typedef uint64_t __attribute__((aligned(4), may_alias)) word_t;
    word_t *w = (word_t *)out;
    uint64_t x = io_mix(p->seed, k, lba + 1u);
    unsigned words = io_pattern_block_bytes(p) / 8u;
    w[0] = (k << 40) | (lba & 0xffffffffffull);
#pragma GCC unroll 8
    for (unsigned i = 1; i < words; i++) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        w[i] = x;
    }
}

/* What a guest remembers of the content of a block of @p bytes, a multiple of 8. @param block 4-byte aligned at least */
static inline uint32_t io_block_hash(const void *block, uint32_t bytes) {
    typedef uint64_t __attribute__((aligned(4), may_alias)) word_t;
    const word_t *w = (const word_t *)block;
    uint64_t h = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < bytes / sizeof(word_t); i++)
        h = (h ^ w[i]) * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

#endif
