/* Commands that the SEE itself refuses, full completion queues, DMA that fails. */
#include "testbench/unit/see/driver.h"

enum { DATA_AT = 0x300000, BLOCKS = 1000 };
enum { INVALID_FIELD = 0x4002, INVALID_NAMESPACE = 0x400b, PRP_OFFSET = 0x4013, LBA_RANGE = 0x4080, DATA_TRANSFER = 4 };

struct fixture {
	struct bench *b;
	struct driver d;
};

static struct fixture up(void)
{
	struct fixture f = {.b = bench_new()};
	board_up(f.b, 1);
	driver_up(&f.d, f.b, 1, 1);
	attach(f.b, 1, BLOCKS);
	return f;
}

/* Commands that the SEE refuses. */
static void expect_status(struct driver *d, uint64_t sqe[8], unsigned status)
{
	uint16_t cid = submit(d, 1, sqe);
	complete_failed(d, status);
	struct cqe c = reap(d, 1);
	EXPECT_EQ(c.cid, cid);
	EXPECT_EQ(c.status, status);
	EXPECT_EQ(c.sq_id, 1u);
	EXPECT_EQ(c.sq_head, d->queue[1].tail);
	bench_settle(d->b);
}

/* Commands that reach the firmware, which completes them. */
static struct descriptor expect_handed_over(struct driver *d, uint64_t sqe[8])
{
	submit(d, 1, sqe);
	struct descriptor e = next_descriptor(d->b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(d, 1).status, 0u);
	return e;
}

TEST(see_check, lba_range_and_size)
{
	struct fixture f = up();
	uint64_t sqe[8];
	static const unsigned opcodes[] = {1, 2, 5, 8};
	for (unsigned i = 0; i < 4; i++) {
		make_io(sqe, opcodes[i], BLOCKS, 1, DATA_AT, 0);
		expect_status(&f.d, sqe, LBA_RANGE);
		make_io(sqe, opcodes[i], BLOCKS - 1, 2, DATA_AT, 0);
		expect_status(&f.d, sqe, LBA_RANGE);
		make_io(sqe, opcodes[i], ~0ull, 2, DATA_AT, 0);
		expect_status(&f.d, sqe, LBA_RANGE);
		make_io(sqe, opcodes[i], BLOCKS - 1, 1, DATA_AT, 0);
		EXPECT_EQ(expect_handed_over(&f.d, sqe).length, opcodes[i] == 8 ? 0u : 512u);
	}
	make_io(sqe, 2, 0, 257, DATA_AT, 0);
	expect_status(&f.d, sqe, INVALID_FIELD);
	make_io(sqe, 8, 0, BLOCKS, 0, 0);
	expect_handed_over(&f.d, sqe);
	bench_free(f.b);
}

TEST(see_check, namespace_and_flags)
{
	struct fixture f = up();
	uint64_t sqe[8];
	static const uint32_t wrong[] = {0, 2, 0xffffffff};
	for (unsigned i = 0; i < 3; i++) {
		make_io(sqe, 2, 0, 1, DATA_AT, 0);
		sqe[0] = 2 | (uint64_t)wrong[i] << 32;
		expect_status(&f.d, sqe, INVALID_NAMESPACE);
	}
	make_io(sqe, 0, 0, 1, 0, 0);
	sqe[0] = 0xffffffffull << 32;
	expect_handed_over(&f.d, sqe);
	for (unsigned flags = 0x100; flags <= 0x8000; flags <<= 1) {
		make_io(sqe, 2, 0, 1, DATA_AT, 0);
		sqe[0] |= flags;
		if (flags & 0xc300)
			expect_status(&f.d, sqe, INVALID_FIELD);
		else
			expect_handed_over(&f.d, sqe);
	}
	fw_write(f.b, function_register(SEE_FN_NS, 1), 0);
	make_io(sqe, 2, 0, 1, DATA_AT, 0);
	expect_status(&f.d, sqe, INVALID_NAMESPACE);
	make_io(sqe, 0x7f, 0, 1, 3, 3); /* not of the fast path: whole to the firmware, unchecked */
	EXPECT_EQ(memcmp(expect_handed_over(&f.d, sqe).word, sqe, 64), 0);
	bench_free(f.b);
}

TEST(see_check, prp_offsets)
{
	struct fixture f = up();
	uint64_t sqe[8];
	make_io(sqe, 2, 0, 1, DATA_AT + 2, 0);
	expect_status(&f.d, sqe, PRP_OFFSET);
	make_io(sqe, 2, 0, 8, DATA_AT + 4, 0x310004);
	expect_status(&f.d, sqe, PRP_OFFSET);
	make_io(sqe, 2, 0, 17, DATA_AT, 0x310004);
	expect_status(&f.d, sqe, PRP_OFFSET);
	store64(f.b->host, 0x310000, DATA_AT + 0x1000);
	store64(f.b->host, 0x310008, DATA_AT + 0x2008);
	make_io(sqe, 1, 0, 24, DATA_AT, 0x310000);
	expect_status(&f.d, sqe, PRP_OFFSET);
	store64(f.b->host, 0x310ff8, 0x320008); /* chain pointer with an offset */
	make_io(sqe, 1, 0, 24, DATA_AT, 0x310ff8);
	expect_status(&f.d, sqe, PRP_OFFSET);
	EXPECT_EQ(f.b->events[SEE_EVENT_ERROR], 5u);
	bench_free(f.b);
}

