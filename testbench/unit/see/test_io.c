/* Commands from doorbell to MSI-X, data through PRPs of every shape. */
#include "testbench/unit/see/driver.h"

enum { OP_WRITE = 1, OP_READ = 2 };

/* Host pages of a transfer, scattered; entry lists may cross their page. */
struct shape {
	uint64_t prp1, prp2;
	uint64_t page[33];
	unsigned pages;
};

enum { DATA_AT = 0x300000, LIST_AT = 0x280000 };

/* Lays out @p bytes at page offset @p offset; the list starts at @p list_offset of its page. */
static void lay_out(struct bench *b, struct shape *p, unsigned bytes, unsigned offset, unsigned list_offset)
{
	p->pages = (offset + bytes + 4095) / 4096;
	for (unsigned i = 0; i < p->pages; i++)
		p->page[i] = DATA_AT + (uint64_t)(i * 7 % 64 + i / 64) * 8192;
	p->prp1 = p->page[0] + offset;
	p->prp2 = p->pages == 2 ? p->page[1] : 0;
	if (p->pages <= 2)
		return;
	uint64_t at = LIST_AT + list_offset, next = LIST_AT + 0x4000;
	p->prp2 = at;
	for (unsigned i = 1; i < p->pages; i++) {
		if ((at & 4095) == 4088 && i + 1 < p->pages) {
			store64(b->host, at, next);
			at = next;
		}
		store64(b->host, at, p->page[i]);
		at += 8;
	}
}

static uint8_t *byte_at(struct bench *b, const struct shape *p, unsigned offset, unsigned i)
{
	return b->host + p->page[(offset + i) / 4096] + (offset + i) % 4096;
}

static void one_write(struct driver *d, unsigned bytes, unsigned offset, unsigned list_offset)
{
	struct bench *b = d->b;
	struct shape p;
	uint64_t sqe[8];
	lay_out(b, &p, bytes, offset, list_offset);
	for (unsigned i = 0; i < bytes; i++)
		*byte_at(b, &p, offset, i) = (uint8_t)bench_random(b);
	make_io(sqe, OP_WRITE, 40, bytes / 512, p.prp1, p.prp2);
	uint16_t cid = submit(d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	EXPECT_EQ(e.fn, d->fn);
	EXPECT_EQ(e.qid, 1u);
	EXPECT_EQ(e.length, bytes);
	EXPECT_EQ(memcmp(e.word, sqe, 64), 0);
	EXPECT_EQ(e.word[10], 3ull << 32 | 7);
	EXPECT_EQ(e.word[11], 1040u);
	unsigned wrong = 0;
	for (unsigned i = 0; i < bytes; i++)
		wrong += b->nic[e.buffer + i] != *byte_at(b, &p, offset, i);
	EXPECT_EQ(wrong, 0u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	struct cqe c = reap(d, 1);
	EXPECT_EQ(c.cid, cid);
	EXPECT_EQ(c.status, 0u);
	EXPECT_EQ(c.sq_id, 1u);
	EXPECT_EQ(c.sq_head, d->queue[1].tail);
}

static void one_read(struct driver *d, unsigned bytes, unsigned offset, unsigned list_offset)
{
	struct bench *b = d->b;
	struct shape p;
	uint64_t sqe[8];
	lay_out(b, &p, bytes, offset, list_offset);
	make_io(sqe, OP_READ, 0, bytes / 512, p.prp1, p.prp2);
	uint16_t cid = submit(d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.length, bytes);
	fill(b, b->nic + e.buffer, bytes);
	uint8_t before = *(byte_at(b, &p, offset, 0) - (offset ? 1 : 0));
	answer(b, SEE_CE_COMPLETE, e.slot, true, 0, bytes, 0);
	struct cqe c = reap(d, 1);
	EXPECT_EQ(c.cid, cid);
	EXPECT_EQ(c.status, 0u);
	unsigned wrong = 0;
	for (unsigned i = 0; i < bytes; i++)
		wrong += b->nic[e.buffer + i] != *byte_at(b, &p, offset, i);
	EXPECT_EQ(wrong, 0u);
	if (offset)
		EXPECT_EQ(*(byte_at(b, &p, offset, 0) - 1), before);
}

static void all_shapes(unsigned fn, unsigned stall)
{
	static const unsigned sizes[] = {512, 4096, 8192, 65536, 131072}, offsets[] = {0, 4, 512, 2052, 4092};
	static const unsigned lists[] = {0, 8, 4088, 4000};
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 2);
	driver_up(&d, b, fn, 1);
	attach(b, fn, 100000);
	b->stall = stall;
	for (unsigned s = 0; s < 5; s++)
		for (unsigned o = 0; o < 5; o++) {
			one_write(&d, sizes[s], offsets[o], lists[(s + o) % 4]);
			one_read(&d, sizes[s], offsets[o], lists[(s * 3 + o) % 4]);
		}
	EXPECT_EQ(b->most_reads, 8u);
	EXPECT_EQ(b->longest_write, 256u);
	bench_settle(b);
	EXPECT_EQ(b->dma_of[fn ? 0 : 1], 0u);
	EXPECT_EQ(fw_read(b, SEE_ERRORS), 0u);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

TEST(see_io, moves_data_of_every_shape)
{
	all_shapes(0, 0);
}

TEST(see_io, moves_data_of_a_vf_under_back_pressure)
{
	all_shapes(2, 120);
}

TEST(see_io, identifies_through_the_firmware)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 0);
	driver_up(&d, b, 0, 0);
	uint64_t sqe[8] = {6, 0, 0, DATA_AT + 512, DATA_AT + 0x10000, 1};
	submit(&d, 0, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	EXPECT_EQ(e.qid, 0u);
	EXPECT_EQ(e.length, 0u);
	EXPECT_EQ(e.word[0] & 0xff, 6u);
	fill(b, b->nic + e.buffer, 4096);
	answer(b, SEE_CE_COMPLETE, e.slot, true, 0, 4096, 0x1234);
	struct cqe c = reap(&d, 0);
	EXPECT_EQ(c.dw0, 0x1234u);
	EXPECT_EQ(c.status, 0u);
	EXPECT_EQ(memcmp(b->host + DATA_AT + 512, b->nic + e.buffer, 3584), 0);
	EXPECT_EQ(memcmp(b->host + DATA_AT + 0x10000, b->nic + e.buffer + 3584, 512), 0);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 1u);
	EXPECT_EQ(b->messages[0].requester, SEE_PF_RID);
	EXPECT_EQ(b->messages[0].data, 0u);
	bench_free(b);
}

