/* The RAM queue of snapshots and the writer behind it, against a storage that reads when the test says so. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/drivers/pf.h"
#include "hypervisor/snapshot/volume.h"
#include "hypervisor/snapshot/writer.h"
#include "testbench/gtest/test.h"

enum { BUFFERS = 64, VM_PAGES = 64, COMMANDS = 64, BLOCK = 4096, VOLUME_BLOCKS = 256 };

/* ---- a storage ---- */

struct command {
	uint32_t tag;
	uint64_t lba, prp1, prp2;
	uint32_t blocks;
};

static struct command pending[COMMANDS];
static unsigned pending_count, most_pending, answered[COMMANDS], answers;
static uint16_t answer_error;
static uint8_t volume[VOLUME_BLOCKS][BLOCK];
static unsigned written[VOLUME_BLOCKS];

void pf_io_submit(uint32_t tag, uint8_t opcode, uint64_t lba, uint32_t blocks, uint64_t prp1, uint64_t prp2)
{
	(void)opcode;
	pending[pending_count++] = (struct command){tag, lba, prp1, prp2, blocks};
	if (pending_count > most_pending)
		most_pending = pending_count;
}

bool pf_io_poll(uint32_t *tag, uint16_t *nvme_error)
{
	if (!answers)
		return false;
	*tag = answered[--answers];
	*nvme_error = answer_error;
	return true;
}

static unsigned handed_on; /* answers that are not the writer's */

void volume_answered(uint32_t tag)
{
	handed_on += tag == PF_IO_TAGS - 1;
}

/* The storage reads the oldest command's memory, and answers. */
static void storage_step(void)
{
	struct command c = pending[0];
	uint32_t blocks = c.blocks / 8;
	const uint64_t *list = blocks > 2 ? (const uint64_t *)c.prp2 : &c.prp2;
	memmove(pending, pending + 1, --pending_count * sizeof pending[0]);
	for (uint32_t i = 0; i < blocks; i++) {
		memcpy(volume[c.lba / 8 + i], (const void *)(i ? list[i - 1] : c.prp1), BLOCK);
		written[c.lba / 8 + i]++;
	}
	answered[answers++] = c.tag;
}

/* ---- a VM ---- */

static uint8_t vm_memory[VM_PAGES][BLOCK] __attribute__((aligned(4096)));
static bool claimed[VM_PAGES]; /* somebody has written to it before it had been read */

static uint8_t *buffers, *segments;
static struct page_queue queue;

static uint32_t pages_left(const uint32_t *of, uint32_t in_place)
{
	uint32_t torn = 0;
	for (unsigned i = 0; i < 32; i++)
		torn |= (uint32_t)((in_place >> i & 1) && claimed[queue.item[of[i]].page]) << i;
	return torn;
}

static struct writer writer;
static struct snapshot_index_entry entry[VM_PAGES];

static void set_up(void)
{
	if (!buffers) {
		buffers = aligned_alloc(4096, BUFFERS * BLOCK);
		segments = aligned_alloc(4096, WRITER_MEMORY_BYTES);
	}
	memset(claimed, 0, sizeof claimed);
	memset(volume, 0, sizeof volume);
	memset(written, 0, sizeof written);
	pending_count = most_pending = answers = 0;
	answer_error = 0;
	for (unsigned i = 0; i < VM_PAGES; i++)
		memset(vm_memory[i], (int)(i + 1), BLOCK);
	queue_setup(&queue, buffers, BUFFERS);
	writer_setup(&writer, &queue, segments, 8, VOLUME_BLOCKS - 8);
	writer_read_in_place(&writer, (const uint8_t *)vm_memory, pages_left);
}

static uint32_t add(uint32_t page, bool in_place)
{
	uint32_t buffer = queue_reserve(&queue, 0);
	queue.item[buffer] = (struct queue_item){.page = page, .from_place = in_place, .in_place = in_place};
	if (!in_place)
		memcpy(queue_buffer(&queue, buffer), vm_memory[page], BLOCK);
	if (writer_has_room(&writer, false))
		writer_add(&writer, buffer, false, &entry[page]);
	return buffer;
}

/* What a first write does to a page that is leaving (walker.c). */
static void write_to(uint32_t page, uint32_t buffer)
{
	memcpy(queue_buffer(&queue, buffer), vm_memory[page], BLOCK);
	queue.item[buffer].in_place = false;
	claimed[page] = true;
	memset(vm_memory[page], 0xee, BLOCK);
}

static void run_to_end(void)
{
	writer_close(&writer);
	for (unsigned turn = 0; turn < 200 && !writer_is_done(&writer); turn++) {
		writer_run(&writer);
		if (pending_count)
			storage_step();
	}
}