/* Page 0 is no place for a second page, a list, or the pages in it. */
TEST(see_check, prps_of_zero)
{
	struct fixture f = up();
	uint64_t sqe[8];
	make_io(sqe, 2, 0, 16, DATA_AT, 0);
	expect_status(&f.d, sqe, PRP_OFFSET);
	make_io(sqe, 1, 0, 24, DATA_AT, 0);
	expect_status(&f.d, sqe, PRP_OFFSET);
	store64(f.b->host, 0x310000, DATA_AT + 0x1000);
	store64(f.b->host, 0x310008, 0);
	make_io(sqe, 1, 0, 24, DATA_AT, 0x310000);
	expect_status(&f.d, sqe, PRP_OFFSET);
	store64(f.b->host, 0x310ff8, 0); /* chain pointer */
	make_io(sqe, 2, 0, 24, DATA_AT, 0x310ff8);
	expect_status(&f.d, sqe, PRP_OFFSET);
	EXPECT_EQ(f.b->events[SEE_EVENT_ERROR], 4u);
	bench_free(f.b);
}

TEST(see_check, dataset_management_brings_its_ranges)
{
	struct fixture f = up();
	uint64_t sqe[8];
	fill(f.b, f.b->host + DATA_AT + 64, 160);
	make_io(sqe, 9, 9, 1, DATA_AT + 64, 0);
	submit(&f.d, 1, sqe);
	struct descriptor e = next_descriptor(f.b);
	EXPECT_EQ(e.length, 160u);
	EXPECT_EQ(e.word[11], 0u);
	EXPECT_EQ(memcmp(f.b->nic + e.buffer, f.b->host + DATA_AT + 64, 160), 0);
	bench_free(f.b);
}

static void one_fault(enum bench_fault fault, uint64_t start, uint64_t prp2)
{
	struct fixture f = up();
	uint64_t sqe[8];
	fw_write(f.b, SEE_CPL_TIMEOUT, 2);
	f.b->fault = fault;
	f.b->fault_start = start;
	f.b->fault_end = start + 4096;
	for (unsigned i = 0; i < 32; i++)
		store64(f.b->host, 0x310000 + 8 * i, DATA_AT + 0x20000 + i * 4096u);
	make_io(sqe, 1, 0, 128, DATA_AT, prp2);
	expect_status(&f.d, sqe, DATA_TRANSFER);
	EXPECT_GE(fw_read(f.b, SEE_ERRORS), 1u);
	f.b->fault = FAULT_NONE;
	expect_handed_over(&f.d, sqe);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	bench_free(f.b);
}

TEST(see_faults, failed_reads_end_the_command)
{
	for (enum bench_fault fault = FAULT_UR; fault <= FAULT_LENGTH; fault++) {
		one_fault(fault, DATA_AT, 0x310000);
		one_fault(fault, DATA_AT + 0x25000, 0x310000);
		one_fault(fault, 0x310000, 0x310000);
	}
}

TEST(see_faults, a_failed_queue_entry_is_fatal_for_the_function_alone)
{
	struct fixture f = up();
	struct driver pf;
	driver_up(&pf, f.b, 0, 0);
	uint64_t sqe[8];
	f.b->fault = FAULT_UR;
	f.b->fault_start = f.d.queue[1].sq;
	f.b->fault_end = f.d.queue[1].sq + 64;
	make_io(sqe, 2, 0, 1, DATA_AT, 0);
	submit(&f.d, 1, sqe);
	bench_settle(f.b);
	EXPECT_EQ(host_read32(f.b, f.d.bar + SEE_CSTS), 3u);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	uint64_t identify[8] = {6};
	submit(&pf, 0, identify);
	answer(f.b, SEE_CE_COMPLETE, next_descriptor(f.b).slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&pf, 0).status, 0u);
	bench_free(f.b);
}

/* A late completion of a timed-out request must not reach the request that has its tag now. */
TEST(see_faults, late_completions_are_dropped)
{
	struct fixture f = up();
	uint64_t sqe[8];
	fw_write(f.b, SEE_CPL_TIMEOUT, 2);
	make_io(sqe, 1, 0, 8, DATA_AT, 0);
	unsigned fetched = f.b->events[SEE_EVENT_FETCHED];
	submit(&f.d, 1, sqe);
	while (f.b->events[SEE_EVENT_FETCHED] == fetched)
		bench_step(f.b);
	f.b->latency = 20000;
	complete_failed(&f.d, DATA_TRANSFER);
	EXPECT_EQ(reap(&f.d, 1).status, (unsigned)DATA_TRANSFER);
	uint64_t dropped = fw_read(f.b, SEE_DROPPED);
	bench_run(f.b, 20000);
	EXPECT_GT(fw_read(f.b, SEE_DROPPED), dropped);
	f.b->latency = 50;
	expect_handed_over(&f.d, sqe);
	bench_free(f.b);
}

