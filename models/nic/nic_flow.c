/* What is connected to the ports of the flow classifier: the exchange of frames, register accesses of the processor; and the network
 * functions with their packets for the link. */
#include "models/board/memory_map.h"
#include "models/nic/nic_internal.h"

#include <string.h>

bool nic_flow_is_active(const struct nic *nic)
{
	const struct nic_state *s = &nic->state;

	return !s->flow_out.idle || exchange_busy(&s->exchange) || s->net.active || s->net.out_count || s->net.place_count || s->net.jobs_wanted || s->net.reset_events ||
	       (s->access_waiting && s->access_flow) || s->flow_next.reg_valid || s->flow_next.rx_valid || s->flow_next.tx_valid ||
	       s->flow_next.want_valid || s->port.crc_wanted || s->cycle >= s->net.first_deadline;
}

static void to_firmware(void *ctx, unsigned path, const uint8_t *frame, size_t length, const struct placement *placement)
{
	struct nic *nic = ctx;

	if (port_admits(&nic->state.port, path, nic->state.cycle))
		port_receive_placed(&nic->state.port, frame, length, nic->state.cycle, placement);
}

static void to_function(void *ctx, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement)
{
	struct nic *nic = ctx;

	netdev_deliver(&nic->state.net, f, frame, length, placement);
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

static bool place_room(void *ctx, unsigned owner, size_t length)
{
	const struct nic *nic = ctx;

	(void)length;
	return owner == EXCHANGE_FIRMWARE || netdev_place_room(&nic->state.net);
}

/* A buffer that is not all NIC memory gets nothing: its owner has said so. */
static void place(void *ctx, unsigned owner, uint64_t address, const uint8_t *bytes, size_t length)
{
	struct nic *nic = ctx;

	if (owner == EXCHANGE_FIRMWARE)
		nic_memory_write(nic, address, bytes, length);
	else
		netdev_place(&nic->state.net, owner - 1, address, bytes, length);
}

static int job_bytes(void *ctx, unsigned owner, uint64_t address, uint8_t *bytes, size_t length)
{
	struct nic *nic = ctx;
	const void *from;

	if (owner != EXCHANGE_FIRMWARE)
		return netdev_job_bytes(&nic->state.net, owner - 1, address, bytes, length);
	from = nic_memory(nic, address, length);
	if (!from)
		return -1;
	memcpy(bytes, from, length);
	return 1;
}

static void job_done(void *ctx, unsigned owner, uint32_t crc, bool failed)
{
	struct nic *nic = ctx;

	if (owner == EXCHANGE_FIRMWARE)
		port_crc_done(&nic->state.port, crc, failed);
	else
		netdev_job_done(&nic->state.net, owner - 1, crc, failed);
}

static void begin_jobs(struct nic_state *s)
{
	unsigned f;
	uint64_t address;
	uint32_t length, before;

	if (port_crc_job(&s->port, &address, &length, &before))
		placer_job(&s->exchange.placer, EXCHANGE_FIRMWARE, address, length, before);
	while (netdev_job(&s->net, &f, &address, &length))
		placer_job(&s->exchange.placer, 1 + f, address, length, 0);
}

/* Register accesses: the processor's, and what drivers of functions have asked the placement unit for. One at a time, the processor's first. */
static void register_ports(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct netdev_place_write *theirs = netdev_place_front(&s->net);
	bool offer;

	if (s->flow_in.reg_valid && s->flow_out.reg_ready)
		s->flow_taken = true;
	if (s->flow_user != FLOW_NOBODY && s->flow_out.reg_rsp_valid && s->flow_in.reg_rsp_ready) {
		if (s->flow_user == FLOW_PROCESSOR) {
			s->access_waiting = false;
			hart_complete_access(nic->core, HART_BUS_OK, s->flow_out.reg_rsp_data);
		} else {
			netdev_place_pop(&s->net);
			theirs = netdev_place_front(&s->net);
		}
		s->flow_user = FLOW_NOBODY;
		s->flow_taken = false;
	}
	if (s->flow_user == FLOW_NOBODY)
		s->flow_user = s->access_waiting && s->access_flow ? FLOW_PROCESSOR : theirs ? FLOW_DRIVER : FLOW_NOBODY;
	offer = s->flow_user != FLOW_NOBODY && !s->flow_taken;
	s->flow_next.reg_valid = offer;
	s->flow_next.reg_write = offer && (s->flow_user == FLOW_DRIVER || s->access_store);
	s->flow_next.reg_addr = offer ? (s->flow_user == FLOW_DRIVER ? theirs->address : (uint16_t)(s->access_offset & 0xfff)) : 0;
	s->flow_next.reg_data = offer ? (s->flow_user == FLOW_DRIVER ? theirs->data : s->access_data) : 0;
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
	const struct exchange_ops exchange = {nic, to_firmware, to_function, to_line, queue_has_room, {nic, place_room, place, job_bytes, job_done}};
	const struct netdev_ops functions = {nic, function_room, function_send};

	begin_jobs(s);
	s->net.now = s->cycle;
	if (s->cycle >= s->net.first_deadline)
		netdev_expire(&s->net);
	if (s->net.active)
		netdev_cycle(&s->net, &functions);
	exchange_cycle(&s->exchange, &exchange, &s->flow_in, &s->flow_out, &s->flow_next, s->cycle);
	register_ports(nic);
	send_packets(nic);
	tell_resets(nic);
}
