/* Compression in the manner of LZ4 (hash of four bytes, literals and matches, lengths in nibbles) and back; the text comes from a small grammar. */
#include "hypervisor/guests/apps/app.h"

enum { BYTES = 60000, HASHES = 4096, LEAST_MATCH = 4, END_LITERALS = 12 };

static uint32_t last_seen[HASHES];

static uint32_t read32(const uint8_t *p)
{
	uint32_t v;

	__builtin_memcpy(&v, p, 4);
	return v;
}

static uint8_t *put_length(uint8_t *out, unsigned length)
{
	for (; length >= 255; length -= 255)
		*out++ = 255;
	*out++ = (uint8_t)length;
	return out;
}

static uint8_t *put_sequence(uint8_t *out, const uint8_t *literals, unsigned count, unsigned offset, unsigned match)
{
	unsigned m = offset ? match - LEAST_MATCH : 0;

	*out++ = (uint8_t)((count < 15 ? count : 15) << 4 | (m < 15 ? m : 15));
	if (count >= 15)
		out = put_length(out, count - 15);
	for (unsigned i = 0; i < count; i++)
		*out++ = literals[i];
	if (!offset)
		return out;
	*out++ = (uint8_t)offset;
	*out++ = (uint8_t)(offset >> 8);
	return m >= 15 ? put_length(out, m - 15) : out;
}

static unsigned deflate(const uint8_t *in, unsigned bytes, uint8_t *out)
{
	uint8_t *begin = out;
	unsigned at = 0, anchor = 0;

	for (unsigned i = 0; i < HASHES; i++)
		last_seen[i] = 0;
	while (at + END_LITERALS < bytes) {
		uint32_t hash = read32(in + at) * 2654435761u >> 20, from = last_seen[hash];
		unsigned length = 0;

		last_seen[hash] = at + 1;
		if (!from || at - --from > 65535 || read32(in + from) != read32(in + at)) {
			at++;
			continue;
		}
		while (at + length + END_LITERALS < bytes && in[from + length] == in[at + length])
			length++;
		if (length < LEAST_MATCH) {
			at++;
			continue;
		}
		out = put_sequence(out, in + anchor, at - anchor, at - from, length);
		at += length;
		anchor = at;
	}
	return (unsigned)(put_sequence(out, in + anchor, bytes - anchor, 0, 0) - begin);
}

static unsigned get_length(const uint8_t **in, unsigned length)
{
	if (length == 15)
		do
			length += **in;
		while (*(*in)++ == 255);
	return length;
}

static unsigned inflate(const uint8_t *in, unsigned bytes, uint8_t *out)
{
	const uint8_t *end = in + bytes;
	unsigned at = 0;

	while (in < end) {
		unsigned token = *in++, offset, length;

		for (length = get_length(&in, token >> 4); length; length--)
			out[at++] = *in++;
		if (in >= end)
			break;
		offset = in[0] | (unsigned)in[1] << 8;
		in += 2;
		for (length = get_length(&in, token & 15) + LEAST_MATCH; length; length--, at++)
			out[at] = out[at - offset];
	}
	return at;
}

static void make_text(uint8_t *out)
{
	static const char *const words[] = {"interrupt", "queue", "snapshot ", "the ", "of ", "conversion", "table", "\n", "storage", " is ", "a ", "42"};
	uint64_t random = 99;
	unsigned at = 0;

	while (at < BYTES)
		for (const char *w = words[next_random(&random) % 12]; *w && at < BYTES; w++)
			out[at++] = (uint8_t)*w;
}

int app_main(void)
{
	uint8_t *text = take_memory(BYTES), *packed = take_memory(BYTES + BYTES / 255 + 16), *back = take_memory(BYTES);
	uint64_t sum = 0;
	unsigned bytes, again, different = 0;

	if (!text || !packed || !back)
		return 2;
	make_text(text);
	bytes = deflate(text, BYTES, packed);
	again = inflate(packed, bytes, back);
	for (unsigned i = 0; i < bytes; i++)
		sum = (sum << 5 | sum >> 59) ^ packed[i];
	for (unsigned i = 0; i < BYTES; i++)
		different += text[i] != back[i];
	put_text("bytes ");
	put_number(bytes);
	put_text("\n");
	put_result("packed", sum);
	put_result("different", different + (again != BYTES));
	return different || again != BYTES;
}
