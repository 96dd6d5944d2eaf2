/* Interrupts and resets of the functions. */
#include <string.h>

#include "models/nic/netdev.h"

/* --- interrupts ------------------------------------------------------------------------------------------------------- */

static void send_message(struct netdev_state *net, unsigned f, unsigned code)
{
	struct tlp *tlp = netdev_push(net);

	memset(tlp, 0, sizeof(*tlp));
	tlp->beat[0] = tlp_header_low(TLP_MSG, 0, (NETDEV_FIRST_RID + f) << 16 | code);
	tlp->beats = TLP_HEADER_BEATS;
}

void netdev_update_intx(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];
	bool wanted = function->isr && !(function->msix_control & NETDEV_MSIX_ENABLE) && !(function->command & NETDEV_COMMAND_INTX_OFF);

	if (wanted == function->intx)
		return;
	function->intx = wanted;
	send_message(net, f, wanted ? TLP_ASSERT_INTX : TLP_DEASSERT_INTX);
}

static void send_vector(struct netdev_state *net, unsigned f, unsigned v)
{
	struct netdev_function *function = &net->function[f];
	uint8_t data[4];

	function->pending &= (uint8_t)~(1u << v);
	netdev_put_le(data, 4, function->vector[v].data);
	netdev_write(net, f, function->vector[v].address & ~3ull, data, sizeof(data));
}

void netdev_unmask(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];

	for (unsigned v = 0; v < NETDEV_VECTORS; v++)
		if ((function->pending >> v & 1) && (function->msix_control & (NETDEV_MSIX_ENABLE | NETDEV_MSIX_MASK_ALL)) == NETDEV_MSIX_ENABLE &&
		    !(function->vector[v].control & NETDEV_VECTOR_MASKED))
			send_vector(net, f, v);
}

void netdev_interrupt(struct netdev_state *net, unsigned f, uint16_t vector, uint8_t isr)
{
	struct netdev_function *function = &net->function[f];

	function->interrupts++;
	if (function->msix_control & NETDEV_MSIX_ENABLE) {
		if (vector >= NETDEV_VECTORS)
			return;
		function->pending |= (uint8_t)(1u << vector);
		netdev_unmask(net, f);
		return;
	}
	function->isr |= isr;
	netdev_update_intx(net, f);
}

/* --- resets ----------------------------------------------------------------------------------------------------------- */

void netdev_reset_device(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];

	netdev_place_reset(net, f);
	netdev_forget_tags(net, f);
	function->device_select = function->driver_select = 0;
	function->driver_features = 0;
	function->config_vector = NETDEV_NO_VECTOR;
	function->queue_select = 0;
	function->status = function->isr = 0;
	memset(function->queue, 0, sizeof(function->queue));
	memset(function->engine, 0, sizeof(function->engine));
	for (unsigned q = 0; q < NETDEV_QUEUES; q++) {
		function->queue[q].size = NETDEV_QUEUE_MAX;
		function->queue[q].vector = NETDEV_NO_VECTOR;
	}
	function->fifo_head = function->fifo_tail;
	function->config_changed = false;
	memset(&function->filter, 0, sizeof(function->filter));
	netdev_update_intx(net, f);
	net->reset_events |= 1u << f;
}

void netdev_reset_function(struct netdev_state *net, unsigned f)
{
	struct netdev_function *function = &net->function[f];

	netdev_reset_device(net, f);
	function->command = 0;
	function->bar = 0;
	function->msix_control = NETDEV_VECTORS - 1;
	function->pending = 0;
	for (unsigned v = 0; v < NETDEV_VECTORS; v++)
		function->vector[v] = (struct netdev_vector){.control = NETDEV_VECTOR_MASKED};
}

void netdev_reset(struct netdev_state *net)
{
	memset(net, 0, sizeof(*net));
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++)
		netdev_reset_function(net, f);
	net->reset_events = 0;
	net->out_count = 0;
	net->link_up = true;
	net->first_deadline = UINT64_MAX;
}

void netdev_set_present(struct netdev_state *net, uint32_t mask)
{
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++) {
		if (net->function[f].present && !(mask >> f & 1))
			netdev_reset_function(net, f);
		net->function[f].present = mask >> f & 1;
	}
}

