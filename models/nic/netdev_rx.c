/* Receive: the oldest frame of a function's FIFO goes into the buffers that the driver has made available. */
#include <string.h>

#include "models/nic/checksum.h"
#include "models/nic/netdev.h"

enum { RECORD_HEADER = 16, PACKETS_OF_A_STEP = 64, DATA_VALID = 2 };

/* Flags of the frame's header that the placement unit adds; csum_start is then where it began to follow. */
enum { FOLLOWED = 0x80, BAD_DATA = 0x40, BAD_HEADER = 0x20 };

/* --- the FIFO: records of a length, what was placed, and the frame, padded to 8 bytes ---------------------------------------------------- */

static void fifo_copy(struct netdev_function *function, uint64_t at, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t place = (size_t)((at + i) % NETDEV_FIFO_BYTES), piece = NETDEV_FIFO_BYTES - place;

		piece = length - i < piece ? length - i : piece;
		memcpy(function->fifo + place, bytes + i, piece);
		i += piece;
	}
}

static void fifo_read(const struct netdev_function *function, uint64_t at, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t place = (size_t)((at + i) % NETDEV_FIFO_BYTES), piece = NETDEV_FIFO_BYTES - place;

		piece = length - i < piece ? length - i : piece;
		memcpy(bytes + i, function->fifo + place, piece);
		i += piece;
	}
}

static uint64_t record_bytes(size_t length)
{
	return RECORD_HEADER + (length + 7) / 8 * 8;
}

size_t netdev_fifo_front(const struct netdev_function *function)
{
	uint8_t header[RECORD_HEADER];

	if (function->fifo_head == function->fifo_tail)
		return 0;
	fifo_read(function, function->fifo_head, header, sizeof(header));
	return (size_t)netdev_le(header, 4);
}

static struct placement fifo_placement(const struct netdev_function *function)
{
	uint8_t header[RECORD_HEADER];

	fifo_read(function, function->fifo_head, header, sizeof(header));
	return (struct placement){.followed = header[7], .from = (uint16_t)netdev_le(header + 4, 2), .bad = header[6],
		.hole_at = (uint16_t)netdev_le(header + 8, 2), .hole_bytes = (uint16_t)netdev_le(header + 10, 2)};
}

void netdev_fifo_read(const struct netdev_function *function, size_t offset, uint8_t *bytes, size_t length)
{
	fifo_read(function, function->fifo_head + RECORD_HEADER + offset, bytes, length);
}

void netdev_fifo_pop(struct netdev_function *function)
{
	function->fifo_head += record_bytes(netdev_fifo_front(function));
}

void netdev_deliver(struct netdev_state *net, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement)
{
	struct netdev_function *function = &net->function[f];
	uint8_t header[RECORD_HEADER] = {0};
	uint64_t room;

	if (!netdev_wants(function, frame, length)) {
		function->rx_filtered++;
		return;
	}
	/* What is sent to everybody has a part of the FIFO only, so that a storm leaves room for the driver's own frames. */
	room = frame[0] & 1 ? NETDEV_FLOOD_BYTES : NETDEV_FIFO_BYTES;
	if (!netdev_runs(function, NETDEV_RX) || length == 0 || function->fifo_tail - function->fifo_head + record_bytes(length) > room) {
		function->rx_dropped++;
		return;
	}
	netdev_put_le(header, 4, length);
	if (placement) {
		netdev_put_le(header + 4, 2, placement->from);
		header[6] = placement->bad;
		header[7] = placement->followed;
		netdev_put_le(header + 8, 2, placement->hole_at);
		netdev_put_le(header + 10, 2, placement->hole_bytes);
	}
	fifo_copy(function, function->fifo_tail, header, sizeof(header));
	fifo_copy(function, function->fifo_tail + RECORD_HEADER, frame, length);
	function->fifo_tail += record_bytes(length);
	net->active = true;
}

/* --- into buffers ------------------------------------------------------------------------------------------------------ */


static void chain_done(struct netdev_function *function)
{
	struct netdev_engine *e = &function->engine[NETDEV_RX];

	e->used[e->buffers].head = e->head;
	e->used[e->buffers].bytes = e->buffer_bytes;
	e->buffers++;
	e->ring_at++;
	function->queue[NETDEV_RX].seen++;
	e->step = NETDEV_IDLE;
}

static void give_back(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_RX];

	for (unsigned i = 0; i < e->buffers; i++)
		netdev_use(net, f, NETDEV_RX, i, e->used[i].head, e->used[i].bytes);
	if (e->buffers > 0)
		netdev_publish(net, f, NETDEV_RX, e->buffers);
	e->buffers = 0;
	e->written = 0;
	e->step = NETDEV_IDLE;
	netdev_fifo_pop(&net->function[f]);
}

