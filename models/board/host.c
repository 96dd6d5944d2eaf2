#include "models/board/host.h"

#include <stdlib.h>
#include <string.h>

#include "hypervisor/mailbox_wire.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"
#include "models/convert/convert.h"
#include "models/hart/stream.h"

enum { LINE_MSI = 1u << HART_IRQ_MSI, LINE_MTI = 1u << HART_IRQ_MTI, LINE_SEI = 1u << HART_IRQ_SEI, LINE_MEI = 1u << HART_IRQ_MEI };

static uint64_t bus_time(void *ctx)
{
	const struct host *host = ctx;
	return clint_time(host->state.cycle);
}

static void bus_trap(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval)
{
	const struct host *host = ctx;
	(void)tval;
	if (host->ops.trap)
		host->ops.trap(host->ops.ctx, hart, cause, epc, host->state.cycle);
}

static void reset_state(struct host *host)
{
	struct host_state *s = &host->state;
	memset(s, 0, sizeof *s);
	s->harts = host->config.harts;
	clint_reset(&s->clint, s->harts);
	plic_reset(&s->plic, s->harts * 2);
	for (unsigned partition = 0; partition < PARTITIONS_MAX; partition++)
		uart_reset(&s->uart[partition]);
	pcie_host_reset(&s->pcie);
	receivers_reset(&s->receivers);
	s->credits = LINK_CREDITS;
	s->bau_access_owner = -1;
	s->next_timer_cycle = UINT64_MAX;
	s->bau_next.pcie_tx_ready = s->bau_next.mem_ready = s->bau_next.reg_rsp_ready = s->bau_next.sig_ready = 1;
	s->bau_in = s->bau_next;
}

static bool create_harts(struct host *host)
{
	static struct convert_tables tables, application;
	static bool loaded;
	struct hart_bus_ops bus = {
		.ctx = host,
		.memory = {{HOST_RAM_BASE, host->config.ram_bytes, host->ram, false}, {HOST_ROM_BASE, HOST_ROM_BYTES, host->rom, true}},
		.load = host_bus_load,
		.store = host_bus_store,
		.time = bus_time,
		.trap = bus_trap,
	};
	if (!loaded && (convert_load(&tables, rv64_table_image, rv64_table_bytes) != CONVERT_OK ||
			convert_load(&application, a64_table_image, a64_table_bytes) != CONVERT_OK))
		return false;
	loaded = true;
	host->domain = hart_domain_create(&bus, &tables, host->config.harts);
	if (!host->domain)
		return false;
	hart_domain_set_application(host->domain, &application);
	uint32_t isa = HART_ISA_H | HART_ISA_FD | HART_ISA_A64 | (host->config.sstc ? HART_ISA_SSTC : 0);
	for (unsigned i = 0; i < host->config.harts; i++) {
		host->core[i] = hart_core_of(host->domain, i);
		hart_reset(host->core[i], &(struct hart_config){.hartid = i, .reset_pc = HOST_ROM_BASE, .isa = isa});
	}
	return true;
}

static void code_stored(void *ctx, int hart, uint64_t line)
{
	struct host *host = ctx;
	for (unsigned i = 0; i < host->config.harts; i++)
		front_end_snoop(&host->front[i], hart, line);
}

static bool create_front_ends(struct host *host)
{
	for (unsigned i = 0; i < host->config.harts; i++) {
		if (front_end_create(&host->front[i], host->domain, i, HOST_RAM_LATENCY_CYCLES, rv64_table_image, rv64_table_bytes) != 0 ||
				front_end_set_application(&host->front[i], a64_table_image, a64_table_bytes) != 0)
			return false;
	}
	hart_stream_watch(host->domain, code_stored, host);
	return true;
}

static bool config_is_valid(const struct host_config *config)
{
	return config->harts >= 1 && config->harts <= HOST_MAX_HARTS && config->ram_bytes >= 0x1000000 && config->ram_bytes % 0x200000 == 0 &&
	       config->mailbox_bytes < config->ram_bytes / 2 && partition_is_possible(config);
}

