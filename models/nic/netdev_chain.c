/* Chains of descriptors (VIRTIO 1.1 sections 2.6.5 and 2.6.5.3): what every queue does alike.
 *
 * Descriptors are read NETDEV_WINDOW at a time, as far as their table goes: those of a chain mostly follow each other. Of an earlier chain
 * nothing is kept, since its driver may have written them anew. */
#include "models/nic/netdev.h"

static void go_to(struct netdev_state *net, unsigned f, unsigned queue, uint32_t index)
{
	struct netdev_engine *e = &net->function[f].engine[queue];
	const struct netdev_queue *q = &net->function[f].queue[queue];
	uint32_t entries = e->indirect ? e->table_entries : q->size, left = entries - index;

	e->descriptor = (uint16_t)index;
	e->step = NETDEV_READ_DESCRIPTOR;
	if (index - e->window_at < e->window_have)
		return;
	e->window_at = index;
	e->window_have = left < NETDEV_WINDOW ? left : NETDEV_WINDOW;
	netdev_read(e, (e->indirect ? e->table : q->descriptors) + NETDEV_DESC_BYTES * (uint64_t)index, false, 0, NETDEV_DESC_BYTES * e->window_have);
	netdev_read_continue(net, f, queue);
}

bool netdev_chain_begin(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *e = &net->function[f].engine[queue];

	e->head = e->ring[e->ring_at];
	e->links = 0;
	e->gathered = 0;
	e->indirect = false;
	e->window_have = 0;
	if (e->head >= net->function[f].queue[queue].size)
		return false;
	go_to(net, f, queue, e->head);
	return true;
}

/* A table ends its chain and has none in it; its length is that of whole descriptors (section 2.6.5.3.1). WRITE says nothing of a table. */
static bool enter_table(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *e = &net->function[f].engine[queue];

	if (!netdev_has(&net->function[f], NETDEV_F_INDIRECT) || e->indirect || (e->link_flags & NETDEV_DESC_NEXT) || e->link_bytes == 0 ||
	    e->link_bytes % NETDEV_DESC_BYTES != 0)
		return false;
	e->indirect = true;
	e->table = e->link_address;
	e->table_entries = e->link_bytes / NETDEV_DESC_BYTES;
	e->window_have = 0;
	go_to(net, f, queue, 0);
	return true;
}

enum netdev_chain netdev_chain_take(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_function *function = &net->function[f];
	struct netdev_engine *e = &function->engine[queue];
	const uint8_t *descriptor = e->scratch + NETDEV_DESC_BYTES * (e->descriptor - e->window_at);

	if (!netdev_read_continue(net, f, queue))
		return NETDEV_CHAIN_WAITS;
	/* No chain is longer than a queue may be, with a table or without: so it has an end (section 2.6.5.3.1). */
	if (e->read_failed || ++e->links > (e->indirect ? NETDEV_QUEUE_MAX : function->queue[queue].size))
		return NETDEV_CHAIN_BAD;
	e->link_address = netdev_le(descriptor, 8);
	e->link_bytes = (uint32_t)netdev_le(descriptor + 8, 4);
	e->link_flags = (uint16_t)netdev_le(descriptor + 12, 2);
	e->link_next = (uint16_t)netdev_le(descriptor + 14, 2);
	if (e->link_flags & NETDEV_DESC_INDIRECT)
		return enter_table(net, f, queue) ? NETDEV_CHAIN_WAITS : NETDEV_CHAIN_BAD;
	return NETDEV_CHAIN_LINK;
}

bool netdev_chain_next(struct netdev_state *net, unsigned f, unsigned queue)
{
	struct netdev_engine *e = &net->function[f].engine[queue];

	if (e->link_next >= (e->indirect ? e->table_entries : net->function[f].queue[queue].size))
		return false;
	go_to(net, f, queue, e->link_next);
	return true;
}
