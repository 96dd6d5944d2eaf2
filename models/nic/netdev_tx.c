/* Transmit: a chain of buffers is gathered, then leaves as one frame or, segmented, as many; checksums as the driver asks. */
#include <string.h>

#include "models/nic/checksum.h"
#include "models/nic/netdev.h"

enum {
	HEADER_NEEDS_CSUM = 1,
	GSO_TCPV4 = 1,
	GSO_LEAST = 64, /* smaller segments are no honest driver's */
	PACKETS_OF_A_STEP = 24,
	TYPE_VLAN = 0x8100,
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be(uint8_t *p, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}


/* The chain at hand is over, sent or not. */
static void chain_over(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_TX];

	netdev_use(net, f, NETDEV_TX, e->buffers++, e->head, 0);
	function->queue[NETDEV_TX].seen++;
	e->ring_at++;
	e->step = NETDEV_IDLE;
	if (e->ring_at == e->ring_have) {
		netdev_publish(net, f, NETDEV_TX, e->buffers);
		e->buffers = 0;
	}
}

static void bad_chain(struct netdev_state *net, unsigned f)
{
	net->function[f].tx_errors++;
	chain_over(net, f);
}

static void take_descriptor(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_TX];
	enum netdev_chain chain = netdev_chain_take(net, f, NETDEV_TX);

	if (chain == NETDEV_CHAIN_WAITS)
		return;
	if (chain == NETDEV_CHAIN_BAD || (e->link_flags & NETDEV_DESC_WRITE) || e->link_bytes > NETDEV_GATHER_MAX - e->gathered) {
		bad_chain(net, f);
		return;
	}
	e->step = NETDEV_READ_DATA;
	netdev_read(e, e->link_address, true, e->gathered, e->link_bytes);
	netdev_read_continue(net, f, NETDEV_TX);
}

static void take_data(struct netdev_state *net, unsigned f)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_TX];

	if (e->read_failed) {
		bad_chain(net, f);
		return;
	}
	e->gathered += e->link_bytes;
	if (!(e->link_flags & NETDEV_DESC_NEXT)) {
		e->step = NETDEV_SEGMENT;
		e->frame_at = 0;
	} else if (!netdev_chain_next(net, f, NETDEV_TX)) {
		bad_chain(net, f);
	}
}

/* The driver has put the pseudo header's sum into the field already (section 5.1.6.2). */
static bool finish_checksum(uint8_t *frame, uint32_t length, uint32_t start, uint32_t offset)
{
	uint16_t sum;

	if (start + offset + 2 > length)
		return false;
	sum = checksum_finish(checksum_add(0, frame + start, length - start));
	if (sum == 0)
		sum = 0xffff; /* the same number, and no sum at all for UDP */
	put_be(frame + start + offset, 2, sum);
	return true;
}

/* Offset of the TCP payload of an IPv4 frame, 0 if it is none. */
static uint32_t tcp_payload(const uint8_t *frame, uint32_t length, uint32_t *ip, uint32_t *tcp)
{
	uint32_t at = length >= 18 && be16(frame + 12) == TYPE_VLAN ? 18 : 14, end;

	if (length < at + 40 || be16(frame + at - 2) != 0x0800 || frame[at] >> 4 != 4 || (frame[at] & 0xf) < 5 || frame[at + 9] != 6)
		return 0;
	*ip = at;
	*tcp = at + (frame[at] & 0xfu) * 4;
	if (length < *tcp + 20)
		return 0;
	end = *tcp + (frame[*tcp + 12] >> 4) * 4u;
	return frame[*tcp + 12] >> 4 >= 5 && end <= length ? end : 0;
}

static void count_frame(struct netdev_function *function, size_t length)
{
	function->tx_frames++;
	function->tx_bytes += length;
}

