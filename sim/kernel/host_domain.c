#include "sim/kernel/host_domain.h"

#include <stdlib.h>

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

static void step_clbs(struct host_domain *domain)
{
	struct host *host = domain->host;
	for (unsigned i = 0; i < host->config.harts; i++) {
		struct front_end_state *s = &host->front[i].state;
		if (!block_step(&domain->clb[i], &s->in, &s->out, host->state.cycle))
			domain->mismatch(domain->mismatch_ctx, &domain->clb[i], host->state.cycle + 1);
	}
}

static void step(struct host_domain *domain)
{
	struct host *host = domain->host;
	uint64_t skipped = domain->bau.cycles_skipped;

	host_cycle(host);
	if (!block_step(&domain->bau, &host->state.bau_in, &host->state.bau_out, host->state.cycle))
		domain->mismatch(domain->mismatch_ctx, &domain->bau, host->state.cycle + 1);
	if (host->config.clb)
		step_clbs(domain);
	host_commit(host);
	if (domain->bau.cycles_skipped == skipped)
		collect_events(domain, host->state.cycle);
}

/* At the window's borders: the CLB starts anew, with or without its RTL beside it. */
static void turn_window(struct host_domain *domain)
{
	struct clb_window *w = &domain->window;
	struct block *clb = &domain->clb[w->hart];
	struct front_end *front = &domain->host->front[w->hart];

	if (w->open) {
		w->set = w->open = false;
		block_drop_rtl(clb);
		return;
	}
	w->open = true;
	block_destroy(clb);
	if (block_create(clb, &block_clb, BLOCK_LOCKSTEP, w->debug, &front->state.out) != 0)
		abort();
	clb->skip_idle = domain->skip_idle;
	front_end_restart(front);
}

static uint64_t window_border(const struct host_domain *domain)
{
	const struct clb_window *w = &domain->window;
	return !w->set ? UINT64_MAX : w->open ? w->to : w->from;
}

static uint64_t next_event(const struct host_domain *domain)
{
	uint64_t next = host_next_event(domain->host), border = window_border(domain);
	return border < next ? border : next;
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
		if (host->state.cycle >= window_border(domain))
			turn_window(domain);
		if (can_skip(domain)) {
			uint64_t next = next_event(domain);
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
	return can_skip(domain) ? next_event(domain) : domain->host->state.cycle;
}

void host_domain_receive(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	struct host_domain *domain = ctx;
	host_receive(domain->host, tlp, cycle);
}
