/* BTF (Documentation/bpf/btf.rst): the offsets of structure members. */
#include "testbench/interop/discover/truth.h"

#include <stdlib.h>
#include <string.h>

enum { KIND_INT = 1, KIND_ARRAY = 3, KIND_STRUCT = 4, KIND_UNION = 5, KIND_ENUM = 6, KIND_PROTO = 13, KIND_VAR = 14,
       KIND_DATASEC = 15, KIND_DECL_TAG = 17, KIND_ENUM64 = 19, HEADER_BYTES = 24, MAX_DEPTH = 8 };

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static size_t type_bytes(const uint8_t *type)
{
	uint32_t info = le32(type + 4), n = info & 0xffff;

	switch (info >> 24 & 0x1f) {
	case KIND_INT: case KIND_VAR: case KIND_DECL_TAG: return 16;
	case KIND_ARRAY: return 24;
	case KIND_STRUCT: case KIND_UNION: case KIND_DATASEC: case KIND_ENUM64: return 12 + 12 * (size_t)n;
	case KIND_ENUM: case KIND_PROTO: return 12 + 8 * (size_t)n;
	default: return 12;
	}
}

static bool index_types(struct btf *b)
{
	size_t capacity = b->types_bytes / 12 + 2;

	b->type_at = calloc(capacity, sizeof(*b->type_at));
	b->count = 1;
	for (size_t at = 0; b->type_at && at + 12 <= b->types_bytes; at += type_bytes(b->types + at))
		b->type_at[b->count++] = (uint32_t)at;
	return b->count > 10000;
}

bool btf_find(struct btf *b, const uint8_t *file, size_t bytes)
{
	static const uint8_t magic[] = { 0x9f, 0xeb, 1, 0, HEADER_BYTES, 0, 0, 0 };
	const uint8_t *at = file;

	memset(b, 0, sizeof(*b));
	while ((at = memmem(at, bytes - (size_t)(at - file), magic, sizeof(magic))) != NULL) {
		size_t left = bytes - (size_t)(at - file) - HEADER_BYTES;
		uint32_t types = le32(at + 8), types_n = le32(at + 12), strings = le32(at + 16), n = le32(at + 20);

		if (types == 0 && strings >= types_n && strings + (size_t)n <= left && types_n > 100000) {
			b->types = at + HEADER_BYTES;
			b->types_bytes = types_n;
			b->strings = at + HEADER_BYTES + strings;
			b->strings_bytes = n;
			b->range.start = (size_t)(at - file);
			b->range.end = b->range.start + HEADER_BYTES + strings + n;
			if (index_types(b))
				return true;
			btf_free(b);
		}
		at++;
	}
	return false;
}

void btf_free(struct btf *b)
{
	free(b->type_at);
	b->type_at = NULL;
}

static const char *string_at(const struct btf *b, uint32_t offset)
{
	return offset < b->strings_bytes ? (const char *)b->strings + offset : "";
}

static const uint8_t *aggregate(const struct btf *b, uint32_t id)
{
	const uint8_t *type;
	uint32_t kind;

	if (id == 0 || id >= b->count)
		return NULL;
	type = b->types + b->type_at[id];
	kind = le32(type + 4) >> 24 & 0x1f;
	return kind == KIND_STRUCT || kind == KIND_UNION ? type : NULL;
}

typedef void (*member_emitter)(void *context, const char *type, const char *member, uint32_t offset_bits);

static void members(const struct btf *b, const uint8_t *type, const char *name, uint32_t base, int depth,
		    member_emitter emit, void *context)
{
	uint32_t info = le32(type + 4), n = info & 0xffff;
	bool bitfields = info >> 31;

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *m = type + 12 + 12 * (size_t)i;
		const char *member = string_at(b, le32(m));
		uint32_t offset = base + (bitfields ? le32(m + 8) & 0xffffff : le32(m + 8));
		const uint8_t *inner = aggregate(b, le32(m + 4));

		if (*member)
			emit(context, name, member, offset);
		else if (inner && depth < MAX_DEPTH)
			members(b, inner, name, offset, depth + 1, emit, context);
	}
}

void btf_each_member(const struct btf *b, member_emitter emit, void *context)
{
	for (uint32_t id = 1; id < b->count; id++) {
		const uint8_t *type = aggregate(b, id);
		const char *name = type ? string_at(b, le32(type)) : "";

		if (*name)
			members(b, type, name, 0, 0, emit, context);
	}
}
