#include "testbench/unit/nic/port_bench.h"

#include "testbench/gtest/test.h"

struct bench bench;

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

void write_register(uint64_t offset, uint64_t value)
{
	port_write(&bench.port, offset, value, bench.now);
}

void run(uint64_t cycles)
{
	bench.now += cycles;
	port_advance(&bench.port, &bench.ops, bench.now);
}

void store64(uint64_t address, uint64_t value)
{
	memcpy(bench.memory + address, &value, 8);
}

uint64_t load64(uint64_t address)
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

void start(void)
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

void put_tx(unsigned count, uint64_t address, uint64_t length, uint64_t flags)
{
	store64(TX_RING + (count % 8) * 16, address);
	store64(TX_RING + (count % 8) * 16 + 8, length | flags);
}

void put_rx(unsigned count, uint64_t room)
{
	store64(RX_RING + (count % 8) * 16, RX_DATA + (count % 8) * RX_ROOM);
	store64(RX_RING + (count % 8) * 16 + 8, FIELD_PREP(PORT_RX_DESC_ROOM, room));
}

/* A TCP segment of @p payload bytes for the port's own address, checksums zero. Returns its length. */
size_t make_segment(uint8_t *frame, size_t payload)
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
