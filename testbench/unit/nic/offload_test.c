/* Corners of the checksum offload. */
#include "models/nic/checksum.h"
#include "testbench/gtest/test.h"

enum { FLAGS = 20, PROTOCOL = 23, UDP_SUM = 40, PAYLOAD = 42 };

/* A UDP packet of 4 payload bytes from 10.0.0.1 to 10.0.0.2. */
static void make_udp(uint8_t frame[60])
{
	static const uint8_t bytes[] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
		0x45, 0, 0, 32, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0x10, 0, 0x20, 0, 0, 12, 0, 0,
	};

	memset(frame, 0, 60);
	memcpy(frame, bytes, sizeof(bytes));
}

TEST(offload, a_udp_checksum_of_zero_is_sent_as_ones)
{
	uint8_t frame[60];
	unsigned sum;

	make_udp(frame);
	checksum_insert(frame, 46, true, true);
	/* A payload word that brings the sum to 0: add what the checksum was. */
	memcpy(frame + PAYLOAD, frame + UDP_SUM, 2);
	checksum_insert(frame, 46, true, true);
	sum = (unsigned)frame[UDP_SUM] << 8 | frame[UDP_SUM + 1];
	EXPECT_EQ(sum, 0xffffu);
	EXPECT_TRUE(checksum_check(frame, 46).l4_ok);
}

TEST(offload, a_udp_packet_without_checksum_is_right)
{
	uint8_t frame[60];

	make_udp(frame);
	checksum_insert(frame, 46, true, false);
	EXPECT_TRUE(checksum_check(frame, 46).l4_ok);
	frame[UDP_SUM] = 1;
	EXPECT_FALSE(checksum_check(frame, 46).l4_ok);
}

TEST(offload, fragments_have_no_checksum_to_check)
{
	static const uint8_t flags[][2] = {{0x20, 0}, {0, 1}, {0x3f, 0xff}};
	uint8_t frame[60];

	for (unsigned i = 0; i < 3; i++) {
		make_udp(frame);
		memcpy(frame + FLAGS, flags[i], 2);
		checksum_insert(frame, 46, true, true);
		EXPECT_EQ(frame[UDP_SUM] | frame[UDP_SUM + 1], 0);
		EXPECT_TRUE(checksum_check(frame, 46).ip_ok);
		EXPECT_FALSE(checksum_check(frame, 46).is_l4);
	}
}

TEST(offload, broken_headers_are_left_alone)
{
	static const struct {
		uint8_t at, value;
	} breaks[] = {{12, 9}, {14, 0x44}, {14, 0x65}, {14, 0x4f}, {17, 19}, {16, 1}, {PROTOCOL, 1}};
	uint8_t frame[60], before[60];

	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		make_udp(frame);
		frame[breaks[i].at] = breaks[i].value;
		memcpy(before, frame, sizeof(frame));
		checksum_insert(frame, 46, false, true);
		EXPECT_MEMEQ(frame, before, sizeof(frame));
		EXPECT_FALSE(checksum_check(frame, 46).is_l4);
	}
}

TEST(offload, one_vlan_tag_is_skipped)
{
	uint8_t frame[60], tagged[64];

	make_udp(frame);
	memcpy(tagged, frame, 12);
	memcpy(tagged + 12, "\x81\0\0\x05", 4);
	memcpy(tagged + 16, frame + 12, 44);
	checksum_insert(tagged, 50, true, true);
	EXPECT_TRUE(checksum_check(tagged, 50).ip_ok && checksum_check(tagged, 50).l4_ok && checksum_check(tagged, 50).is_l4);
}
