/* Rings, chains, checksums, timing, interrupts of the port. */
#include "models/nic/checksum.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/nic/port_bench.h"

TEST(port, sends_a_chain_as_one_frame_with_padding)
{
	start();
	memset(bench.memory + TX_DATA, 0xaa, 20);
	memset(bench.memory + TX_DATA + 100, 0xbb, 10);
	put_tx(0, TX_DATA, 20, 0);
	put_tx(1, TX_DATA + 100, 10, PORT_TX_DESC_END_MASK | PORT_TX_DESC_IRQ_MASK);
	write_register(PORT_TX_TAIL, 1);
	run(1000);
	EXPECT_EQ(bench.sent_count, 0u); /* the end of the chain is missing */
	EXPECT_EQ(port_next_event(&bench.port), PORT_NEVER);
	write_register(PORT_TX_TAIL, 2);
	run(1000);
	ASSERT_EQ(bench.sent_count, 1u);
	EXPECT_EQ(bench.sent_length, 60u);
	EXPECT_EQ(bench.sent[19], 0xaa);
	EXPECT_EQ(bench.sent[20], 0xbb);
	EXPECT_EQ(bench.sent[30], 0);
	EXPECT_EQ(load64(TX_HEAD_AT), 2u);
	EXPECT_EQ(port_read(&bench.port, PORT_TX_HEAD), 2u);
	EXPECT_TRUE(port_irq(&bench.port));
	write_register(PORT_IRQ_STATUS, PORT_IRQ_STATUS_TX_MASK);
	EXPECT_FALSE(port_irq(&bench.port));
}

TEST(port, a_full_line_carries_25_gigabits)
{
	enum { FRAMES = 64, LENGTH = 9014 };
	uint64_t first, bits;

	start();
	for (unsigned i = 0; i < 8; i++)
		put_tx(i, TX_DATA, LENGTH, PORT_TX_DESC_END_MASK);
	write_register(PORT_TX_TAIL, 1);
	run(100);
	first = bench.sent_cycle;
	while (load64(TX_HEAD_AT) < FRAMES) {
		uint64_t more = load64(TX_HEAD_AT) + 8;

		write_register(PORT_TX_TAIL, more < FRAMES ? more : FRAMES);
		run(1000);
	}
	ASSERT_EQ(bench.sent_count, (unsigned)FRAMES);
	bits = (uint64_t)(FRAMES - 1) * (LENGTH + 24) * 8;
	EXPECT_LE(bits / 25, bench.sent_cycle - first);
	EXPECT_LE(bench.sent_cycle - first, bits / 25 + FRAMES);
}

TEST(port, inserts_and_checks_tcp_checksums_of_every_length)
{
	start();
	for (unsigned i = 0; i < 40; i++) {
		size_t length = make_segment(bench.memory + TX_DATA, i * 37);
		struct checksum_report report;

		put_tx(i, TX_DATA, length, PORT_TX_DESC_END_MASK | PORT_TX_DESC_IP_SUM_MASK | PORT_TX_DESC_L4_SUM_MASK);
		write_register(PORT_TX_TAIL, i + 1);
		run(5000);
		ASSERT_EQ(bench.sent_count, i + 1);
		report = checksum_check(bench.sent, bench.sent_length);
		EXPECT_TRUE(report.is_ip && report.ip_ok && report.is_l4 && report.l4_ok);
		bench.sent[bench.sent_length > 60 ? bench.sent_length - 1 : 40] ^= 1;
		report = checksum_check(bench.sent, bench.sent_length);
		EXPECT_TRUE(report.is_l4 && !report.l4_ok);
	}
}

TEST(port, checksum_equals_its_definition)
{
	uint8_t bytes[64];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 89 + 200);
	for (unsigned at = 0; at < 4; at++) {
		for (unsigned length = 0; length < 60; length++) {
			uint64_t sum = 7;

			for (unsigned i = 0; i < length; i++)
				sum += (uint64_t)bytes[at + i] << (i % 2 ? 0 : 8);
			EXPECT_EQ(checksum_finish(checksum_add(7, bytes + at, length)), checksum_finish(sum));
		}
	}
}

TEST(port, checksum_equals_a_known_packet)
{
	/* The IPv4 header of the example in RFC 1071's usual textbook form: checksum 0xb861. */
	static const uint8_t header[] = {0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7};

	EXPECT_EQ(checksum_finish(checksum_add(0, header, sizeof(header))), 0xb861);
}

