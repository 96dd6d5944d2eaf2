/* Descriptor rings and the receive FIFO's storage. */
#include <string.h>

#include "models/nic/port_internal.h"

static uint64_t load_le64(const uint8_t *p)
{
	uint64_t value = 0;

	for (unsigned i = 8; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

static void store_le64(uint8_t *p, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

int port_ring_read(const struct port_ring *ring, const struct port_ops *ops, uint64_t count, uint64_t word[2])
{
	uint8_t bytes[16];
	int status = ops->read(ops->ctx, port_ring_slot(ring, count), bytes, sizeof(bytes));

	if (status < 0)
		return status;
	word[0] = load_le64(bytes);
	word[1] = load_le64(bytes + 8);
	return 0;
}

int port_ring_done(struct port_ring *ring, const struct port_ops *ops, uint32_t descriptors)
{
	uint8_t bytes[8];

	ring->head = (uint32_t)(ring->head + descriptors);
	if (!ring->head_address)
		return 0;
	store_le64(bytes, ring->head);
	return ops->write(ops->ctx, ring->head_address, bytes, sizeof(bytes));
}

/* A record: 8 bytes arrival cycle, 8 bytes length and placement, the frame, all modulo the FIFO's size. Heads and tails are free-running. */
enum { RECORD_HEADER = 16 };

static void fifo_copy_in(struct port *port, uint64_t at, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t place = (size_t)((at + i) % PORT_RX_FIFO_BYTES);
		size_t piece = length - i < PORT_RX_FIFO_BYTES - place ? length - i : PORT_RX_FIFO_BYTES - place;

		memcpy(port->fifo + place, bytes + i, piece);
		i += piece;
	}
}

static void fifo_copy_out(const struct port *port, uint64_t at, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t place = (size_t)((at + i) % PORT_RX_FIFO_BYTES);
		size_t piece = length - i < PORT_RX_FIFO_BYTES - place ? length - i : PORT_RX_FIFO_BYTES - place;

		memcpy(bytes + i, port->fifo + place, piece);
		i += piece;
	}
}

bool port_fifo_push(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle, const struct placement *placement)
{
	uint8_t header[RECORD_HEADER];
	uint64_t placed = placement ? placement->from | (uint64_t)placement->bad << 16 | (uint64_t)placement->followed << 24 : 0;

	if (port->fifo_tail - port->fifo_head + RECORD_HEADER + length > PORT_RX_FIFO_BYTES)
		return false;
	store_le64(header, cycle);
	store_le64(header + 8, length | placed << 32);
	fifo_copy_in(port, port->fifo_tail, header, sizeof(header));
	fifo_copy_in(port, port->fifo_tail + RECORD_HEADER, frame, length);
	port->fifo_tail += RECORD_HEADER + length;
	return true;
}

bool port_fifo_front(const struct port *port, uint64_t *cycle, size_t *length, struct placement *placement)
{
	uint64_t word;
	uint8_t header[RECORD_HEADER];

	if (port->fifo_head == port->fifo_tail)
		return false;
	fifo_copy_out(port, port->fifo_head, header, sizeof(header));
	*cycle = load_le64(header);
	word = load_le64(header + 8);
	*length = (size_t)(word & 0xffffffff);
	*placement = (struct placement){.followed = word >> 56 & 1, .from = (uint16_t)(word >> 32), .bad = (uint8_t)(word >> 48)};
	return true;
}

void port_fifo_pop(struct port *port, uint8_t *frame)
{
	struct placement placement;
	uint64_t cycle;
	size_t length;

	if (!port_fifo_front(port, &cycle, &length, &placement))
		return;
	fifo_copy_out(port, port->fifo_head + RECORD_HEADER, frame, length);
	port->fifo_head += RECORD_HEADER + length;
}