/* The next segment. @return whether there is one more. */
static bool send_segment(struct netdev_function *function, unsigned f, const struct netdev_ops *ops, uint8_t *frame, uint32_t length,
	uint32_t headers, uint32_t ip, uint32_t tcp, uint32_t size)
{
	struct netdev_engine *e = &function->engine[NETDEV_TX];
	uint8_t segment[NETDEV_FRAME_MAX];
	uint32_t left = length - headers - e->frame_at, bytes = left < size ? left : size;
	bool last = bytes == left;

	memcpy(segment, frame, headers);
	memcpy(segment + headers, frame + headers + e->frame_at, bytes);
	put_be(segment + ip + 2, 2, headers - ip + bytes);
	put_be(segment + ip + 4, 2, be16(frame + ip + 4) + e->frame_at / size);
	put_be(segment + tcp + 4, 4, ((uint32_t)be16(frame + tcp + 4) << 16 | be16(frame + tcp + 6)) + e->frame_at);
	if (!last)
		segment[tcp + 13] &= (uint8_t)~(TCP_FIN | TCP_PSH);
	checksum_insert(segment, headers + bytes, true, true);
	ops->send(ops->ctx, f, segment, headers + bytes);
	count_frame(function, headers + bytes);
	function->tx_segments++;
	e->frame_at += bytes;
	return !last;
}

static bool send_large(struct netdev_state *net, unsigned f, const struct netdev_ops *ops, uint8_t *frame, uint32_t length)
{
	struct netdev_function *function = &net->function[f];
	uint32_t size = (uint32_t)netdev_le(function->gather + 4, 2), ip = 0, tcp = 0;
	uint32_t headers = tcp_payload(frame, length, &ip, &tcp);

	if (!netdev_has(function, NETDEV_F_HOST_TSO4) || size < GSO_LEAST || headers == 0 || headers == length ||
	    headers + size > NETDEV_FRAME_MAX) {
		bad_chain(net, f);
		return true;
	}
	while (ops->room(ops->ctx, f))
		if (!send_segment(function, f, ops, frame, length, headers, ip, tcp, size))
			return false;
	return true; /* the rest when there is room */
}

/* @return true while the chain is not over. */
static bool send_frame(struct netdev_state *net, unsigned f, const struct netdev_ops *ops)
{
	struct netdev_function *function = &net->function[f];
	uint8_t *frame = function->gather + NETDEV_HEADER_BYTES;
	uint32_t length = function->engine[NETDEV_TX].gathered - NETDEV_HEADER_BYTES;

	if (function->gather[1] == GSO_TCPV4)
		return send_large(net, f, ops, frame, length);
	if (function->gather[1] != 0 || length > NETDEV_FRAME_MAX ||
	    ((function->gather[0] & HEADER_NEEDS_CSUM) && (!netdev_has(function, NETDEV_F_CSUM) ||
	     !finish_checksum(frame, length, (uint32_t)netdev_le(function->gather + 6, 2), (uint32_t)netdev_le(function->gather + 8, 2))))) {
		bad_chain(net, f);
		return true;
	}
	ops->send(ops->ctx, f, frame, length);
	count_frame(function, length);
	return false;
}

void netdev_tx_step(struct netdev_state *net, unsigned f, const struct netdev_ops *ops)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_TX];

	if (!netdev_out_room(net, PACKETS_OF_A_STEP))
		return;
	if (e->step == NETDEV_READ_DESCRIPTOR) {
		take_descriptor(net, f);
	} else if (e->step == NETDEV_READ_DATA) {
		if (netdev_read_continue(net, f, NETDEV_TX))
			take_data(net, f);
	} else if (e->step == NETDEV_SEGMENT) {
		if (e->gathered < NETDEV_HEADER_BYTES + 14)
			bad_chain(net, f);
		else if (ops->room(ops->ctx, f) && !send_frame(net, f, ops))
			chain_over(net, f);
	} else if (netdev_fetch(net, f, NETDEV_TX) && !netdev_chain_begin(net, f, NETDEV_TX)) {
		bad_chain(net, f);
	}
}
