/* What is connected to the ports of the SEE: the link's end, NIC memory, register accesses of the processor, the interrupt line. */
#include <string.h>

#include "models/board/memory_map.h"
#include "models/nic/nic_internal.h"

bool nic_see_is_active(const struct nic *nic)
{
	const struct nic_state *s = &nic->state;
	return !s->see_out.idle || s->feed.busy || s->waiting.count || s->memory.count || (s->access_waiting && !s->access_flow) || s->see_next.pcie_rx_valid ||
	       s->see_next.reg_valid || s->see_next.nm_rsp_valid;
}

static void feed_packets(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	bool was_completion = tlp_is_completion(&s->feed.tlp);

	if (tlp_feeder_step(&s->feed, s->see_in.pcie_rx_valid && s->see_out.pcie_rx_ready) && !was_completion)
		link_return_credit(&nic->ops.link, s->cycle);
	if (!s->feed.busy && s->waiting.count) {
		tlp_feeder_load(&s->feed, &s->waiting.message[s->waiting.head].tlp);
		link_inbox_pop(&s->waiting);
	}
	const struct tlp_feeder *feed = &s->feed;
	s->see_next.pcie_rx_valid = feed->busy;
	s->see_next.pcie_rx_sop = feed->busy && feed->next == 0;
	s->see_next.pcie_rx_eop = feed->busy && feed->next + 1 == feed->tlp.beats;
	s->see_next.pcie_rx_data = feed->busy ? feed->tlp.beat[feed->next] : 0;
}

/* A packet is only begun with a credit in hand, so that a whole one can always be sent on. */
static void collect_packets(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct see_out *out = &s->see_out;

	if (out->pcie_tx_valid && s->see_in.pcie_tx_ready &&
	    tlp_collector_step(&s->collect, out->pcie_tx_sop, out->pcie_tx_eop, out->pcie_tx_data)) {
		nic->ops.link.send(nic->ops.link.ctx, &s->collect.tlp, s->cycle);
		tlp_collector_clear(&s->collect);
		s->credits--;
		s->net_turn = netdev_front(&s->net) != NULL;
	}
	s->see_next.pcie_tx_ready = s->collect.tlp.beats != 0 || (s->credits != 0 && !s->net_turn && s->cycle + 1 >= s->link_free);
}

static void write_memory(struct nic *nic, uint64_t address, uint64_t data, unsigned strobes)
{
	uint8_t *word = nic_memory(nic, address & ~7ull, 8);
	uint64_t old;

	if (!word)
		return;
	memcpy(&old, word, 8);
	old = memory_merge(old, data, strobes);
	memcpy(word, &old, 8);
	hart_snoop_store(nic->domain, address & ~7ull, 8);
}

static void memory_ports(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct see_out *out = &s->see_out;

	if (s->see_in.nm_rsp_valid && out->nm_rsp_ready)
		memory_port_pop(&s->memory);
	if (out->nm_wr_valid && s->see_in.nm_wr_ready)
		write_memory(nic, out->nm_wr_addr, out->nm_wr_data, out->nm_wr_strb);
	if (out->nm_rd_valid && s->see_in.nm_rd_ready) {
		struct memory_answer answer = {.cycle = s->cycle + NIC_MEMORY_LATENCY_CYCLES};
		const uint8_t *word = nic_memory(nic, out->nm_rd_addr & ~7u, 8);
		if (word)
			memcpy(&answer.data, word, 8);
		memory_port_push(&s->memory, &answer);
	}
	s->see_next.nm_wr_ready = 1;
	s->see_next.nm_rd_ready = memory_port_has_room(&s->memory);
	const struct memory_answer *front = memory_port_front(&s->memory, s->cycle + 1);
	s->see_next.nm_rsp_valid = front != NULL;
	s->see_next.nm_rsp_data = front ? front->data : 0;
}

static void register_ports(struct nic *nic)
{
	struct nic_state *s = &nic->state;

	if (s->access_flow)
		return;
	if (s->see_in.reg_valid && s->see_out.reg_ready)
		s->access_taken = true;
	if (s->see_out.reg_rsp_valid && s->see_in.reg_rsp_ready && s->access_waiting) {
		s->access_waiting = false;
		hart_complete_access(nic->core, HART_BUS_OK, s->see_out.reg_rsp_data);
	}
	bool offer = s->access_waiting && !s->access_taken;
	s->see_next.reg_valid = offer;
	s->see_next.reg_write = offer && s->access_store;
	s->see_next.reg_addr = offer ? (uint16_t)s->access_offset : 0;
	s->see_next.reg_data = offer ? s->access_data : 0;
	s->see_next.reg_rsp_ready = 1;
}

void nic_see_cycle(struct nic *nic)
{
	feed_packets(nic);
	collect_packets(nic);
	memory_ports(nic);
	register_ports(nic);
	plic_set_level(&nic->state.plic, NIC_IRQ_SEE, nic->state.see_out.irq);
	nic->state.lines_dirty = true;
}

static void nic_net_receive(struct nic *nic, const struct tlp *tlp)
{
	if (netdev_receive(&nic->state.net, tlp))
		link_return_credit(&nic->ops.link, nic->state.cycle);
}

void nic_link_cycle(struct nic *nic)
{
	struct nic_state *s = &nic->state;
	const struct link_message *message;

	while ((message = link_inbox_front(&s->inbox, s->cycle)) != NULL) {
		if (message->tlp.beats == 0)
			s->credits++;
		else if (netdev_claims(&s->net, &message->tlp))
			nic_net_receive(nic, &message->tlp);
		else
			link_inbox_put(&s->waiting, &message->tlp, message->cycle);
		link_inbox_pop(&s->inbox);
		s->see_active = true;
	}
}
