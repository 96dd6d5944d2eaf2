#include "models/board/clint.h"
#include "models/board/uart16550.h"
#include "testbench/gtest/test.h"

TEST(clint, the_timer_is_pending_from_its_cycle_on)
{
	struct clint clint;
	clint_reset(&clint, 3);
	EXPECT_EQ(clint_timer_cycle(&clint, 1), UINT64_MAX);
	EXPECT_EQ(clint_store(&clint, 0x4008, 8, 50), 0);
	EXPECT_EQ(clint_timer_cycle(&clint, 1), 5000u);
	EXPECT_FALSE(clint_timer_pending(&clint, 4999, 1));
	EXPECT_TRUE(clint_timer_pending(&clint, 5000, 1));
	EXPECT_FALSE(clint_timer_pending(&clint, 5000, 0));
}

TEST(clint, halves_of_a_comparator_are_written_apart)
{
	struct clint clint;
	uint64_t value;
	clint_reset(&clint, 1);
	clint_store(&clint, 0x4000, 4, 0x11223344);
	clint_store(&clint, 0x4004, 4, 0x55667788);
	EXPECT_EQ(clint_load(&clint, 0, 0x4000, 8, &value), 0);
	EXPECT_EQ(value, 0x5566778811223344u);
	EXPECT_EQ(clint_load(&clint, 0, 0x4004, 4, &value), 0);
	EXPECT_EQ(value, 0x55667788u);
}

TEST(clint, mtime_counts_cycles_in_ticks)
{
	struct clint clint;
	uint64_t value;
	clint_reset(&clint, 1);
	clint_load(&clint, 1234599, 0xbff8, 8, &value);
	EXPECT_EQ(value, 12345u);
}

TEST(clint, msip_keeps_one_bit_of_an_existing_hart)
{
	struct clint clint;
	clint_reset(&clint, 2);
	clint_store(&clint, 4, 4, 0xffffffff);
	clint_store(&clint, 8, 4, 1);
	EXPECT_EQ(clint.msip[1], 1u);
	EXPECT_EQ(clint.msip[2], 0u);
	EXPECT_EQ(clint_store(&clint, 2, 4, 1), -1);
}

TEST(uart, bytes_written_come_out_unless_the_divisor_is_selected)
{
	struct uart16550 uart;
	uart_reset(&uart);
	EXPECT_EQ(uart_store(&uart, 0, 'x'), 'x');
	uart_store(&uart, 3, 0x80);
	EXPECT_EQ(uart_store(&uart, 0, 3), -1);
	EXPECT_EQ(uart_load(&uart, 0), 3u);
}

TEST(uart, received_bytes_interrupt_until_they_are_read)
{
	struct uart16550 uart;
	uart_reset(&uart);
	uart_store(&uart, 1, 1);
	EXPECT_FALSE(uart_interrupt(&uart));
	EXPECT_TRUE(uart_receive(&uart, 'a'));
	EXPECT_TRUE(uart_receive(&uart, 'b'));
	EXPECT_TRUE(uart_interrupt(&uart));
	EXPECT_EQ(uart_load(&uart, 0), 'a');
	EXPECT_TRUE(uart_interrupt(&uart));
	EXPECT_EQ(uart_load(&uart, 0), 'b');
	EXPECT_FALSE(uart_interrupt(&uart));
	EXPECT_EQ(uart_load(&uart, 5) & 1, 0u);
}

TEST(uart, a_full_fifo_loses_the_byte_and_says_so_once)
{
	struct uart16550 uart;
	uart_reset(&uart);
	for (int i = 0; i < UART_FIFO_BYTES; i++)
		EXPECT_TRUE(uart_receive(&uart, (uint8_t)i));
	EXPECT_FALSE(uart_receive(&uart, 99));
	EXPECT_EQ(uart_load(&uart, 5) & 2, 2u);
	EXPECT_EQ(uart_load(&uart, 5) & 2, 0u);
	EXPECT_EQ(uart_load(&uart, 0), 0u);
}

TEST(uart, the_transmitter_interrupt_is_read_away)
{
	struct uart16550 uart;
	uart_reset(&uart);
	uart_store(&uart, 1, 2);
	EXPECT_TRUE(uart_interrupt(&uart));
	EXPECT_EQ(uart_load(&uart, 2) & 0xf, 2u);
	EXPECT_FALSE(uart_interrupt(&uart));
	uart_store(&uart, 0, 'z');
	EXPECT_TRUE(uart_interrupt(&uart));
}
