/* 16550A UART with byte-wide registers at stride 1. Transmission takes no time; the receive FIFO holds 16 bytes.
 * TI PC16550D data sheet, section 8. */
#ifndef ASSAY_MODELS_BOARD_UART16550_H
#define ASSAY_MODELS_BOARD_UART16550_H

#include <stdbool.h>
#include <stdint.h>

enum { UART_FIFO_BYTES = 16, UART_SIZE_BYTES = 0x100 };

struct uart16550 {
	uint8_t ier, lcr, mcr, scr, fcr, dll, dlm;
	bool thr_empty_pending; /**< the transmitter-empty interrupt has not been read away */
	bool overrun;
	uint8_t rx[UART_FIFO_BYTES];
	uint8_t rx_head, rx_count;
};

void uart_reset(struct uart16550 *uart);

/** 1-byte access at @p offset 0 to 7. Reading the data register takes a byte. Wider accesses read and write the low byte. */
uint64_t uart_load(struct uart16550 *uart, uint64_t offset);

/** @return the byte transmitted by this store, or -1 if it transmits none. */
int uart_store(struct uart16550 *uart, uint64_t offset, uint64_t value);

/** A byte arrives from outside. @return false if the FIFO is full; the byte is lost and overrun noted. */
bool uart_receive(struct uart16550 *uart, uint8_t byte);

/** @return the level of the interrupt line. */
bool uart_interrupt(const struct uart16550 *uart);

#endif
