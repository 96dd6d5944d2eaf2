/* Namespaces with blocks of 512 to 4096 bytes: what counts blocks counts theirs, and 128 KiB is the longest transfer of all. */
#include "testbench/unit/see/driver.h"

enum { OP_FLUSH = 0, OP_WRITE = 1, OP_READ = 2, OP_COMPARE = 5, OP_WRITE_ZEROES = 8, OP_DSM = 9, SHIFTS = 4, DATA_AT = 0x300000, LIST_AT = 0x310000, PAGES_AT = 0x320000 };

static void set_namespace(struct bench *b, unsigned shift)
{
	fw_write(b, function_register(SEE_FN_NS, 1), FIELD_PREP(SEE_FN_NS_ATTACHED, 1) | FIELD_PREP(SEE_FN_NS_BLOCK_SHIFT, shift));
}

static struct bench *with_shift(struct driver *d, unsigned shift, uint64_t blocks)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	driver_up(d, b, 1, 1);
	attach(b, 1, blocks);
	set_namespace(b, shift);
	for (unsigned i = 0; i < 32; i++)
		store64(b->host, LIST_AT + 8 * i, PAGES_AT + 4096u * i);
	return b;
}

/* Sends a command that the SEE takes as it is, and answers it. @return its descriptor. */
static struct descriptor taken(struct driver *d, unsigned opcode, uint64_t lba, unsigned blocks)
{
	uint64_t sqe[8];
	make_io(sqe, opcode, lba, blocks, DATA_AT, blocks > 1 || opcode == OP_READ ? LIST_AT : 0);
	submit(d, 1, sqe);
	struct descriptor e = next_descriptor(d->b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	answer(d->b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(d, 1).status, 0u);
	return e;
}

static void refused(struct driver *d, unsigned opcode, uint64_t lba, unsigned blocks, unsigned status)
{
	uint64_t sqe[8];
	make_io(sqe, opcode, lba, blocks, DATA_AT, LIST_AT);
	submit(d, 1, sqe);
	complete_failed(d, status);
	EXPECT_EQ(reap(d, 1).status, status);
}

TEST(see_blocks, the_longest_transfer_has_128_kib)
{
	static const unsigned opcodes[] = {OP_WRITE, OP_READ, OP_COMPARE};
	for (unsigned shift = 0; shift < SHIFTS; shift++) {
		struct driver d;
		struct bench *b = with_shift(&d, shift, 1000);
		unsigned most = 256u >> shift;
		EXPECT_EQ(fw_read(b, function_register(SEE_FN_NS, 1)), 1u | shift << 8);
		for (unsigned i = 0; i < 3; i++) {
			struct descriptor e = taken(&d, opcodes[i], 3, most);
			EXPECT_EQ(e.length, 131072u);
			EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCKS, e.word[12]), most);
			EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCK_SHIFT, e.word[8]), shift);
			EXPECT_EQ(e.word[11], 1003u);
			refused(&d, opcodes[i], 3, most + 1, 0x4002);
		}
		EXPECT_EQ(taken(&d, OP_READ, 3, 1).length, 512u << shift);
		bench_free(b);
	}
}

/* Write Zeroes moves nothing: up to 65536 blocks of any size, and only the namespace's end stops it. */
TEST(see_blocks, the_namespace_s_end_is_in_its_blocks)
{
	for (unsigned shift = 0; shift < SHIFTS; shift++) {
		struct driver d;
		struct bench *b = with_shift(&d, shift, 65540);
		EXPECT_EQ(taken(&d, OP_READ, 65539, 1).length, 512u << shift);
		refused(&d, OP_READ, 65540, 1, 0x4080);
		refused(&d, OP_WRITE, 65539, 2, 0x4080);
		struct descriptor e = taken(&d, OP_WRITE_ZEROES, 4, 65536);
		EXPECT_EQ(e.length, 0u);
		EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCKS, e.word[12]), 65536u);
		refused(&d, OP_WRITE_ZEROES, 5, 65536, 0x4080);
		bench_free(b);
	}
}

