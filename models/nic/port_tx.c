/* Transmit: gathers a chain of descriptors into a frame, inserts checksums, occupies the line. */
#include <string.h>

#include "models/nic/checksum.h"
#include "models/nic/port_internal.h"

enum { FCS_BYTES = 4, PREAMBLE_BYTES = 8, GAP_BYTES = 12 };

struct gathered {
	uint8_t bytes[PORT_FRAME_MAX];
	size_t length;
	uint32_t descriptors;
	bool irq;
	bool ip_sum;
	bool l4_sum;
	bool whole;
};

static uint64_t line_cycles(const struct port *port, size_t bytes)
{
	return (bytes * 8000 + port->line_mbps - 1) / port->line_mbps;
}

static void note_flags(struct gathered *frame, uint64_t word)
{
	if (frame->descriptors == 0) {
		frame->ip_sum = FIELD_GET(PORT_TX_DESC_IP_SUM, word);
		frame->l4_sum = FIELD_GET(PORT_TX_DESC_L4_SUM, word);
	}
	frame->irq |= FIELD_GET(PORT_TX_DESC_IRQ, word) != 0;
	frame->whole = FIELD_GET(PORT_TX_DESC_END, word);
	frame->descriptors++;
}

/* Reads descriptors and bytes up to END. Returns 0, or the ring error. frame->whole stays false if END has not been handed over yet. */
static uint64_t gather(const struct port *port, const struct port_ops *ops, struct gathered *frame)
{
	uint32_t filled = port_ring_filled(&port->tx);
	uint64_t word[2];

	*frame = (struct gathered){.length = 0};
	while (!frame->whole && frame->descriptors < filled) {
		size_t piece;

		if (frame->descriptors == PORT_CHAIN_MAX)
			return PORT_ERROR_TX_RING_MASK;
		if (port_ring_read(&port->tx, ops, port->tx.head + frame->descriptors, word) < 0)
			return PORT_ERROR_TX_BUS_MASK;
		piece = (size_t)FIELD_GET(PORT_TX_DESC_LENGTH, word[1]);
		if (piece > PORT_FRAME_MAX - frame->length)
			return PORT_ERROR_TX_RING_MASK;
		if (piece && ops->read(ops->ctx, FIELD_GET(PORT_TX_DESC_ADDRESS, word[0]), frame->bytes + frame->length, piece) < 0)
			return PORT_ERROR_TX_BUS_MASK;
		frame->length += piece;
		note_flags(frame, word[1]);
	}
	return frame->whole && frame->length == 0 ? PORT_ERROR_TX_RING_MASK : 0;
}

static void put_on_line(struct port *port, const struct port_ops *ops, struct gathered *frame)
{
	uint64_t read_done = port->tx.due + (frame->length + PORT_MEMORY_BYTES_PER_CYCLE - 1) / PORT_MEMORY_BYTES_PER_CYCLE +
		frame->descriptors;
	uint64_t start = read_done > port->line_free ? read_done : port->line_free;

	checksum_insert(frame->bytes, frame->length, frame->ip_sum, frame->l4_sum);
	if (frame->length < PORT_FRAME_MIN)
		frame->length = PORT_FRAME_MIN; /* the rest of the buffer is zero */
	port->count_tx_frames++;
	port->count_tx_bytes += frame->length;
	if (ops->room) {
		port->tx.free_at = read_done;
		ops->send(ops->ctx, frame->bytes, frame->length, read_done);
		return;
	}
	port->line_free = start + line_cycles(port, frame->length + FCS_BYTES + PREAMBLE_BYTES + GAP_BYTES);
	port->tx.free_at = start;
	ops->send(ops->ctx, frame->bytes, frame->length, start + line_cycles(port, frame->length + FCS_BYTES + PREAMBLE_BYTES));
}

void port_transmit(struct port *port, const struct port_ops *ops)
{
	struct gathered frame;
	uint64_t error;

	if (ops->room && !ops->room(ops->ctx)) {
		port->tx.due = PORT_NEVER;
		port->tx_waits = 1;
		return;
	}
	error = gather(port, ops, &frame);

	if (error) {
		port_ring_fail(port, &port->tx, error);
		return;
	}
	if (!frame.whole) {
		port->tx.due = PORT_NEVER; /* the doorbell for the rest wakes the ring */
		return;
	}
	put_on_line(port, ops, &frame);
	if (port_ring_done(&port->tx, ops, frame.descriptors) < 0) {
		port_ring_fail(port, &port->tx, PORT_ERROR_TX_BUS_MASK);
		return;
	}
	if (frame.irq)
		port_raise(port, PORT_IRQ_STATUS_TX_MASK);
	port->tx.due = port_ring_filled(&port->tx) ? port->tx.free_at : PORT_NEVER;
}