TEST(see_io, pulls_admin_data_for_the_firmware)
{
	struct bench *b = bench_new();
	struct driver d;
	board_up(b, 1);
	driver_up(&d, b, 1, 0);
	struct shape p;
	lay_out(b, &p, 20000, 100, 4080);
	for (unsigned i = 0; i < 20000; i++)
		*byte_at(b, &p, 100, i) = (uint8_t)bench_random(b);
	uint64_t sqe[8] = {0xc1, 0, 0, p.prp1, p.prp2};
	submit(&d, 0, sqe);
	struct descriptor e = next_descriptor(b);
	answer(b, SEE_CE_PULL, e.slot, false, 0, 20000, 0);
	struct descriptor got = next_descriptor(b);
	EXPECT_EQ(got.type, SEE_DESC_PULLED);
	EXPECT_EQ(got.slot, e.slot);
	EXPECT_EQ(got.status, 0u);
	EXPECT_EQ(got.length, 20000u);
	unsigned wrong = 0;
	for (unsigned i = 0; i < 20000; i++)
		wrong += b->nic[got.buffer + i] != *byte_at(b, &p, 100, i);
	EXPECT_EQ(wrong, 0u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0x4001, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0x4001u);
	bench_free(b);
}

/* Two functions with four queues each, filled to the brim and answered in random order; everything comes back once. */
TEST(see_io, interleaves_queues_of_two_vfs)
{
	enum { ROUNDS = 12, QUEUES = 4, DEPTH = 7 };
	struct bench *b = bench_new();
	struct driver d[2];
	board_up(b, 2);
	for (unsigned f = 0; f < 2; f++) {
		driver_up(&d[f], b, f + 1, QUEUES);
		attach(b, f + 1, 1000);
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t sqe[8];
		for (unsigned i = 0; i < 2 * QUEUES * DEPTH; i++) {
			make_io(sqe, OP_READ, i, 1, DATA_AT + i * 512, 0);
			submit(&d[i & 1], 1 + i / 2 % QUEUES, sqe);
		}
		for (unsigned i = 0; i < 2 * QUEUES * DEPTH; i++) {
			struct descriptor e = next_descriptor(b);
			memset(b->nic + e.buffer, (int)(e.word[5] + round), 512);
			answer(b, SEE_CE_COMPLETE, e.slot, true, 0, 512, 0);
		}
		for (unsigned i = 0; i < 2 * QUEUES * DEPTH; i++)
			EXPECT_EQ(reap(&d[i & 1], 1 + i / 2 % QUEUES).status, 0u);
		for (unsigned i = 0; i < 2 * QUEUES * DEPTH; i++)
			EXPECT_EQ(b->host[DATA_AT + i * 512 + 511], (uint8_t)(i + round));
	}
	bench_settle(b);
	EXPECT_EQ(b->events[SEE_EVENT_CQE], ROUNDS * 2u * QUEUES * DEPTH);
	EXPECT_EQ(b->events[SEE_EVENT_FETCHED], b->events[SEE_EVENT_COMPLETION]);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 0u);
	bench_free(b);
}
