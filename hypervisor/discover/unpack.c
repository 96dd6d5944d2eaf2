#include "hypervisor/discover/unpack.h"

#include <lz4.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { MAX_LAYERS = 4, LZ4_BLOCK_BYTES = 8 << 20 };

struct buffer {
	uint8_t *data;
	size_t used, capacity;
};

typedef const char *(*decompressor)(const uint8_t *in, size_t bytes, struct buffer *out);

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool grow(struct buffer *b, size_t room)
{
	size_t capacity = b->capacity ? b->capacity : 16 << 20;
	uint8_t *data;

	if (b->capacity - b->used >= room)
		return true;
	while (capacity - b->used < room)
		capacity += capacity / 2;
	if (capacity > UNPACK_LIMIT_BYTES)
		return false;
	data = realloc(b->data, capacity);
	if (!data)
		return false;
	b->data = data;
	b->capacity = capacity;
	return true;
}

static const char *from_gzip(const uint8_t *in, size_t bytes, struct buffer *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)bytes };
	int status = inflateInit2(&z, 15 + 32);

	while (status == Z_OK) {
		uInt room;

		if (!grow(out, 1 << 20))
			break;
		room = (uInt)(out->capacity - out->used);
		z.next_out = out->data + out->used;
		z.avail_out = room;
		status = inflate(&z, Z_NO_FLUSH);
		out->used += room - z.avail_out;
	}
	inflateEnd(&z);
	return status == Z_STREAM_END ? NULL : "damaged or truncated gzip data";
}

static const char *from_xz(const uint8_t *in, size_t bytes, struct buffer *out)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&z, 160 << 20, 0);

	z.next_in = in;
	z.avail_in = bytes;
	while (status == LZMA_OK) {
		size_t room;

		if (!grow(out, 1 << 20))
			break;
		room = out->capacity - out->used;
		z.next_out = out->data + out->used;
		z.avail_out = room;
		status = lzma_code(&z, LZMA_RUN);
		out->used += room - z.avail_out;
	}
	lzma_end(&z);
	return status == LZMA_STREAM_END ? NULL : "damaged or truncated xz data";
}

static const char *from_zstd(const uint8_t *in, size_t bytes, struct buffer *out)
{
	ZSTD_DStream *z = ZSTD_createDStream();
	ZSTD_inBuffer input = { in, bytes, 0 };
	size_t status = 1;

	if (!z)
		return "out of memory";
	ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 27);
	while (status && !ZSTD_isError(status)) {
		ZSTD_outBuffer output;
		size_t consumed = input.pos;

		if (!grow(out, 1 << 20))
			break;
		output = (ZSTD_outBuffer){ out->data + out->used, out->capacity - out->used, 0 };
		status = ZSTD_decompressStream(z, &output, &input);
		out->used += output.pos;
		if (input.pos == consumed && output.pos == 0)
			break;
	}
	ZSTD_freeDStream(z);
	return status == 0 ? NULL : "damaged or truncated zstd data";
}

/* The kernel's lz4 is the legacy frame: blocks of 8 MiB, each after its compressed length, no end mark. */
static const char *from_lz4(const uint8_t *in, size_t bytes, struct buffer *out)
{
	size_t at = 4;

	while (bytes - at > 4) {
		size_t n = le32(in + at);
		int written;

		at += 4;
		if (n == 0 || n > bytes - at || n > LZ4_COMPRESSBOUND(LZ4_BLOCK_BYTES))
			break; /* the size word that bzImage appends */
		if (!grow(out, LZ4_BLOCK_BYTES))
			return "lz4 data too large";
		written = LZ4_decompress_safe((const char *)in + at, (char *)out->data + out->used, (int)n,
					      LZ4_BLOCK_BYTES);
		if (written < 0)
			return "damaged or truncated lz4 data";
		out->used += (size_t)written;
		at += n;
		if (written < LZ4_BLOCK_BYTES)
			break;
	}
	return out->used ? NULL : "empty lz4 data";
}

static decompressor find_decompressor(const uint8_t *in, size_t bytes)
{
	static const struct {
		uint8_t magic[6];
		size_t bytes;
		decompressor run;
	} known[] = {
		{ { 0x1f, 0x8b }, 2, from_gzip },
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, from_xz },
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, from_zstd },
		{ { 0x02, 0x21, 0x4c, 0x18 }, 4, from_lz4 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (bytes >= known[i].bytes && memcmp(in, known[i].magic, known[i].bytes) == 0)
			return known[i].run;
	return NULL;
}

/* Narrows in/bytes to what is compressed. The fields: Documentation/arch/x86/boot.rst (payload_offset,
 * payload_length; since protocol 2.08) and drivers/firmware/efi/libstub/zboot-header.S. */
static const char *find_payload(const uint8_t **in, size_t *bytes)
{
	size_t offset = 0, length = *bytes;

	if (*bytes > 0x250 && memcmp(*in + 0x202, "HdrS", 4) == 0) {
		size_t sectors = (*in)[0x1f1] ? (*in)[0x1f1] : 4;

		offset = (sectors + 1) * 512 + le32(*in + 0x248);
		length = le32(*in + 0x24c);
	} else if (*bytes > 64 && memcmp(*in, "MZ\0\0zimg", 8) == 0) {
		offset = le32(*in + 8);
		length = le32(*in + 12);
	}
	if (offset > *bytes || length > *bytes - offset)
		return "truncated kernel file";
	*in += offset;
	*bytes = length;
	return NULL;
}

int unpack_kernel(const uint8_t *in, size_t bytes, uint8_t **out, size_t *out_bytes, const char **why)
{
	struct buffer last = { 0 };

	*why = NULL;
	for (int layer = 0; layer < MAX_LAYERS; layer++) {
		const uint8_t *payload = in;
		size_t payload_bytes = bytes;
		struct buffer next = { 0 };
		decompressor run;

		*why = find_payload(&payload, &payload_bytes);
		if (*why)
			break;
		run = find_decompressor(payload, payload_bytes);
		if (!run && payload != in)
			*why = "unknown compression inside the kernel file";
		if (!run)
			break;
		*why = run(payload, payload_bytes, &next);
		free(last.data);
		last = next;
		in = last.data;
		bytes = last.used;
		if (*why)
			break;
		if (layer == MAX_LAYERS - 1)
			*why = "compressed too many times";
	}
	if (*why) {
		free(last.data);
		return -1;
	}
	*out = last.data;
	*out_bytes = bytes;
	return 0;
}
