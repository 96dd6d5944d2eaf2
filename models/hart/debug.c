/* What a debugger does with a hart: breakpoints, watchpoints, steps, stops, addresses. Never visible to software. */
#include "models/hart/core.h"

/* Whether the executor must look before each instruction. */
bool debug_looks(const struct hart_core *c)
{
	return c->breakpoints || c->watches || c->domain->trace || c->debug.stepping;
}

static void update_watch(struct hart_core *core)
{
	core->attention &= ~(unsigned)ATTENTION_WATCH;
	core->attention |= debug_looks(core) ? ATTENTION_WATCH : 0u;
}

static void stop(struct hart_core *core, enum hart_stop reason)
{
	core->attention |= ATTENTION_STOP;
	core->debug.reason = reason;
	core->debug.stepping = false;
	update_watch(core);
}

int hart_breakpoint_add(struct hart_core *core, uint64_t va)
{
	if (core->breakpoints == HART_BREAKPOINTS)
		return -1;
	core->breakpoint[core->breakpoints++] = va;
	update_watch(core);
	return 0;
}

int hart_breakpoint_remove(struct hart_core *core, uint64_t va)
{
	for (unsigned i = 0; i < core->breakpoints; i++) {
		if (core->breakpoint[i] != va)
			continue;
		core->breakpoint[i] = core->breakpoint[--core->breakpoints];
		update_watch(core);
		return 0;
	}
	return -1;
}

/* Watched pages stay off the fast path of the TLBs, so that every access to them is seen. */
int hart_watchpoint_add(struct hart_core *core, uint64_t va, uint64_t bytes, unsigned kinds)
{
	struct hart_debug *debug = &core->debug;
	if (debug->watches == HART_WATCHPOINTS || bytes == 0)
		return -1;
	debug->watch[debug->watches++] = (struct hart_watchpoint){va, bytes, kinds};
	tlb_flush(core);
	return 0;
}

int hart_watchpoint_remove(struct hart_core *core, uint64_t va, uint64_t bytes, unsigned kinds)
{
	struct hart_debug *debug = &core->debug;
	for (unsigned i = 0; i < debug->watches; i++) {
		const struct hart_watchpoint *watch = &debug->watch[i];
		if (watch->va != va || watch->bytes != bytes || watch->kinds != kinds)
			continue;
		debug->watch[i] = debug->watch[--debug->watches];
		tlb_flush(core);
		return 0;
	}
	return -1;
}

bool debug_watches_page(const struct hart_core *c, uint64_t page)
{
	for (unsigned i = 0; i < c->debug.watches; i++) {
		const struct hart_watchpoint *watch = &c->debug.watch[i];
		if (watch->va < page + PAGE_BYTES && page < watch->va + watch->bytes)
			return true;
	}
	return false;
}

void debug_note_access(struct hart_core *c, uint64_t va, unsigned bytes, enum access_kind kind)
{
	unsigned kinds = kind == ACCESS_READ ? HART_WATCH_READ : HART_WATCH_WRITE;
	for (unsigned i = 0; i < c->debug.watches; i++) {
		const struct hart_watchpoint *watch = &c->debug.watch[i];
		if (!(watch->kinds & kinds) || watch->va >= va + bytes || va >= watch->va + watch->bytes)
			continue;
		c->debug.touched = va > watch->va ? va : watch->va;
		stop(c, HART_STOP_WATCH);
		return;
	}
}

/* Called before an instruction begins. */
bool debug_must_stop(struct hart_core *c)
{
	if (c->debug.stepping && (c->state.pc != c->debug.step_pc || c->state.instructions != c->debug.step_instructions)) {
		stop(c, HART_STOP_STEP);
		return true;
	}
	if (c->pass_breakpoint) {
		c->pass_breakpoint = false;
		return false;
	}
	for (unsigned i = 0; i < c->breakpoints; i++) {
		if (c->breakpoint[i] == c->state.pc) {
			stop(c, HART_STOP_BREAKPOINT);
			return true;
		}
	}
	return false;
}

void hart_stop(struct hart_core *core)
{
	if (!hart_is_stopped(core))
		stop(core, HART_STOP_REQUEST);
}

void hart_step_instruction(struct hart_core *core)
{
	hart_resume(core);
	core->debug.stepping = true;
	core->debug.step_pc = core->state.pc;
	core->debug.step_instructions = core->state.instructions;
	update_watch(core);
}

void hart_domain_set_watch(struct hart_domain *domain, hart_watch_function *watch, void *ctx)
{
	domain->watch = watch;
	domain->watch_ctx = ctx;
}

int hart_watch_add(struct hart_core *core, uint64_t va)
{
	if (core->watches == HART_WATCHES)
		return -1;
	core->watch[core->watches++] = va;
	core->watched = UINT64_MAX;
	update_watch(core);
	return 0;
}

int hart_watch_remove(struct hart_core *core, uint64_t va)
{
	for (unsigned i = 0; i < core->watches; i++) {
		if (core->watch[i] != va)
			continue;
		core->watch[i] = core->watch[--core->watches];
		update_watch(core);
		return 0;
	}
	return -1;
}

void hart_domain_set_trace(struct hart_domain *domain, hart_trace_function *trace, void *ctx)
{
	domain->trace = trace;
	domain->trace_ctx = ctx;
	for (unsigned i = 0; i < domain->harts; i++)
		update_watch(domain->core[i]);
}

bool hart_is_stopped(const struct hart_core *core) { return core->attention & ATTENTION_STOP; }

enum hart_stop hart_stop_reason(const struct hart_core *core, uint64_t *address)
{
	if (!hart_is_stopped(core))
		return HART_STOP_NONE;
	*address = core->debug.touched;
	return core->debug.reason;
}

void hart_resume(struct hart_core *core)
{
	if (!hart_is_stopped(core))
		return;
	core->attention &= ~(unsigned)ATTENTION_STOP;
	core->pass_breakpoint = true;
}

int hart_translate_debug(struct hart_core *core, uint64_t va, uint64_t *pa)
{
	const struct access_mode mode = mmu_data_mode(&core->state);
	struct translation t;
	struct fault fault;

	if (mmu_translate(core, va, 1, ACCESS_READ, &mode, true, &t, &fault))
		return -1;
	*pa = t.pa;
	return 0;
}
