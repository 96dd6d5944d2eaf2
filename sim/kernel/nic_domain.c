#include "sim/kernel/nic_domain.h"

static void collect_events(struct nic_domain *domain, uint64_t cycle)
{
	const struct see_out *out = &domain->nic->state.see_out;
	if (!out->event_valid)
		return;
	struct event event = {
		.cycle = cycle, .source = EVENT_SEE, .code = out->event_code, .function = out->event_function, .id = out->event_id, .value = out->event_value,
	};
	event_log_add(domain->log, &event);
}

static void step(struct nic_domain *domain)
{
	struct nic *nic = domain->nic;
	uint64_t skipped = domain->see.cycles_skipped;

	while (frame_queue_next(domain->arriving) <= nic->state.cycle) {
		size_t length;
		const uint8_t *frame = frame_queue_take(domain->arriving, &length);
		nic_receive_frame(nic, frame, length);
	}
	nic_cycle(nic);
	if (domain->probe.on)
		firmware_probe_line(&domain->probe, nic->state.lines & 1u << HART_IRQ_MEI, nic->state.cycle);
	if (!block_step(&domain->see, &nic->state.see_in, &nic->state.see_out, nic->state.cycle))
		domain->mismatch(domain->mismatch_ctx, &domain->see, nic->state.cycle + 1);
	if (!block_step(&domain->port, &nic->state.flow_in, &nic->state.flow_out, nic->state.cycle))
		domain->mismatch(domain->mismatch_ctx, &domain->port, nic->state.cycle + 1);
	if (nic->clb && !block_step(&domain->clb, &nic->front.state.in, &nic->front.state.out, nic->state.cycle))
		domain->mismatch(domain->mismatch_ctx, &domain->clb, nic->state.cycle + 1);
	nic_commit(nic);
	if (domain->see.cycles_skipped == skipped)
		collect_events(domain, nic->state.cycle);
}

static bool can_skip(const struct nic_domain *domain)
{
	return domain->skip_idle && nic_is_quiet(domain->nic) && domain->nic->state.see_out.idle && domain->nic->state.flow_out.idle;
}

static uint64_t next_event(const struct nic_domain *domain)
{
	uint64_t frame = frame_queue_next(domain->arriving);
	uint64_t own = nic_next_event(domain->nic);
	return frame < own ? frame : own;
}

void nic_domain_run(void *ctx, uint64_t until)
{
	struct nic_domain *domain = ctx;
	struct nic *nic = domain->nic;

	while (nic->state.cycle < until) {
		if (can_skip(domain)) {
			uint64_t next = next_event(domain);
			if (next > nic->state.cycle) {
				nic_skip_to(nic, next < until ? next : until);
				continue;
			}
		}
		step(domain);
	}
}

uint64_t nic_domain_next(void *ctx)
{
	const struct nic_domain *domain = ctx;
	return can_skip(domain) ? next_event(domain) : domain->nic->state.cycle;
}

static bool is_hit(struct nic_domain *domain, const struct tlp *tlp)
{
	bool network;

	if (domain->fault == PCIE_FAULT_NONE || tlp->beats == 0 || !tlp_is_completion(tlp) || !tlp_has_data(tlp))
		return false;
	network = tlp_requester(tlp) >= NETDEV_FIRST_RID;
	if (network ? domain->fault_spares_network : domain->fault_spares_storage)
		return false;
	return ++domain->fault_count % domain->fault_every == 0;
}

void nic_domain_receive(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	struct nic_domain *domain = ctx;
	struct tlp poisoned;

	if (!is_hit(domain, tlp)) {
		nic_receive(domain->nic, tlp, cycle);
	} else if (domain->fault == PCIE_FAULT_POISON) {
		poisoned = *tlp;
		poisoned.beat[0] |= 1u << 14;
		nic_receive(domain->nic, &poisoned, cycle);
	}
}

void nic_domain_receive_frame(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct nic_domain *domain = ctx;
	(void)port;
	frame_queue_put(domain->arriving, frame, length, cycle);
}
