/* G-stage tables against a list of what was mapped. */
#include <stdlib.h>

#include "hypervisor/core/gstage.h"
#include "hypervisor/core/memory.h"
#include "testbench/gtest/test.h"

static int pages_out, roots_out, pages_left = 1 << 30;

void *memory_page_alloc(void)
{
	if (!pages_left)
		return NULL;
	pages_left--;
	pages_out++;
	void *page = aligned_alloc(PAGE_BYTES, PAGE_BYTES);
	return memset(page, 0, PAGE_BYTES);
}

void memory_page_free(void *page)
{
	pages_out--;
	free(page);
}

void *memory_root_alloc(void)
{
	roots_out++;
	return memset(aligned_alloc(ROOT_BYTES, ROOT_BYTES), 0, ROOT_BYTES);
}

void memory_root_free(void *root)
{
	roots_out--;
	free(root);
}

static bool maps_to(const struct gstage *g, uint64_t guest, uint64_t host)
{
	hpa_t found;
	return gstage_lookup(g, GPA(guest), &found) && found == host;
}

static bool is_hole(const struct gstage *g, uint64_t guest)
{
	hpa_t found;
	return !gstage_lookup(g, GPA(guest), &found);
}

TEST(hypervisor_gstage, maps_ram_in_large_leaves)
{
	struct gstage g;
	ASSERT_TRUE(gstage_create(&g));
	int before = pages_out;
	ASSERT_TRUE(gstage_map(&g, GPA(0x80000000), 0x90000000, 16 << 20, GSTAGE_RAM));
	EXPECT_EQ(pages_out - before, 1); /* one table of 2 MiB leaves */
	EXPECT_TRUE(maps_to(&g, 0x80000000, 0x90000000));
	EXPECT_TRUE(maps_to(&g, 0x80fff123, 0x90fff123));
	EXPECT_TRUE(is_hole(&g, 0x81000000));
	EXPECT_TRUE(is_hole(&g, 0x7fffffff));
	gstage_destroy(&g);
	EXPECT_EQ(pages_out, 0);
	EXPECT_EQ(roots_out, 0);
}

TEST(hypervisor_gstage, falls_back_to_small_leaves)
{
	struct gstage g;
	ASSERT_TRUE(gstage_create(&g));
	ASSERT_TRUE(gstage_map(&g, GPA(0x801ff000), 0x1ff000, 0x202000, GSTAGE_RAM)); /* 4 KiB, 2 MiB, 4 KiB */
	EXPECT_EQ(pages_out, 3);
	EXPECT_TRUE(maps_to(&g, 0x801ff008, 0x1ff008));
	EXPECT_TRUE(maps_to(&g, 0x80200008, 0x200008));
	EXPECT_TRUE(maps_to(&g, 0x80400ff8, 0x400ff8));
	EXPECT_TRUE(is_hole(&g, 0x80401000));
	gstage_destroy(&g);
	EXPECT_EQ(pages_out, 0);
}

TEST(hypervisor_gstage, changes_single_pages)
{
	struct gstage g;
	ASSERT_TRUE(gstage_create(&g));
	ASSERT_TRUE(gstage_set_page(&g, GPA(0x28010000), 0x4040000, GSTAGE_DEVICE));
	EXPECT_TRUE(maps_to(&g, 0x28010008, 0x4040008));
	ASSERT_TRUE(gstage_set_page(&g, GPA(0x28010000), 0x4041000, GSTAGE_DEVICE));
	EXPECT_TRUE(maps_to(&g, 0x28010000, 0x4041000));
	ASSERT_TRUE(gstage_set_page(&g, GPA(0x28010000), 0, 0));
	EXPECT_TRUE(is_hole(&g, 0x28010000));
	gstage_destroy(&g);
}

TEST(hypervisor_gstage, uses_all_41_bits)
{
	struct gstage g;
	uint64_t top = 1ull << 41;
	ASSERT_TRUE(gstage_create(&g));
	ASSERT_TRUE(gstage_map(&g, GPA(top - 4096), 0x5000, 4096, GSTAGE_RAM));
	EXPECT_TRUE(maps_to(&g, top - 1, 0x5fff));
	EXPECT_TRUE(is_hole(&g, (1ull << 39) - 4096)); /* the root's upper index bits count */
	EXPECT_FALSE(gstage_map(&g, GPA(top), 0x5000, 4096, GSTAGE_RAM));
	EXPECT_TRUE(is_hole(&g, top));
	gstage_destroy(&g);
}

TEST(hypervisor_gstage, refuses_bad_ranges)
{
	struct gstage g;
	ASSERT_TRUE(gstage_create(&g));
	ASSERT_TRUE(gstage_map(&g, GPA(0x80000000), 0x200000, 0x200000, GSTAGE_RAM));
	EXPECT_FALSE(gstage_map(&g, GPA(0x80000000), 0x400000, 0x200000, GSTAGE_RAM)); /* mapped already */
	EXPECT_FALSE(gstage_set_page(&g, GPA(0x80001000), 0x5000, GSTAGE_RAM));	       /* under a large leaf */
	EXPECT_FALSE(gstage_map(&g, GPA(0x1001), 0x2000, 4096, GSTAGE_RAM));
	EXPECT_FALSE(gstage_map(&g, GPA(0x1000), 0x2001, 4096, GSTAGE_RAM));
	EXPECT_FALSE(gstage_map(&g, GPA(0x1000), 0x2000, 100, GSTAGE_RAM));
	pages_left = 0;
	EXPECT_FALSE(gstage_map(&g, GPA(0x40000000), 0x2000, 4096, GSTAGE_RAM));
	pages_left = 1 << 30;
	gstage_destroy(&g);
	EXPECT_EQ(pages_out, 0);
}

/* Leaves are user pages with A and D set, since neither BAU nor all harts set those bits. */
TEST(hypervisor_gstage, writes_leaves_as_hart_and_bau_want_them)
{
	struct gstage g;
	ASSERT_TRUE(gstage_create(&g));
	ASSERT_TRUE(gstage_map(&g, GPA(0), 0x123000, 4096, GSTAGE_DEVICE));
	uint64_t *middle = (uint64_t *)(g.root[0] >> 10 << 12);
	uint64_t *last = (uint64_t *)(middle[0] >> 10 << 12);
	EXPECT_EQ(g.root[0] & 0x3ff, 1);
	EXPECT_EQ(last[0], 0x123ull << 10 | 0xd7); /* V R W U A D */
	EXPECT_EQ(gstage_hgatp(&g, 5), 8ull << 60 | 5ull << 44 | (uint64_t)g.root >> 12);
	gstage_destroy(&g);
}
