/* What is connected to the ports of the flow classifier: the exchange of frames, register accesses of the processor; and the network
 * functions with their packets for the link. */
#include "models/board/memory_map.h"
#include "models/nic/nic_internal.h"

bool nic_flow_is_active(const struct nic *nic)
{
	const struct nic_state *s = &nic->state;

	return !s->flow_out.idle || exchange_busy(&s->exchange) || s->net.active || s->net.out_count || s->net.reset_events ||
	       (s->access_waiting && s->access_flow) || s->flow_next.reg_valid || s->flow_next.rx_valid || s->flow_next.tx_valid ||
	       s->flow_next.want_valid;
}

static void to_firmware(void *ctx, const uint8_t *frame, size_t length)
{
	struct nic *nic = ctx;

	port_receive(&nic->state.port, frame, length, nic->state.cycle);
}

static void to_function(void *ctx, unsigned f, const uint8_t *frame, size_t length)
{
	struct nic *nic = ctx;

	netdev_deliver(&nic->state.net, f, frame, length);
}

static void to_line(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct nic *nic = ctx;

	nic->ops.frame(nic->ops.ctx, frame, length, cycle);
}

static void queue_has_room(void *ctx, unsigned q)
{
	struct nic *nic = ctx;

	if (q == EXCHANGE_FIRMWARE)
		port_resume(&nic->state.port, nic->state.cycle);
	else
		nic->state.net.active = true;
}

static bool function_room(void *ctx, unsigned f)
{
	const struct nic *nic = ctx;

	return exchange_room(&nic->state.exchange, 1 + f);
}

static void function_send(void *ctx, unsigned f, const uint8_t *frame, size_t length)
{
	struct nic *nic = ctx;

	exchange_send(&nic->state.exchange, 1 + f, frame, length, nic->state.cycle);
}

static void register_ports(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	bool mine = s->access_waiting && s->access_flow, offer;

	if (s->flow_in.reg_valid && s->flow_out.reg_ready)
		s->access_taken = true;
	if (s->flow_out.reg_rsp_valid && s->flow_in.reg_rsp_ready && mine) {
		s->access_waiting = false;
		mine = false;
		hart_complete_access(nic->core, HART_BUS_OK, s->flow_out.reg_rsp_data);
	}
	offer = mine && !s->access_taken;
	s->flow_next.reg_valid = offer;
	s->flow_next.reg_write = offer && s->access_store;
	s->flow_next.reg_addr = offer ? (uint16_t)(s->access_offset & 0xfff) : 0;
	s->flow_next.reg_data = offer ? s->access_data : 0;
	s->flow_next.reg_rsp_ready = 1;
}

/* The functions' packets take turns with the SEE's, between two of those; each needs a credit and the link for its beats. */
static void send_packets(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct tlp *tlp = netdev_front(&s->net);
	bool between = s->collect.tlp.beats == 0;

	if (!tlp || !between || s->credits == 0 || s->cycle < s->link_free)
		return;
	if (s->see_in.pcie_tx_ready && s->see_out.pcie_tx_valid)
		return; /* a packet of the SEE begins in this cycle */
	nic->ops.link.send(nic->ops.link.ctx, tlp, s->cycle);
	s->credits--;
	s->link_free = s->cycle + tlp->beats;
	s->net_turn = false;
	s->see_next.pcie_tx_ready = 0;
	netdev_pop(&s->net);
}

static void tell_resets(struct nic *nic)
{
	struct nic_state *s = &nic->state;

	if (!s->net.reset_events)
		return;
	port_net_event(&s->port, s->net.reset_events);
	s->net.reset_events = 0;
	plic_set_level(&s->plic, NIC_IRQ_PORT, port_irq(&s->port));
	s->lines_dirty = true;
}

void nic_flow_cycle(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct exchange_ops exchange = {nic, to_firmware, to_function, to_line, queue_has_room};
	const struct netdev_ops functions = {nic, function_room, function_send};

	if (s->net.active)
		netdev_cycle(&s->net, &functions);
	exchange_cycle(&s->exchange, &exchange, &s->flow_in, &s->flow_out, &s->flow_next, s->cycle);
	register_ports(nic);
	send_packets(nic);
	tell_resets(nic);
}
