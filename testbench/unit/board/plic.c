#include "models/board/plic.h"
#include "testbench/gtest/test.h"

enum { ENABLE_0 = 0x2000, ENABLE_1 = 0x2080, THRESHOLD_0 = 0x200000, CLAIM_0 = 0x200004, CLAIM_1 = 0x201004 };

static struct plic make(void)
{
	struct plic plic;
	plic_reset(&plic, 2);
	plic_store(&plic, 0, 4 * 5, 4, 3);
	plic_store(&plic, 0, 4 * 7, 4, 3);
	plic_store(&plic, 0, ENABLE_0, 4, 1u << 5 | 1u << 7);
	plic_store(&plic, 0, ENABLE_1, 4, 1u << 5);
	return plic;
}

static uint64_t load(struct plic *plic, uint64_t offset)
{
	uint64_t value = 0xdead;
	EXPECT_EQ(plic_load(plic, offset, 4, &value), 0);
	return value;
}

TEST(plic, a_level_raises_the_line_of_every_context_that_enables_it)
{
	struct plic plic = make();
	plic_set_level(&plic, 5, true);
	EXPECT_TRUE(plic_line(&plic, 0));
	EXPECT_TRUE(plic_line(&plic, 1));
	plic_set_level(&plic, 7, true);
	EXPECT_EQ(load(&plic, CLAIM_1), 5u);
	EXPECT_FALSE(plic_line(&plic, 1));
	EXPECT_TRUE(plic_line(&plic, 0));
}

TEST(plic, the_lowest_id_wins_among_equal_priorities)
{
	struct plic plic = make();
	plic_set_level(&plic, 7, true);
	plic_set_level(&plic, 5, true);
	EXPECT_EQ(load(&plic, CLAIM_0), 5u);
	EXPECT_EQ(load(&plic, CLAIM_0), 7u);
	EXPECT_EQ(load(&plic, CLAIM_0), 0u);
}

TEST(plic, a_higher_priority_wins_over_a_lower_id)
{
	struct plic plic = make();
	plic_store(&plic, 0, 4 * 7, 4, 4);
	plic_set_level(&plic, 5, true);
	plic_set_level(&plic, 7, true);
	EXPECT_EQ(load(&plic, CLAIM_0), 7u);
}

TEST(plic, a_priority_at_the_threshold_does_not_interrupt)
{
	struct plic plic = make();
	plic_store(&plic, 0, THRESHOLD_0, 4, 3);
	plic_set_level(&plic, 5, true);
	EXPECT_FALSE(plic_line(&plic, 0));
	plic_store(&plic, 0, THRESHOLD_0, 4, 2);
	EXPECT_TRUE(plic_line(&plic, 0));
}

/* PLIC 1.0.0, interrupt claim process. A priority of 0 never interrupts. */
TEST(plic, a_claim_does_not_ask_for_the_threshold)
{
	struct plic plic = make();
	plic_store(&plic, 0, THRESHOLD_0, 4, 7);
	plic_store(&plic, 0, 4 * 5, 4, 0);
	plic_set_level(&plic, 5, true);
	plic_set_level(&plic, 7, true);
	EXPECT_FALSE(plic_line(&plic, 0));
	EXPECT_EQ(load(&plic, CLAIM_0), 7u);
	EXPECT_EQ(load(&plic, CLAIM_0), 0u);
}

TEST(plic, completion_pends_again_while_the_line_is_high)
{
	struct plic plic = make();
	plic_set_level(&plic, 5, true);
	EXPECT_EQ(load(&plic, CLAIM_0), 5u);
	EXPECT_FALSE(plic_line(&plic, 1));
	plic_store(&plic, 0, CLAIM_0, 4, 5);
	EXPECT_TRUE(plic_line(&plic, 1));
	EXPECT_EQ(load(&plic, CLAIM_1), 5u);
	plic_set_level(&plic, 5, false);
	plic_store(&plic, 0, CLAIM_1, 4, 5);
	EXPECT_FALSE(plic_line(&plic, 0));
}

TEST(plic, a_line_that_rises_while_claimed_is_not_lost)
{
	struct plic plic = make();
	plic_set_level(&plic, 5, true);
	load(&plic, CLAIM_0);
	plic_set_level(&plic, 5, false);
	plic_set_level(&plic, 5, true);
	EXPECT_FALSE(plic_line(&plic, 0));
	plic_store(&plic, 0, CLAIM_0, 4, 5);
	EXPECT_TRUE(plic_line(&plic, 0));
}

TEST(plic, completion_of_a_source_that_is_not_enabled_is_ignored)
{
	struct plic plic = make();
	plic_set_level(&plic, 7, true);
	EXPECT_EQ(load(&plic, CLAIM_0), 7u);
	plic_store(&plic, 0, CLAIM_1, 4, 7);
	EXPECT_FALSE(plic_line(&plic, 0));
}

TEST(plic, source_0_can_neither_be_enabled_nor_given_a_priority)
{
	struct plic plic = make();
	plic_store(&plic, 0, ENABLE_0, 4, 1);
	plic_store(&plic, 0, 0, 4, 7);
	EXPECT_EQ(load(&plic, ENABLE_0), 0u);
	EXPECT_EQ(load(&plic, 0), 0u);
}

TEST(plic, other_access_sizes_are_refused)
{
	struct plic plic = make();
	uint64_t value = 1;
	EXPECT_EQ(plic_load(&plic, 4, 8, &value), -1);
	EXPECT_EQ(plic_store(&plic, 0, 6, 4, 1), -1);
	EXPECT_EQ(plic_load(&plic, PLIC_SIZE_BYTES, 4, &value), -1);
	EXPECT_EQ(value, 1u);
}

TEST(plic, the_filter_keeps_a_source_to_the_contexts_that_have_it)
{
	struct plic plic;
	plic_reset(&plic, 4); /* hart 0: contexts 0 and 1, hart 1: 2 and 3 */
	EXPECT_EQ(load(&plic, PLIC_FILTER_BASE + 4 * 5), 0xffffu);
	plic_store(&plic, 1, 0x2180, 4, 1u << 5 | 1u << 7);
	EXPECT_EQ(load(&plic, 0x2180), 1u << 5 | 1u << 7);
	plic_store(&plic, 0, PLIC_FILTER_BASE + 4 * 5, 4, 3);
	EXPECT_EQ(load(&plic, 0x2180), 1u << 7);
	plic_store(&plic, 1, 0x2180, 4, ~0u);
	EXPECT_EQ(load(&plic, 0x2180), ~(1u | 1u << 5));
	plic_store(&plic, 0, 4 * 5, 4, 3);
	plic_store(&plic, 1, 4 * 5, 4, 0);
	EXPECT_EQ(load(&plic, 4 * 5), 3u);
	plic_store(&plic, 0, ENABLE_1, 4, 1u << 5);
	plic_set_level(&plic, 5, true);
	EXPECT_TRUE(plic_line(&plic, 1));
	EXPECT_FALSE(plic_line(&plic, 3));
}
