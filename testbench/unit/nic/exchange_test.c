/* The shared port under saturation from either side, with the flow classifier's model: nobody starves, the line stays full. */
#include "models/nic/checksum.h"
#include "models/nic/exchange.h"
#include "models/nic/netdev.h"
#include "models/port/classifier.h"
#include "testbench/gtest/test.h"

#include <string.h>

enum { FUNCTIONS = 3, CYCLES = 400000 };

static struct exchange exchange;
static struct classifier classifier;
static struct port_in in, next;
static struct port_out out;
static uint64_t cycle, line_bytes[1 + FUNCTIONS], line_busy_until, line_wire_bytes;
static unsigned to_firmware_frames, to_function_frames[16];

static void to_firmware(void *ctx, unsigned path, const uint8_t *frame, size_t length, const struct placement *placement)
{
	(void)path;
	(void)ctx;
	(void)frame;
	(void)length;
	(void)placement;
	to_firmware_frames++;
}

static void to_function(void *ctx, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement)
{
	(void)ctx;
	(void)frame;
	(void)length;
	(void)placement;
	to_function_frames[f]++;
}

/* Byte 14 of our frames says whose they are. */
static void to_line(void *ctx, const uint8_t *frame, size_t length, uint64_t at)
{
	(void)ctx;
	EXPECT_GE(at, line_busy_until);
	line_busy_until = at;
	line_bytes[frame[14]] += length;
	line_wire_bytes += length + 24;
}

static void room(void *ctx, unsigned q)
{
	(void)ctx;
	(void)q;
}

static void begin(void)
{
	exchange_reset(&exchange);
	classifier_reset(&classifier);
	classifier.control = PORT_FLOW_CONTROL_ENABLE_MASK;
	classifier.firmware_mac = 0x02;
	for (unsigned f = 0; f < FUNCTIONS; f++)
		classifier.function[f] = PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_TRUST_MASK | (0x102ull + 0x100 * f);
	classifier_outputs(&classifier, &out);
	memset(&in, 0, sizeof(in));
	in.verdict_ready = in.grant_ready = 1;
	next = in;
	cycle = line_busy_until = line_wire_bytes = 0;
	to_firmware_frames = 0;
	memset(to_function_frames, 0, sizeof(to_function_frames));
	memset(line_bytes, 0, sizeof(line_bytes));
}

static void step(void)
{
	static const struct exchange_ops ops = {NULL, to_firmware, to_function, to_line, room, {0}};

	exchange_cycle(&exchange, &ops, &in, &out, &next, cycle);
	classifier_step(&classifier, &in, &out);
	in = next;
	cycle++;
}

static void make(uint8_t *frame, uint64_t to, unsigned whose)
{
	memset(frame, 0, 64);
	for (unsigned i = 0; i < 6; i++)
		frame[i] = (uint8_t)(to >> (8 * i));
	frame[14] = (uint8_t)whose;
}

/* The firmware with jumbo frames, three functions with small, middle and large ones, all of them always. */
TEST(exchange, senders_share_the_line_by_bytes)
{
	static const size_t length[1 + FUNCTIONS] = {9018, 64, 1514, 4000};
	static uint8_t frame[EXCHANGE_FRAME_MAX];
	uint64_t total = 0;

	begin();
	while (cycle < CYCLES) {
		for (unsigned q = 0; q < 1 + FUNCTIONS; q++) {
			if (!exchange_room(&exchange, q))
				continue;
			make(frame, 0x999902, q);
			exchange_send(&exchange, q, frame, length[q], cycle);
		}
		step();
	}
	for (unsigned q = 0; q < 1 + FUNCTIONS; q++)
		total += line_bytes[q];
	for (unsigned q = 0; q < 1 + FUNCTIONS; q++) {
		EXPECT_LT(line_bytes[q] * 4, total + 4 * 20000);
		EXPECT_GT(line_bytes[q] * 4 + 4 * 20000, total);
	}
	/* 25 Gbit/s are 3.125 bytes a cycle. */
	EXPECT_GT(line_wire_bytes, CYCLES * 25 / 8 * 99 / 100);
}

/* A full line of small frames for two functions and the firmware in turn: all are judged as they come. */
TEST(exchange, a_full_line_reaches_everybody)
{
	static const uint64_t address[] = {0x02, 0x102, 0x202};
	uint8_t frame[64];
	unsigned count = 0;

	begin();
	while (cycle < CYCLES) {
		if (cycle % 28 == 0) { /* 64 bytes, FCS, preamble, gap */
			make(frame, address[count % 3], 0);
			exchange_receive(&exchange, frame, sizeof(frame));
			count++;
		}
		step();
	}
	EXPECT_EQ(exchange.rx_overflow, 0u);
	EXPECT_GE(to_firmware_frames + 2, count / 3);
	EXPECT_GE(to_function_frames[0] + 2, count / 3);
	EXPECT_GE(to_function_frames[1] + 2, count / 3);
}

