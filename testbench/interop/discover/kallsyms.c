/* kallsyms in an image without symbols: found through the ten tokens "0" .. "9", which lie in a row.
 *
 * Layouts (scripts/kallsyms.c): up to 6.3 offsets, relative_base, num_syms, names, markers, [seqs,] token_table,
 * token_index; from 6.4 on num_syms, names, markers, token_table, token_index, offsets, relative_base, seqs.
 */
#include "testbench/interop/discover/truth.h"

#include <string.h>

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t le64(const uint8_t *p)
{
	return (uint64_t)le32(p + 4) << 32 | le32(p);
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* The token table starts '0' - 0 tokens earlier; 256 tokens, each NUL-terminated, then 256 16-bit offsets. */
static bool take_token_table(struct kallsyms *k, size_t digits)
{
	size_t at = digits, index;

	for (int token = '0'; token > 0; token--) { /* walk back over 48 tokens */
		if (at < 2)
			return false;
		at--;
		while (at > 0 && k->file[at - 1])
			at--;
		if (digits - at > 48 * 64)
			return false;
	}
	for (size_t start = at; start + 8 > at && start <= digits; start++) {
		size_t p = start;

		for (int token = 0; token < 256 && p < k->bytes; token++)
			p += strnlen((const char *)k->file + p, k->bytes - p) + 1;
		index = align8(p);
		if (index + 512 > k->bytes || k->file[index] || k->file[index + 1])
			continue;
		size_t second = strlen((const char *)k->file + start) + 1;

		if ((size_t)(k->file[index + 2] | k->file[index + 3] << 8) != second)
			continue;
		k->token_table = start;
		k->token_index = index;
		return true;
	}
	return false;
}

/* Markers: increasing 32-bit offsets into the names, the first 0; they end where the token table (or seqs) starts. */
static bool take_markers(struct kallsyms *k)
{
	for (size_t end = k->token_table & ~(size_t)7; end > 4096 && k->token_table - end < 4u << 20; end -= 4) {
		size_t at = end - 4, n = 0;

		while (at > 4 && le32(k->file + at - 4) < le32(k->file + at) &&
		       le32(k->file + at) - le32(k->file + at - 4) < 256 * 128) {
			at -= 4;
			n++;
		}
		if (n >= 64 && le32(k->file + at) == 0) {
			k->markers = at;
			k->count = (uint32_t)(n + 1);
			return true;
		}
	}
	return false;
}

static size_t skip_name(const struct kallsyms *k, size_t at)
{
	size_t n = k->file[at];

	if (n & 0x80) /* since 6.1: long names have a second length byte */
		return at + 2 + ((n & 0x7f) | (size_t)k->file[at + 1] << 7);
	return at + 1 + n;
}

/* num_syms lies before the names; the right pair makes the walk over all names end at the markers. */
static bool take_names(struct kallsyms *k)
{
	uint32_t markers = k->count, last = le32(k->file + k->markers + 4 * (markers - 1));
	size_t latest = k->markers - last;

	for (size_t start = latest & ~(size_t)7; start > 8 && latest - start < 256 * 128; start -= 8) {
		for (size_t before = 4; before <= 8; before += 4) {
			uint32_t count = le32(k->file + start - before);
			size_t at = start;

			if (count <= 256 * (markers - 1) || count > 256 * markers)
				continue;
			for (uint32_t i = 0; i < count && at < k->markers; i++)
				at = skip_name(k, at);
			if (at <= k->markers && k->markers - at < 8) {
				k->names = start;
				k->count_at = start - before;
				k->count = count;
				return true;
			}
		}
	}
	return false;
}

static bool offsets_are_plausible(const struct kallsyms *k, size_t at)
{
	uint32_t descents = 0;

	if (at + 4 * (size_t)k->count > k->bytes)
		return false;
	for (uint32_t i = 1; i < k->count; i++) {
		int64_t a = (int32_t)le32(k->file + at + 4 * (i - 1)), b = (int32_t)le32(k->file + at + 4 * i);

		if (a < 0)
			a = -1 - a + (1ll << 32);
		if (b < 0)
			b = -1 - b + (1ll << 32);
		descents += b < a;
	}
	return descents <= k->count / 100;
}

/* A position-independent kernel holds 0 here and an R_*_RELATIVE entry that says what to put there. Its link base is
 * a multiple of 128 MiB, so the low bits are offsets from the image's start. */
static uint64_t relocated_base(const struct kallsyms *k)
{
	const uint64_t mask = (128u << 20) - 1;

	for (size_t at = 0; at + 24 <= k->bytes; at += 8) {
		uint64_t type = le64(k->file + at + 8);

		if ((type == 0x403 || type == 3) && (le64(k->file + at) & mask) == k->base_at &&
		    le64(k->file + at) >> 63 == 1)
			return le64(k->file + at + 16) & mask;
	}
	return 0;
}

static bool take_offsets(struct kallsyms *k)
{
	size_t array = align8(4 * (size_t)k->count), after = align8(k->token_index + 512);

	if (offsets_are_plausible(k, after)) {
		k->offsets = after;
		k->base_at = after + array;
	} else if (k->count_at > array + 8 && offsets_are_plausible(k, k->count_at - 8 - array)) {
		k->offsets = k->count_at - 8 - array;
		k->base_at = k->count_at - 8;
	} else {
		return false;
	}
	if (k->base_at + 8 > k->bytes)
		return false;
	k->base = le64(k->file + k->base_at);
	if (!k->base)
		k->base = relocated_base(k);
	for (uint32_t i = 0; i < k->count; i++)
		k->absolute_percpu |= (int32_t)le32(k->file + k->offsets + 4 * i) < 0;
	k->range.start = k->offsets < k->count_at ? k->offsets : k->count_at;
	k->range.end = k->base_at > k->token_index ? k->base_at + 8 : k->token_index + 512;
	return true;
}

bool kallsyms_find(struct kallsyms *k, const uint8_t *file, size_t bytes)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	const uint8_t *at = file;

	*k = (struct kallsyms){ .file = file, .bytes = bytes };
	while ((at = memmem(at, bytes - (size_t)(at - file), digits, sizeof(digits))) != NULL) {
		if (take_token_table(k, (size_t)(at - file)) && take_markers(k) && take_names(k) && take_offsets(k))
			return true;
		at++;
	}
	return false;
}

static void expand(const struct kallsyms *k, size_t at, size_t n, char *out, size_t out_bytes)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t index = k->token_index + 2 * (size_t)k->file[at + i];
		const char *token = (const char *)k->file + k->token_table +
				    (size_t)(k->file[index] | k->file[index + 1] << 8);

		for (; *token && used + 1 < out_bytes; token++)
			out[used++] = *token;
	}
	out[used] = 0;
}

void kallsyms_each(const struct kallsyms *k, void (*emit)(void *context, uint64_t address, char type,
							   const char *name), void *context)
{
	size_t at = k->names;

	for (uint32_t i = 0; i < k->count; i++) {
		size_t next = skip_name(k, at), start = at + (k->file[at] & 0x80 ? 2 : 1);
		int32_t offset = (int32_t)le32(k->file + k->offsets + 4 * (size_t)i);
		uint64_t address = k->base + (uint32_t)offset;
		char text[1024];

		if (k->absolute_percpu)
			address = offset >= 0 ? (uint64_t)offset : k->base - 1 - (uint64_t)(int64_t)offset;
		expand(k, start, next - start, text, sizeof(text));
		emit(context, address, text[0], text + 1);
		at = next;
	}
}