TEST(port, receives_into_one_and_several_buffers)
{
	uint8_t frame[PORT_FRAME_MAX];
	size_t length = make_segment(frame, 4000);
	uint64_t word;

	start();
	checksum_insert(frame, length, true, true);
	for (unsigned i = 0; i < 4; i++)
		put_rx(i, RX_ROOM);
	write_register(PORT_RX_TAIL, 1);
	port_receive(&bench.port, frame, length, bench.now);
	run(1000);
	EXPECT_EQ(load64(RX_HEAD_AT), 0u); /* one buffer is too little */
	write_register(PORT_RX_TAIL, 4);
	run(1000);
	ASSERT_EQ(load64(RX_HEAD_AT), 2u);
	EXPECT_MEMEQ(bench.memory + RX_DATA, frame, length);
	word = load64(RX_RING + 8);
	EXPECT_EQ(FIELD_GET(PORT_RX_DESC_LENGTH, word), (unsigned)RX_ROOM);
	EXPECT_EQ(FIELD_GET(PORT_RX_DESC_END, word), 0u);
	word = load64(RX_RING + 24);
	EXPECT_EQ(FIELD_GET(PORT_RX_DESC_LENGTH, word), length - RX_ROOM);
	EXPECT_EQ(FIELD_GET(PORT_RX_DESC_ROOM, word), (unsigned)RX_ROOM);
	EXPECT_TRUE(FIELD_GET(PORT_RX_DESC_END, word) && FIELD_GET(PORT_RX_DESC_L4_OK, word) && FIELD_GET(PORT_RX_DESC_IP_OK, word));
	EXPECT_TRUE(port_irq(&bench.port));
	frame[60] ^= 0x10;
	port_receive(&bench.port, frame, length, bench.now);
	run(1000);
	word = load64(RX_RING + 56);
	EXPECT_TRUE(FIELD_GET(PORT_RX_DESC_IS_L4, word) && !FIELD_GET(PORT_RX_DESC_L4_OK, word));
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_CHECKSUM), 1u);
}

TEST(port, filters_by_address_and_length)
{
	uint8_t frame[PORT_FRAME_MAX + 1] = {0};

	start();
	put_rx(0, RX_ROOM);
	write_register(PORT_RX_TAIL, 1);
	frame[0] = 4;
	port_receive(&bench.port, frame, 60, bench.now);
	port_receive(&bench.port, frame, 13, bench.now);
	port_receive(&bench.port, frame, 9019, bench.now);
	EXPECT_EQ(port_next_event(&bench.port), PORT_NEVER);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_FILTERED), 1u);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_LENGTH), 2u);
	frame[0] = 0xff;
	port_receive(&bench.port, frame, 60, bench.now);
	run(100);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_FRAMES), 1u);
}

TEST(port, moderates_receive_interrupts)
{
	uint8_t frame[60] = {0xff};

	start();
	write_register(PORT_RX_MODERATION, FIELD_PREP(PORT_RX_MODERATION_FRAMES, 3) | FIELD_PREP(PORT_RX_MODERATION_CYCLES, 5000));
	for (unsigned i = 0; i < 8; i++)
		put_rx(i, RX_ROOM);
	write_register(PORT_RX_TAIL, 8);
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_FALSE(port_irq(&bench.port));
		port_receive(&bench.port, frame, sizeof(frame), bench.now);
		run(100);
	}
	EXPECT_TRUE(port_irq(&bench.port));
	write_register(PORT_IRQ_STATUS, PORT_IRQ_STATUS_RX_MASK);
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	run(4000);
	EXPECT_FALSE(port_irq(&bench.port));
	run(1100);
	EXPECT_TRUE(port_irq(&bench.port));
	EXPECT_EQ(port_next_event(&bench.port), PORT_NEVER);
}

TEST(port, frames_before_the_handler_clears_the_cause_are_covered)
{
	uint8_t frame[60] = {0xff};

	start();
	write_register(PORT_RX_MODERATION, FIELD_PREP(PORT_RX_MODERATION_FRAMES, 2) | FIELD_PREP(PORT_RX_MODERATION_CYCLES, 100000));
	for (unsigned i = 0; i < 8; i++)
		put_rx(i, RX_ROOM);
	write_register(PORT_RX_TAIL, 8);
	for (unsigned i = 0; i < 3; i++) {
		port_receive(&bench.port, frame, sizeof(frame), bench.now);
		run(100);
	}
	write_register(PORT_IRQ_STATUS, PORT_IRQ_STATUS_RX_MASK);
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	run(100);
	EXPECT_FALSE(port_irq(&bench.port)); /* the third frame does not count for the next two */
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	run(100);
	EXPECT_TRUE(port_irq(&bench.port));
}

TEST(port, timing_is_as_stated)
{
	uint8_t frame[60] = {0xff};

	start();
	put_tx(0, TX_DATA, 1000, PORT_TX_DESC_END_MASK);
	put_tx(1, TX_DATA, 100, PORT_TX_DESC_END_MASK);
	bench.now = 5000;
	write_register(PORT_TX_TAIL, 2);
	EXPECT_EQ(port_next_event(&bench.port), 5000u + PORT_TX_FETCH_CYCLES);
	run(20);
	EXPECT_EQ(bench.sent_cycle, 5020u + 63 + 1 + (1012 * 8 + 24) / 25);
	run(2000);
	EXPECT_EQ(bench.sent_cycle, 5020u + 63 + 1 + (1024 * 8 + 24) / 25 + (112 * 8 + 24) / 25);
	put_rx(0, RX_ROOM);
	put_rx(1, RX_ROOM);
	write_register(PORT_RX_TAIL, 2);
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	EXPECT_EQ(port_next_event(&bench.port), bench.now + PORT_RX_PIPE_CYCLES);
	run(PORT_RX_PIPE_CYCLES);
	EXPECT_EQ(load64(RX_HEAD_AT), 1u);
	run(5);
	EXPECT_EQ(load64(RX_HEAD_AT), 1u);
	run(1);
	EXPECT_EQ(load64(RX_HEAD_AT), 2u);
}
