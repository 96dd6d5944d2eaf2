#include "sim/kernel/host_domain.h"

static void collect_events(struct host_domain *domain, uint64_t cycle)
{
	const struct bau_out *out = &domain->host->state.bau_out;
	if (!out->event_valid && !out->arrival_valid && !out->fault_valid)
		return;
	struct bau_event events[3];
	unsigned count = bau_events(out, events);
	for (unsigned i = 0; i < count; i++) {
		struct event event = {
			.cycle = cycle, .source = EVENT_BAU, .code = events[i].code, .function = events[i].function, .id = events[i].id, .value = events[i].value,
		};
		event_log_add(domain->log, &event);
	}
}

static void step(struct host_domain *domain)
{
	struct host *host = domain->host;
	uint64_t skipped = domain->bau.cycles_skipped;

	host_cycle(host);
	if (!block_step(&domain->bau, &host->state.bau_in, &host->state.bau_out, host->state.cycle))
		domain->mismatch(domain->mismatch_ctx, host->state.cycle + 1);
	host_commit(host);
	if (domain->bau.cycles_skipped == skipped)
		collect_events(domain, host->state.cycle);
}

static bool can_skip(const struct host_domain *domain)
{
	const struct host *host = domain->host;
	return domain->skip_idle && host_is_quiet(host) && host->state.bau_out.idle;
}

void host_domain_run(void *ctx, uint64_t until)
{
	struct host_domain *domain = ctx;
	struct host *host = domain->host;

	while (host->state.cycle < until) {
		if (can_skip(domain)) {
			uint64_t next = host_next_event(host);
			if (next > host->state.cycle) {
				host_skip_to(host, next < until ? next : until);
				continue;
			}
		}
		step(domain);
	}
}

uint64_t host_domain_next(void *ctx)
{
	const struct host_domain *domain = ctx;
	return can_skip(domain) ? host_next_event(domain->host) : domain->host->state.cycle;
}

void host_domain_receive(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	struct host_domain *domain = ctx;
	host_receive(domain->host, tlp, cycle);
}
