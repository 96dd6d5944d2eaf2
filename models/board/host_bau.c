/* What is connected to the ports of the BAU: the link's end, host memory, register accesses of harts, receivers, interrupt lines. */
#include <string.h>

#include "bau_regs.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"

bool host_bau_is_active(const struct host *host)
{
	const struct host_state *s = &host->state;
	return !s->bau_out.idle || s->bau_feed.busy || s->requests.count || s->memory.count || s->bau_access_owner >= 0 ||
	       s->bau_next.pcie_rx_valid || s->bau_next.reg_valid || s->bau_next.sig_rsp_valid || s->bau_next.mem_rsp_valid;
}

/* INTx ends at the host bridge: a virtual wire to the interrupt controller, swizzled as the device tree says. */
static void take_message(struct host *host, const struct tlp *tlp)
{
	struct host_state *s = &host->state;
	unsigned code = tlp_message_code(tlp), pin = code & 3, device = tlp_requester(tlp) >> 3 & 31;

	if ((code & ~7u) != TLP_ASSERT_INTX)
		return;
	plic_set_level(&s->plic, HOST_IRQ_PCIE_INTX + (device + pin) % 4, code < TLP_DEASSERT_INTX);
	s->lines_dirty = true;
}

/* The next request goes to the BAU; messages keep their place among the writes that it has accepted. */
static void next_request(struct host *host)
{
	struct host_state *s = &host->state;
	const struct tlp *tlp = &s->requests.message[s->requests.head].tlp;

	if (tlp_type(tlp) == TLP_MSG) {
		take_message(host, tlp);
		link_return_credit(&host->ops.link, s->cycle);
		ordering_feed(&s->ordering, s->cycle);
	} else {
		tlp_feeder_load(&s->bau_feed, tlp);
		s->feeds_posted = ordering_is_posted(tlp);
	}
	link_inbox_pop(&s->requests);
}

static void link_ports(struct host *host)
{
	struct host_state *s = &host->state;
	const struct bau_in *in = &s->bau_in;
	const struct bau_out *out = &s->bau_out;

	if (tlp_feeder_step(&s->bau_feed, in->pcie_rx_valid && out->pcie_rx_ready)) {
		link_return_credit(&host->ops.link, s->cycle);
		if (s->feeds_posted)
			ordering_feed(&s->ordering, s->cycle);
	}
	if (!s->bau_feed.busy && s->requests.count)
		next_request(host);
	const struct tlp_feeder *feed = &s->bau_feed;
	s->bau_next.pcie_rx_valid = feed->busy;
	s->bau_next.pcie_rx_sop = feed->busy && feed->next == 0;
	s->bau_next.pcie_rx_eop = feed->busy && feed->next + 1 == feed->tlp.beats;
	s->bau_next.pcie_rx_data = feed->busy ? feed->tlp.beat[feed->next] : 0;

	s->bau_next.pcie_tx_ready = 1;
	if (out->pcie_tx_valid && in->pcie_tx_ready &&
	    tlp_collector_step(&s->bau_collect, out->pcie_tx_sop, out->pcie_tx_eop, out->pcie_tx_data)) {
		host->ops.link.send(host->ops.link.ctx, &s->bau_collect.tlp, s->cycle);
		tlp_collector_clear(&s->bau_collect);
	}
}

static uint64_t operate(unsigned op, uint64_t old, uint64_t data)
{
	switch (op) {
	case BAU_MEM_OR: return old | data;
	case BAU_MEM_AND: return old & data;
	default: return data;
	}
}

/* One operation of the BAU on RAM, performed in the cycle of its transfer. */
static void perform(struct host *host, const struct bau_out *out)
{
	struct memory_answer answer = {.cycle = host->state.cycle + HOST_RAM_LATENCY_CYCLES, .tag = out->mem_tag};
	uint64_t *word = host_ram(host, out->mem_addr, 8);
	uint64_t old = 0;

	if (word) {
		memcpy(&old, word, 8);
		answer.data = old;
	} else {
		answer.error = true;
	}
	if (word && out->mem_op != BAU_MEM_READ) {
		uint64_t updated = memory_merge(old, operate(out->mem_op, old, out->mem_data), out->mem_strb);
		memcpy(word, &updated, 8);
		hart_snoop_store(host->domain, out->mem_addr, 8);
	}
	if (out->mem_op != BAU_MEM_WRITE)
		memory_port_push(&host->state.memory, &answer);
}

static void memory_ports(struct host *host)
{
	struct host_state *s = &host->state;

	if (s->bau_in.mem_rsp_valid && s->bau_out.mem_rsp_ready)
		memory_port_pop(&s->memory);
	if (s->bau_out.mem_valid && s->bau_in.mem_ready)
		perform(host, &s->bau_out);
	s->bau_next.mem_ready = memory_port_has_room(&s->memory);
	const struct memory_answer *front = memory_port_front(&s->memory, s->cycle + 1);
	s->bau_next.mem_rsp_valid = front != NULL;
	s->bau_next.mem_rsp_data = front ? front->data : 0;
	s->bau_next.mem_rsp_tag = front ? front->tag : 0;
	s->bau_next.mem_rsp_err = front ? front->error : 0;
}