struct host *host_create(const struct host_config *config, const struct host_ops *ops)
{
	struct host_config whole = *config;
	if (!whole.partitions)
		whole.partitions = 1;
	struct host *host = config_is_valid(&whole) ? calloc(1, sizeof *host) : NULL;
	if (!host)
		return NULL;
	host->config = whole;
	host->ops = *ops;
	host->ram = aligned_alloc(4096, config->ram_bytes);
	host->rom = aligned_alloc(4096, HOST_ROM_BYTES);
	if (host->ram && host->rom) {
		memset(host->ram, 0, config->ram_bytes);
		memset(host->rom, 0, HOST_ROM_BYTES);
		reset_state(host);
		if (create_harts(host) && (!host->config.clb || create_front_ends(host)))
			return host;
	}
	host_destroy(host);
	return NULL;
}

void host_destroy(struct host *host)
{
	if (!host)
		return;
	for (unsigned i = 0; i < HOST_MAX_HARTS; i++)
		front_end_destroy(&host->front[i]);
	if (host->domain)
		hart_domain_destroy(host->domain);
	free(host->ram);
	free(host->rom);
	free(host);
}

void host_answer(struct host *host, unsigned hart, uint64_t value)
{
	hart_complete_access(host->core[hart], HART_BUS_OK, value);
}

void *host_ram(struct host *host, uint64_t pa, uint64_t bytes)
{
	uint64_t offset = pa - HOST_RAM_BASE;
	if (offset >= host->config.ram_bytes || bytes > host->config.ram_bytes - offset)
		return NULL;
	return host->ram + offset;
}

int host_write_ram(struct host *host, uint64_t pa, const void *bytes, uint64_t size)
{
	void *to = host_ram(host, pa, size);
	if (!to)
		return -1;
	memcpy(to, bytes, size);
	hart_snoop_store(host->domain, pa, size);
	return 0;
}

uint64_t host_mailbox_base(const struct host *host, unsigned partition)
{
	return partition_of(&host->config, partition).mailbox_base;
}

void host_ring_mailbox(struct host *host, unsigned partition)
{
	host->state.mailbox_armed[partition] = true;
}

void host_update_uart(struct host *host, unsigned partition)
{
	struct host_state *s = &host->state;
	plic_set_level(&s->plic, partition_of(&host->config, partition).uart_irq, uart_interrupt(&s->uart[partition]));
	s->lines_dirty = true;
}

/* The doorbell is a level: up while the hypervisor has not taken the request. */
static void mailbox_cycle(struct host *host, unsigned partition)
{
	const struct partition p = partition_of(&host->config, partition);
	const uint8_t *base = host_ram(host, p.mailbox_base, MAILBOX_STAGING_OFFSET);
	const struct mailbox_request *request = (const void *)(base + MAILBOX_REQUEST_OFFSET);
	const struct mailbox_reply *reply = (const void *)(base + MAILBOX_REPLY_OFFSET);
	bool level = request->sequence != reply->taken;

	plic_set_level(&host->state.plic, p.mailbox_irq, level);
	host->state.mailbox_armed[partition] = level;
	host->state.lines_dirty = true;
}

int host_type(struct host *host, const char *text, size_t bytes)
{
	struct host_state *s = &host->state;

	if (bytes > HOST_TYPED_BYTES - s->typed_count)
		return -1;
	if (!s->typed_count)
		s->typed_cycle = s->cycle + HOST_TYPING_CYCLES;
	for (size_t i = 0; i < bytes; i++)
		s->typed[(s->typed_head + s->typed_count++) % HOST_TYPED_BYTES] = (uint8_t)text[i];
	return 0;
}

/* A character arrives; a full FIFO holds it back, as a terminal with flow control would. */
static void typing_cycle(struct host *host)
{
	struct host_state *s = &host->state;

	s->typed_cycle = s->cycle + HOST_TYPING_CYCLES;
	if (s->uart[0].rx_count == UART_FIFO_BYTES)
		return;
	uart_receive(&s->uart[0], s->typed[s->typed_head]);
	s->typed_head = (s->typed_head + 1) % HOST_TYPED_BYTES;
	s->typed_count--;
	host_update_uart(host, 0);
}