/* The frame does not fit into what the driver has given: it is lost; buffers that were taken go back empty. */
static void drop(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_RX];

	net->function[f].rx_dropped++;
	for (unsigned i = 0; i < e->buffers; i++)
		e->used[i].bytes = 0;
	give_back(net, f);
}

static void finish(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_RX];
	uint8_t header[NETDEV_HEADER_BYTES] = {0}, frame[NETDEV_FRAME_MAX];
	struct placement placement = fifo_placement(function);
	size_t length = netdev_fifo_front(function);

	netdev_fifo_read(function, 0, frame, length);
	if (netdev_has(function, NETDEV_F_GUEST_CSUM)) {
		struct checksum_report report = checksum_check(frame, length);

		header[0] = report.is_l4 && report.l4_ok && report.ip_ok ? DATA_VALID : 0;
	}
	if (placement.followed) {
		header[0] |= (uint8_t)(FOLLOWED | (placement.bad & 1 ? BAD_DATA : 0) | (placement.bad & 2 ? BAD_HEADER : 0));
		netdev_put_le(header + 6, 2, placement.from);
	}
	netdev_put_le(header + 10, 2, e->buffers);
	netdev_write(net, f, e->header_address, header, sizeof(header));
	function->rx_frames++;
	function->rx_bytes += length;
	give_back(net, f);
}

/* What has been placed already stays out. */
static void write_piece(struct netdev_state *net, unsigned f, uint64_t address, uint32_t from, uint32_t bytes)
{
	struct netdev_function *function = &net->function[f];
	struct placement placement = fifo_placement(function);
	uint32_t end = from + bytes, hole = placement.hole_at, hole_end = hole + placement.hole_bytes;
	uint8_t piece[NETDEV_FRAME_MAX];

	netdev_fifo_read(function, from, piece, bytes);
	if (hole >= end || hole_end <= from || hole == hole_end) {
		netdev_write(net, f, address, piece, bytes);
		return;
	}
	if (hole > from)
		netdev_write(net, f, address, piece, hole - from);
	if (hole_end < end)
		netdev_write(net, f, address + (hole_end - from), piece + (hole_end - from), end - hole_end);
}

/* As much of header and frame as the buffer holds. @return false if it cannot begin like that. */
static bool place(struct netdev_state *net, unsigned f, uint64_t address, uint32_t room)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_RX];
	uint32_t total = NETDEV_HEADER_BYTES + (uint32_t)netdev_fifo_front(function), bytes;

	if (e->written == 0) {
		if (room < NETDEV_HEADER_BYTES)
			return false;
		e->header_address = address;
		e->written = e->buffer_bytes = NETDEV_HEADER_BYTES;
		address += NETDEV_HEADER_BYTES;
		room -= NETDEV_HEADER_BYTES;
	}
	bytes = total - e->written < room ? total - e->written : room;
	write_piece(net, f, address, e->written - NETDEV_HEADER_BYTES, bytes);
	e->written += bytes;
	e->buffer_bytes += bytes;
	return true;
}

static void take_descriptor(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_RX];
	enum netdev_chain chain = netdev_chain_take(net, f, NETDEV_RX);

	if (chain == NETDEV_CHAIN_WAITS)
		return;
	if (chain == NETDEV_CHAIN_BAD || !(e->link_flags & NETDEV_DESC_WRITE) || !place(net, f, e->link_address, e->link_bytes)) {
		e->buffer_bytes = 0;
		chain_done(function);
		drop(net, f);
		return;
	}
	if (e->written == NETDEV_HEADER_BYTES + netdev_fifo_front(function)) {
		chain_done(function);
		finish(net, f);
	} else if (!(e->link_flags & NETDEV_DESC_NEXT) || !netdev_chain_next(net, f, NETDEV_RX)) {
		chain_done(function);
		if (!netdev_has(function, NETDEV_F_MRG_RXBUF) || e->buffers == NETDEV_BUFFERS_MAX - 1)
			drop(net, f);
	}
}

void netdev_rx_step(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_RX];

	if (!netdev_out_room(net, PACKETS_OF_A_STEP))
		return;
	if (e->step == NETDEV_READ_DESCRIPTOR) {
		take_descriptor(net, f);
		return;
	}
	if (!netdev_fetch(net, f, NETDEV_RX) || netdev_fifo_front(&net->function[f]) == 0)
		return;
	e->buffer_bytes = 0;
	if (!netdev_chain_begin(net, f, NETDEV_RX)) {
		chain_done(&net->function[f]);
		drop(net, f);
	}
}