/* A stripe by one block: each part has its block's data, and the next part lies right behind. */
TEST(see_blocks, parts_lie_one_behind_the_other)
{
	for (unsigned shift = 0; shift < SHIFTS; shift++) {
		struct driver d;
		struct bench *b = with_shift(&d, shift, 96);
		uint64_t sqe[8];
		uint32_t first = 0, bytes = 512u << shift;
		fw_write(b, extent_register(SEE_EXTENT_MAP, 1, 0), FIELD_PREP(SEE_EXTENT_MAP_WIDTH, 3));
		fill(b, b->host + DATA_AT, 4096);
		fill(b, b->host + PAGES_AT, 8 * 4096);
		make_io(sqe, OP_WRITE, 40, 7, DATA_AT, LIST_AT);
		if (7 * bytes <= 8192)
			sqe[4] = PAGES_AT;
		submit(&d, 1, sqe);
		for (unsigned part = 0; part < 7; part++) {
			struct descriptor e = next_descriptor(b);
			unsigned wrong = 0;
			first = part ? first : e.buffer;
			EXPECT_EQ(e.buffer, first + part * bytes);
			EXPECT_EQ(e.length, bytes);
			EXPECT_EQ(e.word[11], 1000u + (40 + part) / 3);
			for (unsigned i = 0; i < bytes; i++) {
				unsigned at = part * bytes + i;
				wrong += b->nic[e.buffer + i] != b->host[at < 4096 ? DATA_AT + at : PAGES_AT + at - 4096];
			}
			EXPECT_EQ(wrong, 0u);
			answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		}
		EXPECT_EQ(reap(&d, 1).status, 0u);
		bench_free(b);
	}
}

/* What has been checked for one namespace goes on as it was when another one takes its place, and says so. */
TEST(see_blocks, a_command_keeps_the_shift_that_it_was_checked_with)
{
	struct driver d;
	struct bench *b = with_shift(&d, 0, 1000);
	uint64_t sqe[8];
	fw_write(b, extent_register(SEE_EXTENT_LENGTH, 1, 0), 10);
	fw_write(b, extent_register(SEE_EXTENT_FIRST, 1, 1), 10);
	fw_write(b, extent_register(SEE_EXTENT_LENGTH, 1, 1), 990);
	make_io(sqe, OP_READ, 8, 256, DATA_AT, LIST_AT);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.length, 2u * 512);
	set_namespace(b, 3);
	answer(b, SEE_CE_NEXT, e.slot, false, 0, 0, 0);
	struct descriptor next = next_descriptor(b);
	EXPECT_EQ(next.length, 254u * 512);
	EXPECT_EQ(next.buffer, e.buffer + 1024);
	EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCK_SHIFT, next.word[8]), 0u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0x400b, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0x400bu);
	refused(&d, OP_READ, 8, 256, 0x4002);
	bench_free(b);
}

/* Ranges, flushes and admin commands have no blocks of data; the shift of the I/O commands is shown. */
TEST(see_blocks, lengths_that_are_no_blocks)
{
	struct driver d;
	struct bench *b = with_shift(&d, 2, 1000);
	uint64_t sqe[8] = {OP_DSM | 1ull << 32, 0, 0, DATA_AT, 0, 4};
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.length, 80u);
	EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCK_SHIFT, e.word[8]), 2u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	e = taken(&d, OP_FLUSH, 0, 1);
	EXPECT_EQ(e.length, 0u);
	uint64_t identify[8] = {6 | 1ull << 32, 0, 0, DATA_AT, 0, 0};
	submit(&d, 0, identify);
	e = next_descriptor(b);
	EXPECT_EQ(FIELD_GET(SEE_DESC_BLOCK_SHIFT, e.word[8]), 0u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
	bench_free(b);
}