static unsigned wrong_pages(unsigned pages)
{
	unsigned wrong = 0;
	for (unsigned page = 0; page < pages; page++) {
		const uint8_t *stored = volume[8 + entry[page].unit * SNAPSHOT_UNIT_BYTES / BLOCK];
		for (unsigned i = 0; i < BLOCK; i += 511)
			wrong += stored[i] != page + 1;
	}
	return wrong;
}

TEST(snapshot_queue, keeps_buffers_for_devices)
{
	set_up();
	for (unsigned i = 0; i < BUFFERS - QUEUE_RESERVE; i++)
		ASSERT_NE(queue_reserve(&queue, QUEUE_RESERVE), QUEUE_NONE);
	ASSERT_EQ(queue_reserve(&queue, QUEUE_RESERVE), QUEUE_NONE);
	for (unsigned i = 0; i < QUEUE_RESERVE; i++)
		ASSERT_NE(queue_reserve(&queue, 0), QUEUE_NONE);
	ASSERT_EQ(queue_reserve(&queue, 0), QUEUE_NONE);
	ASSERT_EQ(queue.most_used, BUFFERS);
	queue_release(&queue, 3);
	ASSERT_EQ(queue_reserve(&queue, QUEUE_RESERVE), QUEUE_NONE);
	ASSERT_EQ(queue_reserve(&queue, 0), 3);
}

TEST(snapshot_queue, gives_each_sum_to_one)
{
	uint32_t buffer[6];
	uint64_t sum;
	set_up();
	for (unsigned i = 0; i < 6; i++) {
		buffer[i] = queue_reserve(&queue, 0);
		queue.item[buffer[i]] = (struct queue_item){.page = i};
		if (i == 2)
			queue_set_sum(&queue, buffer[i], 77);
		queue_put(&queue, buffer[i]);
	}
	ASSERT_EQ(queue_claim_sum(&queue), buffer[0]);
	ASSERT_EQ(queue_claim_sum(&queue), buffer[1]);
	ASSERT_EQ(queue_claim_sum(&queue), buffer[3]);
	queue_set_sum(&queue, buffer[0], 5);
	ASSERT_EQ(queue_first(&queue), buffer[0]);
	ASSERT_EQ(queue_take(&queue), buffer[0]);
	ASSERT_TRUE(queue_get_sum(&queue, buffer[0], &sum));
	ASSERT_EQ(sum, 5);
	queue_set_sum(&queue, buffer[1], 6);
	queue_set_sum(&queue, buffer[3], 7);
	for (unsigned i = 1; i < 5; i++)
		ASSERT_EQ(queue_take(&queue), buffer[i]);
	ASSERT_TRUE(queue_get_sum(&queue, buffer[2], &sum));
	ASSERT_EQ(sum, 77);
	ASSERT_FALSE(queue_get_sum(&queue, buffer[4], &sum));
	ASSERT_EQ(queue_claim_sum(&queue), buffer[5]);
	ASSERT_EQ(queue_claim_sum(&queue), QUEUE_NONE);
}

TEST(snapshot_writer, writes_each_page_once)
{
	set_up();
	for (uint32_t page = 0; page < 50; page++)
		add(page, page % 3 != 0);
	run_to_end();
	ASSERT_TRUE(writer_is_done(&writer));
	ASSERT_EQ(wrong_pages(50), 0);
	ASSERT_EQ(writer.mended, 0);
	ASSERT_EQ(queue_used(&queue), 0);
	for (unsigned block = 8; block < 58; block++)
		ASSERT_EQ(written[block], 1);
}

/* A write before the page is handed to the storage costs nothing more; one after it costs a second write of that block, and of no other. */
TEST(snapshot_writer, mends_what_was_written_to_meanwhile)
{
	uint32_t buffer[50];
	set_up();
	for (uint32_t page = 0; page < 50; page++)
		buffer[page] = add(page, true);
	write_to(4, buffer[4]);
	writer_close(&writer);
	writer_run(&writer);
	write_to(5, buffer[5]);
	write_to(31, buffer[31]);
	write_to(49, buffer[49]);
	run_to_end();
	ASSERT_TRUE(writer_is_done(&writer));
	ASSERT_EQ(wrong_pages(50), 0);
	ASSERT_EQ(writer.mended, 3);
	ASSERT_EQ(queue_used(&queue), 0);
	for (unsigned page = 0; page < 50; page++)
		ASSERT_EQ(written[8 + page], page == 5 || page == 31 || page == 49 ? 2 : 1);
}

