/* The port against a little NIC memory: rings, chains, checksums, timing, interrupts, errors. */
#include "models/nic/checksum.h"
#include "models/nic/port.h"
#include "testbench/gtest/test.h"

enum {
	MEMORY_BYTES = 1 << 20,
	TX_RING = 0x1000,
	RX_RING = 0x2000,
	TX_HEAD_AT = 0x3000,
	RX_HEAD_AT = 0x3008,
	TX_DATA = 0x10000,
	RX_DATA = 0x40000,
	RING_LOG2 = 3,
	RX_ROOM = 2048,
};

struct bench {
	uint8_t memory[MEMORY_BYTES];
	struct port port;
	struct port_ops ops;
	uint64_t now;
	uint8_t sent[PORT_FRAME_MAX];
	size_t sent_length;
	uint64_t sent_cycle;
	unsigned sent_count;
};

static struct bench bench;

static int memory_read(void *ctx, uint64_t address, void *bytes, size_t length)
{
	(void)ctx;
	if (address > MEMORY_BYTES || length > MEMORY_BYTES - address)
		return -1;
	memcpy(bytes, bench.memory + address, length);
	return 0;
}

static int memory_write(void *ctx, uint64_t address, const void *bytes, size_t length)
{
	(void)ctx;
	if (address > MEMORY_BYTES || length > MEMORY_BYTES - address)
		return -1;
	memcpy(bench.memory + address, bytes, length);
	return 0;
}

static void on_send(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle)
{
	(void)ctx;
	memcpy(bench.sent, frame, length);
	bench.sent_length = length;
	EXPECT_LT(bench.sent_cycle, cycle);
	bench.sent_cycle = cycle;
	bench.sent_count++;
}

static void write_register(uint64_t offset, uint64_t value)
{
	port_write(&bench.port, offset, value, bench.now);
}

static void run(uint64_t cycles)
{
	bench.now += cycles;
	port_advance(&bench.port, &bench.ops, bench.now);
}

static void store64(uint64_t address, uint64_t value)
{
	memcpy(bench.memory + address, &value, 8);
}

static uint64_t load64(uint64_t address)
{
	uint64_t value;

	memcpy(&value, bench.memory + address, 8);
	return value;
}

/* 02:00:00:00:00:00: the first byte of the address is the lowest of the register. */
static void own_address(void)
{
	write_register(PORT_MAC, 2);
}

static void start(void)
{
	memset(&bench, 0, sizeof(bench));
	bench.ops = (struct port_ops){.read = memory_read, .write = memory_write, .send = on_send};
	port_reset(&bench.port);
	own_address();
	write_register(PORT_TX_BASE, TX_RING);
	write_register(PORT_TX_SIZE, RING_LOG2);
	write_register(PORT_TX_HEAD_ADDRESS, TX_HEAD_AT);
	write_register(PORT_RX_BASE, RX_RING);
	write_register(PORT_RX_SIZE, RING_LOG2);
	write_register(PORT_RX_HEAD_ADDRESS, RX_HEAD_AT);
	write_register(PORT_IRQ_ENABLE, 0xf);
	write_register(PORT_CONTROL, PORT_CONTROL_TX_ENABLE_MASK | PORT_CONTROL_RX_ENABLE_MASK);
}

static void put_tx(unsigned count, uint64_t address, uint64_t length, uint64_t flags)
{
	store64(TX_RING + (count % 8) * 16, address);
	store64(TX_RING + (count % 8) * 16 + 8, length | flags);
}

static void put_rx(unsigned count, uint64_t room)
{
	store64(RX_RING + (count % 8) * 16, RX_DATA + (count % 8) * RX_ROOM);
	store64(RX_RING + (count % 8) * 16 + 8, FIELD_PREP(PORT_RX_DESC_ROOM, room));
}

/* A TCP segment of @p payload bytes for the port's own address, checksums zero. Returns its length. */
static size_t make_segment(uint8_t *frame, size_t payload)
{
	static const uint8_t head[] = {
		2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 9, 8, 0,
		0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 10,
		0x11, 0x44, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0x10, 0, 0, 0, 0, 0,
	};
	size_t total = 40 + payload;

	memcpy(frame, head, sizeof(head));
	frame[16] = (uint8_t)(total >> 8);
	frame[17] = (uint8_t)total;
	for (size_t i = 0; i < payload; i++)
		frame[54 + i] = (uint8_t)(i * 7 + 1);
	return 14 + total;
}

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

TEST(port, a_full_fifo_drops_and_counts)
{
	static uint8_t frame[9000] = {0xff};
	uint64_t fit = PORT_RX_FIFO_BYTES / (9000 + 16);

	start();
	for (unsigned i = 0; i < fit + 3; i++)
		port_receive(&bench.port, frame, sizeof(frame), bench.now);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_OVERFLOW), 3u);
}

