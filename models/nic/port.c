/* Registers, interrupts and the order of events; the rings' work is in port_tx.c and port_rx.c. */
#include "models/nic/port_internal.h"

#include <string.h>

enum access { READ_ONLY, READ_WRITE, CLEAR_ON_ONE, SPECIAL };

struct register_row {
	uint16_t offset;
	uint16_t place; /* in struct port */
	uint8_t access;
	uint64_t writable;
};

#define ROW(NAME, member, access, mask) {PORT_##NAME, offsetof(struct port, member), access, mask}
#define ADDRESS_MASK(align) (((1ull << 56) - 1) & ~((align)-1ull))

static const struct register_row REGISTERS[] = {
	ROW(ID, id, READ_ONLY, 0),
	ROW(CONTROL, control, SPECIAL, 0),
	ROW(STATUS, status, READ_ONLY, 0),
	ROW(MAC, mac, READ_WRITE, PORT_MAC_ADDRESS_MASK),
	ROW(MAX_FRAME, max_frame, SPECIAL, 0),
	ROW(IRQ_STATUS, irq_status, CLEAR_ON_ONE, PORT_IRQ_ENABLE_CAUSES_MASK),
	ROW(IRQ_ENABLE, irq_enable, READ_WRITE, PORT_IRQ_ENABLE_CAUSES_MASK),
	ROW(RX_MODERATION, rx_moderation, READ_WRITE, PORT_RX_MODERATION_FRAMES_MASK | PORT_RX_MODERATION_CYCLES_MASK),
	ROW(ERROR, error, READ_ONLY, 0),
	ROW(NET_FUNCTIONS, net_functions, READ_WRITE, PORT_NET_FUNCTIONS_MASK_MASK),
	ROW(NET_EVENTS, net_events, CLEAR_ON_ONE, PORT_NET_EVENTS_MASK_MASK),
	ROW(RX_LIMIT, rx_limit, READ_WRITE, PORT_RX_LIMIT_FLOOD_CYCLES_MASK | PORT_RX_LIMIT_OTHER_CYCLES_MASK | PORT_RX_LIMIT_BURST_MASK),
	ROW(CRC_ADDRESS, crc_address, READ_WRITE, ADDRESS_MASK(1)),
	ROW(CRC_START, crc_start, SPECIAL, 0),
	ROW(CRC_RESULT, crc_result, READ_ONLY, 0),
	ROW(TX_BASE, tx.base, READ_WRITE, ADDRESS_MASK(16)),
	ROW(TX_SIZE, tx.log2, SPECIAL, 0),
	ROW(TX_TAIL, tx.tail, SPECIAL, 0),
	ROW(TX_HEAD, tx.head, READ_ONLY, 0),
	ROW(TX_HEAD_ADDRESS, tx.head_address, READ_WRITE, ADDRESS_MASK(8)),
	ROW(RX_BASE, rx.base, READ_WRITE, ADDRESS_MASK(16)),
	ROW(RX_SIZE, rx.log2, SPECIAL, 0),
	ROW(RX_TAIL, rx.tail, SPECIAL, 0),
	ROW(RX_HEAD, rx.head, READ_ONLY, 0),
	ROW(RX_HEAD_ADDRESS, rx.head_address, READ_WRITE, ADDRESS_MASK(8)),
	ROW(COUNT_TX_FRAMES, count_tx_frames, READ_ONLY, 0),
	ROW(COUNT_TX_BYTES, count_tx_bytes, READ_ONLY, 0),
	ROW(COUNT_RX_FRAMES, count_rx_frames, READ_ONLY, 0),
	ROW(COUNT_RX_BYTES, count_rx_bytes, READ_ONLY, 0),
	ROW(COUNT_RX_FILTERED, count_rx_filtered, READ_ONLY, 0),
	ROW(COUNT_RX_LENGTH, count_rx_length, READ_ONLY, 0),
	ROW(COUNT_RX_OVERFLOW, count_rx_overflow, READ_ONLY, 0),
	ROW(COUNT_RX_DISABLED, count_rx_disabled, READ_ONLY, 0),
	ROW(COUNT_RX_CHECKSUM, count_rx_checksum, READ_ONLY, 0),
	ROW(COUNT_RX_LIMITED, count_rx_limited, READ_ONLY, 0),
};

static const struct register_row *find_register(uint64_t offset)
{
	for (size_t i = 0; i < sizeof(REGISTERS) / sizeof(REGISTERS[0]); i++) {
		if (REGISTERS[i].offset == offset)
			return &REGISTERS[i];
	}
	return NULL;
}

