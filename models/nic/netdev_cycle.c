/* Whose turn it is: in a cycle each engine that can moves on by one step. */
#include "models/nic/netdev.h"

enum { PACKETS_OF_A_MESSAGE = 8 };

static bool waits_for_packet(const struct netdev_engine *e)
{
	return e->read_done < e->read_bytes && e->read_issued == e->read_bytes;
}

static bool may_move(const struct netdev_function *function, unsigned queue)
{
	const struct netdev_engine *e = &function->engine[queue];
	const struct netdev_queue *q = &function->queue[queue];

	if (!netdev_runs(function, queue) || waits_for_packet(e))
		return false;
	if (e->step != NETDEV_IDLE)
		return true;
	if (e->ring_at == e->ring_have && q->seen == q->available)
		return e->kicked || netdev_unarmed(function, queue);
	return queue != NETDEV_RX || netdev_fifo_front(function) > 0;
}

static bool may_ask(const struct netdev_function *function, unsigned queue)
{
	return function->queue[queue].asks && netdev_runs(function, queue) && !waits_for_packet(&function->engine[NETDEV_ASK + queue]);
}

static bool may_tell(const struct netdev_function *function)
{
	return function->config_changed && (function->status & NETDEV_STATUS_DRIVER_OK) && (function->command & NETDEV_COMMAND_MASTER);
}

/* A change of the configuration that came before the driver was ready is what it reads then. */
static void tell(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];

	if (!netdev_out_room(net, PACKETS_OF_A_MESSAGE))
		return;
	function->config_changed = false;
	netdev_interrupt(net, f, function->config_vector, 2);
}

static void step(struct netdev_state *net, unsigned f, unsigned queue, const struct netdev_ops *ops)
{
	if (queue == NETDEV_TX)
		netdev_tx_step(net, f, ops);
	else if (queue == NETDEV_RX)
		netdev_rx_step(net, f);
	else
		netdev_control_step(net, f);
}

static bool function_cycle(struct netdev_state *net, unsigned f, const struct netdev_ops *ops)
{
	static const uint8_t order[NETDEV_QUEUES] = {NETDEV_TX, NETDEV_RX, NETDEV_CONTROL};
	const struct netdev_function *function = &net->function[f];
	bool active = false;

	if (may_tell(function))
		tell(net, f);
	for (unsigned i = 0; i < NETDEV_QUEUES; i++) {
		if (may_move(function, order[i]))
			step(net, f, order[i], ops);
		if (may_ask(function, order[i]))
			netdev_ask_step(net, f, order[i]);
		active |= may_move(function, order[i]) || may_ask(function, order[i]);
	}
	return active || may_tell(function);
}

void netdev_cycle(struct netdev_state *net, const struct netdev_ops *ops)
{
	net->active = false;
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++)
		net->active |= net->function[f].present && function_cycle(net, f, ops);
}