/* A read that nobody answers. @return cycles from its being fetched to the error, 0: none so far */
static uint64_t time_to_give_up(struct fixture *f, unsigned most)
{
	uint64_t sqe[8], begun;
	unsigned fetched = f->b->events[SEE_EVENT_FETCHED], errors = f->b->events[SEE_EVENT_ERROR];
	f->b->fault = FAULT_SILENT;
	f->b->fault_start = DATA_AT;
	f->b->fault_end = DATA_AT + 4096;
	make_io(sqe, 1, 0, 1, DATA_AT, 0);
	submit(&f->d, 1, sqe);
	while (f->b->events[SEE_EVENT_FETCHED] == fetched)
		bench_step(f->b);
	begun = f->b->cycle;
	while (f->b->events[SEE_EVENT_ERROR] == errors && f->b->cycle < begun + most)
		bench_step(f->b);
	return f->b->events[SEE_EVENT_ERROR] == errors ? 0 : f->b->cycle - begun;
}

TEST(see_faults, a_read_is_given_up_after_its_time)
{
	static const unsigned periods[] = {1, 3, 20};
	for (unsigned i = 0; i < 3; i++) {
		struct fixture f = up();
		fw_write(f.b, SEE_CPL_TIMEOUT, periods[i]);
		uint64_t cycles = time_to_give_up(&f, 100000);
		EXPECT_GE(cycles, 4096u * periods[i]);
		EXPECT_LE(cycles, 4096u * periods[i] + 300);
		complete_failed(&f.d, DATA_TRANSFER);
		EXPECT_EQ(reap(&f.d, 1).status, (unsigned)DATA_TRANSFER);
		bench_free(f.b);
	}
	struct fixture f = up();
	fw_write(f.b, SEE_CPL_TIMEOUT, 0); /* never */
	EXPECT_EQ(time_to_give_up(&f, 20000), 0u);
	fw_write(f.b, SEE_CPL_TIMEOUT, 1);
	complete_failed(&f.d, DATA_TRANSFER);
	bench_free(f.b);
}

TEST(see_faults, a_full_completion_queue_waits_for_the_driver)
{
	struct fixture f = up();
	struct driver_queue *q = &f.d.queue[1];
	uint64_t sqe[8];
	uint16_t head = q->head;
	make_io(sqe, 2, BLOCKS, 1, DATA_AT, 0); /* each ends with LBA out of range */
	for (unsigned i = 0; i < 50; i++)
		submit(&f.d, 1, sqe);
	for (unsigned i = 0; i < 50; i++)
		complete_failed(&f.d, LBA_RANGE);
	for (unsigned i = 0; i < 40; i++)
		submit(&f.d, 1, sqe);
	for (unsigned i = 0; i < 40; i++)
		complete_failed(&f.d, LBA_RANGE);
	bench_settle(f.b);
	EXPECT_EQ((q->head + 64u - head) % 64, 0u);
	EXPECT_EQ(f.b->events[SEE_EVENT_CQE], 63u);
	EXPECT_NE(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	for (unsigned i = 0; i < 90; i++)
		EXPECT_EQ(reap(&f.d, 1).status, (unsigned)LBA_RANGE);
	bench_settle(f.b);
	EXPECT_EQ(f.b->events[SEE_EVENT_CQE], 90u);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	bench_free(f.b);
}

TEST(see_faults, wrong_completion_entries_are_counted)
{
	struct fixture f = up();
	answer(f.b, SEE_CE_COMPLETE, 3, false, 0, 0, 0);
	answer(f.b, SEE_CE_COMPLETE, 64, false, 0, 0, 0);
	answer(f.b, 7, 0, false, 0, 0, 0);
	answer_words(f.b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 17));
	answer_words(f.b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_FUNCTION, 0));
	bench_settle(f.b);
	EXPECT_EQ(fw_read(f.b, SEE_BAD_COMPLETIONS), 5u);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	bench_free(f.b);
}

TEST(see_aer, a_released_command_completes_later_by_post)
{
	struct fixture f = up();
	uint64_t sqe[8] = {0x0c};
	uint16_t cid = submit(&f.d, 0, sqe);
	struct descriptor e = next_descriptor(f.b);
	answer(f.b, SEE_CE_RELEASE, e.slot, false, 0, 0, 0);
	bench_settle(f.b);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_FALSE(has_completion(&f.d, 0));
	answer_words(f.b, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST),
		     0x10002 | FIELD_PREP(SEE_CENTRY_CID, cid) | FIELD_PREP(SEE_CENTRY_FUNCTION, 1));
	struct cqe c = reap(&f.d, 0);
	EXPECT_EQ(c.cid, cid);
	EXPECT_EQ(c.dw0, 0x10002u);
	EXPECT_EQ(c.sq_id, 0u);
	bench_settle(f.b);
	EXPECT_EQ(fw_read(f.b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_EQ(fw_read(f.b, function_register(SEE_FN_INFLIGHT, 1)), 0u);
	bench_free(f.b);
}