/* Harts have their turn one after the other; one access at a time, so that its answer needs no tag. */
static int next_waiter(const struct host_state *s)
{
	for (unsigned i = 1; i <= s->harts; i++) {
		unsigned hart = (s->bau_access_last + i) % s->harts;
		if (s->bau_access[hart].waiting)
			return (int)hart;
	}
	return -1;
}

/* The access is over, or it was not performed and waits for the hart's next turn. */
static void take_answer(struct host *host)
{
	struct host_state *s = &host->state;
	unsigned owner = (unsigned)s->bau_access_owner;

	s->bau_access_last = owner;
	s->bau_access_owner = -1;
	if (s->bau_out.reg_rsp_retry)
		return;
	s->bau_access[owner].waiting = false;
	host_answer(host, owner, s->bau_out.reg_rsp_data);
}

static void register_ports(struct host *host)
{
	struct host_state *s = &host->state;

	if (s->bau_in.reg_valid && s->bau_out.reg_ready)
		s->bau_access_taken = true;
	if (s->bau_out.reg_rsp_valid && s->bau_in.reg_rsp_ready && s->bau_access_owner >= 0)
		take_answer(host);
	if (s->bau_access_owner < 0) {
		s->bau_access_owner = next_waiter(s);
		s->bau_access_taken = false;
	}
	bool offer = s->bau_access_owner >= 0 && !s->bau_access_taken;
	const struct host_bau_access *access = offer ? &s->bau_access[s->bau_access_owner] : &(struct host_bau_access){0};
	s->bau_next.reg_valid = offer;
	s->bau_next.reg_write = access->is_store;
	s->bau_next.reg_addr = access->offset;
	s->bau_next.reg_data = access->data;
	s->bau_next.reg_rsp_ready = 1;
}

static void signal_ports(struct host *host)
{
	struct host_state *s = &host->state;
	const struct bau_out *out = &s->bau_out;

	if (s->bau_in.sig_rsp_valid && out->sig_rsp_ready)
		s->bau_next.sig_rsp_valid = 0;
	if (out->sig_valid && s->bau_in.sig_ready) {
		s->bau_next.sig_rsp_match = receiver_signal(&s->receivers, out->sig_hart, out->sig_partition, out->sig_vmid, out->sig_target);
		s->bau_next.sig_rsp_valid = 1;
		s->lines_dirty = true;
	}
	s->bau_next.sig_ready = !s->bau_next.sig_rsp_valid;
}

static void interrupt_lines(struct host *host)
{
	struct host_state *s = &host->state;
	for (unsigned hart = 0; hart < s->harts; hart++)
		plic_set_level(&s->plic, HOST_IRQ_BAU_NOTIFY + hart, s->bau_out.notify >> hart & 1);
	bool is_whole = host->config.partitions == 1;
	plic_set_level(&s->plic, HOST_IRQ_BAU, is_whole ? s->bau_out.irq != 0 : s->bau_out.irq & 1);
	plic_set_level(&s->plic, HOST_IRQ_BAU_1, !is_whole && s->bau_out.irq & 2);
	s->lines_dirty = true;
}

void host_bau_cycle(struct host *host)
{
	link_ports(host);
	memory_ports(host);
	register_ports(host);
	signal_ports(host);
	interrupt_lines(host);
}

static void hear_outside(struct host *host, const struct tlp *tlp)
{
	link_return_credit(&host->ops.link, host->state.cycle);
	host->outside.upstream(host->outside.ctx, tlp, host->state.cycle);
}

static void complete(struct host *host, const struct tlp *tlp)
{
	uint64_t value;
	unsigned hart;

	if (pcie_host_complete(&host->state.pcie, tlp, &hart, &value))
		host_answer(host, hart, value);
}

static void release_completions(struct host *host)
{
	struct host_state *s = &host->state;
	const struct tlp *tlp;

	if (s->bau_out.idle && !s->bau_feed.busy && !s->bau_in.pcie_rx_valid)
		ordering_settle(&s->ordering, s->cycle);
	while (s->ordering.waiting && (tlp = ordering_next(&s->ordering, s->cycle)) != NULL)
		complete(host, tlp);
}

static void take_request(struct host *host, const struct link_message *message)
{
	struct host_state *s = &host->state;

	if (ordering_is_posted(&message->tlp))
		ordering_arrive(&s->ordering, &message->tlp);
	link_inbox_put(&s->requests, &message->tlp, message->cycle);
}

void host_link_cycle(struct host *host)
{
	struct host_state *s = &host->state;
	const struct link_message *message;

	release_completions(host);
	while ((message = link_inbox_front(&s->inbox, s->cycle)) != NULL) {
		if (message->tlp.beats == 0) {
			s->credits++;
		} else if (host->outside.upstream) {
			hear_outside(host, &message->tlp);
		} else if (tlp_is_completion(&message->tlp)) {
			if (!ordering_hold(&s->ordering, &message->tlp, s->cycle))
				complete(host, &message->tlp);
			link_return_credit(&host->ops.link, s->cycle);
		} else {
			take_request(host, message);
		}
		link_inbox_pop(&s->inbox);
	}
	if (s->pcie.count && s->credits) {
		host->ops.link.send(host->ops.link.ctx, pcie_host_front(&s->pcie), s->cycle);
		pcie_host_pop(&s->pcie);
		s->credits--;
	}
	if (s->pcie_waiting)
		host_retry_pcie(host);
}
