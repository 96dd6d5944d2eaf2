/* Switch, frame pool, faults, capture. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/fault.h"
#include "sim/fabric/frames.h"
#include "sim/fabric/pcap.h"
#include "sim/fabric/switch.h"
#include "testbench/gtest/test.h"

static struct switch_state sw;
static struct switch_output out[SWITCH_PORTS_MAX];

static void start(uint64_t queue_bytes)
{
	struct switch_config config = {.ports = 4, .latency_cycles = 300, .line_mbps = 25000, .queue_bytes = queue_bytes};

	switch_reset(&sw, &config);
}

/* Addresses are 02:...:n; to = 0 is broadcast. */
static unsigned send(unsigned in, uint8_t from, uint8_t to, size_t length, uint64_t cycle)
{
	uint8_t frame[1500] = {2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from};

	if (!to)
		memset(frame, 0xff, 6);
	return switch_forward(&sw, in, frame, length, cycle, out);
}

TEST(switch, floods_what_it_does_not_know_and_learns)
{
	start(100000);
	EXPECT_EQ(send(0, 1, 2, 100, 0), 3u);
	EXPECT_EQ(send(1, 2, 1, 100, 0), 1u);
	EXPECT_EQ(out[0].port, 0);
	EXPECT_EQ(send(0, 1, 2, 100, 0), 1u);
	EXPECT_EQ(out[0].port, 1);
	EXPECT_EQ(send(2, 3, 0, 100, 0), 3u);
	EXPECT_EQ(send(1, 3, 2, 100, 0), 0u); /* it is where it belongs */
	EXPECT_EQ(send(3, 1, 2, 100, 0), 1u); /* address 1 has moved */
	EXPECT_EQ(send(1, 2, 1, 100, 0), 1u);
	EXPECT_EQ(out[0].port, 3);
}

TEST(switch, learns_no_group_address)
{
	uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 9};
	unsigned learnt = 0;

	start(100000);
	switch_forward(&sw, 2, frame, sizeof(frame), 0, out);
	for (unsigned i = 0; i < SWITCH_TABLE_SIZE; i++)
		learnt += sw.table[i].address != 0;
	EXPECT_EQ(learnt, 0u);
}

TEST(switch, takes_latency_and_line_time)
{
	start(100000);
	send(1, 2, 0, 60, 0);
	EXPECT_EQ(send(0, 1, 2, 1000, 10000), 1u);
	EXPECT_EQ(out[0].departs, 10000u + 300 + (1012 * 8 + 24) / 25); /* 24.. rounds up */
	EXPECT_EQ(send(0, 1, 2, 1000, 10000), 1u);
	EXPECT_EQ(out[0].departs, 10000u + 300 + (1024 * 8 + 24) / 25 + (1012 * 8 + 24) / 25);
}

TEST(switch, drops_what_the_queue_does_not_hold)
{
	unsigned passed = 0;

	start(10000);
	send(1, 2, 0, 60, 0);
	for (unsigned i = 0; i < 20; i++)
		passed += send(0, 1, 2, 1000, 10000);
	EXPECT_EQ(sw.port[1].dropped, 20u - passed);
	EXPECT_LE(9u, passed);
	EXPECT_LE(passed, 11u);
	EXPECT_EQ(send(0, 1, 2, 1000, 20000), 1u); /* by then it has emptied */
}

TEST(switch, forgets_rather_than_fails_when_its_table_is_full)
{
	start(1ull << 40);
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		EXPECT_EQ(switch_forward(&sw, 0, frame, sizeof(frame), i * 1000ull, out), 3u);
	}
	EXPECT_LE(1u, send(1, 7, 8, 60, 1ull << 40));
}

TEST(frames, events_come_in_order_of_cycle_then_of_posting)
{
	static struct frames frames;
	uint64_t random = test_seed() * 2 + 1, before = 0, sequence = 0;

	frames_reset(&frames);
	for (unsigned i = 0; i < FRAMES_COUNT; i++) {
		random ^= random >> 12;
		random ^= random << 25;
		random ^= random >> 27;
		ASSERT_TRUE(frames_post(&frames, FRAME_LEAVES, 0, frames_take(&frames, 60), random % 500));
	}
	EXPECT_EQ(frames_take(&frames, 60), FRAMES_NONE);
	for (unsigned i = 0; i < FRAMES_COUNT; i++) {
		struct frame_event event = frames_pop(&frames);

		ASSERT_TRUE(event.cycle > before || (event.cycle == before && (i == 0 || event.sequence > sequence)));
		before = event.cycle;
		sequence = event.sequence;
		frames_drop(&frames, event.frame);
	}
	EXPECT_EQ(frames_next(&frames), FABRIC_NEVER);
	EXPECT_EQ(frames.free_count, (unsigned)FRAMES_COUNT);
}

TEST(fault, rates_are_kept_and_seeds_repeat)
{
	struct fault one, two;
	struct fault_config config = {.drop_ppm = 100000, .duplicate_ppm = 50000, .corrupt_ppm = 200000, .delay_ppm = 10000, .delay_cycles = 77};

	fault_reset(&one, test_seed());
	fault_reset(&two, test_seed());
	one.config = two.config = config;
	for (unsigned i = 0; i < 100000; i++) {
		struct fault_verdict a = fault_judge(&one, 64), b = fault_judge(&two, 64);

		ASSERT_TRUE(a.drop == b.drop && a.flip_bit == b.flip_bit && a.delay_cycles == b.delay_cycles && a.duplicate == b.duplicate);
		ASSERT_TRUE(a.flip_bit < 64 * 8 && (a.flip_bit < 0 || a.flip_bit >= 14 * 8) && a.delay_cycles <= 77);
	}
	EXPECT_TRUE(one.dropped > 9500 && one.dropped < 10500);
	EXPECT_TRUE(one.corrupted > 17300 && one.corrupted < 18700);
	EXPECT_TRUE(one.duplicated > 4200 && one.duplicated < 4800);
	EXPECT_TRUE(one.delayed > 750 && one.delayed < 1050);
}

TEST(pcap, has_the_format_of_libpcap)
{
	uint8_t frame[60] = {1, 2, 3}, bytes[24 + 16 + 60 + 1];
	char path[64];
	struct pcap *pcap;
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/assay_pcap_%d.pcap", (int)getpid());
	pcap = pcap_create(path);
	ASSERT_TRUE(pcap != NULL);
	pcap_write(pcap, frame, sizeof(frame), 3000000007ull);
	EXPECT_EQ(pcap_close(pcap), 0);
	file = fopen(path, "rb");
	ASSERT_TRUE(file != NULL);
	EXPECT_EQ(fread(bytes, 1, sizeof(bytes), file), sizeof(bytes) - 1);
	fclose(file);
	unlink(path);
	EXPECT_EQ(load_le32(bytes), 0xa1b23c4du);
	EXPECT_EQ(load_le32(bytes + 20), 1u);
	EXPECT_EQ(load_le32(bytes + 24), 3u);
	EXPECT_EQ(load_le32(bytes + 28), 7u);
	EXPECT_EQ(load_le32(bytes + 32), 60u);
	EXPECT_MEMEQ(bytes + 40, frame, sizeof(frame));
	EXPECT_TRUE(pcap_create("/nonexistent/x.pcap") == NULL);
	pcap = pcap_create("/dev/full");
	ASSERT_TRUE(pcap != NULL);
	pcap_write(pcap, frame, sizeof(frame), 0);
	EXPECT_EQ(pcap_close(pcap), -1);
}
