/* Commands that lie on several storages: taken apart by the extents, one part after the other, completed once. */
#include "testbench/unit/see/driver.h"

enum { DATA_AT = 0x300000, LIST_AT = 0x310000, PAGES_AT = 0x320000 };

struct extent {
	uint64_t first, length, remote;
	unsigned width, chunk, member;
};

static struct bench *mapped(struct driver *d, uint64_t blocks, const struct extent *extents, unsigned count)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	driver_up(d, b, 1, 1);
	attach(b, 1, blocks);
	for (unsigned e = 0; e < SEE_NUM_EXTENTS; e++) {
		const struct extent *x = e < count ? &extents[e] : &(struct extent){0};
		fw_write(b, extent_register(SEE_EXTENT_FIRST, 1, e), x->first);
		fw_write(b, extent_register(SEE_EXTENT_LENGTH, 1, e), x->length);
		fw_write(b, extent_register(SEE_EXTENT_REMOTE, 1, e), x->remote);
		fw_write(b, extent_register(SEE_EXTENT_MAP, 1, e),
			 FIELD_PREP(SEE_EXTENT_MAP_WIDTH, x->width) | FIELD_PREP(SEE_EXTENT_MAP_CHUNK, x->chunk) |
				 FIELD_PREP(SEE_EXTENT_MAP_MEMBER, x->member));
		fw_write(b, extent_register(SEE_EXTENT_TARGET, 1, e), (e + 1ull) << 32 | (20 + e));
	}
	for (unsigned i = 0; i < 31; i++)
		store64(b->host, LIST_AT + 8 * i, PAGES_AT + 4096u * i);
	return b;
}

static uint64_t data_at(unsigned byte)
{
	return byte < 4096 ? DATA_AT + byte : PAGES_AT + byte - 4096;
}

/* The next part: @p blocks blocks, @p done blocks into the command, at block @p lba of storage @p storage. */
static struct descriptor expect_part(struct driver *d, unsigned done, unsigned blocks, unsigned storage, uint64_t lba)
{
	struct descriptor e = next_descriptor(d->b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	EXPECT_EQ(FIELD_GET(SEE_DESC_CONTINUES, e.word[8]), done != 0);
	EXPECT_EQ(e.word[10], blocks ? (storage - 19ull) << 32 | storage : 0);
	EXPECT_EQ(e.word[11], lba);
	EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCKS, e.word[12]), blocks);
	return e;
}

static const struct extent three[] = {{0, 100, 7000, 0, 0, 0}, {100, 50, 500, 1, 0, 3}, {150, 1000, 0, 1, 9, 1}};

TEST(see_parts, a_write_over_three_storages_completes_once)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	static const unsigned lengths[] = {10, 50, 40}, storages[] = {20, 23, 21};
	static const uint64_t lbas[] = {7090, 500, 0};
	fill(b, b->host + DATA_AT, 4096);
	fill(b, b->host + PAGES_AT, 100 * 512);
	make_io(sqe, 1, 90, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	for (unsigned part = 0, done = 0; part < 3; done += lengths[part++]) {
		struct descriptor e = expect_part(&d, done, lengths[part], storages[part], lbas[part]);
		unsigned wrong = 0;
		EXPECT_EQ(e.length, lengths[part] * 512);
		for (unsigned i = 0; i < e.length; i++)
			wrong += b->nic[e.buffer + i] != b->host[data_at(done * 512 + i)];
		EXPECT_EQ(wrong, 0u);
		bench_settle(b);
		EXPECT_FALSE(has_completion(&d, 1));
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	}
	EXPECT_EQ(reap(&d, 1).status, 0u);
	bench_settle(b);
	EXPECT_FALSE(has_completion(&d, 1));
	EXPECT_EQ(b->message_count, 1u);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

TEST(see_parts, a_read_is_pushed_when_its_last_part_has_come)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	unsigned wrong = 0;
	make_io(sqe, 2, 96, 16, DATA_AT, PAGES_AT);
	submit(&d, 1, sqe);
	for (unsigned part = 0; part < 2; part++) {
		struct descriptor e = expect_part(&d, 4 * part, part ? 12 : 4, part ? 23 : 20, part ? 500 : 7096);
		memset(b->nic + e.buffer, 0x51 + (int)part, e.length);
		EXPECT_NE(b->host[DATA_AT], 0x51);
		answer(b, SEE_CE_COMPLETE, e.slot, true, 0, e.length, 0);
	}
	EXPECT_EQ(reap(&d, 1).status, 0u);
	for (unsigned i = 0; i < 16 * 512; i++)
		wrong += b->host[data_at(i)] != (i < 4 * 512 ? 0x51 : 0x52);
	EXPECT_EQ(wrong, 0u);
	bench_free(b);
}