static void reset_operation(struct port *port)
{
	port->control = PORT_CONTROL_RESET;
	port->irq_status = PORT_IRQ_STATUS_RESET;
	port->irq_enable = PORT_IRQ_ENABLE_RESET;
	port->rx_moderation = PORT_RX_MODERATION_RESET;
	port->error = PORT_ERROR_RESET;
	port->tx_waits = 0;
	port->tx = (struct port_ring){.due = PORT_NEVER, .free_at = port->tx.free_at};
	port->rx = (struct port_ring){.due = PORT_NEVER, .free_at = port->rx.free_at};
	port->rx_unannounced = 0;
	port->rx_irq_due = PORT_NEVER;
	port->fifo_head = 0;
	port->fifo_tail = 0;
	memset(port->fifo, 0, sizeof(port->fifo));
}

void port_reset(struct port *port)
{
	memset(port, 0, sizeof(*port));
	port->id = PORT_ID_RESET;
	port->status = PORT_STATUS_RESET;
	port->max_frame = PORT_MAX_FRAME_RESET;
	port->line_mbps = PORT_LINE_MBPS;
	reset_operation(port);
}

void port_raise(struct port *port, uint64_t mask)
{
	port->irq_status |= mask;
}

void port_ring_fail(struct port *port, struct port_ring *ring, uint64_t error_mask)
{
	port->error |= error_mask;
	ring->due = PORT_NEVER;
	port_raise(port, PORT_IRQ_STATUS_ERROR_MASK);
}

void port_set_link(struct port *port, bool up)
{
	uint64_t status = FIELD_SET(PORT_STATUS_LINK_UP, port->status, up);

	if (status != port->status)
		port_raise(port, PORT_IRQ_STATUS_LINK_MASK);
	port->status = status;
}

uint64_t port_read(const struct port *port, uint64_t offset)
{
	const struct register_row *row = find_register(offset);
	uint64_t value;

	if (!row)
		return 0;
	memcpy(&value, (const uint8_t *)port + row->place, sizeof(value));
	return value;
}

static uint64_t ring_errors(const struct port *port, const struct port_ring *ring)
{
	if (ring == &port->tx)
		return port->error & (PORT_ERROR_TX_RING_MASK | PORT_ERROR_TX_BUS_MASK);
	return port->error & (PORT_ERROR_RX_RING_MASK | PORT_ERROR_RX_BUS_MASK);
}

static void tx_schedule(struct port *port, uint64_t now)
{
	if (!FIELD_GET(PORT_CONTROL_TX_ENABLE, port->control) || ring_errors(port, &port->tx) ||
	    !port_ring_filled(&port->tx) || port->tx.due != PORT_NEVER || port->tx_waits)
		return;
	port->tx.due = now + PORT_TX_FETCH_CYCLES;
	if (port->tx.due < port->tx.free_at)
		port->tx.due = port->tx.free_at;
}

void port_rx_schedule(struct port *port, uint64_t now)
{
	struct placement placement;
	uint64_t arrival;
	size_t length;

	if (!FIELD_GET(PORT_CONTROL_RX_ENABLE, port->control) || ring_errors(port, &port->rx) ||
	    !port_ring_filled(&port->rx) || port->rx.due != PORT_NEVER || !port_fifo_front(port, &arrival, &length, &placement))
		return;
	port->rx.due = arrival + PORT_RX_PIPE_CYCLES;
	if (port->rx.due < now)
		port->rx.due = now;
	if (port->rx.due < port->rx.free_at)
		port->rx.due = port->rx.free_at;
}

/* A doorbell: the new tail must claim at least what it claimed before and no more than the ring has. */
static void write_tail(struct port *port, struct port_ring *ring, uint64_t value)
{
	uint32_t filled = (uint32_t)value - (uint32_t)ring->head;
	bool sized = ring->log2 >= 1 && ring->log2 <= PORT_RING_LOG2_MAX;

	if (!sized || filled > 1u << ring->log2 || filled < port_ring_filled(ring)) {
		port_ring_fail(port, ring, ring == &port->tx ? PORT_ERROR_TX_RING_MASK : PORT_ERROR_RX_RING_MASK);
		return;
	}
	ring->tail = (uint32_t)value;
}

static void write_size(struct port_ring *ring, uint64_t value)
{
	ring->log2 = FIELD_GET(PORT_TX_SIZE_LOG2, value);
	ring->tail = 0;
	ring->head = 0;
	ring->due = PORT_NEVER;
}

static void write_max_frame(struct port *port, uint64_t value)
{
	uint64_t bytes = FIELD_GET(PORT_MAX_FRAME_BYTES, value);

	if (bytes < PORT_FRAME_MIN)
		bytes = PORT_FRAME_MIN;
	if (bytes > PORT_FRAME_MAX)
		bytes = PORT_FRAME_MAX;
	port->max_frame = bytes;
}

