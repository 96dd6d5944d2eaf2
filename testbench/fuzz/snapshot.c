/* libFuzzer target: hostile snapshot volumes.
 *
 * A sound volume is made; the input is a list of changes (three bytes of place, one of value) behind two bytes: how (enum how) and, for SHORT, how long the volume is.
 * With sums made right again the reader's judgement is tried, not only its sums. Every snapshot that is listed must load or be refused; after a single flip that no
 * sum was repaired for, what loads must be what was saved. */
#include <stdlib.h>
#include <string.h>

#include "testbench/unit/snapshot/image_maker.h"

/* HEADERS and TABLES: all changes fall into headers' fields, or into indexes and states. */
enum how { RESEAL_FIRST = 1, RESEAL_SECOND = 2, SHORT = 4, HEADERS = 8, TABLES = 16, SINGLE_FLIP = 32 };

static struct maker sound, maker;
static struct snapshot_image image;
static uint8_t state[2][SNAPSHOT_STATE_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void set_up(void)
{
	maker_build(&sound);
	for (unsigned slot = 0; slot < 2; slot++) {
		const struct snapshot_header *h = maker_header(&sound, slot);
		memcpy(state[slot], sound.bytes + h->state_block * 4096, h->state_bytes);
	}
}

/* A block is the volume's header, or one of the two snapshots'; 256 bytes of each have fields. */
static uint32_t place_in_headers(uint32_t number)
{
	return number % 768 / 256 * 4096 + number % 256;
}

static uint32_t place_in_tables(uint32_t number)
{
	const struct snapshot_header *h = maker_header(&sound, number & 1);
	uint64_t index_bytes = snapshot_pages(h) * sizeof(struct snapshot_index_entry), at = number / 2 % (index_bytes + h->state_bytes);
	return (uint32_t)(at < index_bytes ? h->index_block * 4096 + at : h->state_block * 4096 + at - index_bytes);
}

static void change(const uint8_t *data, size_t size)
{
	for (size_t at = 2; at + 4 <= size; at += 4) {
		uint32_t number = (uint32_t)data[at] | (uint32_t)data[at + 1] << 8 | (uint32_t)data[at + 2] << 16;
		uint32_t place = data[0] & HEADERS ? place_in_headers(number) : data[0] & TABLES ? place_in_tables(number) : number % MAKER_BYTES;
		if (!(data[0] & SINGLE_FLIP)) {
			maker.bytes[place] = data[at + 3];
			continue;
		}
		maker.bytes[place] ^= (uint8_t)(1u << (data[at + 3] & 7));
		break;
	}
}

/* Who looks at a snapshot that loaded although something was flipped must see what was saved. */
static void judge(const struct snapshot_content *content)
{
	uint64_t slot = content->header->id - 1;
	if (slot > 1 || memcmp(content->memory, sound.memory[slot], sizeof sound.memory[slot]) != 0 ||
	    memcmp(content->state, state[slot], content->header->state_bytes) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot_content content;
	if (!sound.length)
		set_up();
	if (size < 2)
		return 0;
	memcpy(maker.bytes, sound.bytes, sizeof maker.bytes);
	maker.length = sound.length;
	change(data, size);
	if (data[0] & SHORT)
		maker.length = MAKER_BYTES / 256 * data[1];
	for (unsigned slot = 0; slot < 2 && !(data[0] & SINGLE_FLIP); slot++)
		if (data[0] >> slot & 1)
			maker_reseal(&maker, slot);
	struct snapshot_source source = maker_source(&maker);
	if (snapshot_image_open(&image, &source) != 0)
		return 0;
	for (unsigned slot = 0; slot < SNAPSHOT_SLOTS; slot++) {
		if (!image.slot[slot].id || image.slot[slot].memory_bytes >= 64u << 20 || snapshot_image_load(&image, image.slot[slot].id, &content) != 0)
			continue;
		if (data[0] & SINGLE_FLIP)
			judge(&content);
		snapshot_image_free(&content);
	}
	return 0;
}
