/* A command is meant for the namespace that there was when it was fetched: FN_NS written since marks its descriptors. */
#include "testbench/unit/see/driver.h"

enum { OP_WRITE = 1, OP_READ = 2, DATA_AT = 0x300000, LIST_AT = 0x310000 };

static struct bench *two_functions(struct driver *d, struct driver *other)
{
	struct bench *b = bench_new();
	board_up(b, 2);
	driver_up(d, b, 1, 1);
	driver_up(other, b, 2, 1);
	for (unsigned fn = 1; fn <= 2; fn++) {
		attach(b, fn, 1000);
		fw_write(b, extent_register(SEE_EXTENT_LENGTH, fn, 0), 10);
		fw_write(b, extent_register(SEE_EXTENT_FIRST, fn, 1), 10);
		fw_write(b, extent_register(SEE_EXTENT_LENGTH, fn, 1), 990);
	}
	return b;
}

static void write_namespace(struct driver *d, unsigned attached)
{
	fw_write(d->b, function_register(SEE_FN_NS, d->fn), attached);
}

static void begin(struct driver *d, unsigned opcode, uint64_t lba, unsigned blocks)
{
	uint64_t sqe[8];
	make_io(sqe, opcode, lba, blocks, DATA_AT, 0);
	submit(d, 1, sqe);
}

static void expect_gone(const struct descriptor *e, unsigned gone)
{
	EXPECT_EQ(e->type, SEE_DESC_COMMAND);
	EXPECT_EQ(FIELD_GET(SEE_DESC_GONE, e->word[8]), gone);
}

static void end(struct driver *d, const struct descriptor *e)
{
	answer(d->b, SEE_CE_COMPLETE, e->slot, false, 0x400b, 0, 0);
	EXPECT_EQ(reap(d, 1).status, 0x400bu);
}

/* Further parts, and all of them anew, are marked; those of another function are not. */
TEST(see_namespace, parts_that_come_after_an_exchange_are_marked)
{
	struct driver d, other;
	struct bench *b = two_functions(&d, &other);
	begin(&d, OP_READ, 8, 4);
	struct descriptor e = next_descriptor(b);
	expect_gone(&e, 0);
	begin(&other, OP_READ, 8, 4);
	struct descriptor o = next_descriptor(b);
	expect_gone(&o, 0);
	write_namespace(&d, 0);
	write_namespace(&d, 1);
	static const unsigned ops[] = {SEE_CE_NEXT, SEE_CE_AGAIN, SEE_CE_NEXT};
	for (unsigned i = 0; i < 3; i++) {
		answer(b, ops[i], e.slot, false, 0, 0, 0);
		struct descriptor part = next_descriptor(b);
		expect_gone(&part, 1);
		EXPECT_EQ(part.slot, e.slot);
	}
	end(&d, &e);
	answer(b, SEE_CE_NEXT, o.slot, false, 0, 0, 0);
	struct descriptor next = next_descriptor(b);
	expect_gone(&next, 0);
	end(&other, &o);
	begin(&d, OP_READ, 0, 1); /* in the slot of the one that was marked */
	e = next_descriptor(b);
	expect_gone(&e, 0);
	end(&d, &e);
	bench_free(b);
}

/* From the cycle that the SQE is there until it is handed over. */
TEST(see_namespace, commands_that_are_not_handed_over_yet_are_marked)
{
	struct driver d, other;
	struct bench *b = two_functions(&d, &other);
	for (unsigned delay = 0; delay < 48; delay++) {
		unsigned fetched = b->events[SEE_EVENT_FETCHED];
		b->latency = 5;
		begin(&d, OP_WRITE, 1, 1);
		while (b->events[SEE_EVENT_FETCHED] == fetched)
			bench_step(b);
		b->latency = 400; /* of a write's data */
		bench_run(b, delay);
		write_namespace(&d, 1);
		struct descriptor e = next_descriptor(b);
		expect_gone(&e, 1);
		end(&d, &e);
	}
	bench_free(b);
}

/* What the SEE has not fetched is of the namespace that there is by then. */
TEST(see_namespace, commands_that_are_not_fetched_yet_are_of_the_new_one)
{
	struct driver d, other;
	struct bench *b = two_functions(&d, &other);
	b->latency = 500;
	begin(&d, OP_READ, 1, 1);
	bench_run(b, 100);
	write_namespace(&d, 1);
	struct descriptor e = next_descriptor(b);
	expect_gone(&e, 0);
	end(&d, &e);
	bench_free(b);
}

TEST(see_namespace, admin_commands_are_of_none)
{
	struct driver d, other;
	struct bench *b = two_functions(&d, &other);
	uint64_t sqe[8] = {0x11, 0, 0, DATA_AT};
	submit(&d, 0, sqe);
	struct descriptor e = next_descriptor(b);
	expect_gone(&e, 0);
	write_namespace(&d, 1);
	answer(b, SEE_CE_PULL, e.slot, false, 0, 64, 0);
	struct descriptor pulled = next_descriptor(b);
	EXPECT_EQ(pulled.type, SEE_DESC_PULLED);
	EXPECT_EQ(FIELD_GET(SEE_DESC_GONE, pulled.word[8]), 0u);
	answer(b, SEE_CE_COMPLETE, pulled.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
	bench_free(b);
}
