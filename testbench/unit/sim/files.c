#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/kernel/frame_queue.h"
#include "sim/kernel/image.h"
#include "testbench/gtest/test.h"

static char path[] = "/tmp/assay-image-XXXXXX";
static uint8_t memory[4096];

static int write_memory(void *ctx, uint64_t address, const void *bytes, uint64_t size)
{
	(void)ctx;
	if (address < 0x80000000 || address - 0x80000000 + size > sizeof memory)
		return -1;
	if (bytes)
		memcpy(memory + (address - 0x80000000), bytes, size);
	return 0;
}

static void make_file(const void *bytes, size_t size)
{
	strcpy(path, "/tmp/assay-image-XXXXXX");
	int file = mkstemp(path);
	ASSERT_TRUE(file >= 0 && write(file, bytes, size) == (ssize_t)size);
	close(file);
}

static void expect_refused(const char *why)
{
	char error[256] = "";
	char expected[300];
	uint64_t entry = 77;
	EXPECT_EQ(image_load_elf("firmware image", path, write_memory, NULL, &entry, error, sizeof error), -1);
	snprintf(expected, sizeof expected, "firmware image %s: %s", path, why);
	EXPECT_STREQ(error, expected);
	EXPECT_EQ(entry, 77u);
	remove(path);
}

TEST(image, a_text_is_no_elf)
{
	make_file("hello, world: not a program at all", 34);
	expect_refused("not an ELF file");
}

TEST(image, an_elf_of_another_machine_is_refused)
{
	uint8_t header[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	header[16] = 2;
	header[18] = 62;
	header[20] = 1;
	header[52] = 64;
	make_file(header, sizeof header);
	expect_refused("not an RV64 executable");
}

static void make_elf(uint64_t address, uint64_t file_bytes)
{
	uint8_t image[64 + 56 + 16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	uint64_t fields[] = {0x80000010, 64};
	uint32_t segment[] = {1, 7};
	uint64_t rest[] = {120, address, address, file_bytes, 32, 8};
	image[16] = 2;
	image[18] = 243;
	image[20] = 1;
	image[52] = 64;
	image[54] = 56;
	image[56] = 1;
	memcpy(image + 24, fields, sizeof fields);
	memcpy(image + 64, segment, sizeof segment);
	memcpy(image + 72, rest, sizeof rest);
	memset(image + 120, 0xab, 16);
	make_file(image, sizeof image);
}

TEST(image, segments_go_to_their_physical_addresses)
{
	char error[256];
	uint64_t entry = 0;
	make_elf(0x80000100, 16);
	ASSERT_EQ(image_load_elf("firmware image", path, write_memory, NULL, &entry, error, sizeof error), 0);
	EXPECT_EQ(entry, 0x80000010u);
	EXPECT_EQ(memory[0x100], 0xab);
	EXPECT_EQ(memory[0x10f], 0xab);
	EXPECT_EQ(memory[0x110], 0);
	remove(path);
}

TEST(image, a_segment_beyond_file_or_memory_is_refused)
{
	make_elf(0x80000100, 17);
	expect_refused("segment beyond the end of the file");
	make_elf(0x80000ff8, 16);
	expect_refused("segment outside of memory");
}

TEST(frame_queue, frames_come_in_order_and_too_long_ones_are_counted)
{
	struct frame_queue *queue = calloc(1, sizeof *queue);
	static uint8_t frame[FRAME_QUEUE_FRAME_BYTES + 1] = {1, 2, 3};
	size_t length;
	EXPECT_EQ(frame_queue_next(queue), UINT64_MAX);
	frame_queue_put(queue, frame, 60, 500);
	frame[0] = 9;
	frame_queue_put(queue, frame, 61, 600);
	frame_queue_put(queue, frame, sizeof frame, 700);
	EXPECT_EQ(queue->dropped, 1u);
	EXPECT_EQ(frame_queue_next(queue), 500u);
	EXPECT_EQ(frame_queue_take(queue, &length)[0], 1);
	EXPECT_EQ(length, 60u);
	EXPECT_EQ(frame_queue_take(queue, &length)[0], 9);
	EXPECT_EQ(frame_queue_next(queue), UINT64_MAX);
	free(queue);
}
