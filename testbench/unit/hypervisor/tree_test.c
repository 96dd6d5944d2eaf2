/* Device trees: what the writer writes, the reader reads; hostile blobs do no harm. */
#include <stdlib.h>

#include "hypervisor/lib/fdt.h"
#include "hypervisor/lib/fdt_writer.h"
#include "testbench/gtest/test.h"

enum { BLOB_BYTES = 4096, HOSTILE_ROUNDS = 20000 };

static uint8_t blob[BLOB_BYTES] __attribute__((aligned(8)));

static uint32_t build(uint32_t capacity)
{
	struct fdt_writer w;
	fdt_writer_start(&w, blob, capacity);
	fdt_writer_begin(&w, "");
	fdt_writer_text(&w, "compatible", "root-thing");
	fdt_writer_begin(&w, "chosen");
	fdt_writer_text(&w, "bootargs", "a=1 b=2");
	fdt_writer_end(&w);
	fdt_writer_begin(&w, "soc");
	for (uint32_t i = 0; i < 3; i++) {
		char name[] = "dev@0";
		name[4] = (char)('0' + i);
		fdt_writer_begin(&w, name);
		fdt_writer_bytes(&w, "compatible", "acme,new\0acme,dev", 18);
		fdt_writer_range(&w, "reg", 0x123400000000ull + i, 0x1000);
		fdt_writer_cells(&w, "list", 3, (uint32_t[]){i, i + 1, 0xffffffffu});
		fdt_writer_bytes(&w, "odd", "xyz", 3);
		fdt_writer_end(&w);
	}
	fdt_writer_end(&w);
	fdt_writer_end(&w);
	return fdt_writer_finish(&w);
}

TEST(hypervisor_tree, reads_what_was_written)
{
	struct fdt fdt;
	uint64_t address, bytes;
	uint32_t cell, count;
	ASSERT_NE(build(BLOB_BYTES), 0);
	ASSERT_TRUE(fdt_open(&fdt, blob));
	int chosen = fdt_find_path(&fdt, "/chosen");
	EXPECT_STREQ(fdt_text(&fdt, chosen, "bootargs"), "a=1 b=2");
	int dev = fdt_find_path(&fdt, "/soc/dev@1");
	ASSERT_NE(dev, FDT_NONE);
	EXPECT_STREQ(fdt_name(&fdt, dev), "dev@1");
	ASSERT_TRUE(fdt_reg(&fdt, dev, 0, &address, &bytes));
	EXPECT_EQ(address, 0x123400000001ull);
	EXPECT_EQ(bytes, 0x1000);
	EXPECT_FALSE(fdt_reg(&fdt, dev, 1, &address, &bytes));
	EXPECT_TRUE(fdt_cell(&fdt, dev, "list", 2, &cell));
	EXPECT_EQ(cell, 0xffffffffu);
	EXPECT_FALSE(fdt_cell(&fdt, dev, "list", 3, &cell));
	EXPECT_MEMEQ(fdt_property(&fdt, dev, "odd", &count), "xyz", 3);
	EXPECT_EQ(count, 3);
	EXPECT_TRUE(fdt_text(&fdt, dev, "odd") == NULL);
}

TEST(hypervisor_tree, finds_nodes)
{
	struct fdt fdt;
	int found = 0;
	build(BLOB_BYTES);
	ASSERT_TRUE(fdt_open(&fdt, blob));
	for (int node = fdt_find_compatible(&fdt, FDT_NONE, "acme,dev"); node != FDT_NONE; node = fdt_find_compatible(&fdt, node, "acme,dev"))
		found++;
	EXPECT_EQ(found, 3);
	EXPECT_EQ(fdt_find_compatible(&fdt, FDT_NONE, "acme,d"), FDT_NONE);
	EXPECT_EQ(fdt_find_path(&fdt, "/soc/dev@7"), FDT_NONE);
	EXPECT_EQ(fdt_find_path(&fdt, "/soc/dev@"), FDT_NONE);
	int children = 0;
	for (int node = fdt_first_child(&fdt, fdt_find_path(&fdt, "/soc")); node != FDT_NONE; node = fdt_next_sibling(&fdt, node))
		children++;
	EXPECT_EQ(children, 3);
	EXPECT_EQ(fdt_first_child(&fdt, fdt_find_path(&fdt, "/chosen")), FDT_NONE);
}

TEST(hypervisor_tree, says_when_it_does_not_fit)
{
	uint32_t needed = build(BLOB_BYTES);
	for (uint32_t capacity = 0; capacity < needed; capacity += 4)
		EXPECT_EQ(build(capacity), 0);
	EXPECT_EQ(build(needed), needed);
}

/* Every read stays inside the blob: the test runs under the address sanitizer, with the blob in a heap block of its own size. */
TEST(hypervisor_tree, survives_hostile_blobs)
{
	uint32_t bytes = build(BLOB_BYTES);
	uint64_t state = test_seed() | 1;
	for (int round = 0; round < HOSTILE_ROUNDS; round++) {
		uint8_t *copy = malloc(bytes);
		memcpy(copy, blob, bytes);
		for (int flips = 0; flips < 4; flips++) {
			state = state * 6364136223846793005ull + 1442695040888963407ull;
			copy[(state >> 33) % bytes] = (uint8_t)(state >> 56);
		}
		/* The size is the caller's knowledge: a blob that claims more than it has cannot be told from a whole one. */
		memcpy(copy + 4, blob + 4, 4);
		struct fdt fdt;
		uint64_t address, length;
		if (fdt_open(&fdt, copy)) {
			int node = fdt_find_path(&fdt, "/soc/dev@2");
			(void)fdt_reg(&fdt, node, 0, &address, &length);
			(void)fdt_text(&fdt, fdt_find_path(&fdt, "/chosen"), "bootargs");
			(void)fdt_find_compatible(&fdt, FDT_NONE, "acme,none");
		}
		free(copy);
	}
}