static uint64_t lines_of(struct host_state *s, unsigned hart)
{
	uint64_t lines = s->clint.msip[hart] ? LINE_MSI : 0;
	if (clint_timer_pending(&s->clint, s->cycle, hart))
		lines |= LINE_MTI;
	else if (clint_timer_cycle(&s->clint, hart) < s->next_timer_cycle)
		s->next_timer_cycle = clint_timer_cycle(&s->clint, hart);
	lines |= plic_line(&s->plic, hart * 2) ? LINE_MEI : 0;
	lines |= plic_line(&s->plic, hart * 2 + 1) ? LINE_SEI : 0;
	return lines;
}

void host_update_lines(struct host *host)
{
	struct host_state *s = &host->state;

	s->lines_dirty = false;
	s->next_timer_cycle = UINT64_MAX;
	for (unsigned hart = 0; hart < s->harts; hart++) {
		uint64_t lines = lines_of(s, hart);
		if (lines != s->lines[hart])
			hart_set_irq_lines(host->core[hart], lines);
		s->lines[hart] = lines;
		if (hart_state(host->core[hart])->hgeip_lines != s->receivers.hart[hart].hgeip)
			hart_set_hgeip(host->core[hart], s->receivers.hart[hart].hgeip);
	}
}

static bool is_asleep(const struct host *host, unsigned hart)
{
	return hart_is_waiting(host->core[hart]) || hart_is_stalled(host->core[hart]);
}

static bool is_awake(const struct host *host, unsigned hart)
{
	return !host->state.asleep_since[hart] || !is_asleep(host, hart);
}

/* When harts that run fast next do something; UINT64_MAX if all of them sleep. */
static uint64_t next_quantum(const struct host *host)
{
	for (unsigned hart = 0; hart < host->state.harts; hart++) {
		if (is_awake(host, hart))
			return (host->state.cycle + HOST_FAST_QUANTUM_CYCLES - 1) / HOST_FAST_QUANTUM_CYCLES * HOST_FAST_QUANTUM_CYCLES;
	}
	return UINT64_MAX;
}

/* Charges a sleeping hart with the time up to @p cycle. */
static void charge(struct host *host, unsigned hart, uint64_t cycle)
{
	uint64_t since = host->state.asleep_since[hart];
	if (since && cycle > since) {
		hart_skip(host->core[hart], cycle - since);
		host->state.asleep_since[hart] = cycle;
	}
}

static void step_timed(struct host *host)
{
	struct host_state *s = &host->state;
	for (unsigned hart = 0; hart < s->harts; hart++) {
		if (host->config.clb && !front_end_is_quiet(&host->front[hart]))
			front_end_ports(&host->front[hart], s->cycle);
		if (s->asleep_since[hart]) {
			if (is_asleep(host, hart))
				continue;
			charge(host, hart, s->cycle);
			s->asleep_since[hart] = 0;
		}
		if (host->config.clb)
			front_end_execute(&host->front[hart]);
		else
			hart_step(host->core[hart]);
		if (is_asleep(host, hart))
			s->asleep_since[hart] = s->cycle + 1;
	}
}

static void step_fast(struct host *host)
{
	struct host_state *s = &host->state;
	if (s->cycle % HOST_FAST_QUANTUM_CYCLES != 0)
		return;
	for (unsigned hart = 0; hart < s->harts; hart++) {
		if (s->asleep_since[hart]) {
			if (is_asleep(host, hart))
				continue;
			charge(host, hart, s->cycle);
			s->asleep_since[hart] = 0;
		}
		uint64_t used = hart_run(host->core[hart], HOST_FAST_QUANTUM_CYCLES);
		if (is_asleep(host, hart))
			s->asleep_since[hart] = s->cycle + used;
	}
}

