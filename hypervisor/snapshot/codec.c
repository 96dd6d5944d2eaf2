/* LZ4's block format: sequences of (token, literals, offset, match length). */
#include "hypervisor/snapshot/codec.h"

#define MIN_MATCH 4u
#define LAST_LITERALS 5u /* a block ends with at least these */
#define MATCH_MARGIN 12u /* no match starts in the last bytes */
#define RUN_MASK 15u
#define MAX_OFFSET 65535u

static uint32_t read32(const uint8_t *p) {
    uint32_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
}

static uint64_t read64(const uint8_t *p) {
    uint64_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
}

static uint32_t hash_of(uint32_t sequence) {
    return (sequence * 2654435761u) >> (32u - CODEC_HASH_LOG2);
}

static uint32_t common_bytes(const uint8_t *a, const uint8_t *b, const uint8_t *end) {
    const uint8_t *start = a;
    while (a + 8 <= end) {
        uint64_t difference = read64(a) ^ read64(b);
        if (difference) {
            for (; !(difference & 0xff); difference >>= 8)
                a++;
            return (uint32_t)(a - start);
        }
        a += 8;
        b += 8;
    }
    while (a < end && *a == *b)
        a++, b++;
    return (uint32_t)(a - start);
}

struct sink {
    uint8_t *at, *end;
};

static uint32_t length_bytes(uint32_t length) {
    return length < RUN_MASK ? 0 : (length - RUN_MASK) / 255u + 1u;
}

static void put_length(struct sink *s, uint32_t length) {
    if (length < RUN_MASK)
        return;
    for (length -= RUN_MASK; length >= 255u; length -= 255u)
        *s->at++ = 255u;
    *s->at++ = (uint8_t)length;
}

/* @return 0 when it does not fit. A match of length 0 is the end's. */
static int put_sequence(struct sink *s, const uint8_t *literals, uint32_t count, uint32_t offset, uint32_t match) {
    uint32_t extra = match ? match - MIN_MATCH : 0;
    uint32_t need = 1u + length_bytes(count) + count + (match ? 2u + length_bytes(extra) : 0);
    if ((uint32_t)(s->end - s->at) < need)
        return 0;
    *s->at++ = (uint8_t)((count < RUN_MASK ? count : RUN_MASK) << 4 | (extra < RUN_MASK ? extra : RUN_MASK));
    put_length(s, count);
    while (count--)
        *s->at++ = *literals++;
    if (!match)
        return 1;
    *s->at++ = (uint8_t)offset;
    *s->at++ = (uint8_t)(offset >> 8);
    put_length(s, extra);
    return 1;
}

uint32_t codec_compress(struct codec_table *table, const uint8_t *from, uint32_t bytes, uint8_t *to, uint32_t room) {
    const uint8_t *anchor = from, *at = from, *end = from + bytes;
    struct sink sink = {to, to + room};
    uint32_t missed = 0;
    for (unsigned i = 0; i < 1u << CODEC_HASH_LOG2; i++)
        table->position[i] = 0;
    while (bytes > MATCH_MARGIN && at < end - MATCH_MARGIN) {
        uint32_t sequence = read32(at), slot = hash_of(sequence), known = table->position[slot];
        table->position[slot] = (uint16_t)(at - from + 1);
        if (!known || read32(from + known - 1) != sequence) {
            at += 1u + (missed++ >> 4); /* what does not compress is left ever faster */
            continue;
        }
        uint32_t match = MIN_MATCH + common_bytes(at + MIN_MATCH, from + known - 1 + MIN_MATCH, end - LAST_LITERALS);
        if (!put_sequence(&sink, anchor, (uint32_t)(at - anchor), (uint32_t)(at - from) + 1u - known, match))
            return 0;
        at += match;
        anchor = at;
        missed = 0;
    }
    if (!put_sequence(&sink, anchor, (uint32_t)(end - anchor), 0, 0))
        return 0;
    return (uint32_t)(sink.at - to);
}

struct source {
    const uint8_t *at, *end;
};

/* @return the whole length, or UINT32_MAX when the input ends or the length is absurd */
static uint32_t get_length(struct source *s, uint32_t length, uint32_t most) {
    if (length < RUN_MASK)
        return length;
    for (uint8_t more = 255; more == 255;) {
        if (s->at == s->end || length > most)
            return UINT32_MAX;
        more = *s->at++;
        length += more;
    }
    return length;
}

int codec_decompress(const uint8_t *from, uint32_t from_bytes, uint8_t *to, uint32_t bytes) {
    struct source s = {from, from + from_bytes};
    uint32_t done = 0;
    while (s.at < s.end) {
        uint8_t token = *s.at++;
        uint32_t count = get_length(&s, token >> 4, bytes);
        if (count > bytes - done || count > (uint32_t)(s.end - s.at))
            return -1;
        for (uint32_t i = 0; i < count; i++)
            to[done + i] = s.at[i];
        done += count;
        s.at += count;
        if (s.at == s.end)
            break;
        if (s.end - s.at < 2)
            return -1;
        uint32_t offset = s.at[0] | (uint32_t)s.at[1] << 8;
        s.at += 2;
        uint32_t match = get_length(&s, token & RUN_MASK, bytes);
        if (match == UINT32_MAX || !offset || offset > done || match + MIN_MATCH > bytes - done)
            return -1;
        for (match += MIN_MATCH; match--; done++)
            to[done] = to[done - offset];
    }
    return done == bytes ? 0 : -1;
}
