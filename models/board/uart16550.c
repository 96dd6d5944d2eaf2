#include "models/board/uart16550.h"

enum { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };
enum { LCR_DLAB = 0x80, IER_RX = 1, IER_THRE = 2, IER_LINE = 4, LSR_DR = 1, LSR_OE = 2, LSR_THRE = 0x20, LSR_TEMT = 0x40 };
enum { IIR_NONE = 1, IIR_THRE = 2, IIR_RX = 4, IIR_LINE = 6, IIR_FIFOS = 0xc0, FCR_ENABLE = 1, FCR_CLEAR_RX = 2, MSR_READY = 0xb0 };

void uart_reset(struct uart16550 *uart)
{
	*uart = (struct uart16550){.dll = 1};
}

static unsigned interrupt_id(const struct uart16550 *uart)
{
	if (uart->ier & IER_LINE && uart->overrun)
		return IIR_LINE;
	if (uart->ier & IER_RX && uart->rx_count)
		return IIR_RX;
	if (uart->ier & IER_THRE && uart->thr_empty_pending)
		return IIR_THRE;
	return IIR_NONE;
}

static uint8_t take_received(struct uart16550 *uart)
{
	if (!uart->rx_count)
		return 0;
	uint8_t byte = uart->rx[uart->rx_head];
	uart->rx_head = (uint8_t)((uart->rx_head + 1) % UART_FIFO_BYTES);
	uart->rx_count--;
	return byte;
}

static uint8_t read_interrupt_id(struct uart16550 *uart)
{
	unsigned id = interrupt_id(uart);
	if (id == IIR_THRE)
		uart->thr_empty_pending = false;
	return (uint8_t)(id | (uart->fcr & FCR_ENABLE ? IIR_FIFOS : 0));
}

static uint8_t read_line_status(struct uart16550 *uart)
{
	uint8_t status = (uint8_t)(LSR_THRE | LSR_TEMT | (uart->rx_count ? LSR_DR : 0) | (uart->overrun ? LSR_OE : 0));
	uart->overrun = false;
	return status;
}

uint64_t uart_load(struct uart16550 *uart, uint64_t offset)
{
	bool divisor = uart->lcr & LCR_DLAB;
	switch (offset) {
	case RBR_THR: return divisor ? uart->dll : take_received(uart);
	case IER: return divisor ? uart->dlm : uart->ier;
	case IIR_FCR: return read_interrupt_id(uart);
	case LCR: return uart->lcr;
	case MCR: return uart->mcr;
	case LSR: return read_line_status(uart);
	case MSR: return MSR_READY;
	case SCR: return uart->scr;
	default: return 0;
	}
}

static void write_interrupt_enable(struct uart16550 *uart, uint8_t value)
{
	if (value & ~uart->ier & IER_THRE)
		uart->thr_empty_pending = true;
	uart->ier = value & 0x0f;
}

static void write_fifo_control(struct uart16550 *uart, uint8_t value)
{
	uart->fcr = value;
	if (value & FCR_CLEAR_RX || !(value & FCR_ENABLE))
		uart->rx_count = 0;
}

int uart_store(struct uart16550 *uart, uint64_t offset, uint64_t value)
{
	uint8_t byte = (uint8_t)value;
	bool divisor = uart->lcr & LCR_DLAB;

	switch (offset) {
	case RBR_THR:
		if (!divisor) {
			uart->thr_empty_pending = true;
			return byte;
		}
		uart->dll = byte;
		break;
	case IER:
		if (divisor)
			uart->dlm = byte;
		else
			write_interrupt_enable(uart, byte);
		break;
	case IIR_FCR: write_fifo_control(uart, byte); break;
	case LCR: uart->lcr = byte; break;
	case MCR: uart->mcr = byte & 0x1f; break;
	case SCR: uart->scr = byte; break;
	default: break;
	}
	return -1;
}

bool uart_receive(struct uart16550 *uart, uint8_t byte)
{
	if (uart->rx_count == UART_FIFO_BYTES) {
		uart->overrun = true;
		return false;
	}
	uart->rx[(uart->rx_head + uart->rx_count) % UART_FIFO_BYTES] = byte;
	uart->rx_count++;
	return true;
}

bool uart_interrupt(const struct uart16550 *uart)
{
	return interrupt_id(uart) != IIR_NONE;
}
