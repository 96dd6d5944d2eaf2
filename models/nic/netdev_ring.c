/* Split rings (VIRTIO 1.1 section 2.6): what both directions do alike. */
#include "models/nic/netdev.h"

enum { RING_HEADER = 4, RING_INDEX = 2, AVAILABLE_BYTES = 2, USED_BYTES = 8, EVENT_BYTES = 2, PACKETS_OF_A_QUESTION = 8 };

/* A driver whose ring makes no sense has broken its own queue; it stands still until a reset, and is told so (section 2.1.2). */
static void break_queue(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];

	function->queue[queue].enabled = false;
	function->queue[queue].asks = false;
	function->engine[queue].step = NETDEV_IDLE;
	function->dma_errors++;
	function->status |= NETDEV_STATUS_NEEDS_RESET;
	if (function->status & NETDEV_STATUS_DRIVER_OK)
		netdev_interrupt(net, f, function->config_vector, 2);
}

/* A poisoned or lost completion of a read of the ring: once more, since reading changes nothing. @return false: it was tried often enough */
static bool read_again(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *e = &net->function[f].engine[queue];

	if (e->retries == NETDEV_RETRIES)
		return false;
	e->retries++;
	netdev_read(e, e->read_address, false, 0, e->read_bytes);
	netdev_read_continue(net, f, queue);
	return true;
}

static void take_index(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[queue];
	struct netdev_queue *q = &function->queue[queue];

	if (e->read_failed && read_again(net, f, queue))
		return;
	e->step = NETDEV_IDLE;
	q->flags = (uint16_t)netdev_le(e->scratch, 2);
	q->available = (uint16_t)netdev_le(e->scratch + 2, 2);
	if (e->read_failed || (uint16_t)(q->available - q->seen) > q->size) {
		break_queue(net, f, queue);
		return;
	}
	e->retries = 0;
}

bool netdev_unarmed(const struct netdev_function *function, unsigned queue)
{
	return netdev_has(function, NETDEV_F_EVENT_IDX) && function->queue[queue].armed != function->queue[queue].available;
}

/* Nothing is left of what the driver has made available. It is asked to kick for the next entry (section 2.6.10); one that it has made
 * meanwhile is seen by the read behind, since that pushes the write. */
static void look_for_more(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[queue];
	struct netdev_queue *q = &function->queue[queue];
	uint8_t event[EVENT_BYTES];

	if (netdev_unarmed(function, queue)) {
		q->armed = q->available;
		netdev_put_le(event, EVENT_BYTES, q->armed);
		netdev_write(net, f, q->device + RING_HEADER + USED_BYTES * (uint64_t)q->size, event, EVENT_BYTES);
	}
	e->kicked = false;
	e->step = NETDEV_READ_INDEX;
	netdev_read(e, q->driver, false, 0, RING_HEADER);
	netdev_read_continue(net, f, queue);
}

static void read_ring(struct netdev_function *function, unsigned queue)
{
	struct netdev_engine *e = &function->engine[queue];
	struct netdev_queue *q = &function->queue[queue];
	uint16_t left = (uint16_t)(q->available - q->seen), place = q->seen % q->size;
	uint16_t count = left < NETDEV_AHEAD ? left : NETDEV_AHEAD;

	if (count > q->size - place)
		count = (uint16_t)(q->size - place);
	e->ring_have = count;
	e->ring_at = count;
	e->step = NETDEV_READ_RING;
	netdev_read(e, q->driver + RING_HEADER + AVAILABLE_BYTES * (uint64_t)place, false, 0, (uint32_t)AVAILABLE_BYTES * count);
}

