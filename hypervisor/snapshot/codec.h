/*
 * The page codec: LZ4's block format (lz4_Block_format.md of LZ4 1.9), a fast compressor for one page and a decoder that takes hostile
 * bytes. Any LZ4 library reads what it writes. No tables outside of what the caller gives.
 */
#ifndef HYPERVISOR_SNAPSHOT_CODEC_H
#define HYPERVISOR_SNAPSHOT_CODEC_H

#include <stdint.h>

#define CODEC_HASH_LOG2 10u

struct codec_table {
    uint16_t position[1u << CODEC_HASH_LOG2]; /* of a four-byte sequence, 1-based; 0: none */
};

/**
 * Compresses @p bytes (at most 65535, 8-byte aligned).
 * @return the compressed size, or 0 when it would need more than @p room bytes
 */
uint32_t codec_compress(struct codec_table *table, const uint8_t *from, uint32_t bytes, uint8_t *to, uint32_t room);

/** Decodes a whole block. @return 0 when the result is exactly @p bytes long, -1 for anything else; @p to may then hold rubbish */
int codec_decompress(const uint8_t *from, uint32_t from_bytes, uint8_t *to, uint32_t bytes);

#endif
