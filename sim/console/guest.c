#include "sim/console/guest.h"

#include <stdlib.h>
#include <string.h>

#include "hypervisor/events_wire.h"
#include "models/board/memory_map.h"

enum { HGATP_MODE_SHIFT = 60, HGATP_SV39X4 = 8, SECOND_TOP_BITS = 11, TP = 4 };

static const uint8_t *host_at(void *ctx, uint64_t pa, uint64_t bytes)
{
	return host_ram(((struct guest *)ctx)->board->host.host, pa, bytes);
}

static const uint8_t *guest_at(void *ctx, uint64_t pa, uint64_t bytes)
{
	struct guest *g = ctx;
	uint64_t host;

	if (!g->hgatp)
		return host_at(g, pa, bytes);
	return paging_translate(&g->second, pa, &host) ? host_at(g, host, bytes) : NULL;
}

static void set_memory(struct guest *g, uint64_t base, uint64_t bytes)
{
	uint64_t ram = g->board->config.host.ram_bytes;

	g->host = (struct discover_physical){.context = g, .at = host_at, .ranges = 1};
	g->host.range[0].start = HOST_RAM_BASE;
	g->host.range[0].bytes = ram;
	g->second = (struct paging){
		.memory = &g->host, .arch = DISCOVER_RV64, .root = (g->hgatp & (((uint64_t)1 << 44) - 1)) << 12,
		.levels = 3 + (unsigned)(g->hgatp >> HGATP_MODE_SHIFT) - HGATP_SV39X4, .granule = 12, .top_bits = SECOND_TOP_BITS,
	};
	g->memory = (struct discover_physical){.context = g, .at = guest_at, .ranges = 1};
	g->memory.range[0].start = g->hgatp ? base : HOST_RAM_BASE;
	g->memory.range[0].bytes = g->hgatp ? bytes : ram;
}

/* The table that was found may be some process's, which ends one day; the kernel's own stays. */
static void use_kernel_table(struct guest *g)
{
	int64_t table;
	uint64_t pa;

	if (discover_value(&g->session.discover, "swapper_pg_dir", &table) && paging_translate(&g->paging, (uint64_t)table, &pa))
		g->paging.root = pa;
}

static int discover(struct guest *g, const char **why)
{
	struct discover_memory memory;

	*why = "its memory holds no page table of a kernel";
	if (!paging_find(&g->paging, &g->memory, DISCOVER_RV64))
		return -1;
	paging_memory(&g->paging, &memory);
	g->open = true;
	if (session_attach(&g->session, &memory, discover_builtin_rules, why) != 0)
		return -1;
	use_kernel_table(g);
	g->known = true;
	return 0;
}

void guests_forget(struct guests *guests, struct guest *g)
{
	for (unsigned i = 0; i < GUEST_HOOKS; i++)
		if (guests->hook[i].guest == g)
			guests_unhook(guests, g, guests->hook[i].kind, guests->hook[i].name);
	if (g->open)
		session_close(&g->session);
	g->open = g->known = false;
}

struct guest *guests_look(struct guests *guests, unsigned number, uint64_t hgatp, uint64_t base, uint64_t bytes, const char **why)
{
	struct guest *g = &guests->guest[number];

	if (g->known && g->hgatp == hgatp && discover_is_current(&g->session.discover))
		return g;
	guests_forget(guests, g);
	*g = (struct guest){.board = guests->board, .number = number, .hgatp = hgatp};
	set_memory(g, base, bytes);
	if (discover(g, why) == 0)
		return g;
	guests_forget(guests, g);
	return NULL;
}

static void log_event(struct board *board, enum event_software code, unsigned vm, uint32_t id, uint64_t value)
{
	struct event event = {
		.cycle = board->host.host->state.cycle, .source = EVENT_SOFTWARE, .code = (uint8_t)code, .function = (uint16_t)vm, .id = id, .value = value,
	};
	event_log_add(&board->log, &event);
}

/* Whether the hart executes the guest's kernel. */
static bool runs_on(const struct guest *g, const struct hart *hart)
{
	if (hart->priv != HART_S)
		return false;
	return g->hgatp ? hart->virt && hart->hgatp == g->hgatp : !hart->virt;
}

