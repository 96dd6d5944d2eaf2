/* The snapshot format, its codec, and the native reader. */
#include <lz4.h>
#include <stdlib.h>

#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/sum.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/snapshot/image_maker.h"

static struct maker maker;
static struct snapshot_image image;
static struct codec_table table;

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/* Pages from all zero to pure noise, with runs and repeats. */
static void make_page(uint8_t *page, unsigned bytes, uint64_t *random)
{
	unsigned kind = (unsigned)(next_random(random) % 5);
	for (unsigned i = 0; i < bytes;) {
		unsigned run = 1 + (unsigned)(next_random(random) % (kind == 4 ? 600 : 40));
		uint8_t value = (uint8_t)next_random(random);
		for (unsigned k = 0; k < run && i < bytes; k++, i++)
			page[i] = kind == 0 ? 0 : kind == 1 ? (uint8_t)next_random(random) : kind == 2 && i > 300 ? page[i - 300] : value;
	}
}

TEST(snapshot_codec, round_trip_here_and_through_lz4)
{
	uint8_t page[4096] __attribute__((aligned(8))), packed[4096], back[4096];
	uint64_t random = test_seed();
	for (unsigned round = 0; round < 3000; round++) {
		unsigned bytes = round % 3 ? 4096 : 1 + (unsigned)(next_random(&random) % 4096);
		make_page(page, bytes, &random);
		uint32_t length = codec_compress(&table, page, bytes, packed, sizeof packed);
		if (!length)
			continue;
		ASSERT_EQ(codec_decompress(packed, length, back, bytes), 0);
		ASSERT_EQ(memcmp(page, back, bytes), 0);
		memset(back, 1, sizeof back);
		ASSERT_EQ(LZ4_decompress_safe((const char *)packed, (char *)back, (int)length, (int)sizeof back), (int)bytes);
		ASSERT_EQ(memcmp(page, back, bytes), 0);
	}
}

TEST(snapshot_codec, decodes_what_lz4_wrote)
{
	uint8_t page[4096] __attribute__((aligned(8))), packed[5000], back[4096];
	uint64_t random = test_seed() + 1;
	for (unsigned round = 0; round < 2000; round++) {
		make_page(page, sizeof page, &random);
		int length = LZ4_compress_default((const char *)page, (char *)packed, sizeof page, sizeof packed);
		ASSERT_TRUE(length > 0);
		ASSERT_EQ(codec_decompress(packed, (uint32_t)length, back, sizeof back), 0);
		ASSERT_EQ(memcmp(page, back, sizeof page), 0);
	}
}

TEST(snapshot_codec, never_writes_beyond_its_room_and_survives_hostile_blocks)
{
	uint8_t page[4096] __attribute__((aligned(8)));
	uint64_t random = test_seed() + 2;
	for (unsigned round = 0; round < 3000; round++) {
		uint32_t room = (uint32_t)(next_random(&random) % 600);
		uint8_t *packed = malloc(room + 1), *back = malloc(sizeof page);
		make_page(page, sizeof page, &random);
		uint32_t length = codec_compress(&table, page, sizeof page, packed, room);
		EXPECT_TRUE(length <= room);
		for (uint32_t i = 0; i < room; i++)
			packed[i] = (uint8_t)next_random(&random);
		codec_decompress(packed, room, back, sizeof page);
		free(packed);
		free(back);
	}
}