bool netdev_fetch(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[queue];
	struct netdev_queue *q = &function->queue[queue];

	if (e->step == NETDEV_READ_INDEX && netdev_read_continue(net, f, queue))
		take_index(net, f, queue);
	if (e->step == NETDEV_READ_RING && netdev_read_continue(net, f, queue)) {
		if (e->read_failed) {
			if (!read_again(net, f, queue))
				break_queue(net, f, queue);
			return false;
		}
		e->retries = 0;
		for (unsigned i = 0; i < e->ring_have; i++)
			e->ring[i] = (uint16_t)netdev_le(e->scratch + 2 * i, 2);
		e->ring_at = 0;
		e->step = NETDEV_IDLE;
	}
	if (e->step != NETDEV_IDLE)
		return false;
	if (e->ring_at == e->ring_have && q->seen == q->available && (e->kicked || netdev_unarmed(function, queue))) {
		look_for_more(net, f, queue);
		return false;
	}
	if (e->ring_at == e->ring_have && q->seen != q->available) {
		read_ring(function, queue);
		netdev_read_continue(net, f, queue);
		return false;
	}
	return e->ring_at < e->ring_have;
}

void netdev_use(struct netdev_state *net, unsigned f, unsigned queue, unsigned entry, uint16_t head, uint32_t bytes)
{
	struct netdev_queue *q = &net->function[f].queue[queue];
	uint8_t element[USED_BYTES];

	netdev_put_le(element, 4, head);
	netdev_put_le(element + 4, 4, bytes);
	netdev_write(net, f, q->device + RING_HEADER + USED_BYTES * (uint64_t)((q->used + entry) % q->size), element, sizeof(element));
}

void netdev_publish(struct netdev_state *net, unsigned f, unsigned queue, unsigned entries)
{
	struct netdev_queue *q = &net->function[f].queue[queue];
	uint8_t index[2];

	q->used = (uint16_t)(q->used + entries);
	netdev_put_le(index, 2, q->used);
	netdev_write(net, f, q->device + RING_INDEX, index, sizeof(index));
	/* The flags are a hint that may be old: off may have become on since; on may be taken at its word. An index has no such hint. */
	if ((q->flags & NETDEV_NO_INTERRUPT) || netdev_has(&net->function[f], NETDEV_F_EVENT_IDX))
		q->asks = true;
	else
		netdev_interrupt(net, f, q->vector, 1);
}

static void ask(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[NETDEV_ASK + queue];
	struct netdev_queue *q = &function->queue[queue];
	uint64_t event = RING_HEADER + AVAILABLE_BYTES * (uint64_t)q->size;

	q->asked = q->used;
	e->step = NETDEV_READ_EVENT;
	netdev_read(e, q->driver + (netdev_has(function, NETDEV_F_EVENT_IDX) ? event : 0), false, 0, EVENT_BYTES);
	netdev_read_continue(net, f, NETDEV_ASK + queue);
}

/* Section 2.6.7.2: the index used_event has been passed by what was used since the last decision. One that cannot be read wants everything. */
static bool is_wanted(const struct netdev_function *function, unsigned queue)
{
	const struct netdev_engine *e = &function->engine[NETDEV_ASK + queue];
	const struct netdev_queue *q = &function->queue[queue];
	uint16_t value = (uint16_t)netdev_le(e->scratch, EVENT_BYTES);

	if (e->read_failed)
		return true;
	if (netdev_has(function, NETDEV_F_EVENT_IDX))
		return (uint16_t)(q->asked - value - 1) < (uint16_t)(q->asked - q->decided);
	return !(value & NETDEV_NO_INTERRUPT);
}

void netdev_ask_step(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *e = &net->function[f].engine[NETDEV_ASK + queue];
	struct netdev_queue *q = &net->function[f].queue[queue];

	if (!netdev_out_room(net, PACKETS_OF_A_QUESTION))
		return;
	if (e->step == NETDEV_IDLE) {
		ask(net, f, queue);
		return;
	}
	if (!netdev_read_continue(net, f, NETDEV_ASK + queue) || (e->read_failed && read_again(net, f, NETDEV_ASK + queue)))
		return;
	if (is_wanted(&net->function[f], queue))
		netdev_interrupt(net, f, q->vector, 1);
	e->retries = 0;
	e->step = NETDEV_IDLE;
	q->decided = q->asked;
	q->asks = q->used != q->asked;
}