/* Logs the process's name where it is not the last one seen on the hart. @return its number, 0 if that is unknown. */
static uint32_t log_process(struct guests *guests, const struct guest *g, unsigned hart, uint64_t task)
{
	const struct discover *d = &g->session.discover;
	int64_t pid_at, comm_at;
	uint64_t name = 0;
	uint32_t pid;

	if (!discover_value(d, "task_struct.pid", &pid_at) || !discover_read_u32(d->memory, task + (uint64_t)pid_at, &pid))
		return 0;
	if (guests->last_task[hart] != task && discover_value(d, "task_struct.comm", &comm_at) &&
	    discover_read_u64(d->memory, task + (uint64_t)comm_at, &name)) {
		guests->last_task[hart] = task;
		log_event(guests->board, EVENT_SW_PROCESS, g->number, pid, name);
	}
	return pid;
}

static void hit(void *ctx, unsigned hart, uint64_t va)
{
	struct guests *guests = ctx;
	const struct hart *state = hart_state(guests->board->host.host->core[hart]);

	for (unsigned i = 0; i < GUEST_HOOKS; i++) {
		struct guest_hook *hook = &guests->hook[i];
		uint32_t pid;

		if (!hook->guest || hook->va != va || !runs_on(hook->guest, state))
			continue;
		if (!discover_is_current(&hook->guest->session.discover)) {
			guests_forget(guests, hook->guest);
			continue;
		}
		hook->hits++;
		pid = log_process(guests, hook->guest, hart, state->x[TP]);
		if (hook->kind == GUEST_HOOK_CALL)
			log_event(guests->board, EVENT_SW_HOOK, hook->guest->number, pid, va);
	}
}

static bool va_is_watched(const struct guests *guests, uint64_t va)
{
	for (unsigned i = 0; i < GUEST_HOOKS; i++)
		if (guests->hook[i].guest && guests->hook[i].va == va)
			return true;
	return false;
}

static int watch(struct guests *guests, uint64_t va, bool on)
{
	struct host *host = guests->board->host.host;
	int status = 0;

	hart_domain_set_watch(host->domain, hit, guests);
	for (unsigned i = 0; i < host->config.harts; i++)
		status |= on ? hart_watch_add(host->core[i], va) : hart_watch_remove(host->core[i], va);
	return status;
}

static struct guest_hook *find_hook(struct guests *guests, const struct guest *g, enum guest_hook_kind kind, const char *name)
{
	for (unsigned i = 0; i < GUEST_HOOKS; i++) {
		struct guest_hook *hook = &guests->hook[i];

		if (hook->guest == g && (!g || (hook->kind == kind && (kind == GUEST_HOOK_SWITCH || strcmp(hook->name, name) == 0))))
			return hook;
	}
	return NULL;
}

int guests_hook(struct guests *guests, struct guest *g, enum guest_hook_kind kind, const char *function, const char **why)
{
	const char *name = kind == GUEST_HOOK_SWITCH ? "finish_task_switch" : function;
	struct guest_hook *hook = find_hook(guests, NULL, kind, NULL);
	const struct finding *finding;
	int64_t va;

	*why = "is hooked already";
	if (find_hook(guests, g, kind, name))
		return -1;
	*why = "no hook is free";
	if (!hook || strlen(name) >= GUEST_NAME_BYTES)
		return -1;
	finding = discover_find(&g->session.discover, name);
	*why = finding && finding->why ? finding->why : "is neither exported nor a function that rules find";
	if ((finding && finding->target->kind != TARGET_FUNCTION) || !discover_resolve(&g->session.discover, name, &va))
		return -1;
	*why = "the harts have no watch left";
	if (!va_is_watched(guests, (uint64_t)va) && watch(guests, (uint64_t)va, true) != 0)
		return -1;
	*hook = (struct guest_hook){.guest = g, .kind = kind, .va = (uint64_t)va};
	strcpy(hook->name, name);
	return 0;
}

int guests_unhook(struct guests *guests, const struct guest *g, enum guest_hook_kind kind, const char *function)
{
	struct guest_hook *hook = find_hook(guests, g, kind, function);
	uint64_t va;

	if (!hook)
		return -1;
	va = hook->va;
	hook->guest = NULL;
	if (!va_is_watched(guests, va))
		watch(guests, va, false);
	return 0;
}

struct guests *guests_create(struct board *board)
{
	struct guests *guests = calloc(1, sizeof *guests);

	if (guests)
		guests->board = board;
	return guests;
}

void guests_destroy(struct guests *guests)
{
	for (unsigned i = 0; guests && i < GUEST_MAX; i++)
		guests_forget(guests, &guests->guest[i]);
	free(guests);
}