/* The first part that fails ends the command with its status; nothing is pushed. */
TEST(see_parts, a_part_that_fails_is_the_last)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 2, 90, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = expect_part(&d, 0, 10, 20, 7090);
	answer(b, SEE_CE_COMPLETE, e.slot, true, 0, e.length, 0);
	e = expect_part(&d, 10, 50, 23, 500);
	memset(b->host + DATA_AT, 0x77, 4096);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0x281, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0x281u);
	bench_settle(b);
	EXPECT_FALSE(b->out.irq);
	EXPECT_EQ(b->host[DATA_AT], 0x77);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

/* Five storages of 8, 8, 6, 6 and 3 chunks of 8 blocks: rows over five, over four, over two. */
TEST(see_parts, stripes_over_storages_of_different_sizes)
{
	static const struct extent zones[] = {{0, 120, 0, 5, 3, 0}, {120, 96, 24, 4, 3, 0}, {216, 32, 48, 2, 3, 0}};
	static const unsigned chunks[] = {8, 8, 6, 6, 3};
	struct driver d;
	struct bench *b = mapped(&d, 248, zones, 3);
	uint64_t sqe[8];
	unsigned used[5] = {0};
	for (uint64_t lba = 0; lba < 248; lba += 31) {
		make_io(sqe, 8, lba, 31, 0, 0);
		submit(&d, 1, sqe);
		for (unsigned done = 0; done < 31;) {
			uint64_t at = lba + done;
			unsigned zone = at < 120 ? 0 : at < 216 ? 1 : 2, width = zones[zone].width;
			uint64_t into = at - zones[zone].first, run = 8 - into % 8, rest = 31 - done;
			unsigned blocks = (unsigned)(run < rest ? run : rest);
			unsigned storage = (unsigned)(into / 8 % width);
			struct descriptor e = expect_part(&d, done, blocks, 20 + storage, zones[zone].remote + into / 8 / width * 8 + into % 8);
			EXPECT_EQ(e.length, 0u);
			used[storage] += blocks;
			done += blocks;
			answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		}
		EXPECT_EQ(reap(&d, 1).status, 0u);
	}
	for (unsigned s = 0; s < 5; s++)
		EXPECT_EQ(used[s], chunks[s] * 8);
	bench_free(b);
}

/* Every width, large numbers: the division is exact in all its 64 bits. */
TEST(see_parts, large_volumes_divide_exactly)
{
	struct driver d;
	struct bench *b = mapped(&d, ~0ull, NULL, 0);
	uint64_t sqe[8];
	for (unsigned width = 1; width <= 8; width++) {
		for (unsigned chunk = 0; chunk < 32; chunk += 5) {
			uint64_t lba = (bench_random(b) | 1ull << 63) - 1, into = lba - 5, size = 1ull << chunk;
			unsigned member = (unsigned)(bench_random(b) & 7), index = width > 1 ? (unsigned)(into / size % width) : 0;
			fw_write(b, extent_register(SEE_EXTENT_FIRST, 1, 7), 5);
			fw_write(b, extent_register(SEE_EXTENT_LENGTH, 1, 7), ~0ull - 5);
			fw_write(b, extent_register(SEE_EXTENT_REMOTE, 1, 7), 1000);
			fw_write(b, extent_register(SEE_EXTENT_MAP, 1, 7),
				 FIELD_PREP(SEE_EXTENT_MAP_WIDTH, width) | FIELD_PREP(SEE_EXTENT_MAP_CHUNK, chunk) |
					 FIELD_PREP(SEE_EXTENT_MAP_MEMBER, member));
			make_io(sqe, 8, lba, 1, 0, 0);
			submit(&d, 1, sqe);
			struct descriptor e = expect_part(&d, 0, 1, 20 + (member + index) % 8,
							  width > 1 ? 1000 + into / size / width * size + into % size : 1000 + into);
			answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
			EXPECT_EQ(reap(&d, 1).status, 0u);
		}
	}
	bench_free(b);
}

/* Write zeroes of 65,536 blocks, the most there is; and a hole in the map, which the firmware is told of. */
TEST(see_parts, the_longest_command_and_a_hole)
{
	static const struct extent holey[] = {{0, 65000, 0, 1, 0, 0}, {65000, 600, 0, 1, 0, 1}};
	struct driver d;
	struct bench *b = mapped(&d, 100000, holey, 2);
	uint64_t sqe[8];
	make_io(sqe, 8, 0, 65536, 0, 0);
	submit(&d, 1, sqe);
	struct descriptor e = expect_part(&d, 0, 65000, 20, 0);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	e = expect_part(&d, 65000, 536, 21, 0);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	make_io(sqe, 8, 65500, 200, 0, 0);
	submit(&d, 1, sqe);
	e = expect_part(&d, 0, 100, 21, 500);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	e = expect_part(&d, 100, 0, 0, 0);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 6, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 6u);
	bench_free(b);
}

