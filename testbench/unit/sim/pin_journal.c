#include "sim/kernel/pin_journal.h"

#include <stdlib.h>
#include <string.h>

#include "testbench/gtest/test.h"

enum { WORDS = 7, STEPS = 400000 };

/* Inputs of step n: long pauses, single words that change, whole images. */
static void inputs(uint64_t in[WORDS], uint64_t n)
{
	uint64_t x = n / 5 * 0x9e3779b97f4a7c15ull;
	if (n % 1000 < 300)
		x = n / 1000;
	memset(in, 0, WORDS * sizeof *in);
	in[x % WORDS] = x;
	in[n / 1000 % WORDS] ^= n / 1000;
}

struct expected {
	uint64_t next, wrong;
};

static void step(void *ctx, const void *in)
{
	struct expected *expected = ctx;
	uint64_t right[WORDS];
	inputs(right, expected->next++);
	expected->wrong += memcmp(in, right, sizeof right) != 0;
}

static void record(struct pin_journal *journal, uint64_t from, uint64_t to)
{
	uint64_t in[WORDS];
	for (uint64_t n = from; n < to; n++) {
		inputs(in, n);
		pin_journal_add(journal, in);
	}
}

TEST(pin_journal, replays_every_step)
{
	struct pin_journal *journal = pin_journal_create(WORDS * 8);
	struct expected expected = {0};
	record(journal, 0, STEPS);
	EXPECT_EQ(pin_journal_replay(journal, step, &expected), (uint64_t)STEPS);
	EXPECT_EQ(expected.next, (uint64_t)STEPS);
	EXPECT_EQ(expected.wrong, 0u);
	pin_journal_destroy(journal);
}

TEST(pin_journal, goes_on_after_save_and_load)
{
	struct pin_journal *journal = pin_journal_create(WORDS * 8), *other = pin_journal_create(WORDS * 8);
	struct expected expected = {0};
	size_t size;
	record(journal, 0, STEPS / 2);
	void *image = pin_journal_save(journal, &size);
	EXPECT_TRUE(image != NULL && size < STEPS * 8);
	record(other, 5, 500);
	EXPECT_EQ(pin_journal_load(other, image, size), 0);
	record(other, STEPS / 2, STEPS);
	EXPECT_EQ(pin_journal_replay(other, step, &expected), (uint64_t)STEPS);
	EXPECT_EQ(expected.wrong, 0u);
	free(image);
	pin_journal_destroy(journal);
	pin_journal_destroy(other);
}

TEST(pin_journal, refuses_other_images)
{
	struct pin_journal *journal = pin_journal_create(WORDS * 8), *narrow = pin_journal_create(8);
	size_t size;
	record(journal, 0, 5000);
	uint8_t *image = pin_journal_save(journal, &size);
	EXPECT_EQ(pin_journal_load(narrow, image, size), -1);
	EXPECT_EQ(pin_journal_load(journal, image, size - 1), -1);
	EXPECT_EQ(pin_journal_load(journal, image, 10), -1);
	image[size - 20] ^= 0x55;
	EXPECT_EQ(pin_journal_load(journal, image, size), -1);
	EXPECT_EQ(pin_journal_replay(journal, step, &(struct expected){0}), 5000u);
	free(image);
	pin_journal_destroy(journal);
	pin_journal_destroy(narrow);
}
