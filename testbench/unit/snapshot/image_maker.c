#include "testbench/unit/snapshot/image_maker.h"

#include <string.h>

#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/sum.h"

static int read_memory(void *ctx, uint64_t offset, void *to, size_t bytes)
{
	struct maker *m = ctx;
	if (offset > m->length || bytes > m->length - offset)
		return -1;
	memcpy(to, m->bytes + offset, bytes);
	return 0;
}

struct snapshot_source maker_source(struct maker *m)
{
	return (struct snapshot_source){m, m->length, read_memory};
}

struct snapshot_header *maker_header(struct maker *m, unsigned slot)
{
	return (struct snapshot_header *)(m->bytes + (1 + slot) * 4096);
}

static bool inside(uint64_t block, uint64_t bytes)
{
	return block <= MAKER_BLOCKS && snapshot_blocks(bytes) <= MAKER_BLOCKS - block;
}

struct snapshot_index_entry *maker_index(struct maker *m, unsigned slot)
{
	return (struct snapshot_index_entry *)(m->bytes + maker_header(m, slot)->index_block * 4096);
}

void maker_reseal(struct maker *m, unsigned slot)
{
	struct snapshot_header *h = maker_header(m, slot);
	uint64_t pages = snapshot_pages(h);
	if (h->memory_bytes <= SNAPSHOT_MEMORY_MAX && inside(h->index_block, pages * sizeof(struct snapshot_index_entry))) {
		h->index_sum = snapshot_sum(maker_index(m, slot), pages * sizeof(struct snapshot_index_entry));
		h->content_sum = snapshot_content_sum(maker_index(m, slot), pages);
	}
	if (h->state_bytes <= SNAPSHOT_STATE_MAX && h->state_bytes % 32 == 0 && inside(h->state_block, h->state_bytes))
		h->state_sum = snapshot_sum(m->bytes + h->state_block * 4096, h->state_bytes);
	snapshot_header_seal(h);
}

/* Pages 0..15 carry text that packs, 16..31 noise, 32 is absent, the others are 0. */
static void fill_page(uint8_t *page, unsigned number, unsigned salt)
{
	uint32_t noise = number * 2654435761u + salt;
	memset(page, 0, 4096);
	for (unsigned i = 0; number < 32 && i < 4096; i++) {
		noise = noise * 1664525u + 1013904223u;
		page[i] = number < 16 ? (uint8_t)((unsigned)"a page of text "[i % 15] + salt + i / 512) : (uint8_t)(noise >> 24);
	}
}

static void put_page(struct maker *m, struct snapshot_header *h, unsigned page, const uint8_t *bytes)
{
	static struct codec_table table;
	struct snapshot_index_entry *e = &maker_index(m, (unsigned)h->id - 1)[page];
	uint8_t *to = m->bytes + h->first_block * 4096 + h->data_bytes;
	uint32_t length = codec_compress(&table, bytes, 4096, to, 3000);
	e->unit = (uint32_t)(h->data_bytes / SNAPSHOT_UNIT_BYTES);
	e->kind = length ? SNAPSHOT_PAGE_PACKED : SNAPSHOT_PAGE_RAW;
	if (!length)
		memcpy(to, bytes, length = 4096);
	e->length = (uint16_t)length;
	h->data_bytes += (length + 7) / 8 * 8;
}

static void put_vcpu(struct maker *m, struct snapshot_header *h)
{
	uint8_t *to = m->bytes + h->state_block * 4096;
	*(struct snapshot_record *)to = (struct snapshot_record){SNAPSHOT_RECORD_VCPU, 0, sizeof(struct snapshot_vcpu), SNAPSHOT_VERSION};
	((struct snapshot_vcpu *)(to + sizeof(struct snapshot_record)))->pc = 0x80200000 + h->id;
	h->state_bytes = (sizeof(struct snapshot_record) + sizeof(struct snapshot_vcpu) + 31) / 32 * 32;
}

static void put_snapshot(struct maker *m, unsigned number, uint64_t first_block)
{
	struct snapshot_header *h = maker_header(m, number);
	*h = (struct snapshot_header){.magic = SNAPSHOT_HEADER_MAGIC, .version = SNAPSHOT_VERSION, .id = number + 1, .parent = number, .name = "made", .vm_name = "vm",
		.flags = number ? SNAPSHOT_INCREMENTAL : 0, .memory_bytes = MAKER_PAGES * 4096, .vcpus = 1, .first_block = first_block, .block_count = 60};
	h->index_block = first_block + 50;
	h->state_block = first_block + 55;
	for (unsigned page = 0; page < MAKER_PAGES; page++) {
		struct snapshot_index_entry *e = &maker_index(m, number)[page];
		uint8_t *bytes = m->memory[number] + page * 4096;
		bool changed = !number || page % 4 == 1;
		fill_page(bytes, page, number && changed ? 3 : 0);
		e->sum = snapshot_sum(bytes, 4096);
		e->kind = page == 32 ? SNAPSHOT_PAGE_ABSENT : SNAPSHOT_PAGE_ZERO;
		if (!changed)
			e->kind = SNAPSHOT_PAGE_PARENT;
		else if (page < 32)
			put_page(m, h, page, bytes);
	}
	put_vcpu(m, h);
	maker_reseal(m, number);
}

void maker_build(struct maker *m)
{
	memset(m, 0, sizeof *m);
	m->length = MAKER_BYTES;
	struct snapshot_volume *v = (struct snapshot_volume *)m->bytes;
	*v = (struct snapshot_volume){.magic = SNAPSHOT_VOLUME_MAGIC, .version = SNAPSHOT_VERSION, .slots = SNAPSHOT_SLOTS, .blocks = MAKER_BLOCKS};
	snapshot_volume_seal(v);
	put_snapshot(m, 0, SNAPSHOT_FIRST_BLOCK);
	put_snapshot(m, 1, SNAPSHOT_FIRST_BLOCK + 64);
}