/* Nobody has read the PRPs of a command that failed its check: nothing is pushed along them, whatever the firmware answers. */
TEST(see_parts, a_command_that_failed_is_not_pushed)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 2, 1100, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_PULLED);
	memset(b->host + DATA_AT, 0x77, 4096);
	answer(b, SEE_CE_COMPLETE, e.slot, true, e.status, 4096, 0);
	EXPECT_EQ(reap(&d, 1).status, e.status);
	bench_settle(b);
	EXPECT_EQ(b->host[DATA_AT], 0x77);
	bench_free(b);
}

/* A reset between two parts: the next one never comes. */
TEST(see_parts, a_reset_between_parts_ends_the_command)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 1, 90, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = expect_part(&d, 0, 10, 20, 7090);
	host_write32(b, d.bar + SEE_CC, 0);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	bench_settle(b);
	EXPECT_FALSE(b->out.irq);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

/* All parts at once: NEXT hands over the next one while those before are under way; one answer ends the command. */
TEST(see_parts, parts_are_under_way_together)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 1, 90, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = expect_part(&d, 0, 10, 20, 7090);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	e = expect_part(&d, 10, 50, 23, 500);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	e = expect_part(&d, 60, 40, 21, 0);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 0u);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0); /* there is none */
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 1u);
	EXPECT_FALSE(has_completion(&d, 1));
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0x281, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0x281u);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

/* A firmware that has forgotten which parts it had begun gets all of them again. */
TEST(see_parts, all_parts_come_again)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 2, 90, 100, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = expect_part(&d, 0, 10, 20, 7090);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	e = expect_part(&d, 10, 50, 23, 500);
	answer(b, SEE_CE_AGAIN, e.slot, false, 0, 0, 0);
	expect_part(&d, 0, 10, 20, 7090);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	expect_part(&d, 10, 50, 23, 500);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	expect_part(&d, 60, 40, 21, 0);
	answer(b, SEE_CE_AGAIN, e.slot, false, 0, 0, 0); /* after the last one too */
	expect_part(&d, 0, 10, 20, 7090);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	expect_part(&d, 10, 50, 23, 500);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 5, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 5u);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 0u);
	bench_free(b);
}

/* What asks for more of a command that has no more, or of none. */
TEST(see_parts, more_of_what_has_no_parts_is_refused)
{
	struct driver d;
	struct bench *b = mapped(&d, 1150, three, 3);
	uint64_t sqe[8];
	make_io(sqe, 0, 0, 1, 0, 0);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	answer(b, SEE_CE_AGAIN, e.slot, false, 0, 0, 0);
	answer(b, SEE_CE_NEXT, 63, false, 0, 0, 0);
	answer(b, SEE_CE_AGAIN, 63, false, 0, 0, 0);
	answer(b, 6, e.slot, false, 0, 0, 0);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 5u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	bench_free(b);
}

/* A ring of one entry, taken by a refused doorbell: nothing else is handed over. */
static void fill_ring(struct driver *d)
{
	fw_write(d->b, SEE_RING_LOG2, 0);
	host_write32(d->b, d->bar + SEE_DOORBELL_BASE + 8 * 7, 1);
	bench_settle(d->b);
}

static void empty_ring(struct driver *d)
{
	fw_write(d->b, SEE_RING_LOG2, RING_LOG2);
	fw_write(d->b, SEE_RING_CONS, ++d->b->ring_cons);
}

/* A reset while parts are under way: the firmware still has the buffer, so the slot waits for its answer, whether the next part had been
 * handed over or not, and asking for more changes nothing. */
TEST(see_parts, a_reset_waits_for_parts_under_way)
{
	for (unsigned handed = 0; handed < 2; handed++) {
		struct driver d;
		struct bench *b = mapped(&d, 1150, three, 3);
		uint64_t sqe[8];
		make_io(sqe, 1, 90, 100, DATA_AT, LIST_AT);
		submit(&d, 1, sqe);
		struct descriptor e = expect_part(&d, 0, 10, 20, 7090);
		if (!handed)
			fill_ring(&d);
		answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
		if (handed)
			expect_part(&d, 10, 50, 23, 500);
		host_write32(b, d.bar + SEE_CC, 0);
		bench_settle(b);
		if (!handed)
			empty_ring(&d);
		EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
		EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~(1ull << e.slot));
		answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
		answer(b, SEE_CE_AGAIN, e.slot, false, 0, 0, 0);
		bench_settle(b);
		EXPECT_FALSE(b->out.irq);
		EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~(1ull << e.slot));
		answer(b, SEE_CE_RELEASE, e.slot, false, 0, 0, 0);
		bench_settle(b);
		EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
		EXPECT_EQ(fw_read(b, SEE_BAD_COMPLETIONS), 0u);
		bench_free(b);
	}
}
