/* Receive: spreads the oldest frame of the FIFO over the buffers that software has handed over. */
#include <string.h>

#include "models/nic/checksum.h"
#include "models/nic/port_internal.h"

/* A leaky bucket for each kind: a frame costs so many cycles, and BURST of them may be owed. So a storm cannot take the processor's time from
 * the storages' frames, which rules send to it. */
bool port_admits(struct port *port, unsigned path, uint64_t cycle)
{
	bool flood = path == PORT_FLOW_PATH_FLOOD;
	uint64_t cost = flood ? FIELD_GET(PORT_RX_LIMIT_FLOOD_CYCLES, port->rx_limit) : FIELD_GET(PORT_RX_LIMIT_OTHER_CYCLES, port->rx_limit);
	uint64_t burst = FIELD_GET(PORT_RX_LIMIT_BURST, port->rx_limit), *until = &port->limited_until[flood ? 0 : 1];

	if (path == PORT_FLOW_PATH_RULE || path == PORT_FLOW_PATH_BYPASS || cost == 0)
		return true;
	if (*until < cycle)
		*until = cycle;
	if (*until - cycle > cost * (burst > 0 ? burst - 1 : 0)) {
		port->count_rx_limited++;
		return false;
	}
	*until += cost;
	return true;
}

/* What software learns of a frame, in the descriptor of its last piece. */
static uint64_t end_flags(struct port *port, const uint8_t *frame, size_t length, const struct placement *placement)
{
	struct checksum_report report = checksum_check(frame, length);

	if ((report.is_ip && !report.ip_ok) || (report.is_l4 && !report.l4_ok))
		port->count_rx_checksum++;
	return FIELD_PREP(PORT_RX_DESC_END, 1) | FIELD_PREP(PORT_RX_DESC_IS_IP, report.is_ip) |
		FIELD_PREP(PORT_RX_DESC_IP_OK, report.ip_ok) | FIELD_PREP(PORT_RX_DESC_IS_L4, report.is_l4) |
		FIELD_PREP(PORT_RX_DESC_L4_OK, report.l4_ok) | FIELD_PREP(PORT_RX_DESC_FOLLOWED, placement->followed) |
		FIELD_PREP(PORT_RX_DESC_BAD_DATA, placement->bad & 1) | FIELD_PREP(PORT_RX_DESC_BAD_HEADER, placement->bad >> 1 & 1) |
		FIELD_PREP(PORT_RX_DESC_PLACED_FROM, placement->followed ? placement->from : 0);
}

static int write_result(const struct port *port, const struct port_ops *ops, uint64_t count, uint64_t word)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(word >> (8 * i));
	return ops->write(ops->ctx, port_ring_slot(&port->rx, count) + 8, bytes, sizeof(bytes));
}

/* How many descriptors hold @p length bytes: 0 if those handed over do not suffice yet; a ring error in *error. */
static uint32_t count_buffers(const struct port *port, const struct port_ops *ops, size_t length, uint64_t *error)
{
	uint32_t filled = port_ring_filled(&port->rx);
	uint64_t word[2];
	size_t room = 0;

	for (uint32_t i = 0; i < filled; i++) {
		if (port_ring_read(&port->rx, ops, port->rx.head + i, word) < 0) {
			*error = PORT_ERROR_RX_BUS_MASK;
			return 0;
		}
		if (FIELD_GET(PORT_RX_DESC_ROOM, word[1]) < 64) {
			*error = PORT_ERROR_RX_RING_MASK;
			return 0;
		}
		room += (size_t)FIELD_GET(PORT_RX_DESC_ROOM, word[1]);
		if (room >= length)
			return i + 1;
	}
	return 0;
}

static int scatter(struct port *port, const struct port_ops *ops, const uint8_t *frame, size_t length, uint32_t buffers,
	const struct placement *placement)
{
	uint64_t flags = end_flags(port, frame, length, placement), word[2];
	size_t at = 0;

	for (uint32_t i = 0; i < buffers; i++) {
		size_t room, piece;

		if (port_ring_read(&port->rx, ops, port->rx.head + i, word) < 0)
			return -1;
		room = (size_t)FIELD_GET(PORT_RX_DESC_ROOM, word[1]);
		piece = length - at < room ? length - at : room;
		if (ops->write(ops->ctx, FIELD_GET(PORT_RX_DESC_ADDRESS, word[0]), frame + at, piece) < 0)
			return -1;
		at += piece;
		word[1] = FIELD_PREP(PORT_RX_DESC_ROOM, room) | FIELD_PREP(PORT_RX_DESC_LENGTH, piece) | (at == length ? flags : 0);
		if (write_result(port, ops, port->rx.head + i, word[1]) < 0)
			return -1;
	}
	return port_ring_done(&port->rx, ops, buffers);
}

/* Interrupt moderation; frames that come while the cause is still set are covered by it. */
static void announce(struct port *port, uint64_t now)
{
	uint64_t frames = FIELD_GET(PORT_RX_MODERATION_FRAMES, port->rx_moderation);
	uint64_t cycles = FIELD_GET(PORT_RX_MODERATION_CYCLES, port->rx_moderation);

	if (port->irq_status & PORT_IRQ_STATUS_RX_MASK)
		return;
	port->rx_unannounced++;
	if (port->rx_unannounced >= frames || cycles == 0) {
		port->rx_unannounced = 0;
		port->rx_irq_due = PORT_NEVER;
		port_raise(port, PORT_IRQ_STATUS_RX_MASK);
	} else if (port->rx_unannounced == 1) {
		port->rx_irq_due = now + cycles;
	}
}

void port_deliver(struct port *port, const struct port_ops *ops)
{
	struct placement placement;
	uint8_t frame[PORT_FRAME_MAX];
	uint64_t now = port->rx.due, arrival, error = 0;
	size_t length;
	uint32_t buffers;

	port->rx.due = PORT_NEVER;
	if (!port_fifo_front(port, &arrival, &length, &placement))
		return;
	buffers = count_buffers(port, ops, length, &error);
	if (error) {
		port_ring_fail(port, &port->rx, error);
		return;
	}
	if (buffers == 0)
		return; /* the doorbell for more buffers wakes the ring */
	port_fifo_pop(port, frame);
	if (scatter(port, ops, frame, length, buffers, &placement) < 0) {
		port_ring_fail(port, &port->rx, PORT_ERROR_RX_BUS_MASK);
		return;
	}
	port->count_rx_frames++;
	port->count_rx_bytes += length;
	announce(port, now);
	port->rx.free_at = now + (length + PORT_MEMORY_BYTES_PER_CYCLE - 1) / PORT_MEMORY_BYTES_PER_CYCLE + 2 * buffers;
	port_rx_schedule(port, now);
}