TEST(port, the_fifo_is_filled_to_the_last_byte_that_fits)
{
	uint8_t frame[100] = {0xff};
	unsigned fit = PORT_RX_FIFO_BYTES / (100 + 16); /* each record has a header of 16 bytes */

	start();
	for (unsigned i = 0; i < fit; i++)
		port_receive(&bench.port, frame, sizeof(frame), bench.now);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_OVERFLOW), 0u);
	port_receive(&bench.port, frame, sizeof(frame), bench.now);
	EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_OVERFLOW), 1u);
}

static void expect_error(uint64_t mask)
{
	run(1000);
	EXPECT_EQ(port_read(&bench.port, PORT_ERROR), mask);
	EXPECT_TRUE(bench.port.irq_status & PORT_IRQ_STATUS_ERROR_MASK);
	EXPECT_EQ(bench.sent_count, 0u);
	write_register(PORT_CONTROL, PORT_CONTROL_RESET_MASK);
	EXPECT_EQ(port_read(&bench.port, PORT_ERROR), 0u);
	EXPECT_FALSE(port_irq(&bench.port));
}

TEST(port, ring_errors_stop_the_ring_until_reset)
{
	start();
	write_register(PORT_TX_TAIL, 9); /* the ring has 8 */
	expect_error(PORT_ERROR_TX_RING_MASK);
	start();
	put_tx(0, TX_DATA, 60, 0);
	put_tx(1, TX_DATA, 60, 0);
	write_register(PORT_TX_TAIL, 2);
	write_register(PORT_TX_TAIL, 1); /* back */
	expect_error(PORT_ERROR_TX_RING_MASK);
	start();
	put_tx(0, MEMORY_BYTES - 10, 20, PORT_TX_DESC_END_MASK);
	write_register(PORT_TX_TAIL, 1);
	expect_error(PORT_ERROR_TX_BUS_MASK);
	start();
	put_tx(0, TX_DATA, 9000, 0);
	put_tx(1, TX_DATA, 300, PORT_TX_DESC_END_MASK);
	write_register(PORT_TX_TAIL, 2);
	expect_error(PORT_ERROR_TX_RING_MASK);
	start();
	put_tx(0, TX_DATA, 0, PORT_TX_DESC_END_MASK);
	write_register(PORT_TX_TAIL, 1);
	expect_error(PORT_ERROR_TX_RING_MASK);
	start();
	put_rx(0, 63);
	write_register(PORT_RX_TAIL, 1);
	port_receive(&bench.port, (const uint8_t[60]){0xff}, 60, bench.now);
	expect_error(PORT_ERROR_RX_RING_MASK);
	start();
	write_register(PORT_RX_BASE, (uint64_t)MEMORY_BYTES);
	write_register(PORT_RX_TAIL, 1);
	port_receive(&bench.port, (const uint8_t[60]){0xff}, 60, bench.now);
	expect_error(PORT_ERROR_RX_BUS_MASK);
}

TEST(port, link_changes_interrupt_once)
{
	start();
	port_set_link(&bench.port, true);
	EXPECT_TRUE(port_irq(&bench.port));
	write_register(PORT_IRQ_STATUS, PORT_IRQ_STATUS_LINK_MASK);
	port_set_link(&bench.port, true);
	EXPECT_FALSE(port_irq(&bench.port));
	EXPECT_EQ(port_read(&bench.port, PORT_STATUS), PORT_STATUS_RESET | PORT_STATUS_LINK_UP_MASK);
}

TEST(port, stepping_and_jumping_agree)
{
	static struct port stepped;
	uint8_t frame[1500] = {0xff};
	unsigned sent_stepped = 0;
	uint64_t last_stepped = 0;

	for (unsigned way = 0; way < 2; way++) {
		start();
		for (unsigned i = 0; i < 8; i++) {
			put_tx(i, TX_DATA, 1000 + i, PORT_TX_DESC_END_MASK);
			put_rx(i, RX_ROOM);
		}
		write_register(PORT_TX_TAIL, 8);
		write_register(PORT_RX_TAIL, 8);
		for (unsigned i = 0; i < 8; i++) {
			port_receive(&bench.port, frame, sizeof(frame), bench.now);
			for (unsigned c = 0; way == 0 && c < 700; c++)
				run(1);
			if (way == 1)
				run(700);
		}
		if (way == 0) {
			stepped = bench.port;
			sent_stepped = bench.sent_count;
			last_stepped = bench.sent_cycle;
		}
	}
	EXPECT_EQ(sent_stepped, bench.sent_count);
	EXPECT_EQ(last_stepped, bench.sent_cycle);
	EXPECT_MEMEQ(&stepped, &bench.port, sizeof(stepped));
}