static void write_control(struct port *port, uint64_t value)
{
	if (FIELD_GET(PORT_CONTROL_RESET, value)) {
		reset_operation(port);
		return;
	}
	port->control = value & (PORT_CONTROL_TX_ENABLE_MASK | PORT_CONTROL_RX_ENABLE_MASK | PORT_CONTROL_PROMISCUOUS_MASK);
	if (!FIELD_GET(PORT_CONTROL_TX_ENABLE, value)) {
		port->tx.due = PORT_NEVER;
		port->tx_waits = 0;
	}
	if (!FIELD_GET(PORT_CONTROL_RX_ENABLE, value))
		port->rx.due = PORT_NEVER;
}

/* The job itself is done by whoever has the placement unit (port_crc_job()). */
static void write_crc(struct port *port, uint64_t value)
{
	if (FIELD_GET(PORT_CRC_RESULT_BUSY, port->crc_result))
		return;
	port->crc_start = value;
	port->crc_wanted = 1;
	port->crc_result = PORT_CRC_RESULT_BUSY_MASK;
}

static void write_special(struct port *port, uint64_t offset, uint64_t value)
{
	switch (offset) {
	case PORT_CONTROL: write_control(port, value); break;
	case PORT_MAX_FRAME: write_max_frame(port, value); break;
	case PORT_TX_SIZE: write_size(&port->tx, value); break;
	case PORT_RX_SIZE: write_size(&port->rx, value); break;
	case PORT_CRC_START: write_crc(port, value); break;
	case PORT_TX_TAIL: write_tail(port, &port->tx, value); break;
	default: write_tail(port, &port->rx, value); break;
	}
}

void port_write(struct port *port, uint64_t offset, uint64_t value, uint64_t now)
{
	const struct register_row *row = find_register(offset);
	uint64_t old;

	if (!row || row->access == READ_ONLY)
		return;
	if (row->access == SPECIAL) {
		write_special(port, offset, value);
	} else {
		memcpy(&old, (uint8_t *)port + row->place, sizeof(old));
		value = row->access == CLEAR_ON_ONE ? old & ~value : value & row->writable;
		memcpy((uint8_t *)port + row->place, &value, sizeof(value));
	}
	tx_schedule(port, now);
	port_rx_schedule(port, now);
}

static bool accepted(const struct port *port, const uint8_t *frame)
{
	uint64_t to = 0;

	if (FIELD_GET(PORT_CONTROL_PROMISCUOUS, port->control) || (frame[0] & 1))
		return true;
	for (unsigned i = 0; i < 6; i++)
		to |= (uint64_t)frame[i] << (8 * i);
	return to == port->mac;
}

void port_receive_placed(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle, const struct placement *placement)
{
	if (!FIELD_GET(PORT_CONTROL_RX_ENABLE, port->control) || ring_errors(port, &port->rx))
		port->count_rx_disabled++;
	else if (length < 14 || length > port->max_frame)
		port->count_rx_length++;
	else if (!accepted(port, frame))
		port->count_rx_filtered++;
	else if (!port_fifo_push(port, frame, length, cycle, placement))
		port->count_rx_overflow++;
	else
		port_rx_schedule(port, cycle);
}

void port_receive(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	port_receive_placed(port, frame, length, cycle, NULL);
}

bool port_crc_job(struct port *port, uint64_t *address, uint32_t *length, uint32_t *before)
{
	if (!port->crc_wanted)
		return false;
	port->crc_wanted = 0;
	*address = port->crc_address;
	*length = (uint32_t)FIELD_GET(PORT_CRC_START_LENGTH, port->crc_start);
	*before = (uint32_t)FIELD_GET(PORT_CRC_START_BEFORE, port->crc_start);
	return true;
}

void port_crc_done(struct port *port, uint32_t crc, bool failed)
{
	port->crc_result = FIELD_PREP(PORT_CRC_RESULT_CRC, crc) | FIELD_PREP(PORT_CRC_RESULT_FAILED, failed);
}

void port_resume(struct port *port, uint64_t now)
{
	if (!port->tx_waits)
		return;
	port->tx_waits = 0;
	port->tx.due = port->tx.free_at > now ? port->tx.free_at : now;
}

void port_net_event(struct port *port, uint64_t functions)
{
	port->net_events |= functions;
	port_raise(port, PORT_IRQ_STATUS_NET_MASK);
}

uint64_t port_next_event(const struct port *port)
{
	uint64_t next = port->tx.due < port->rx.due ? port->tx.due : port->rx.due;

	return next < port->rx_irq_due ? next : port->rx_irq_due;
}

void port_advance(struct port *port, const struct port_ops *ops, uint64_t now)
{
	uint64_t next;

	while ((next = port_next_event(port)) <= now) {
		if (port->tx.due == next) {
			port_transmit(port, ops);
		} else if (port->rx.due == next) {
			port_deliver(port, ops);
		} else {
			port->rx_irq_due = PORT_NEVER;
			port->rx_unannounced = 0;
			port_raise(port, PORT_IRQ_STATUS_RX_MASK);
		}
	}
}