TEST(exchange, both_directions_at_once)
{
	static uint8_t frame[EXCHANGE_FRAME_MAX];
	unsigned count = 0;

	begin();
	while (cycle < CYCLES) {
		for (unsigned q = 0; q < 2; q++) {
			if (!exchange_room(&exchange, q))
				continue;
			make(frame, 0x999902, q);
			exchange_send(&exchange, q, frame, q ? 64 : 1514, cycle);
		}
		if (cycle % 28 == 0) {
			make(frame, 0x02, 0);
			exchange_receive(&exchange, frame, 64);
			count++;
		}
		step();
	}
	EXPECT_EQ(exchange.rx_overflow, 0u);
	EXPECT_GE(to_firmware_frames + 2, count);
	EXPECT_GT(line_wire_bytes, CYCLES * 25 / 8 * 98 / 100);
	EXPECT_LT(line_bytes[0], line_bytes[1] + 10000);
	EXPECT_LT(line_bytes[1], line_bytes[0] + 10000);
}

TEST(exchange, what_has_no_room_is_counted)
{
	static uint8_t frame[EXCHANGE_FRAME_MAX];

	begin();
	make(frame, 0x02, 0);
	for (unsigned i = 0; i < 100; i++)
		exchange_receive(&exchange, frame, 9000);
	EXPECT_EQ(exchange.rx_overflow, 100u - EXCHANGE_FIFO_BYTES / 9008);
	for (unsigned i = 0; i < 2000; i++)
		step();
	EXPECT_EQ(to_firmware_frames, (unsigned)EXCHANGE_FIFO_BYTES / 9008);
	EXPECT_FALSE(exchange_busy(&exchange));
}

/* --- with the placement unit ------------------------------------------------------------------------------------------------ */

static bool place_room(void *ctx, unsigned owner, size_t length)
{
	(void)ctx;
	(void)owner;
	(void)length;
	return true;
}

/* A TCP segment of @p bytes bytes of payload, sums included. */
static size_t make_segment(uint8_t *frame, uint32_t seq, uint32_t bytes)
{
	memset(frame, 0, 54 + bytes);
	frame[0] = 2;
	frame[12] = 8;
	frame[14] = 0x45;
	netdev_put_le(frame + 16, 2, __builtin_bswap16((uint16_t)(40 + bytes)));
	frame[23] = 6;
	netdev_put_le(frame + 26, 8, 0x0200000a0a00000aull); /* 10.0.0.10 to 10.0.0.2 */
	netdev_put_le(frame + 34, 4, 0x51c34411); /* 4420 to 50001 */
	netdev_put_le(frame + 38, 4, __builtin_bswap32(seq));
	frame[46] = 0x50;
	checksum_insert(frame, 54 + bytes, true, true);
	return 54 + bytes < 60 ? 60 : 54 + bytes;
}

/* A full line of segments of a followed connection: nothing is lost, large or small. */
static void fill_line_with_segments(uint32_t bytes)
{
	static const struct exchange_ops ops = {NULL, to_firmware, to_function, to_line, room, {NULL, place_room, NULL, NULL, NULL}};
	uint8_t frame[EXCHANGE_FRAME_MAX];
	struct place_flow *flow = &classifier.place.flow[3];
	uint64_t due = 0;
	uint32_t seq = 1000;
	unsigned count = 0;

	begin();
	*flow = (struct place_flow){.valid = 1, .sync = 1, .remote_port = 4420, .own_port = 50001, .remote = 0x0a00000a, .own = 0x0a000002};
	flow->position = (struct place_position){.expected = seq, .field = PLACE_DATA, .left = 0xffffff00u, .head = {7, 0, 24, 24}};
	netdev_put_le(flow->position.head + 16, 4, 4000); /* there is no buffer: but for the run it costs the same */
	classifier_outputs(&classifier, &out);
	in.done_ready = in.run_ready = 1;
	while (cycle < CYCLES) {
		if (cycle >= due && cycle < CYCLES - 20000) {
			size_t length = make_segment(frame, seq, bytes);

			seq += bytes;
			exchange_receive(&exchange, frame, length);
			due += (length + 24) * 8 / 25;
			count++;
		}
		exchange_cycle(&exchange, &ops, &in, &out, &next, cycle);
		classifier_step(&classifier, &in, &out);
		in = next;
		cycle++;
	}
	EXPECT_EQ(exchange.rx_overflow, 0u);
	EXPECT_EQ(to_firmware_frames, count);
	EXPECT_EQ(classifier.place.count[0], count); /* followed */
}

TEST(exchange, a_full_line_of_large_segments)
{
	fill_line_with_segments(8960);
}

TEST(exchange, a_full_line_of_small_segments)
{
	fill_line_with_segments(10);
}