/* Sstc: the timers that the harts compare themselves. */
static void check_timers(struct host *host)
{
	uint64_t time = clint_time(host->state.cycle);

	for (unsigned hart = 0; hart < host->state.harts; hart++) {
		if (time >= hart_timer_deadline(host->core[hart]))
			hart_timer_check(host->core[hart]);
	}
}

static uint64_t next_timer(const struct host *host)
{
	uint64_t time = UINT64_MAX;

	for (unsigned hart = 0; hart < host->state.harts; hart++) {
		if (hart_timer_deadline(host->core[hart]) < time)
			time = hart_timer_deadline(host->core[hart]);
	}
	return clint_cycle_of(time);
}

void host_cycle(struct host *host)
{
	struct host_state *s = &host->state;

	for (unsigned partition = 0; partition < PARTITIONS_MAX; partition++) {
		if (s->mailbox_armed[partition])
			mailbox_cycle(host, partition);
	}
	if (s->typed_count && s->cycle >= s->typed_cycle)
		typing_cycle(host);
	if (s->inbox.count || s->pcie.count || s->pcie_waiting || s->ordering.waiting)
		host_link_cycle(host);
	bool active = host_bau_is_active(host);
	for (unsigned hart = 0; hart < s->harts; hart++)
		active |= s->bau_access[hart].waiting;
	if (active || s->bau_active)
		host_bau_cycle(host);
	s->bau_active = active;
	if (s->lines_dirty || s->cycle >= s->next_timer_cycle)
		host_update_lines(host);
	if (host->config.sstc)
		check_timers(host);
	if (host->config.mode == HART_MODE_TIMED)
		step_timed(host);
	else
		step_fast(host);
}

void host_commit(struct host *host)
{
	host->state.bau_in = host->state.bau_next;
	for (unsigned hart = 0; host->config.clb && hart < host->state.harts; hart++)
		front_end_commit(&host->front[hart]);
	host->state.cycle++;
}

bool host_is_quiet(const struct host *host)
{
	const struct host_state *s = &host->state;

	if (s->lines_dirty || s->mailbox_armed[0] || s->mailbox_armed[1] || s->pcie.count || s->pcie_waiting || s->ordering.waiting || s->bau_active || host_bau_is_active(host))
		return false;
	for (unsigned hart = 0; hart < s->harts; hart++) {
		if (s->bau_access[hart].waiting || (host->config.mode == HART_MODE_TIMED && is_awake(host, hart)) ||
		    (host->config.clb && !front_end_is_quiet(&host->front[hart])))
			return false;
	}
	return true;
}

uint64_t host_next_event(const struct host *host)
{
	uint64_t arrival = link_inbox_next(&host->state.inbox);
	if (host->state.typed_count && host->state.typed_cycle < arrival)
		arrival = host->state.typed_cycle;
	if (host->config.mode == HART_MODE_FAST && next_quantum(host) < arrival)
		arrival = next_quantum(host);
	if (host->config.sstc && next_timer(host) < arrival)
		arrival = next_timer(host);
	return arrival < host->state.next_timer_cycle ? arrival : host->state.next_timer_cycle;
}

void host_skip_to(struct host *host, uint64_t cycle)
{
	host->state.cycle = cycle;
}

void host_settle(struct host *host)
{
	for (unsigned hart = 0; hart < host->state.harts; hart++)
		charge(host, hart, host->state.cycle);
}

/* A full inbox means that a peer broke the credit protocol: no run may go on from there. */
void host_receive(struct host *host, const struct tlp *tlp, uint64_t cycle)
{
	if (!link_inbox_put(&host->state.inbox, tlp, cycle))
		abort();
}

void host_set_outside(struct host *host, const struct host_outside *outside)
{
	host->outside = *outside;
}

bool host_send_request(struct host *host, const struct tlp *tlp)
{
	return pcie_host_send(&host->state.pcie, tlp);
}

void host_send_completion(struct host *host, const struct tlp *tlp)
{
	host->ops.link.send(host->ops.link.ctx, tlp, host->state.cycle);
}