/* A segment that is not full goes when nothing comes and little is under way: its buffers may be all there are. */
TEST(snapshot_writer, pushes_what_is_open_while_little_is_under_way)
{
	set_up();
	for (uint32_t page = 0; page < 6; page++) {
		add(page, false);
		writer_push(&writer);
		writer_run(&writer);
	}
	ASSERT_EQ(pending_count, 4);
	storage_step();
	writer_run(&writer);
	writer_push(&writer);
	writer_run(&writer);
	ASSERT_EQ(pending_count, 4);
	ASSERT_EQ(pending[3].blocks, 2 * 8);
	run_to_end();
	ASSERT_EQ(wrong_pages(6), 0);
	ASSERT_EQ(queue_used(&queue), 0);
}

/* A restore that was given up leaves a transfer behind, whose answer comes while the next snapshot is made. */
TEST(snapshot_writer, hands_on_answers_that_are_not_its_own)
{
	set_up();
	add(0, true);
	writer_close(&writer);
	writer_run(&writer);
	handed_on = 0;
	answered[answers++] = PF_IO_TAGS - 1;
	writer_run(&writer);
	ASSERT_EQ(handed_on, 1);
	ASSERT_FALSE(writer_is_done(&writer));
	run_to_end();
	ASSERT_TRUE(writer_is_done(&writer));
}

/* After a failure the VM is gone: nothing of it is asked for, and what is in flight is waited for. */
TEST(snapshot_writer, ends_without_the_vm)
{
	set_up();
	for (uint32_t page = 0; page < 40; page++)
		add(page, true);
	writer_close(&writer);
	writer_run(&writer);
	ASSERT_FALSE(writer_drain(&writer));
	memset(claimed, 1, sizeof claimed);
	while (pending_count)
		storage_step();
	ASSERT_TRUE(writer_drain(&writer));
	ASSERT_EQ(writer.mended, 0);
}

TEST(snapshot_writer, stops_at_an_error_and_at_the_end_of_its_room)
{
	set_up();
	answer_error = 0x280;
	add(0, true);
	run_to_end();
	ASSERT_EQ(writer.nvme_error, 0x280);
	set_up();
	writer_setup(&writer, &queue, segments, 8, 31);
	for (uint32_t page = 0; page < 32; page++)
		add(page, false);
	run_to_end();
	ASSERT_TRUE(writer.full);
	ASSERT_EQ(pending_count + written[8], 0);
}

/* A run of pages takes its buffers at once, but leaves others as many. */
TEST(snapshot_queue, gives_a_run_half_of_what_is_free)
{
	uint32_t run[8];
	set_up();
	ASSERT_EQ(queue_reserve_some(&queue, BUFFERS - 5, run, 8), 3);
	ASSERT_EQ(queue_reserve_some(&queue, BUFFERS - 5, run + 3, 8), 1);
	ASSERT_EQ(queue_reserve_some(&queue, BUFFERS - 5, run + 4, 8), 1);
	ASSERT_EQ(queue_reserve_some(&queue, BUFFERS - 5, run + 5, 8), 0);
	ASSERT_EQ(queue_used(&queue), 5);
	queue_release_all(&queue, run, 5);
	ASSERT_EQ(queue_reserve_some(&queue, 0, run, 8), 8);
	ASSERT_EQ(queue.most_used, 8);
	for (unsigned i = 0; i < 8; i++)
		for (unsigned other = 0; other < i; other++)
			ASSERT_NE(run[i], run[other]);
}

/* Index and state follow the pages without waiting for them: they lie behind them, in blocks of their own, and what is left of a block is 0. */
TEST(snapshot_writer, takes_plain_bytes_behind_the_pages)
{
	static uint8_t text[WRITER_SEGMENT_BYTES + 5000];
	uint64_t at;
	memset(text, 0x77, sizeof text);
	set_up();
	for (uint32_t page = 0; page < 3; page++)
		add(page, true);
	writer_close(&writer);
	at = writer.next_block;
	ASSERT_EQ(at, 11);
	ASSERT_EQ(writer_add_plain(&writer, text, sizeof text), WRITER_SEGMENT_BYTES);
	ASSERT_EQ(writer_add_plain(&writer, text + WRITER_SEGMENT_BYTES, 5000), 5000);
	ASSERT_EQ(writer.next_block, at + WRITER_SEGMENT_BLOCKS + 2);
	writer_run(&writer);
	ASSERT_EQ(pending_count, 3);
	run_to_end();
	ASSERT_TRUE(writer_is_done(&writer));
	ASSERT_EQ(wrong_pages(3), 0);
	ASSERT_EQ(memcmp(volume[at], text, sizeof text), 0);
	for (unsigned i = 5000 % BLOCK; i < BLOCK; i++)
		ASSERT_EQ(volume[at + WRITER_SEGMENT_BLOCKS + 1][i], 0);
	for (unsigned i = 0; i < WRITER_SEGMENTS; i++)
		ASSERT_NE(writer_add_plain(&writer, text, 8), 0);
	ASSERT_EQ(writer_add_plain(&writer, text, 8), 0);
}
