/* Limits and errors of the port, and that jumping over quiet cycles changes nothing. */
#include "testbench/gtest/test.h"
#include "testbench/unit/nic/port_bench.h"

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

/* Floods and what no rule wants are paid for; storages' frames never. */
TEST(port, a_storm_is_let_in_at_its_rate_only)
{
	static const struct {
		unsigned path, passed;
	} rows[] = {{PORT_FLOW_PATH_FLOOD, 10 + 99}, {PORT_FLOW_PATH_MAC, 10 + 999}, {PORT_FLOW_PATH_DEFAULT, 10 + 999}, {PORT_FLOW_PATH_RULE, 10000},
		{PORT_FLOW_PATH_BYPASS, 10000}};

	for (unsigned row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		unsigned passed = 0;

		start();
		EXPECT_TRUE(port_admits(&bench.port, PORT_FLOW_PATH_FLOOD, 0));
		write_register(PORT_RX_LIMIT, FIELD_PREP(PORT_RX_LIMIT_FLOOD_CYCLES, 1000) | FIELD_PREP(PORT_RX_LIMIT_OTHER_CYCLES, 100) |
			FIELD_PREP(PORT_RX_LIMIT_BURST, 10));
		for (unsigned cycle = 0; cycle < 100000; cycle += 10)
			passed += port_admits(&bench.port, rows[row].path, 1000 + cycle);
		EXPECT_EQ(passed, rows[row].passed);
		EXPECT_EQ(port_read(&bench.port, PORT_COUNT_RX_LIMITED), 10000u - passed);
		EXPECT_TRUE(port_admits(&bench.port, rows[row].path, 300000)); /* after a pause */
		EXPECT_TRUE(port_admits(&bench.port, PORT_FLOW_PATH_RULE, 101000));
	}
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
