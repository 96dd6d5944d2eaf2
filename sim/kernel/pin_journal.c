#include "sim/kernel/pin_journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { WORDS_MAX = 32, CHUNK_BYTES = 1 << 20, RECORD_MAX = 8 + WORDS_MAX * 8, LEVEL = 1 };

struct record {
	uint32_t steps, changed;
};

struct pin_journal {
	size_t words;
	struct record pending; /**< not yet in the chunk */
	uint64_t now[WORDS_MAX], before[WORDS_MAX];
	uint8_t chunk[CHUNK_BYTES];
	size_t filled;
	uint8_t *packed; /**< chunks: u64 compressed size, the compressed bytes */
	size_t packed_bytes, packed_room;
};

struct pin_journal *pin_journal_create(size_t in_bytes)
{
	struct pin_journal *journal = calloc(1, sizeof *journal);
	assert(in_bytes % 8 == 0 && in_bytes <= WORDS_MAX * sizeof(uint64_t));
	if (journal)
		journal->words = in_bytes / 8;
	return journal;
}

void pin_journal_destroy(struct pin_journal *journal)
{
	if (journal)
		free(journal->packed);
	free(journal);
}

static void make_room(struct pin_journal *journal, size_t bytes)
{
	if (journal->packed_bytes + bytes <= journal->packed_room)
		return;
	journal->packed_room = (journal->packed_bytes + bytes) * 2;
	journal->packed = realloc(journal->packed, journal->packed_room);
	assert(journal->packed);
}

static void pack_chunk(struct pin_journal *journal)
{
	size_t bound = ZSTD_compressBound(journal->filled);
	make_room(journal, sizeof(uint64_t) + bound);
	uint8_t *to = journal->packed + journal->packed_bytes;
	uint64_t size = ZSTD_compress(to + sizeof size, bound, journal->chunk, journal->filled, LEVEL);
	assert(!ZSTD_isError(size));
	memcpy(to, &size, sizeof size);
	journal->packed_bytes += sizeof size + size;
	journal->filled = 0;
}

static void write_pending(struct pin_journal *journal)
{
	if (!journal->pending.steps)
		return;
	if (journal->filled + RECORD_MAX > CHUNK_BYTES)
		pack_chunk(journal);
	uint8_t *to = journal->chunk + journal->filled;
	memcpy(to, &journal->pending, sizeof journal->pending);
	to += sizeof journal->pending;
	for (size_t i = 0; i < journal->words; i++) {
		if (journal->pending.changed >> i & 1) {
			memcpy(to, &journal->now[i], sizeof journal->now[i]);
			to += sizeof journal->now[i];
		}
	}
	journal->filled = (size_t)(to - journal->chunk);
	journal->pending = (struct record){0};
}

void pin_journal_add(struct pin_journal *journal, const void *in)
{
	size_t bytes = journal->words * sizeof journal->now[0];
	if (memcmp(journal->now, in, bytes) == 0 && journal->pending.steps && journal->pending.steps < UINT32_MAX) {
		journal->pending.steps++;
		return;
	}
	write_pending(journal);
	memcpy(journal->before, journal->now, bytes);
	memcpy(journal->now, in, bytes);
	journal->pending.steps = 1;
	for (size_t i = 0; i < journal->words; i++)
		journal->pending.changed |= (uint32_t)(journal->now[i] != journal->before[i]) << i;
}

struct replay {
	void (*step)(void *ctx, const void *in);
	void *ctx;
	uint64_t in[WORDS_MAX];
	uint64_t steps;
};

/* @return 0, or -1 if the bytes are not whole records. */
static int replay_chunk(struct replay *replay, size_t words, const uint8_t *bytes, size_t size)
{
	for (const uint8_t *at = bytes, *end = bytes + size; at < end;) {
		struct record record;
		if ((size_t)(end - at) < sizeof record)
			return -1;
		memcpy(&record, at, sizeof record);
		at += sizeof record;
		if (record.changed >> words || (size_t)(end - at) < (size_t)__builtin_popcount(record.changed) * 8)
			return -1;
		for (size_t i = 0; i < words; i++) {
			if (record.changed >> i & 1) {
				memcpy(&replay->in[i], at, 8);
				at += 8;
			}
		}
		replay->steps += record.steps;
		for (uint32_t i = 0; replay->step && i < record.steps; i++)
			replay->step(replay->ctx, replay->in);
	}
	return 0;
}

static int replay_all(struct replay *replay, size_t words, const uint8_t *packed, size_t size)
{
	uint8_t *chunk = malloc(CHUNK_BYTES);
	int status = chunk ? 0 : -1;

	for (size_t at = 0; status == 0 && at < size;) {
		uint64_t length = 0;
		if (size - at >= sizeof length)
			memcpy(&length, packed + at, sizeof length);
		at += sizeof length;
		size_t raw = length && at <= size && length <= size - at ? ZSTD_decompress(chunk, CHUNK_BYTES, packed + at, length) : 0;
		status = raw && !ZSTD_isError(raw) ? replay_chunk(replay, words, chunk, raw) : -1;
		at += length;
	}
	free(chunk);
	return status;
}

/* What has been gathered becomes a chunk, too; only the compression suffers. */
static void settle(struct pin_journal *journal)
{
	write_pending(journal);
	if (journal->filled)
		pack_chunk(journal);
}

uint64_t pin_journal_replay(struct pin_journal *journal, void (*step)(void *ctx, const void *in), void *ctx)
{
	struct replay replay = {.step = step, .ctx = ctx};
	settle(journal);
	int status = replay_all(&replay, journal->words, journal->packed, journal->packed_bytes);
	assert(status == 0);
	(void)status;
	return replay.steps;
}

void *pin_journal_save(struct pin_journal *journal, size_t *size)
{
	settle(journal);
	uint64_t header[2] = {journal->words, journal->packed_bytes};
	uint8_t *image = malloc(sizeof header + sizeof journal->now + journal->packed_bytes);
	if (!image)
		return NULL;
	memcpy(image, header, sizeof header);
	memcpy(image + sizeof header, journal->now, sizeof journal->now);
	if (journal->packed_bytes)
		memcpy(image + sizeof header + sizeof journal->now, journal->packed, journal->packed_bytes);
	*size = sizeof header + sizeof journal->now + journal->packed_bytes;
	return image;
}

int pin_journal_load(struct pin_journal *journal, const void *image, size_t size)
{
	const uint8_t *bytes = image;
	uint64_t header[2];
	struct replay check = {0};

	if (size < sizeof header + sizeof journal->now)
		return -1;
	memcpy(header, bytes, sizeof header);
	const uint8_t *now = bytes + sizeof header, *packed = now + sizeof journal->now;
	if (header[0] != journal->words || header[1] != size - sizeof header - sizeof journal->now ||
	    replay_all(&check, journal->words, packed, header[1]) != 0 || memcmp(check.in, now, journal->words * 8) != 0)
		return -1;
	journal->pending = (struct record){0};
	journal->filled = 0;
	journal->packed_bytes = 0;
	memcpy(journal->now, now, sizeof journal->now);
	make_room(journal, header[1]);
	memcpy(journal->packed, packed, header[1]);
	journal->packed_bytes = header[1];
	return 0;
}