TEST(snapshot_sum, sees_every_single_bit)
{
	uint8_t page[4096] __attribute__((aligned(8)));
	uint64_t random = test_seed() + 3;
	make_page(page, sizeof page, &random);
	uint64_t sum = snapshot_sum(page, sizeof page);
	for (unsigned bit = 0; bit < 8 * sizeof page; bit++) {
		page[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ASSERT_NE(snapshot_sum(page, sizeof page), sum);
		page[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

TEST(snapshot_sum, is_the_same_of_a_copy)
{
	uint8_t page[4096] __attribute__((aligned(8))), copy[4096] __attribute__((aligned(8)));
	uint64_t random = test_seed() + 4;
	for (unsigned turn = 0; turn < 20; turn++) {
		make_page(page, sizeof page, &random);
		memset(copy, 0xee, sizeof copy);
		ASSERT_EQ(snapshot_copy_and_sum(copy, page), snapshot_sum(page, sizeof page));
		ASSERT_EQ(memcmp(copy, page, sizeof page), 0);
	}
}

static int open_made(void)
{
	struct snapshot_source source = maker_source(&maker);
	return snapshot_image_open(&image, &source);
}

TEST(snapshot_image, reads_a_chain)
{
	struct snapshot_content content;
	maker_build(&maker);
	ASSERT_EQ(open_made(), 0);
	for (unsigned i = 0; i < 2; i++) {
		ASSERT_EQ(snapshot_image_load(&image, i + 1, &content), 0);
		EXPECT_EQ(memcmp(content.memory, maker.memory[i], sizeof maker.memory[i]), 0);
		EXPECT_EQ(content.absent[32], 1);
		EXPECT_EQ(content.absent[33], 0);
		const struct snapshot_vcpu *v = snapshot_record_find(content.state, content.header->state_bytes, SNAPSHOT_RECORD_VCPU, 0, sizeof *v, NULL);
		ASSERT_TRUE(v != NULL);
		EXPECT_EQ(v->pc, 0x80200001u + i);
		snapshot_image_free(&content);
	}
	EXPECT_EQ(snapshot_image_load(&image, 3, &content), -1);
	EXPECT_STREQ(image.error, "snapshot 3 is not on the volume");
}

/* Whatever bit is flipped in what snapshot 2 needs: it is refused, or the flipped bit was of no consequence and the content is right. */
TEST(snapshot_image, no_flipped_bit_passes)
{
	struct snapshot_content content;
	uint64_t random = test_seed() + 4;
	unsigned refused = 0, rounds = 4000;
	maker_build(&maker);
	for (unsigned round = 0; round < rounds; round++) {
		uint64_t bit = ((next_random(&random) << 20) ^ next_random(&random)) % (8ull * 190 * 4096);
		maker.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (open_made() != 0 || snapshot_image_load(&image, 2, &content) != 0) {
			refused++;
			ASSERT_TRUE(image.error[0] != 0);
		} else {
			ASSERT_EQ(memcmp(content.memory, maker.memory[1], sizeof maker.memory[1]), 0);
			snapshot_image_free(&content);
		}
		maker.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	EXPECT_TRUE(refused > rounds / 10);
}

#define OLD_VERSION "is of format version 1, which lacks floating-point registers: its snapshots cannot be restored here, format it anew"

TEST(snapshot_image, refuses_what_is_cut_foreign_or_of_another_version)
{
	maker_build(&maker);
	maker.length = 100000;
	EXPECT_EQ(open_made(), -1);
	maker.length = MAKER_BYTES - 4096;
	EXPECT_EQ(open_made(), -1);
	EXPECT_STREQ(image.error, "is shorter than when it was formatted");
	maker.length = MAKER_BYTES;
	memset(maker.bytes, 0, 4096);
	EXPECT_EQ(open_made(), -1);
	EXPECT_STREQ(image.error, "is empty, no snapshot volume yet");
	maker.bytes[0] = 'x';
	EXPECT_EQ(open_made(), -1);
	EXPECT_STREQ(image.error, "is no snapshot volume");
	for (uint32_t version = 1; version < SNAPSHOT_VERSION; version++) {
		maker_build(&maker);
		((struct snapshot_volume *)maker.bytes)->version = version;
		snapshot_volume_seal((struct snapshot_volume *)maker.bytes);
		ASSERT_EQ(open_made(), version == SNAPSHOT_VERSION ? 0 : -1);
		if (version != SNAPSHOT_VERSION)
			EXPECT_STREQ(image.error, version == 1 ? OLD_VERSION : "is of a format version that is not known here");
	}
	maker_build(&maker);
	maker_header(&maker, 1)->version = 1;
	maker_reseal(&maker, 1);
	ASSERT_EQ(open_made(), 0);
	EXPECT_STREQ(image.fault[1], OLD_VERSION);
}

/* Structures whose sums are right but which say impossible things. */
TEST(snapshot_image, refuses_impossible_structures)
{
	struct snapshot_header *h = maker_header(&maker, 0);
	struct snapshot_content content;
#define REFUSED(change, text)                                        \
	do {                                                         \
		maker_build(&maker);                                 \
		change;                                              \
		maker_reseal(&maker, 0);                             \
		ASSERT_EQ(open_made(), 0);                           \
		EXPECT_STREQ(image.fault[0] ? image.fault[0] : "", text); \
	} while (0)
	REFUSED(h->memory_bytes = 0, "has an impossible memory size");
	REFUSED(h->memory_bytes = 1ull << 40, "has an impossible memory size");
	REFUSED(h->vcpus = 9, "has an impossible number of vCPUs");
	REFUSED(h->first_block = 3, "names an extent outside the volume");
	REFUSED(h->block_count = UINT64_MAX - 5, "names an extent outside the volume");
	REFUSED(h->data_bytes = UINT64_MAX, "has more data than its extent");
	REFUSED(h->index_block = 70000, "has its index outside its extent");
	REFUSED(h->state_bytes = 64 * 4096, "has its state outside its extent");
	REFUSED(h->state_bytes = 33, "has an impossible state size");
	REFUSED(h->parent = 9, "names an impossible parent");
	REFUSED(memset(h->name, 'n', sizeof h->name), "has no id or an endless name");
#undef REFUSED
	maker_build(&maker);
	maker_index(&maker, 0)[3].unit = 0x7fffffff;
	maker_reseal(&maker, 0);
	ASSERT_EQ(open_made(), 0);
	EXPECT_EQ(snapshot_image_load(&image, 1, &content), -1);
	EXPECT_STREQ(image.error, "snapshot 1 has an impossible index entry");
	maker_build(&maker);
	maker_header(&maker, 0)->magic = 0;
	ASSERT_EQ(open_made(), 0);
	EXPECT_EQ(snapshot_image_load(&image, 2, &content), -1);
	EXPECT_STREQ(image.error, "snapshot 2 builds on one that is not there or does not fit");
}
